// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The rules over values, a function per topic. Each goes once through the classes
// that are there, in the order of their ids, operands before users; so one call of
// each, in the order below, reaches everything that these rules can.
//
//   gln_rewriter w;
//   if (gln_rewriter_init(&w, &lang, &set, &limits, &memory, &error) == EG_OK)
//     … gln_rewrite_algebra(&w) … gln_rewrite_layout(&w) …
//   gln_rewriter_fini(&w);
//
// New nodes read only what the nodes they equal read: no class comes to contain
// itself, and every choice of nodes is a program.
#ifndef GLN_RULES_REWRITE_H
#define GLN_RULES_REWRITE_H

#include "kernel/lang.h"
#include "rules/rules.h"
#include "target/target.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gln_rewriter {
  gln_lang *lang;
  const gln_rule_set *rules;
  const eg_limits *limits; // nodes, bytes, matches (0 = none), cancel
  const gln_target
      *target; // what rules about sizes ask; NULL = they do not apply
  eg_allocator memory;
  eg_error *error;
  eg_stop stop; // EG_STOP_SATURATED as long as no limit was met
  uint64_t matches;
  gln_rule_counts counts[GLN_NUM_RULES];
  uint32_t num_classes; // ids at the start are below
  uint8_t *notes;       // by class: number of users, superseded
  uint32_t num_notes;
} gln_rewriter;

// Counts users on the graph as it is, which gets rebuilt.
EG_NODISCARD
GLN_API eg_status gln_rewriter_init(gln_rewriter *w, gln_lang *lang,
                                    const gln_rule_set *rules,
                                    const eg_limits *limits,
                                    const eg_allocator *memory,
                                    eg_error *error);
GLN_API void gln_rewriter_fini(gln_rewriter *w);

// What only constants go into becomes constants; a scale behind a contraction goes
// into its weights.
EG_NODISCARD
GLN_API eg_status gln_rewrite_algebra(gln_rewriter *w);
// softmax becomes reductions and maps. First of all, so that others see those.
EG_NODISCARD
GLN_API eg_status gln_rewrite_softmax(gln_rewriter *w);
// Zero points go out of contractions, extrema of small integers into accumulators.
EG_NODISCARD
GLN_API eg_status gln_rewrite_quantised(gln_rewriter *w);
// Maps of maps become one map.
EG_NODISCARD
GLN_API eg_status gln_rewrite_maps(gln_rewriter *w);
// Weights lie as the array reads them.
EG_NODISCARD
GLN_API eg_status gln_rewrite_layout(gln_rewriter *w);

// Convolutions as products of copied columns. Before it, gln_rewrite_layout.
EG_NODISCARD
GLN_API eg_status gln_rewrite_convolution(gln_rewriter *w);

// Views that unions brought together compose, packs and unpacks cancel; until
// nothing is new, and a few times at most.
EG_NODISCARD
GLN_API eg_status gln_rewrite_views(gln_rewriter *w);

// Long maps become chains of short ones as well. After all that merges maps.
EG_NODISCARD
GLN_API eg_status gln_rewrite_long_maps(gln_rewriter *w);

//===-- For whoever writes a rule -----------------------------------------===//

// A value as it is read: |view| of |source|; NULL = as it is.
typedef struct gln_read {
  eg_class source;
  const gln_view *view; // lent by the graph
} gln_read;

// `apply` of a map to values, taken apart. The body is the caller's.
typedef struct gln_map_use {
  eg_node node;
  gln_scalar_body body;
  gln_shape shape; // of the iteration
  uint32_t num;
  eg_class operands[GLN_LANG_MAX_OPERANDS];
} gln_map_use;

