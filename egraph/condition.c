// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Conditions that any language of leaves and numbers can use: a number is a leaf
// that reads as one, by its payload or by its name. Last, what a checker of
// proofs can say of them from terms alone.
#include "internal.h"

#include <stdlib.h>

bool egi_read_number(const eg_graph *graph, eg_op op, eg_payload payload,
                     uint32_t num_children, double *out) {
  size_t size;
  if (num_children > 0)
    return false;
  const char *text = eg_op_name(graph, op);
  if (eg_op_has_payload(graph, op))
    text = eg_payload_bytes(graph, payload, &size);
  if (!strchr("+-.0123456789", text[0]))
    return false; // "inf", "nan" and the empty name are no numbers
  char *end;
  *out = strtod(text, &end);
  return end != text && *end == '\0';
}

static bool read_number(const eg_graph *graph, eg_node node, double *out) {
  uint32_t num_children;
  eg_node_children(graph, node, &num_children);
  return egi_read_number(graph, eg_node_op(graph, node),
                         eg_node_payload(graph, node), num_children, out);
}

// Whether the class has a number; |zero| asks for one that is, or is not, 0.
static bool has_number(const eg_graph *graph, eg_class id, bool any,
                       bool zero) {
  uint32_t num;
  const eg_node *nodes = eg_class_nodes(graph, id, &num);
  for (uint32_t i = 0; i < num; ++i) {
    double value;
    if (read_number(graph, nodes[i], &value) && (any || (value == 0) == zero))
      return true;
  }
  return false;
}

static bool each(const eg_graph *graph, const eg_match *match, bool any,
                 bool zero, bool wanted) {
  for (uint32_t i = 0; i < match->num_vars; ++i)
    if (has_number(graph, match->vars[i], any, zero) != wanted)
      return false;
  return true;
}

static bool number(void *user, const eg_graph *graph, const eg_match *match) {
  (void)user;
  return each(graph, match, true, false, true);
}

static bool not_number(void *user, const eg_graph *graph,
                       const eg_match *match) {
  (void)user;
  return each(graph, match, true, false, false);
}

static bool not_zero(void *user, const eg_graph *graph, const eg_match *match) {
  (void)user;
  return each(graph, match, false, true, false);
}

static bool distinct(void *user, const eg_graph *graph, const eg_match *match) {
  (void)user;
  for (uint32_t i = 0; i < match->num_vars; ++i)
    for (uint32_t k = 0; k < i; ++k)
      if (eg_find(graph, match->vars[i]).id ==
          eg_find(graph, match->vars[k]).id)
        return false;
  return true;
}

const eg_named_condition *eg_standard_conditions(uint32_t *out_count) {
  static const eg_named_condition all[] = {
      {"distinct", distinct, NULL},
      {"number", number, NULL},
      {"not-number", not_number, NULL},
      {"not-zero", not_zero, NULL},
  };
  *out_count = sizeof all / sizeof *all;
  return all;
}

//===-- Judging from terms ------------------------------------------------===//

// Which of the arguments are known to be numbers, which of these are 0.
typedef struct numbers {
  uint32_t num, zeros;
} numbers;

static bool known_number(const eg_proof *proof, eg_proof_term term,
                         double *out) {
  uint32_t num_children;
  eg_proof_term_children(proof, term, &num_children);
  return egi_read_number(eg_proof_graph(proof), eg_proof_term_op(proof, term),
                         eg_proof_term_payload(proof, term), num_children, out);
}

static numbers count_numbers(const eg_proof *proof, const eg_guard *guard) {
  numbers n = {0};
  double value;
  for (uint32_t i = 0; i < guard->num; ++i)
    if (known_number(proof, guard->known[i], &value)) {
      ++n.num;
      n.zeros += value == 0;
    }
  return n;
}

static eg_verdict judge_distinct(const eg_proof *proof, const eg_guard *guard) {
  eg_verdict verdict = EG_HOLDS;
  for (uint32_t i = 0; i < guard->num; ++i)
    for (uint32_t k = 0; k < i; ++k) {
      double a, b;
      if (guard->known[i].id == guard->known[k].id)
        return EG_FAILS;
      if (!known_number(proof, guard->known[i], &a) ||
          !known_number(proof, guard->known[k], &b) || a == b)
        verdict = EG_UNDECIDED;
    }
  return verdict;
}

eg_verdict eg_standard_judge(void *user, const eg_proof *proof,
                             const eg_guard *guard) {
  (void)user;
  numbers n = count_numbers(proof, guard);
  bool all = n.num == guard->num;
  if (strcmp(guard->condition, "number") == 0)
    return all ? EG_HOLDS : EG_UNDECIDED;
  if (strcmp(guard->condition, "not-number") == 0)
    return n.num ? EG_FAILS : EG_UNDECIDED;
  if (strcmp(guard->condition, "not-zero") == 0)
    return n.zeros ? EG_FAILS : all ? EG_HOLDS : EG_UNDECIDED;
  if (strcmp(guard->condition, "distinct") == 0)
    return judge_distinct(proof, guard);
  return EG_UNDECIDED;
}
