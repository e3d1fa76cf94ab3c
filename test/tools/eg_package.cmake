# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# cmake -D SOURCE=<tree> -D WORK=<folder> -D GENERATOR=... -D C_COMPILER=...
#   -D EG=<eg> -P
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE result OUTPUT_VARIABLE text
    ERROR_VARIABLE text)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGV}\n${text}")
  endif()
  set(text "${text}" PARENT_SCOPE)
endfunction()

# Runs a command that must fail with |message|.
function(refuse message)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE text
    ERROR_VARIABLE text)
  if(result EQUAL 0 OR NOT text MATCHES "${message}")
    message(FATAL_ERROR "${ARGN}\nexit code ${result}\n${text}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
set(configure ${CMAKE_COMMAND} -G ${GENERATOR} -DCMAKE_C_COMPILER=${C_COMPILER}
  -DCMAKE_BUILD_TYPE=Debug)
run(${configure} -S ${SOURCE}/egraph -B ${WORK}/egraph)
run(${CMAKE_COMMAND} --build ${WORK}/egraph)
run(${CMAKE_COMMAND} --install ${WORK}/egraph --prefix ${WORK}/prefix)
run(${configure} -S ${SOURCE}/examples/extract -B ${WORK}/example
  -DCMAKE_PREFIX_PATH=${WORK}/prefix)
run(${CMAKE_COMMAND} --build ${WORK}/example)
run(${WORK}/example/own_extractor)
if(NOT text MATCHES "dag 5, tree 9: \\(\\+ \\(<< x 2\\) \\(<< x 2\\)\\)")
  message(FATAL_ERROR "the example printed: ${text}")
endif()

# The plugin's cost is 1 + children: 1 + 1 + 1 for f(g, g), and g(h) costs more.
file(WRITE ${WORK}/graph.json [[{"nodes": {
"f": {"op": "f", "eclass": "0", "children": ["h", "h"], "cost": 100},
"h": {"op": "h", "eclass": "1", "children": ["k"], "cost": 0},
"g": {"op": "g", "eclass": "1", "cost": 50},
"k": {"op": "k", "eclass": "2", "cost": 0}}, "root_eclasses": ["0"]}]])
set(plugin ${WORK}/example/coin.so)
run(${EG} extract ${WORK}/graph.json --method=coin --seed=7 --plugin=${plugin})
if(NOT text MATCHES [["extractor": "coin", "tree": 5, "dag": 4, ]])
  message(FATAL_ERROR "eg printed: ${text}")
endif()
run(${EG} extract --list-methods --plugin=${plugin})
if(NOT text MATCHES "coin     tosses coins")
  message(FATAL_ERROR "eg printed: ${text}")
endif()
refuse("no method 'coin'" ${EG} extract ${WORK}/graph.json --method=coin)

# Objects that are no plugin, and plugins of another time.
function(object name text)
  file(WRITE ${WORK}/${name}.c "#include <eg_extract.h>\n${text}\n")
  run(${C_COMPILER} -shared -fPIC -I${WORK}/prefix/include ${WORK}/${name}.c
    -o ${WORK}/${name}.so)
endfunction()
object(empty "int nothing;")
object(old "const eg_plugin eg_plugin_symbol = {.abi = 99};")
object(nameless "static const eg_extractor e; \
const eg_plugin eg_plugin_symbol = {EG_PLUGIN_ABI, 1, &e};")
object(nan "static double cost(void *u, const eg_node_view *n) \
{ return u == n ? 0 : 0.0 / 0.0; } \
const eg_plugin eg_plugin_symbol = {EG_PLUGIN_ABI, 0, 0, cost, 0};")
set(extract ${EG} extract ${WORK}/graph.json)
refuse("has no symbol eg_plugin_symbol" ${extract} --plugin=${WORK}/empty.so)
refuse("is for plugin ABI 99, this is 2" ${extract} --plugin=${WORK}/old.so)
refuse("has no name or no function" ${extract} --plugin=${WORK}/nameless.so)
refuse("cost of node \"f\" is -?nan" ${extract} --plugin=${WORK}/nan.so)
