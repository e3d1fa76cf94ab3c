// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The points that no other point beats in all axes.
//
// Points of equal levels are a list, and each list knows the least of its
// points in every axis: most lists are passed over by that alone. Most candidates
// are covered by one of a few lists, so one that has just covered something moves
// towards the front and is asked earlier the next time; which points survive does
// not depend on their order. (One array of 1,500 points took four fifths of the
// time of the search.)
#include "rules/blocking_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Whether each byte of |a| is at most that of |b|, all below 128.
static bool levels_at_most(uint32_t a, uint32_t b) {
  const uint32_t high = UINT32_C(0x80808080);
  return (((b | high) - a) & high) == high;
}

// Without branches: which axis decides is anybody's guess.
static bool covers(const glni_key *a, const glni_key *b) {
  return (a->cycles <= b->cycles) & (a->bytes <= b->bytes) &
         (a->energy <= b->energy) & levels_at_most(a->levels, b->levels);
}

bool glni_front_covers(glni_front *front, const glni_key *key) {
  for (size_t i = 0; i < front->num_buckets; ++i) {
    if (!covers(&front->buckets[i].least, key))
      continue;
    for (uint32_t at = front->buckets[i].first; at;) {
      const glni_slot *slot = &front->slots[at - 1];
      if (covers(&slot->key, key)) {
        glni_bucket b = front->buckets[i];
        front->buckets[i] = front->buckets[i / 2];
        front->buckets[i / 2] = b;
        return true;
      }
      at = slot->next;
    }
  }
  return false;
}

// |block| with room for |cap| elements instead of |old|; NULL without memory.
static void *resize(const glni_front *front, void *block, size_t size,
                    size_t old, size_t cap) {
  return front->allocator->resize(front->allocator->user, block, old * size,
                                  cap * size);
}

static eg_status no_memory(size_t num, eg_error *error) {
  return gln_fail(error, EG_NO_MEMORY, "no memory for %zu blockings", num);
}

static eg_status grow_slots(glni_front *front, eg_error *error) {
  size_t old = front->cap, cap = old ? 2 * old : 512;
  glni_point *points = resize(front, NULL, sizeof *points, 0, cap);
  glni_slot *slots =
      points ? resize(front, front->slots, sizeof *slots, old, cap) : NULL;
  if (!slots) {
    if (points)
      resize(front, points, sizeof *points, cap, 0);
    return no_memory(cap, error);
  }
  if (old > 0) {
    memcpy(points, front->points, old * sizeof *points);
    resize(front, front->points, sizeof *points, old, 0);
  }
  front->slots = slots;
  front->points = points;
  front->cap = cap;
  return EG_OK;
}

// The bucket of |levels|, made when it is not there; NULL without memory.
static glni_bucket *bucket_of(glni_front *front, uint32_t levels) {
  for (size_t i = 0; i < front->num_buckets; ++i)
    if (front->buckets[i].least.levels == levels)
      return &front->buckets[i];
  size_t old = front->cap_buckets;
  if (front->num_buckets == old) {
    size_t cap = old ? 2 * old : 64;
    glni_bucket *buckets =
        resize(front, front->buckets, sizeof *buckets, old, cap);
    if (!buckets)
      return NULL;
    front->buckets = buckets;
    front->cap_buckets = cap;
  }
  glni_bucket *b = &front->buckets[front->num_buckets++];
  *b = (glni_bucket){{INFINITY, INFINITY, INFINITY, levels}, 0};
  return b;
}

// Frees the slots that |key| covers.
static void drop_covered(glni_front *front, const glni_key *key) {
  for (size_t i = 0; i < front->num_buckets; ++i) {
    if (!levels_at_most(key->levels, front->buckets[i].least.levels))
      continue;
    uint32_t *link = &front->buckets[i].first;
    while (*link) {
      uint32_t at = *link;
      glni_slot *slot = &front->slots[at - 1];
      if (!covers(key, &slot->key)) {
        link = &slot->next;
        continue;
      }
      *link = slot->next;
      slot->next = front->free;
      front->free = at;
      --front->num;
    }
  }
}

static uint32_t take_slot(glni_front *front) {
  uint32_t at = front->free;
  if (at)
    front->free = front->slots[at - 1].next;
  else
    at = (uint32_t)++front->num_slots;
  ++front->num;
  return at;
}

eg_status glni_front_add(glni_front *front, const glni_point *point,
                         eg_error *error) {
  const glni_key *key = &point->key;
  glni_bucket *b = bucket_of(front, key->levels);
  if (!b)
    return no_memory(front->num + 1, error);
  drop_covered(front, key);
  eg_status status = front->free || front->num_slots < front->cap
                         ? EG_OK
                         : grow_slots(front, error);
  if (status != EG_OK)
    return status;
  uint32_t at = take_slot(front);
  front->slots[at - 1] = (glni_slot){*key, b->first};
  front->points[at - 1] = *point;
  b->first = at;
  b->least.cycles = fmin(b->least.cycles, key->cycles);
  b->least.bytes = fmin(b->least.bytes, key->bytes);
  b->least.energy = fmin(b->least.energy, key->energy);
  return EG_OK;
}

