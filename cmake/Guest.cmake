# Programs that run on the machine, built by the cross compiler in the same CMake run as the host's, and files put inside host programs.
find_program(TOLLGATE_GUEST_CXX riscv64-linux-gnu-g++ DOC "Cross compiler for the programs that run on the machine")
if(NOT TOLLGATE_GUEST_CXX)
  message(FATAL_ERROR "riscv64-linux-gnu-g++ not found: install the Debian package g++-riscv64-linux-gnu")
endif()

set(TOLLGATE_GUEST_DIRECTORY ${CMAKE_BINARY_DIR}/guests)
set(TOLLGATE_GUEST_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/guest.ld)
set(TOLLGATE_GUEST_OPTIONS
  -std=c++20 -O2 -ffreestanding -nostdlib -fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-asynchronous-unwind-tables
  -fno-stack-protector -fno-pic -static -mcmodel=medany -mabi=lp64d -DNDEBUG
  # A loop that copies or clears is what it says, never a call of a library that is not there.
  -fno-tree-loop-distribute-patterns -ffp-contract=off
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror
  # The same bytes wherever the sources lie.
  -ffile-prefix-map=${CMAKE_BINARY_DIR}=build -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)

# tollgate_guest(NAME SOURCES a.cc b.S ... [LINKER_SCRIPT file] [MARCH rv64gc_zba_zbb] [INCLUDES dir...] [OPTIONS flag...] [OUTPUT path])
# One freestanding program for the machine, ${CMAKE_BINARY_DIR}/guests/NAME.elf, target guest_NAME. Without a script: M mode, everything from 0x80000000.
function(tollgate_guest name)
  cmake_parse_arguments(ARG "" "LINKER_SCRIPT;MARCH;OUTPUT" "SOURCES;INCLUDES;OPTIONS" ${ARGN})
  if(NOT ARG_SOURCES OR ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "tollgate_guest(${name}): SOURCES expected, unknown arguments: '${ARG_UNPARSED_ARGUMENTS}'")
  endif()
  if(NOT ARG_LINKER_SCRIPT)
    set(ARG_LINKER_SCRIPT ${TOLLGATE_GUEST_SCRIPT})
  endif()
  if(NOT ARG_MARCH)
    set(ARG_MARCH rv64gc_zba_zbb_zbs)
  endif()
  if(NOT ARG_OUTPUT)
    set(ARG_OUTPUT ${TOLLGATE_GUEST_DIRECTORY}/${name}.elf)
  endif()
  cmake_path(ABSOLUTE_PATH ARG_LINKER_SCRIPT BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
  set(flags ${TOLLGATE_GUEST_OPTIONS} -march=${ARG_MARCH} ${ARG_OPTIONS} -I${CMAKE_SOURCE_DIR}/models)
  foreach(dir IN LISTS ARG_INCLUDES)
    cmake_path(ABSOLUTE_PATH dir BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
    list(APPEND flags -I${dir})
  endforeach()

  set(objects)
  foreach(source IN LISTS ARG_SOURCES)
    cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
    cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${CMAKE_SOURCE_DIR} OUTPUT_VARIABLE part)
    string(REPLACE ".." "up" part ${part})
    set(object ${TOLLGATE_GUEST_DIRECTORY}/objects/${name}/${part}.o)
    cmake_path(GET object PARENT_PATH folder)
    file(MAKE_DIRECTORY ${folder})
    add_custom_command(OUTPUT ${object} DEPFILE ${object}.d DEPENDS ${source}
      COMMAND ${TOLLGATE_CCACHE} ${TOLLGATE_GUEST_CXX} ${flags} -MD -MF ${object}.d -MT ${object} -c ${source} -o ${object}
      COMMENT "Guest ${name}: ${part}" VERBATIM)
    list(APPEND objects ${object})
  endforeach()
  add_custom_command(OUTPUT ${ARG_OUTPUT} DEPENDS ${objects} ${ARG_LINKER_SCRIPT}
    COMMAND ${TOLLGATE_GUEST_CXX} -nostdlib -static -no-pie -march=${ARG_MARCH} -mabi=lp64d -Wl,--build-id=none -Wl,--fatal-warnings
      -Wl,-T,${ARG_LINKER_SCRIPT} -o ${ARG_OUTPUT} ${objects}
    COMMENT "Guest ${name}" VERBATIM)
  add_custom_target(guest_${name} ALL DEPENDS ${ARG_OUTPUT})
  set_target_properties(guest_${name} PROPERTIES TOLLGATE_FILE ${ARG_OUTPUT})
endfunction()

# tollgate_embed(target NAME file): the bytes of a file inside a C++ target, as `std::span<const std::byte> tollgate::embedded::NAME()` from
# "embedded/NAME.hh". The file may be made by the build; a guest's is rebuilt first. Nothing of its path gets into the output.
function(tollgate_embed target name file)
  cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${target}.embedded)
  set(symbol tollgate_embedded_${name})
  file(CONFIGURE OUTPUT ${folder}/embedded/${name}.hh @ONLY CONTENT [[
/// Generated: a file inside this program.
#pragma once
#include <cstddef>
#include <span>

namespace tollgate::embedded {
std::span<const std::byte> @name@();
}
]])
  file(CONFIGURE OUTPUT ${folder}/${name}.cc @ONLY CONTENT [[
#include "embedded/@name@.hh"

__asm__(".pushsection .rodata.@symbol@, \"a\"\n"
        ".balign 16\n"
        ".globl @symbol@, @symbol@_end\n"
        ".hidden @symbol@, @symbol@_end\n"
        "@symbol@:\n"
        ".incbin \"@file@\"\n"
        "@symbol@_end:\n"
        ".byte 0\n"
        ".popsection\n");
extern "C" const std::byte @symbol@[], @symbol@_end[];

namespace tollgate::embedded {
std::span<const std::byte> @name@() { return {@symbol@, @symbol@_end}; }
}
]])
  set_source_files_properties(${folder}/${name}.cc PROPERTIES OBJECT_DEPENDS ${file})
  target_sources(${target} PRIVATE ${folder}/${name}.cc)
  target_include_directories(${target} PRIVATE ${folder})
  cmake_path(GET file PARENT_PATH parent)
  cmake_path(GET file STEM stem)
  if(parent STREQUAL TOLLGATE_GUEST_DIRECTORY)
    add_dependencies(${target} guest_${stem})
  endif()
endfunction()
