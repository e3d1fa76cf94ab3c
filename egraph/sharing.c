// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sharing.h"

static void *resize(const eg_graph *graph, void *block, size_t old_size,
                    size_t new_size) {
  return graph->allocator.resize(graph->allocator.user, block, old_size,
                                 new_size);
}

// Parcels of a range are a block of their own: they are as large as they can ever
// have to be, and in smaller blocks what is never touched is never there.
egi_sharing *egi_sharing_create(eg_graph *graph) {
  egi_sharing *s = resize(graph, NULL, 0, sizeof *s);
  bool all = s;
  if (!s)
    return NULL;
  s->graph = graph;
  s->team = NULL;
  for (uint32_t r = 0; r < EGI_SHARDS; ++r) {
    s->parcels[r] =
        all ? resize(graph, NULL, 0, EGI_SHARDS * sizeof(egi_parcel)) : NULL;
    all = s->parcels[r];
  }
  if (all)
    return s;
  egi_sharing_destroy(graph, s);
  return NULL;
}

typedef struct shared {
  eg_graph *graph;
  eg_status (*work)(void *user);
  void *user;
} shared;

static eg_status lead(void *argument, egi_team *team) {
  const shared *s = argument;
  s->graph->sharing->team = team;
  eg_status status = s->work(s->user);
  s->graph->sharing->team = NULL;
  return status;
}

eg_status egi_share(eg_graph *graph, eg_status (*work)(void *user),
                    void *user) {
  shared s = {graph, work, user};
  return egi_team_gather(graph->pool, lead, &s);
}

void egi_sharing_destroy(eg_graph *graph, egi_sharing *s) {
  for (uint32_t r = 0; s && r < EGI_SHARDS; ++r)
    if (s->parcels[r])
      resize(graph, s->parcels[r], EGI_SHARDS * sizeof(egi_parcel), 0);
  if (s)
    resize(graph, s, sizeof *s, 0);
}
