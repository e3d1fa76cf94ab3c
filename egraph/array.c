// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Memory of a graph: the allocator with a running count, and growing arrays.
#include "internal.h"

static void *resize(eg_graph *graph, void *block, size_t old_size,
                    size_t new_size) {
  void *result =
      graph->allocator.resize(graph->allocator.user, block, old_size, new_size);
  if (!result && new_size)
    return NULL;
  graph->bytes += new_size - old_size;
  if (graph->bytes > graph->peak_bytes)
    graph->peak_bytes = graph->bytes;
  return result;
}

void *egi_resize(eg_graph *graph, void *block, size_t old_size,
                 size_t new_size) {
  if (old_size == new_size)
    return block;
  if (!graph->is_shared)
    return resize(graph, block, old_size, new_size);
  while (atomic_flag_test_and_set_explicit(&graph->lock, memory_order_acquire))
    continue; // for as long as one allocation takes
  void *result = resize(graph, block, old_size, new_size);
  atomic_flag_clear_explicit(&graph->lock, memory_order_release);
  return result;
}

// All EGI_ARRAYs share this shape.
typedef EGI_ARRAY(void) any_array;

eg_status egi_reserve(eg_graph *graph, void *array, size_t extra, size_t size) {
  any_array *a = array;
  if (extra <= a->cap - a->num)
    return EG_OK;
  size_t need = a->num + extra;
  size_t cap = a->cap + a->cap / 2 + 16;
  if (cap < need)
    cap = need;
  if (need < extra || cap > SIZE_MAX / size)
    return egi_fail_at(graph, EG_LIMIT, 0, "array of %zu entries", need);
  void *data = egi_resize(graph, a->data, a->cap * size, cap * size);
  if (!data)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory for %zu bytes",
                       cap * size);
  a->data = data;
  a->cap = cap;
  return EG_OK;
}

void egi_release(eg_graph *graph, void *array, size_t size) {
  any_array *a = array;
  egi_resize(graph, a->data, a->cap * size, 0);
  a->data = NULL;
  a->num = a->cap = 0;
}
