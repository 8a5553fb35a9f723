# Installs `build` into a fresh folder of `work`, builds the project at `source` against it with `compiler`, runs it.
file(REMOVE_RECURSE ${work})
set(prefix ${work}/prefix)

function(step)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nended with ${result}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

step(${CMAKE_COMMAND} --install ${build} --prefix ${prefix})
step(${prefix}/bin/tollgate presets)
step(${CMAKE_COMMAND} -G Ninja -S ${source} -B ${work}/build -D CMAKE_PREFIX_PATH=${prefix} -D CMAKE_CXX_COMPILER=${compiler})
step(${CMAKE_COMMAND} --build ${work}/build)
step(${work}/build/outside)
message("${output}")

# Nothing points back to where it was built, so the tree may be moved or packaged.
file(GLOB_RECURSE scripts ${prefix}/*.cmake)
foreach(script IN LISTS scripts)
  file(READ ${script} text)
  cmake_path(GET source PARENT_PATH tests)
  foreach(place ${build} ${tests})
    string(FIND "${text}" "${place}" at)
    if(NOT at EQUAL -1)
      message(FATAL_ERROR "${script} mentions ${place}")
    endif()
  endforeach()
endforeach()

# A component that does not exist is refused by its name.
file(WRITE ${work}/refused/CMakeLists.txt "cmake_minimum_required(VERSION 3.25)\nproject(Refused CXX)\nfind_package(Tollgate REQUIRED COMPONENTS abacus)\n")
execute_process(COMMAND ${CMAKE_COMMAND} -G Ninja -S ${work}/refused -B ${work}/refused/build -D CMAKE_PREFIX_PATH=${prefix} -D CMAKE_CXX_COMPILER=${compiler}
  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(result EQUAL 0 OR NOT output MATCHES "abacus")
  message(FATAL_ERROR "find_package took an unknown component:\n${output}")
endif()
