# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# LLVM and MLIR 22 as Debian packages them.
#
# The C API lives in static archives whose CMake interface pulls in a second,
# static MLIR. A plug-in must share the one libMLIR that mlir-opt uses, or type
# ids split, so the archives are linked as files and libMLIR comes by name.
find_package(MLIR REQUIRED CONFIG HINTS /usr/lib/llvm-22/lib/cmake/mlir)
if(NOT LLVM_VERSION_MAJOR EQUAL 22)
  message(FATAL_ERROR
    "Glenside builds on LLVM 22, found ${LLVM_PACKAGE_VERSION} in ${LLVM_DIR}: "
    "install libmlir-22-dev or set MLIR_DIR")
endif()

add_library(gln_mlir INTERFACE)
target_include_directories(gln_mlir SYSTEM INTERFACE
  ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})

# gln_link_mlir(<target> <C API part>...)  e.g. gln_link_mlir(x IR Linalg)
function(gln_link_mlir target)
  target_link_libraries(${target} PUBLIC gln_mlir)
  foreach(part ${ARGN})
    target_link_libraries(${target} PRIVATE $<TARGET_FILE:MLIRCAPI${part}>)
  endforeach()
  target_link_libraries(${target} PRIVATE $<TARGET_FILE:MLIR> $<TARGET_FILE:LLVM>)
endfunction()