// Whether one node at most reads the class, itself or through views.
GLN_API bool gln_has_one_user(const gln_rewriter *w, eg_class id);
// A kernel class of which each use has a better one beside it needs no mapping.
EG_NODISCARD
GLN_API eg_status gln_rewriter_supersede(gln_rewriter *w, eg_class kernel);
// The same for good: no later rule can keep it.
EG_NODISCARD
GLN_API eg_status gln_rewriter_replace(gln_rewriter *w, eg_class kernel);
GLN_API bool gln_is_replaced(const gln_rewriter *w, eg_class kernel);
GLN_API void gln_rewriter_keep(gln_rewriter *w, eg_class kernel); // needs it
GLN_API bool gln_is_superseded(const gln_rewriter *w, eg_class kernel);
// The status, with the graph's message if it is a failure.
GLN_API eg_status gln_rewriter_check(const gln_rewriter *w, eg_status status);
// Whether the rule may go on: it is allowed for |type|, and no limit is met; counts
// a match.
GLN_API bool gln_rewriter_match(gln_rewriter *w, gln_rule_id rule,
                                gln_type type);
// States that |new_class| equals |old_class|, and counts.
EG_NODISCARD
GLN_API eg_status gln_rewriter_unite(gln_rewriter *w, gln_rule_id rule,
                                     eg_class old_class, eg_class new_class);

// The first node of a class that is |want|; false when there is none.
GLN_API bool gln_class_find(const gln_lang *lang, eg_class id, gln_node want,
                            eg_node *out);
// At most |max| nodes of a class that are |want|, in order; returns their number.
GLN_API uint32_t gln_class_all(const gln_lang *lang, eg_class id, gln_node want,
                               eg_node *out, uint32_t max);
// The class through its view, if it has one.
GLN_API gln_read gln_class_read(const gln_lang *lang, eg_class id);
// All ways to read the class: as it is, if some kernel is applied to make it, and
// through its views. At most |max|; returns their number.
GLN_API uint32_t gln_class_reads(const gln_lang *lang, eg_class id,
                                 gln_read *out, uint32_t max);
// The highest id of a class so far.
GLN_API uint32_t gln_last_class(const gln_lang *lang);
// The shape of a class of one array.
GLN_API gln_shape gln_class_shape(const gln_lang *lang, eg_class id);
// A copy of arrays of |shape| as a spec; false: more dims than a spec has.
GLN_API bool gln_copy_spec(const gln_shape *shape, gln_spec *out);
// Takes |apply| apart; false when its kernel is no map of one result (or memory ran
// out: the rule then does not apply).
GLN_API bool gln_map_use_read(const gln_rewriter *w, eg_node apply,
                              gln_map_use *out);
GLN_API void gln_map_use_fini(gln_map_use *use);
// The inverse of a view that only orders elements anew, NULL of NULL; the caller
// destroys it. EG_INFEASIBLE: it does more.
EG_NODISCARD
GLN_API eg_status gln_rewriter_inverse(const gln_rewriter *w,
                                       const gln_view *view, gln_view **out);
// The map of |body| over |shape|, applied to |operands|.
EG_NODISCARD
GLN_API eg_status gln_rewriter_map(gln_rewriter *w, const gln_shape *shape,
                                   const gln_scalar_body *body,
                                   const eg_class *operands, eg_class *out);
// |op| of |a| and |b| at each point of |shape|, which has their type.
EG_NODISCARD
GLN_API eg_status gln_rewriter_binary(gln_rewriter *w, gln_scalar_op op,
                                      const gln_shape *shape, eg_class a,
                                      eg_class b, eg_class *out);
// |reduction|, of one operand, of what its view reads of |x|.
EG_NODISCARD
GLN_API eg_status gln_rewriter_reduce(gln_rewriter *w,
                                      const gln_reduction *reduction,
                                      eg_class x, eg_class *out);
// Calls |rule| with each class that was there at the start and is an `apply`, its
// first one, in order; rebuilds.
EG_NODISCARD
GLN_API eg_status gln_rewriter_each_apply(
    gln_rewriter *w,
    eg_status (*rule)(gln_rewriter *w, eg_class id, eg_node apply));

#ifdef __cplusplus
}
#endif
#endif
