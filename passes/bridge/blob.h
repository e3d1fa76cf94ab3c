// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A saturated graph in the IR, between --saturate and --extract.
//
// It is an attribute of the module, one dense_resource whose key is a hash of its
// content:
//
//   module attributes {glenside.egraph = dense_resource<glenside_51f0…> :
//                      tensor<48213xi8>}
//
//   "GLENSIDE" version     length  packed length  checksum   then, deflated:
//    8 bytes   4            8       8              4, CRC-32
//   target text, fingerprint of the target, report of the saturation,
//   fingerprint of every function, nodes (kernel/store.h)
//
// Equal modules, targets and rules give equal bytes, so that a build system may
// cache them. Numbers in the head are little endian.
#ifndef GLN_BRIDGE_BLOB_H
#define GLN_BRIDGE_BLOB_H

#include "design/saturate.h"
#include "kernel/store.h"

#include "mlir-c/IR.h"

// What was saturated, for what, and how that went.
typedef struct gln_blob {
  char target[512]; // the text that named it: "gemmini16,rows=32"
  uint64_t target_hash;
  gln_saturate_report report;
  gln_bytes bytes; // of gln_blob_read: unpacked
  gln_reader nodes;
} gln_blob;

// Numbers of a target and their types, whatever file they came from.
uint64_t gln_target_hash(const gln_target *target);

// Puts the clean graph of |lang|, with |head| (its bytes and nodes are not read),
// on |module|, in place of one that is there. The module is otherwise what was
// imported. EG_NO_MEMORY.
EG_NODISCARD
eg_status gln_blob_write(MlirOperation module, const gln_lang *lang,
                         const gln_blob *head, eg_error *error);
// Reads it and checks that it is whole and that no function has changed since;
// emits an error and returns false if not. On success gln_graph_load reads
// out->nodes, and gln_blob_fini frees.
bool gln_blob_read(MlirOperation module, gln_blob *out);
void gln_blob_fini(gln_blob *blob);
// Takes it off the module; nothing if there is none.
void gln_blob_remove(MlirOperation module);

#endif
