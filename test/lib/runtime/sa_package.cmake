# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# cmake -D SOURCE=<tree> -D WORK=<folder> -D GENERATOR=... -D C_COMPILER=... -P
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE result OUTPUT_VARIABLE text
    ERROR_VARIABLE text)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGV}\n${text}")
  endif()
  set(text "${text}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK})
set(configure ${CMAKE_COMMAND} -G ${GENERATOR} -DCMAKE_C_COMPILER=${C_COMPILER}
  -DCMAKE_BUILD_TYPE=Debug)
run(${configure} -S ${SOURCE}/lib/runtime -B ${WORK}/runtime)
run(${CMAKE_COMMAND} --build ${WORK}/runtime)
run(${CMAKE_COMMAND} --install ${WORK}/runtime --prefix ${WORK}/prefix)
run(${configure} -S ${SOURCE}/examples/runtime -B ${WORK}/example
  -DCMAKE_PREFIX_PATH=${WORK}/prefix)
run(${CMAKE_COMMAND} --build ${WORK}/example)
run(${WORK}/example/relu_layer)
if(NOT text MATCHES "all 1280 outputs are right")
  message(FATAL_ERROR "the example printed: ${text}")
endif()
