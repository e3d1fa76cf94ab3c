// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Enumerating blockings takes most of a saturation and touches no graph, so
// threads share it; adding nodes stays where it was, in the order it had.
#include "design/mapping_internal.h"

#include "view/try.h"

#include <string.h>

static void find(void *user, uint32_t index) {
  const glni_mapper *m = user;
  glni_ahead *a = &m->ahead[index];
  const eg_limits *l = m->rewriter->limits;
  if (l->cancel && l->cancel(l->user))
    return; // nobody will ask for it
  // Not the mapper's memory, which is of one thread.
  eg_allocator memory = eg_allocator_default();
  a->status = gln_blockings_create(&memory, m->target, a->array, &a->spec,
                                   m->options, &a->blockings, &a->why);
}

static eg_status add(glni_mapper *m, const gln_spec *spec, uint8_t array) {
  eg_allocator memory = eg_allocator_default();
  if (m->num_ahead == m->cap_ahead) {
    uint32_t cap = m->cap_ahead ? 2 * m->cap_ahead : 64;
    void *grown =
        memory.resize(memory.user, m->ahead, m->cap_ahead * sizeof *m->ahead,
                      cap * sizeof *m->ahead);
    if (!grown)
      return gln_fail(m->error, EG_NO_MEMORY, "no memory to look ahead");
    m->ahead = grown;
    m->cap_ahead = cap;
  }
  glni_ahead *a = &m->ahead[m->num_ahead++];
  memset(a, 0, sizeof *a);
  a->spec = *spec;
  a->array = array;
  a->status = EG_NOT_FOUND; // until it is looked for
  return EG_OK;
}

eg_status glni_look_ahead(glni_mapper *m, eg_class last) {
  if (!m->pool || m->pool->num_threads < 2)
    return EG_OK;
  eg_graph *graph = m->lang->graph;
  for (eg_class id = {0};
       (id = eg_class_next(graph, id)).id && id.id <= last.id;) {
    eg_node node;
    gln_spec spec;
    if (eg_class_sort(graph, id).id != m->lang->kernel.id ||
        gln_is_superseded(m->rewriter, id) ||
        !gln_class_find(m->lang, id, GLN_NODE_CONTRACT, &node) ||
        !gln_node_spec(m->lang, node, &spec) ||
        !gln_rule_allowed(m->rewriter->rules, GLN_RULE_BLOCK_ARRAY,
                          spec.result))
      continue;
    for (uint8_t a = 0; a < m->target->num_arrays; ++a)
      GLN_TRY(add(m, &spec, a));
  }
  m->pool->run(m->pool->user, find, m, m->num_ahead);
  return EG_OK;
}

eg_status glni_blockings_of(glni_mapper *m, const gln_spec *spec, uint8_t array,
                            gln_blockings *out, eg_error *why) {
  for (uint32_t i = 0; i < m->num_ahead; ++i) {
    glni_ahead *a = &m->ahead[i];
    if (a->array != array || !gln_spec_equal(&a->spec, spec) ||
        a->status == EG_NOT_FOUND)
      continue;
    eg_status status = a->status;
    *out = a->blockings;
    *why = a->why;
    a->status = EG_NOT_FOUND; // the caller has them
    return status;
  }
  eg_allocator memory = eg_allocator_default();
  return gln_blockings_create(&memory, m->target, array, spec, m->options, out,
                              why);
}

void glni_ahead_fini(glni_mapper *m) {
  eg_allocator memory = eg_allocator_default();
  for (uint32_t i = 0; i < m->num_ahead; ++i)
    if (m->ahead[i].status == EG_OK)
      gln_blockings_fini(&memory, &m->ahead[i].blockings);
  memory.resize(memory.user, m->ahead, m->cap_ahead * sizeof *m->ahead, 0);
}
