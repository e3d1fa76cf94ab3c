// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The points that no other point beats in all axes.
//
// A plain array. Most candidates are covered by one of a few points, so a point
// that has just covered something moves to the front of the array and is asked
// first the next time; which points survive does not depend on their order.
#include "rules/blocking_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Whether each byte of |a| is at most that of |b|, all below 128.
static bool levels_at_most(uint32_t a, uint32_t b) {
  const uint32_t high = UINT32_C(0x80808080);
  return (((b | high) - a) & high) == high;
}

static bool covers(const glni_point *a, const glni_point *b) {
  return a->cycles <= b->cycles && a->bytes <= b->bytes &&
         a->energy <= b->energy && levels_at_most(a->levels, b->levels);
}

bool glni_front_covers(glni_front *front, const glni_point *key) {
  for (size_t i = 0; i < front->num; ++i)
    if (covers(&front->points[i], key)) {
      if (i > 0) {
        size_t to = i / 2;
        glni_point p = front->points[i];
        front->points[i] = front->points[to];
        front->points[to] = p;
      }
      return true;
    }
  return false;
}

eg_status glni_front_add(glni_front *front, const glni_point *point,
                         eg_error *error) {
  size_t kept = 0;
  for (size_t i = 0; i < front->num; ++i)
    if (!covers(point, &front->points[i])) {
      if (kept != i)
        front->points[kept] = front->points[i];
      ++kept;
    }
  front->num = kept;
  if (front->num == front->cap) {
    size_t cap = front->cap ? 2 * front->cap : 512;
    glni_point *points = front->allocator->resize(
        front->allocator->user, front->points, front->cap * sizeof *points,
        cap * sizeof *points);
    if (!points)
      return gln_fail(error, EG_NO_MEMORY, "no memory for %zu blockings", cap);
    front->points = points;
    front->cap = cap;
  }
  front->points[front->num++] = *point;
  return EG_OK;
}

void glni_front_fini(glni_front *front) {
  if (front->cap)
    front->allocator->resize(front->allocator->user, front->points,
                             front->cap * sizeof *front->points, 0);
  front->points = NULL;
  front->num = front->cap = 0;
}

//===-- Thinning ----------------------------------------------------------===//

static int sign(double a, double b) {
  return a < b ? -1 : a > b;
}

// A total order: two points of a front differ in a key.
static int compare(const void *a, const void *b) {
  const glni_point *p = a, *q = b;
  int by = sign(p->cycles, q->cycles);
  if (by == 0)
    by = sign(p->bytes, q->bytes);
  if (by == 0)
    by = sign(p->energy, q->energy);
  return by ? by : sign(p->levels, q->levels);
}

enum { NUM_AXES = 3 + GLN_NUM_MEMORIES };

static double axis_of(const glni_point *p, size_t axis) {
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
      double at = places[i].at[axis] = axis_of(&front->points[i], axis);
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
    const glni_point *p = &front->points[i];
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

eg_status glni_front_thin(glni_front *front, size_t most, eg_error *error) {
  if (front->num == 0)
    return EG_OK;
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
