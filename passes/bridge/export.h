// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Chosen nodes of an e-graph as IR again, in the place of what was imported.
//
// Values come back as access ops: a view as a chain of them, a contraction as
// the dot of two views, a map as a compute or a call. A view that no chain
// spells is a gather, one linalg.generic. Each class is built once per block, in
// front of the first anchor that needs it; host ops are cloned and so keep their
// attributes. Pure ops that nothing needs any more are not built.
#ifndef GLN_BRIDGE_EXPORT_H
#define GLN_BRIDGE_EXPORT_H

#include "bridge/import.h"

typedef struct gln_export_counts {
  size_t built;   // classes
  size_t gathers; // views that are no chain
  size_t kernels; // systolic.kernel ops
  size_t left;    // blocks that stay as they were, each with a remark
} gln_export_counts;

// Rebuilds every block of |import| by |choice|, which must have a node for every
// class that the blocks' results reach, without cycles (eg_choice_check). The
// import's IR is stale then: only gln_import_fini may follow. What runs on a unit
// becomes a `systolic.kernel` for |target|, which was loaded as |name|; NULL: access ops
// as all else. A block that cannot be rebuilt stays as it was. EG_NO_MEMORY: some blocks are rebuilt, the module
// is valid and means the same.
EG_NODISCARD
eg_status gln_export_module(const gln_import *import, const eg_choice *choice,
                            const gln_target *target, const char *name,
                            gln_export_counts *out_counts, eg_error *error);

#endif
