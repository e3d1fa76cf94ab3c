// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Serialized e-graphs: the JSON of egraph-serialize, as egg, egglog and the
// extraction gym write it, read into an extraction problem and written back.
//
//   {"nodes": {"<node id>": {"op": string,        required
//                            "eclass": class id,  required
//                            "children": [node ids], default []
//                            "cost": number,         default 1
//                            "subsumed": bool},      default false
//              ...},
//    "root_eclasses": [class ids],                   default []
//    "class_data": {"<class id>": {"type": string or null, any: string}}}
//
// The order of "nodes" is significant: classes are numbered by their first
// appearance, the nodes of a class by theirs. A child names any member of its
// class. Ids are opaque strings. Unknown keys are read over. Format version
// 0.3.0 of https://github.com/egraphs-good/egraph-serialize.
//
// The reader is our own because libeg builds with a C compiler alone, and the
// order of keys, which most JSON libraries lose, carries the meaning here.
#ifndef EG_SERIAL_H
#define EG_SERIAL_H

#include "eg_extract.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct eg_serial eg_serial;

// Parses |size| bytes of JSON, which are copied. O(size). The caller owns
// *out_serial. Failures, each with the line in |error| (may be NULL):
// EG_INVALID     malformed JSON or UTF-16 escapes, a missing or repeated key,
//                a cost that is no finite number (the format has no other);
// EG_NOT_FOUND   a child that names no node, a root or an entry of class_data
//                that names no class;
// EG_LIMIT       more than 2^31 bytes, nodes or children.
EG_API EG_NODISCARD
eg_status eg_serial_parse(const eg_allocator *allocator, const char *text,
                          size_t size, eg_serial **out_serial, eg_error *error);

// The clean |graph| as a serialized e-graph: node ids are "<class>.<i>" as egg
// writes them, costs come from |prices| (NULL = 1 per node), the op of a node
// with a payload is "name payload". The caller owns *out_serial.
EG_API EG_NODISCARD
eg_status eg_serial_from_graph(eg_graph *graph, const eg_prices *prices,
                               const eg_class *roots, uint32_t num_roots,
                               eg_serial **out_serial, eg_error *error);

EG_API void eg_serial_destroy(eg_serial *serial); // NULL is allowed

// The extraction problem; lent. Nodes are numbered class by class, in each
// class by appearance.
EG_API const eg_problem *eg_serial_problem(const eg_serial *serial);

// The strings of a node or a class, terminated; lent.
EG_API const char *eg_serial_node_id(const eg_serial *serial, uint32_t node);
EG_API const char *eg_serial_op(const eg_serial *serial, uint32_t node);
EG_API const char *eg_serial_class_id(const eg_serial *serial, uint32_t id);
EG_API bool eg_serial_is_subsumed(const eg_serial *serial, uint32_t node);
// NULL when class_data gives no type.
EG_API const char *eg_serial_class_type(const eg_serial *serial, uint32_t id);

// Replaces every cost by what a plugin's cost function makes of it (INFINITY:
// never to be chosen). EG_INVALID: NaN or -INFINITY; |error| names the node.
EG_API EG_NODISCARD
eg_status eg_serial_reprice(eg_serial *serial, const eg_plugin *plugin,
                            eg_error *error);

// Replaces the cost of a node; a cost function of one's own is a loop of these.
// INFINITY: never to be chosen. EG_INVALID: NaN or -INFINITY.
EG_API EG_NODISCARD
eg_status eg_serial_set_cost(eg_serial *serial, uint32_t node, double cost);

// Writes the e-graph as JSON that eg_serial_parse reads back to the same
// classes, nodes, orders, roots and class data. EG_INVALID: the writer refused,
// or a node is never to be chosen, which the format cannot say.
EG_API EG_NODISCARD
eg_status eg_serial_write(const eg_serial *serial, eg_writer writer);

#ifdef __cplusplus
}
#endif
#endif
