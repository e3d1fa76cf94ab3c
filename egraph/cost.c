// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The built-in cost functions. All values are doubles.
//
//   size(f(t1..tn)) = 1 + size(t1) + .. + size(tn)
//   depth           = 1 + max depth(ti)
//   sum             = price(f) + sum(t1) + .. + sum(tn)
#include "internal.h"

static bool less_double(void *user, const void *a, const void *b) {
  (void)user;
  return *(const double *)a < *(const double *)b;
}

// No NaN and nothing negative: both would break the order of the heap.
static bool valid_double(void *user, const void *cost) {
  (void)user;
  return *(const double *)cost >= 0;
}

static double total(const eg_graph *graph, eg_node node,
                    const void *const *children, double start) {
  uint32_t num;
  eg_node_children(graph, node, &num);
  for (uint32_t i = 0; i < num; ++i)
    start += *(const double *)children[i];
  return start;
}

static eg_status size_node(void *user, const eg_graph *graph, eg_node node,
                           const void *const *children, void *out_cost,
                           bool *out_usable) {
  (void)user;
  (void)out_usable;
  *(double *)out_cost = total(graph, node, children, 1);
  return EG_OK;
}

static eg_status depth_node(void *user, const eg_graph *graph, eg_node node,
                            const void *const *children, void *out_cost,
                            bool *out_usable) {
  (void)user;
  (void)out_usable;
  uint32_t num;
  eg_node_children(graph, node, &num);
  double depth = 0;
  for (uint32_t i = 0; i < num; ++i)
    if (depth < *(const double *)children[i])
      depth = *(const double *)children[i];
  *(double *)out_cost = 1 + depth;
  return EG_OK;
}

static eg_status sum_node(void *user, const eg_graph *graph, eg_node node,
                          const void *const *children, void *out_cost,
                          bool *out_usable) {
  (void)out_usable;
  const eg_prices *prices = user;
  double price = prices->price(prices->user, graph, node);
  *(double *)out_cost = total(graph, node, children, price);
  return EG_OK;
}

eg_cost eg_cost_size(void) {
  return (eg_cost){sizeof(double), NULL, size_node, less_double, valid_double};
}

eg_cost eg_cost_depth(void) {
  return (eg_cost){sizeof(double), NULL, depth_node, less_double, valid_double};
}

eg_cost eg_cost_sum(const eg_prices *prices) {
  return (eg_cost){sizeof(double), (void *)(uintptr_t)prices, sum_node,
                   less_double, valid_double};
}