void glni_front_fini(glni_front *front) {
  if (front->cap > 0) {
    resize(front, front->slots, sizeof *front->slots, front->cap, 0);
    resize(front, front->points, sizeof *front->points, front->cap, 0);
  }
  if (front->cap_buckets > 0)
    resize(front, front->buckets, sizeof *front->buckets, front->cap_buckets,
           0);
  *front = (glni_front){.allocator = front->allocator};
}

//===-- Thinning ----------------------------------------------------------===//

static int sign(double a, double b) {
  return a < b ? -1 : a > b;
}

// A total order: two points of a front differ in a key.
static int compare(const void *a, const void *b) {
  const glni_key *p = &((const glni_point *)a)->key;
  const glni_key *q = &((const glni_point *)b)->key;
  int by = sign(p->cycles, q->cycles);
  if (by == 0)
    by = sign(p->bytes, q->bytes);
  if (by == 0)
    by = sign(p->energy, q->energy);
  return by ? by : sign(p->levels, q->levels);
}

enum { NUM_AXES = 3 + GLN_NUM_MEMORIES };

static double axis_of(const glni_key *p, size_t axis) {
  switch (axis) {
  case 0:
    return log(p->cycles);
  case 1:
    return log(p->bytes);
  case 2:
    return log(p->energy);
  default:
    return (double)(p->levels >> (8 * (axis - 3)) & 0xff);
  }
}

typedef struct place {
  double at[NUM_AXES]; // each axis from 0 to 1 over the front
  double distance;     // to the nearest chosen point; < 0 = chosen
} place;

static void make_places(const glni_front *front, place *places) {
  for (size_t axis = 0; axis < NUM_AXES; ++axis) {
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < front->num; ++i) {
      double at = places[i].at[axis] = axis_of(&front->points[i].key, axis);
      least = at < least ? at : least;
      most = at > most ? at : most;
    }
    for (size_t i = 0; i < front->num && most > least; ++i)
      places[i].at[axis] = (places[i].at[axis] - least) / (most - least);
    for (size_t i = 0; i < front->num && most <= least; ++i)
      places[i].at[axis] = 0;
  }
}

static size_t choose(place *places, size_t num, size_t index) {
  if (places[index].distance < 0)
    return 0;
  for (size_t i = 0; i < num; ++i) {
    double sum = 0;
    for (size_t a = 0; a < NUM_AXES; ++a) {
      double d = places[i].at[a] - places[index].at[a];
      sum += d * d;
    }
    if (sum < places[i].distance)
      places[i].distance = sum;
  }
  places[index].distance = -1;
  return 1;
}

// The first of the points that are best in an axis; NUM_AXES is cycles x energy.
static size_t best_of(const glni_front *front, size_t axis) {
  size_t best = 0;
  double least = INFINITY;
  for (size_t i = 0; i < front->num; ++i) {
    const glni_key *p = &front->points[i].key;
    double at = axis < NUM_AXES ? axis_of(p, axis) : p->cycles * p->energy;
    if (at < least) {
      least = at;
      best = i;
    }
  }
  return best;
}

// Farthest point first: the next chosen is the one farthest from all chosen.
static void choose_spread(const glni_front *front, place *places, size_t most) {
  size_t chosen = 0;
  for (size_t i = 0; i < front->num; ++i)
    places[i].distance = INFINITY;
  for (size_t axis = 0; axis <= NUM_AXES && chosen < most; ++axis)
    chosen += choose(places, front->num, best_of(front, axis));
  while (chosen < most) {
    size_t farthest = 0;
    for (size_t i = 1; i < front->num; ++i)
      if (places[i].distance > places[farthest].distance)
        farthest = i;
    chosen += choose(places, front->num, farthest);
  }
}

// Moves the points that are in use to the beginning.
static void compact(glni_front *front) {
  while (front->free) {
    glni_slot *slot = &front->slots[front->free - 1];
    front->free = slot->next;
    slot->next = UINT32_MAX; // nobody's
  }
  size_t kept = 0;
  for (size_t i = 0; i < front->num_slots; ++i)
    if (front->slots[i].next != UINT32_MAX)
      front->points[kept++] = front->points[i];
}

eg_status glni_front_thin(glni_front *front, size_t most, eg_error *error) {
  if (front->num == 0)
    return EG_OK;
  compact(front);
  qsort(front->points, front->num, sizeof *front->points, compare);
  if (front->num <= most)
    return EG_OK;
  const eg_allocator *a = front->allocator;
  size_t bytes = front->num * sizeof(place);
  place *places = a->resize(a->user, NULL, 0, bytes);
  if (!places)
    return gln_fail(error, EG_NO_MEMORY, "no memory to thin %zu blockings",
                    front->num);
  make_places(front, places);
  choose_spread(front, places, most);
  size_t kept = 0;
  for (size_t i = 0; i < front->num; ++i)
    if (places[i].distance < 0)
      front->points[kept++] = front->points[i];
  front->num = kept;
  a->resize(a->user, places, bytes, 0);
  return EG_OK;
}
