# What `cmake --install` puts in place: the program, and the models as a CMake package for other people's platforms:
#   find_package(Tollgate REQUIRED COMPONENTS cpu mem bus dev)   target_link_libraries(mine PRIVATE Tollgate::cpu ...)
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/Tollgate)
get_property(model_libraries GLOBAL PROPERTY TOLLGATE_MODELS)

install(TARGETS tollgate RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS tollgate_options tollgate_systemc ${model_libraries} EXPORT TollgateTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
# The rows in .inc files are part of the headers.
install(DIRECTORY models/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tollgate FILES_MATCHING PATTERN *.hh PATTERN *.inc)
install(EXPORT TollgateTargets NAMESPACE Tollgate:: DESTINATION ${package_folder})
configure_package_config_file(cmake/TollgateConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/package/TollgateConfig.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/package/TollgateConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/package/TollgateConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/package/TollgateConfigVersion.cmake
  DESTINATION ${package_folder})
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
