// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The table of all rules: what a search may rewrite, and into what.
//
//   gln_rule_set set;
//   if (gln_rules_select("", "fuse-epilogue", "relaxed", &set, &error) != EG_OK)
//     puts(error.text); // no rule is called 'fuse-epilog'; did you mean …
//   if (gln_rule_allowed(&set, GLN_RULE_FUSE_EPILOGUE, GLN_TYPE_F32))
//     …
//
// A row is the rule's name, topic, precision and identity; the code that applies
// it is where the topic says. Constant data; any thread may read it.
#ifndef GLN_RULES_RULES_H
#define GLN_RULES_RULES_H

#include "view/type.h"

#ifdef __cplusplus
extern "C" {
#endif

// X(enumerator, name)
#define GLN_RULE_TOPIC_TABLE(X)                                                \
  X(ALGEBRA, "algebra")                                                        \
  X(LAYOUT, "layout")                                                          \
  X(CONVOLUTION, "convolution")                                                \
  X(BLOCKING, "blocking")                                                      \
  X(FUSION, "fusion")                                                          \
  X(MAPPING, "mapping")

typedef enum gln_rule_topic {
#define GLN_X(id, name) GLN_RULE_TOPIC_##id,
  GLN_RULE_TOPIC_TABLE(GLN_X)
#undef GLN_X
      GLN_NUM_RULE_TOPICS,
} gln_rule_topic;

// How far the two sides of a rule may differ on floats; on integers, which wrap,
// `reassociates` is exact as well.
typedef enum gln_rule_precision {
  GLN_RULE_EXACT,
  GLN_RULE_REASSOCIATES, // other order of additions or products: rounding alone
  GLN_RULE_APPROXIMATES,
} gln_rule_precision;

// X(enumerator, name, topic, precision, identity)
#define GLN_RULE_TABLE(X)                                                      \
  X(HOIST_CONSTANTS, "hoist-constants", ALGEBRA, EXACT,                        \
    "map f(x, V c) = map g(x, V (map h(c))), f(x, c) = g(x, h(c)), c "         \
    "constant")                                                                \
  X(SCALE_WEIGHTS, "scale-weights", ALGEBRA, REASSOCIATES,                     \
    "s[j] Σ_r x[i, r] w[r, j] + t[j] = Σ_r x[i, r] (s[j] w[r, j]) + t[j]")     \
  X(SPLIT_SOFTMAX, "split-softmax", ALGEBRA, REASSOCIATES,                     \
    "softmax x = e / Σ e, e = exp(x - max x)")                                 \
  X(ZERO_POINT, "zero-point", ALGEBRA, REASSOCIATES,                           \
    "Σ_r (x[i, r] - z) w[r, j] = Σ_r x[i, r] w[r, j] - z Σ_r w[r, j], w "      \
    "constant")                                                                \
  X(WIDEN_EXTREMUM, "widen-extremum", ALGEBRA, EXACT,                          \
    "max_r x[i, r] = narrow (max_r (widen x[i, r])), x of a few bits")         \
  X(WIDEN_SUM, "widen-sum", ALGEBRA, APPROXIMATES,                             \
    "Σ_r x[i, r] w[r, j] = narrow (Σ_r x[i, r] w[r, j] in f32), of floats of " \
    "16 bits")                                                                 \
  X(MERGE_MAPS, "merge-maps", FUSION, EXACT,                                   \
    "map f(…, V (map g(y)), …) = V (map f∘g(…, y, …)), V orders elements "     \
    "anew")                                                                    \
  X(SPLIT_MAP, "split-map", FUSION, EXACT,                                     \
    "map f(x) = map h(x, map g(x)), f(x) = h(x, g(x)) a long body")            \
  X(FOLLOW_LAYOUT, "follow-layout", LAYOUT, EXACT,                             \
    "apply K (V x, y) = apply K' (T V x, y), T a transposition, axes of K' "   \
    "so")                                                                      \
  X(PACK_WEIGHTS, "pack-weights", LAYOUT, EXACT,                               \
    "apply K (x, w) = apply K' (x, pack w), w constant, its axes in K' "       \
    "permuted")                                                                \
  X(APPLY_VIEW, "apply-view", LAYOUT, EXACT,                                   \
    "V (W x) = (V∘W) x, of views that a union brought together")               \
  X(CANCEL_PACK, "cancel-pack", LAYOUT, EXACT,                                 \
    "unpack (pack x) = x, pack (unpack x) = x")                                \
  X(IM2COL, "im2col", CONVOLUTION, REASSOCIATES,                               \
    "conv (x, w) = reshape (product (copy (windows x), reshape w)), few "      \
    "channels")                                                                \
  X(BLOCK_ARRAY, "block-array", BLOCKING, REASSOCIATES,                        \
    "contract = block{grid, tile, order, staging} (issue{instruction} tile), " \
    "for each instruction of an array that computes it")                       \
  X(BLOCK_VECTOR, "block-vector", MAPPING, REASSOCIATES,                       \
    "contract, reduce = block{grid, tile, order, staging} (issue tile), on "   \
    "the vector unit")                                                         \
  X(FUSE_EPILOGUE, "fuse-epilogue", FUSION, EXACT,                             \
    "apply (map f) (…, V (apply K x), …) = V (apply compose{K, f} (x, …))")    \
  X(MAP_VECTOR, "map-vector", MAPPING, EXACT,                                  \
    "apply (map f) (x, …) = apply compose{copy, f} (x, …), on the vector "     \
    "unit")

typedef enum gln_rule_id {
#define GLN_X(id, name, topic, precision, identity) GLN_RULE_##id,
  GLN_RULE_TABLE(GLN_X)
#undef GLN_X
      GLN_NUM_RULES,
} gln_rule_id;

typedef struct gln_rule_info {
  const char *name;
  gln_rule_topic topic;
  gln_rule_precision precision;
  const char *identity; // left side = right side, in plain mathematics
} gln_rule_info;

// The row of |rule|, which must be below GLN_NUM_RULES. Never NULL.
GLN_API const gln_rule_info *gln_rule_get_info(gln_rule_id rule);
// The type in which widen-sum sums what a program sums in |type|: f32 for floats
// of 16 bits, else |type| itself.
GLN_API gln_type gln_rule_wide_sum(gln_type type);
GLN_API const char *gln_rule_topic_name(gln_rule_topic topic); // never NULL
GLN_API const char *gln_rule_precision_name(gln_rule_precision precision);

typedef struct gln_rule_counts {
  uint64_t matches; // places where the rule's left side stands
  uint64_t applied; // of them, those that added something
} gln_rule_counts;

//===-- Selection ---------------------------------------------------------===//

// Zero selects nothing.
typedef struct gln_rule_set {
  uint64_t rules;               // a bit each
  gln_rule_precision precision; // at most
} gln_rule_set;

// Every rule, `relaxed`.
GLN_API gln_rule_set gln_rules_all(void);

// The rules that |rules| names (all when it is empty) without those of |without|:
// names of rules and of topics, separated by commas; |precision| is "exact",
// "relaxed" (as empty: reassociates is allowed) or "approximate". NULL is as
// empty. EG_NOT_FOUND: an unknown name, and the nearest there is.
EG_NODISCARD
GLN_API eg_status gln_rules_select(const char *rules, const char *without,
                                   const char *precision, gln_rule_set *out,
                                   eg_error *error);

// Whether |rule| is selected and precise enough for results of |type|.
GLN_API bool gln_rule_allowed(const gln_rule_set *set, gln_rule_id rule,
                              gln_type type);

// A line per rule of |set|: name, topic, precision, identity. Writes at most
// |size| bytes with a terminator and returns the length of the whole text.
GLN_API size_t gln_rules_print(const gln_rule_set *set, char *buffer,
                               size_t size);

#ifdef __cplusplus
}
#endif
#endif
