// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The best program of a saturated graph, in two levels.
//
// Kernels are chosen first, each class for itself: what a kernel costs is paid at
// every use, so there is nothing to share, and the cheapest term is the best one
// (Knuth). Then values: each is paid once per program however often it is used, so
// the sum runs over distinct classes, and any method of eg_extract.h applies.
//
// The energy-delay product is no sum. Whatever minimises cycles x energy over the
// convex hull of all programs minimises some weighted sum: weights are swept, each
// making the ends of a chord of the hull equal, and the best product of the corners
// that were met is taken. A program inside the hull may have a better one, and is
// not found.
#ifndef GLN_DESIGN_CHOOSE_H
#define GLN_DESIGN_CHOOSE_H

#include "design/mapping.h"
#include "eg_extract.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gln_choose_options {
  const char *method; // of eg_extract.h, "tree", "local", …; NULL = "tree"
  const eg_plugin *plugin; // looked in first; its cost function is used; or NULL
  uint64_t seed;
  double seconds; // of each extraction; 0 = no limit
} gln_choose_options;

typedef struct gln_chosen_program {
  eg_choice *choice;       // owned
  eg_choice *priced;       // owned; the cheapest term of every class, with costs
  gln_objective objective; // what was minimised: a sum
  gln_mapped total;        // of the program from the roots
  // By that objective.
  double dag, tree, bound; // bound: -INFINITY when not known
  bool optimal;
  eg_extract_stop stop;
  uint64_t classes, nodes; // of the problem that was posed
  uint32_t corners;        // of the hull that were met; 1: no hull was needed
  uint32_t extractions;    // at most GLN_CHOOSE_MAX_CORNERS + 2
} gln_chosen_program;

enum { GLN_CHOOSE_MAX_CORNERS = 8 };

// Chooses for |roots| by the objective of |pricing| (also EDP). The graph must be
// clean. EG_NOT_FOUND: no such method, and those there are; EG_INFEASIBLE: a root
// has no program; EG_NO_MEMORY. The caller finishes |out|, also after a failure.
EG_NODISCARD
GLN_API eg_status gln_choose(const gln_pricing *pricing, const eg_class *roots,
                             uint32_t num_roots,
                             const gln_choose_options *options,
                             gln_chosen_program *out, eg_error *error);
GLN_API void gln_chosen_program_fini(gln_chosen_program *program);

#ifdef __cplusplus
}
#endif
#endif
