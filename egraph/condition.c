// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Conditions that any language of leaves and numbers can use: a number is a leaf
// that reads as one, by its payload or by its name.
#include "internal.h"

#include <stdlib.h>

// Whether a node is a number, and which.
static bool read_number(const eg_graph *graph, eg_node node, double *out) {
  uint32_t num_children;
  size_t size;
  eg_op op = eg_node_op(graph, node);
  eg_node_children(graph, node, &num_children);
  if (num_children > 0)
    return false;
  const char *text = eg_op_name(graph, op);
  if (eg_op_has_payload(graph, op))
    text = eg_payload_bytes(graph, eg_node_payload(graph, node), &size);
  if (!strchr("+-.0123456789", text[0]))
    return false; // "inf", "nan" and the empty name are no numbers
  char *end;
  *out = strtod(text, &end);
  return end != text && *end == '\0';
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
