// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A module's access patterns as one e-graph of the search language.
//
// Every block that has access ops becomes a value graph with one `results` root.
// An op is one of three things:
//
//   in the graph   access ops and constants: values and kernels
//   host           another pure op on tensors, or an access op that the language
//                  cannot say: a `host` node, which may move but stays that op
//   anchor         all the rest (effects, regions, control flow, returns): it
//                  keeps its place; what it reads of the graph are the graph's
//                  results, what it makes are inputs
//
// The IR is only read, and must not change until the graph is exported.
#ifndef GLN_BRIDGE_IMPORT_H
#define GLN_BRIDGE_IMPORT_H

#include "dialect/access.h"
#include "kernel/lang.h"

// Where `input` |index| of the graph comes from.
typedef struct gln_import_input {
  MlirValue value;
  size_t block;     // number of the block that reads it
  size_t available; // the first position in it where the value is there
} gln_import_input;

// `const` |index|: an op without operands. Equal data are one constant.
typedef struct gln_import_const {
  MlirOperation op;
  MlirAttribute data;
  MlirType type;
  bool is_splat;
  gln_scalar splat; // every element
} gln_import_const;

// `host` |index|.
typedef struct gln_import_host {
  MlirOperation op;
  size_t block, available; // as above, for what it reads outside the graph
} gln_import_host;

// A value of the graph that an anchor reads.
typedef struct gln_import_root {
  MlirValue value;
  eg_class id;
  MlirOperation anchor; // the first op of the block that reads it, maybe inside
  size_t position;      // of the anchor
} gln_import_root;

// What an access op became: where in the source a class comes from.
typedef struct gln_import_place {
  eg_class id; // before any view of the result
  MlirLocation location;
} gln_import_place;

typedef struct gln_import_block {
  MlirBlock block;
  eg_class results;
  size_t first_root, num_roots; // in program order of their anchors
  size_t first_op, num_ops;     // of gln_import::ops
} gln_import_block;

typedef struct gln_import {
  gln_lang lang;
  eg_graph *graph;     // owned
  eg_allocator memory; // of everything here
  MlirOperation module;
  gln_import_input *inputs;
  gln_import_const *constants;
  gln_import_host *hosts;
  gln_import_root *roots;
  gln_import_block *blocks; // inner ones before the block that they are in
  MlirOperation *ops;       // in the graph or host: replaced by an export
  gln_import_place *places; // in program order
  size_t num_inputs, num_constants, num_hosts, num_roots, num_blocks, num_ops;
  size_t max_inputs, max_constants, max_hosts, max_roots, max_blocks, max_ops;
  size_t num_places, max_places;
  size_t num_left; // access ops that became host nodes, each with a remark
} gln_import;

// Fills |out|, which stays at its address. EG_NO_MEMORY and EG_LIMIT (of the
// graph) with a message; then there is nothing to finish. What is not supported
// is no error: it stays on the host with a remark of glenside-graph.
EG_NODISCARD
eg_status gln_import_module(gln_import *out, MlirOperation module,
                            eg_error *error);
void gln_import_fini(gln_import *import);

#endif
