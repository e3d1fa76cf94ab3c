// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The search language: values, kernels and units as e-nodes of libeg.
//
//   value   an array (or a tuple of arrays), an actual operand or result
//   kernel  a function of arrays of fixed shapes, without its operands: all
//           layers of one shape are one class
//   unit    hardware that kernels run on, shared by everything that does
//
// A node determines its function: from its payload and the types of its children
// follow its shapes, and the interpreter can run it. So the type of a class is an
// e-class analysis, every addition is checked, and two kernels of different type
// are never united: the union fails.
#ifndef GLN_KERNEL_LANG_H
#define GLN_KERNEL_LANG_H

#include "eg.h"
#include "kernel/block.h"
#include "kernel/spec.h"
#include "target/instr.h"
#include "view/scalar.h"
#include "view/shape.h"
#include "view/view.h"

#ifdef __cplusplus
extern "C" {
#endif

//===-- The table ---------------------------------------------------------===//

// X(enumerator, name, sort of the node, sorts of the children, payload, doc)
//
// Child sorts, one letter each: v value, k kernel, u unit; a '*' repeats the last
// one any number of times. Payload: '-' none, else what stands in it.
#define GLN_NODE_TABLE(X)                                                      \
  X(INPUT, "input", VALUE, "", "index type", "an argument of the function")    \
  X(CONST, "const", VALUE, "", "index type", "a constant known to compiler")   \
  X(VIEW, "view", VALUE, "v", "view", "the operand read through a view")       \
  X(CONCAT, "concat", VALUE, "vv", "dim", "the second behind the first")       \
  X(PACK, "pack", VALUE, "v", "view", "a view, materialised as a copy")        \
  X(UNPACK, "unpack", VALUE, "v", "view", "a view that undoes a pack")         \
  X(APPLY, "apply", VALUE, "kv*", "-", "the kernel run on the values")         \
  X(GET, "get", VALUE, "v", "index", "one array of a tuple")                   \
  X(HOST, "host", VALUE, "v*", "index types", "an operation left to the host") \
  X(RESULTS, "results", VALUE, "v*", "-", "what the function returns")         \
  X(CONTRACT, "contract", KERNEL, "", "spec", "a sum of products")             \
  X(REDUCE, "reduce", KERNEL, "", "spec", "a reduction of one array")          \
  X(MAP, "map", KERNEL, "", "shape body", "a scalar body at every position")   \
  X(SOFTMAX, "softmax", KERNEL, "", "shape", "over the item dimensions")       \
  X(ARGMAX, "argmax", KERNEL, "", "shape type", "over the item dimensions")    \
  X(FOLD, "fold", KERNEL, "", "monoid type", "a stream combined by a monoid")  \
  X(SCAN, "scan", KERNEL, "k", "steps", "a kernel repeated on its own result") \
  X(COMPOSE, "compose", KERNEL, "k*", "wiring", "kernels run as one")          \
  X(TRANSFORM, "transform", KERNEL, "k", "strategy", "by another algorithm")   \
  X(ON_HOST, "on_host", KERNEL, "k", "-", "the kernel on the host processor")  \
  X(BLOCK, "block", KERNEL, "kuk*", "block", "a grid of tiles on a unit")      \
  X(ISSUE, "issue", KERNEL, "u", "index extents spec", "an instruction")       \
  X(ARRAY, "array", UNIT, "", "index numbers", "a systolic array")             \
  X(VECTOR, "vector", UNIT, "", "index numbers", "a vector unit")

typedef enum gln_node {
#define GLN_X(id, name, sort, children, payload, doc) GLN_NODE_##id,
  GLN_NODE_TABLE(GLN_X)
#undef GLN_X
      GLN_NUM_NODES,
} gln_node;

// A kernel that no rule has mapped runs on the host as it is.

//===-- Types -------------------------------------------------------------===//

enum {
  GLN_LANG_MAX_OPERANDS = 8, // of a kernel
  GLN_LANG_MAX_RESULTS = 4,  // of a kernel, of a tuple
};

// Operands and results of a kernel; of a value only the results: one, or those of
// a tuple. All shapes have no access dimensions.
typedef struct gln_signature {
  uint8_t num_operands, num_results;
  gln_shape operands[GLN_LANG_MAX_OPERANDS];
  gln_shape results[GLN_LANG_MAX_RESULTS];
} gln_signature;

GLN_API bool gln_signature_equal(const gln_signature *a,
                                 const gln_signature *b);
// `(f32[49,64], f32[64,128]) -> f32[49,128]`; returns the whole length.
GLN_API size_t gln_signature_print(const gln_signature *signature, char *buffer,
                                   size_t size);

//===-- The language over a graph -----------------------------------------===//

// Registered with one graph. Lives at a fixed address while the graph does.
typedef struct gln_lang {
  eg_graph *graph; // borrowed
  eg_sort kernel, unit;
  eg_sort value;
  eg_op ops[GLN_NUM_NODES];
  uint32_t type_analysis;     // a payload id: the words of a signature
  uint32_t constant_analysis; // a byte: known before run time
} gln_lang;

// Registers sorts, operators and the analyses. The graph must be empty.
EG_NODISCARD
GLN_API eg_status gln_lang_init(gln_lang *lang, eg_graph *graph);

// Which row of the table a node is; GLN_NUM_NODES when it is no node of ours.
GLN_API gln_node gln_lang_node(const gln_lang *lang, eg_node node);

// The type of a value or kernel class. O(rank).
GLN_API void gln_lang_type(const gln_lang *lang, eg_class id,
                           gln_signature *out);

// Whether a value is known before run time: a constant, or computed from nothing
// but constants, in some node of its class.
GLN_API bool gln_lang_is_constant(const gln_lang *lang, eg_class id);

//===-- Building ----------------------------------------------------------===//
//
// Each adds one node (or finds it). EG_INVALID, with a message in the graph that
// names the node and both types, when types do not fit. O(size of the payload).

EG_NODISCARD
GLN_API eg_status gln_add_input(gln_lang *lang, uint32_t index,
                                const gln_shape *type, eg_class *out);
EG_NODISCARD
GLN_API eg_status gln_add_const(gln_lang *lang, uint32_t index,
                                const gln_shape *type, eg_class *out);
// A view, in normal form: views of views compose as they are built where their
// fills agree, and the identity is no node.
EG_NODISCARD
GLN_API eg_status gln_add_view(gln_lang *lang, const eg_allocator *memory,
                               const gln_view *view, eg_class of,
                               eg_class *out);
EG_NODISCARD
GLN_API eg_status gln_add_concat(gln_lang *lang, uint32_t dim, eg_class first,
                                 eg_class second, eg_class *out);
// |node| is GLN_NODE_PACK or GLN_NODE_UNPACK.
EG_NODISCARD
GLN_API eg_status gln_add_copy(gln_lang *lang, gln_node node,
                               const gln_view *view, eg_class of,
                               eg_class *out);
EG_NODISCARD
GLN_API eg_status gln_add_apply(gln_lang *lang, eg_class kernel,
                                const eg_class *operands, uint32_t num_operands,
                                eg_class *out);
EG_NODISCARD
GLN_API eg_status gln_add_get(gln_lang *lang, uint32_t index, eg_class tuple,
                              eg_class *out);
// An operation that stays on the host: |index| names it to the caller.
EG_NODISCARD
GLN_API eg_status gln_add_host(gln_lang *lang, uint32_t index,
                               const gln_shape *results, uint32_t num_results,
                               const eg_class *operands, uint32_t num_operands,
                               eg_class *out);
EG_NODISCARD
GLN_API eg_status gln_add_results(gln_lang *lang, const eg_class *values,
                                  uint32_t num_values, eg_class *out);

// contract or reduce, by the number of operands.
EG_NODISCARD
GLN_API eg_status gln_add_spec(gln_lang *lang, const gln_spec *spec,
                               eg_class *out);
// |body| over arrays of the extents of |shape| (its type is not read).
EG_NODISCARD
GLN_API eg_status gln_add_map(gln_lang *lang, const gln_shape *shape,
                              const gln_scalar_body *body, eg_class *out);
// |shape| splits into what is iterated over and the items.
EG_NODISCARD
GLN_API eg_status gln_add_softmax(gln_lang *lang, const gln_shape *shape,
                                  eg_class *out);
EG_NODISCARD
GLN_API eg_status gln_add_argmax(gln_lang *lang, const gln_shape *shape,
                                 gln_type result, eg_class *out);

// What a fold combines along its stream, the last dimension of the first operand.
typedef enum gln_monoid {
  GLN_MONOID_SUM, // x (a…, n) → (a…): Σ_i x[a, i]
  GLN_MONOID_MAX, // the same with max
  // s (a…, n), v (n, d…) → (a…, d…): Σ_i e^(s[a,i] - m[a]) v[i, d] / Σ_i e^(s[a,i] - m[a]),
  // m the maximum of s[a]: softmax(s) · v in one pass, carrying (max, Σ exp, acc)
  // and rescaling when the maximum grows (Milakov and Gimelshein 2018).
  GLN_MONOID_SOFTMAX,
  GLN_NUM_MONOIDS,
} gln_monoid;

// |values| is read with GLN_MONOID_SOFTMAX alone. EG_INVALID: no stream, or values
// that do not go with it.
EG_NODISCARD
GLN_API eg_status gln_add_fold(gln_lang *lang, gln_monoid monoid,
                               const gln_shape *stream, const gln_shape *values,
                               eg_class *out);
// |step| : (s, x, w…) → s. The scan: (s, X (steps, x…), w…) → (steps, s…), the state
// after each step; s, w are what they were, and X gives step t its row t. For
// recurrences, whose weights w may then stay on chip. EG_INVALID: a step without
// state and input, with several results, or of another state than it was given.
EG_NODISCARD
GLN_API eg_status gln_add_scan(gln_lang *lang, uint32_t steps, eg_class step,
                               eg_class *out);
// |kernel| computed by another algorithm, equal but for rounding.
typedef enum gln_transform {
  GLN_TRANSFORM_WINOGRAD_2_3, // F(2x2, 3x3): 16 products for 36 (Lavin and Gray 2016)
  GLN_TRANSFORM_WINOGRAD_4_3, // F(4x4, 3x3): 36 for 144
  GLN_NUM_TRANSFORMS,
} gln_transform;
EG_NODISCARD
GLN_API eg_status gln_add_transform(gln_lang *lang, gln_transform transform,
                                    eg_class kernel, eg_class *out);
// |kernel| on the host, a choice with a price like any other.
EG_NODISCARD
GLN_API eg_status gln_add_on_host(gln_lang *lang, eg_class kernel,
                                  eg_class *out);

// How the kernels of a compose are wired. Sources are numbered: first the
// operands of the whole, then the results of the kernels in order.
typedef struct gln_wiring {
  uint8_t num_operands; // of the whole; each is read at least once
  uint8_t num_sources; // entries of |sources|: operands of all kernels in order
  uint8_t sources[4 * GLN_LANG_MAX_OPERANDS];
  uint8_t num_exports;
  uint8_t exports[GLN_LANG_MAX_RESULTS]; // sources that are results
} gln_wiring;

EG_NODISCARD
GLN_API eg_status gln_add_compose(gln_lang *lang, const gln_wiring *wiring,
                                  const eg_class *kernels, uint32_t num_kernels,
                                  eg_class *out);

// block{b} of the tile's kernel, its unit and the tails: one kernel for each entry
// of gln_block_tails, in that order.
EG_NODISCARD
GLN_API eg_status gln_add_block(gln_lang *lang, const gln_block *block,
                                eg_class tile, eg_class unit,
                                const eg_class *tails, uint32_t num_tails,
                                eg_class *out);
// The spec by instruction number |instr| of the target on a unit, in calls whose dims
// have at most |extents| (GLN_INSTR_MAX_DIMS of them at most; NULL and 0 where no
// one instruction does it). EG_LIMIT: an extent beyond 32 bits.
EG_NODISCARD
GLN_API eg_status gln_add_issue(gln_lang *lang, uint32_t instr,
                                const int64_t *extents, size_t num_extents,
                                const gln_spec *spec, eg_class unit,
                                eg_class *out);
// Unit number |index| of the target (GLN_NODE_ARRAY or GLN_NODE_VECTOR) with the
// numbers that tell its design from others, e.g. rows and columns.
EG_NODISCARD
GLN_API eg_status gln_add_unit(gln_lang *lang, gln_node node, uint32_t index,
                               const uint32_t *numbers, uint32_t num_numbers,
                               eg_class *out);

//===-- Reading payloads --------------------------------------------------===//
//
// False or EG_INVALID when the node is another one.

// Of a contract, a reduce, an issue or a block: what it computes.
GLN_API bool gln_node_spec(const gln_lang *lang, eg_node node, gln_spec *out);
// Lent by the graph; NULL when the node has none.
GLN_API const gln_view *gln_node_view(const gln_lang *lang, eg_node node);
// The body of a map, made anew: the caller finishes it.
EG_NODISCARD
GLN_API eg_status gln_node_body(const gln_lang *lang, eg_node node,
                                eg_allocator memory, gln_scalar_body *out,
                                eg_error *error);
GLN_API bool gln_node_block(const gln_lang *lang, eg_node node, gln_block *out);
// Of an issue: the instruction's extents, and their number (gln_node_index is its
// number, gln_node_spec what it computes).
GLN_API bool gln_node_extents(const gln_lang *lang, eg_node node,
                              int64_t out_extents[GLN_INSTR_MAX_DIMS],
                              size_t *out_num);
GLN_API bool gln_node_index(const gln_lang *lang, eg_node node, uint32_t *out);
GLN_API bool gln_node_wiring(const gln_lang *lang, eg_node node,
                             gln_wiring *out);

#ifdef __cplusplus
}
#endif
#endif
