// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Mapping kernels to a target: blockings become nodes, and nodes get costs.
//
//   gln_map_kernels      each contract class gets its blockings as `block` nodes
//   gln_cost_of_nodes    what any node costs on the target, for eg_extract_tree
//   gln_mapping_walk     what was chosen, layer by layer
//
// The graph must be of one gln_lang, the target a checked point.
#ifndef GLN_DESIGN_MAPPING_H
#define GLN_DESIGN_MAPPING_H

#include "kernel/lang.h"
#include "rules/blocking.h"
#include "target/learned.h"

#ifdef __cplusplus
extern "C" {
#endif

//===-- Blockings as nodes ------------------------------------------------===//

typedef struct gln_map_counts {
  uint64_t contracts;  // contract classes looked at
  uint64_t mapped;     // of them, with at least one block
  uint64_t unmappable; // no array can run them, or no tile fits
  uint64_t blocks;     // block nodes added
  uint64_t ragged;     // left out: too many ragged dimensions
  uint64_t refused;    // left out: no program can do it (gln_job_rows)
  double enumerated, dominated, thinned;
  char why[200]; // of the last contract that is not mappable
} gln_map_counts;

// For every class with a `contract` node and every array of |target|, and for those
// and `reduce` nodes that suit the vector unit: adds the blockings worth having as
// `block` nodes of that class, whose tiles are `issue`d to the unit; no other rule
// (gln_saturate applies them all). |options| may be NULL. Leaves the graph rebuilt. EG_NO_MEMORY,
// EG_LIMIT; a contract that cannot be mapped is counted, not an error.
EG_NODISCARD
GLN_API eg_status gln_map_kernels(gln_lang *lang, const gln_target *target,
                                  const gln_blocking_options *options,
                                  gln_map_counts *out, eg_error *error);

// The block that a blocking is, and back to the nest it came from. False: more
// ragged dimensions than a block may have.
GLN_API bool gln_block_of_blocking(const gln_spec *spec, uint8_t array,
                                   const gln_strategy *strategy,
                                   const gln_blocking *blocking,
                                   gln_block *out);
GLN_API void gln_block_nest(const gln_block *block, gln_nest *out);

// The strategy of a block, with its model. EG_INVALID: it is none of the target's
// for that spec.
EG_NODISCARD
GLN_API eg_status gln_block_strategy(const gln_target *target,
                                     const gln_block *block, gln_strategy *out,
                                     eg_error *error);
// The cost of a block by that model, without the epilogue that it may leave its
// results to. Fails as gln_block_strategy.
EG_NODISCARD
GLN_API eg_status gln_block_cost(const gln_target *target,
                                 const gln_block *block, gln_cost *out,
                                 eg_error *error);

//===-- Costs of nodes ----------------------------------------------------===//

// Keep it at one address while an eg_cost of it is in use.
typedef struct gln_pricing {
  const gln_lang *lang;
  const gln_target *target;
  gln_objective objective;
  const gln_learned *learned; // corrects the cycles of blocks; NULL = none
} gln_pricing;

// Sum over the term of what each node costs. A block has the cost of its nest. A
// `compose` adds the vector unit's work to its block's cost: the intermediate is
// neither stored nor loaded. An `apply` adds what further operands of a compose make
// the channel carry, each element once; or, for a bare map, softmax or argmax, the
// host's work. Contracts, reductions and operations that no unit can run cost what the
// host takes. Views and whatever is known before run time cost nothing. Values are
// gln_cost; EDP is not additive, and is refused with EG_INVALID by the extraction.
GLN_API eg_cost gln_cost_of_nodes(const gln_pricing *pricing);

// Whether a program may use |node|. The host's energy is not modelled, so that it
// would win by it: it runs only what no unit can.
GLN_API bool gln_node_is_usable(const gln_pricing *pricing, eg_node node);

// What |node| alone costs, its kernel included when it is an `apply`.
EG_NODISCARD
GLN_API eg_status gln_node_cost(const gln_pricing *pricing,
                                const eg_choice *choice, eg_node node,
                                gln_cost *out, eg_error *error);

//===-- What was chosen ---------------------------------------------------===//

// One `apply` of the chosen program.
typedef struct gln_mapped {
  eg_node apply;
  eg_class kernel;
  eg_node chosen; // of the kernel
  gln_cost cost; // of the job, in bytes and energy as its program moves them
  double host_macs, array_macs, vector_macs; // of contracts, by where they run
} gln_mapped;

// Calls |visit| for each apply reached from |roots|, each class once, operands
// before users; and sums. |visit| may be NULL.
EG_NODISCARD
GLN_API eg_status gln_mapping_walk(
    const gln_pricing *pricing, const eg_choice *choice, const eg_class *roots,
    uint32_t num_roots, void (*visit)(void *user, const gln_mapped *mapped),
    void *user, gln_mapped *out_total, eg_error *error);

#ifdef __cplusplus
}
#endif
#endif
