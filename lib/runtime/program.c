// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Devices for compiled programs, one per kind and thread.
#include "sa_program.h"

#include <stdio.h>
#include <string.h>

enum { MAX_DEVICES = 8 }; // points times element types of one thread

static _Thread_local struct {
  sa_dev *used; // of sa_program_use
  sa_dev *opened[MAX_DEVICES];
  sa_point points[MAX_DEVICES];
  sa_counters seen[MAX_DEVICES + 1]; // at the last wait; the last of |used|
  size_t num_opened;
  sa_error error;
  sa_program_visit visit;
  void *user;
} thread;

static void fail(sa_status status, const char *layer, const char *text) {
  if (thread.error.status != SA_OK)
    return;
  thread.error.status = status;
  char *out = thread.error.text;
  size_t room = sizeof thread.error.text;
  int used = layer && *layer ? snprintf(out, room, "%.100s: ", layer) : 0;
  snprintf(out + used, room - (size_t)used, "%.*s",
           (int)(room - (size_t)used - 1), text);
}

//===-- Devices -----------------------------------------------------------===//

// Names the first number in which |dev| falls short of |point|; false if none.
static int differs(const sa_point *point, sa_dev *dev, char *text,
                   size_t size) {
  const sa_hw *want = &point->hw, *have = sa_hw_of(dev);
  const struct {
    const char *name;
    uint32_t want, have;
    int exact;
  } numbers[] = {{"rows", want->rows, have->rows, 1},
                 {"cols", want->cols, have->cols, 1},
                 {"lanes", want->lanes, have->lanes, 1},
                 {"abuf_bytes", want->abuf_bytes, have->abuf_bytes, 0},
                 {"wbuf_bytes", want->wbuf_bytes, have->wbuf_bytes, 0},
                 {"acc_bytes", want->acc_bytes, have->acc_bytes, 0}};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; ++i)
    if (numbers[i].exact ? numbers[i].want != numbers[i].have
                         : numbers[i].want > numbers[i].have) {
      snprintf(text, size,
               "compiled for %s with %s = %u, but the device has %u: compile "
               "it for this device",
               point->target, numbers[i].name, numbers[i].want,
               numbers[i].have);
      return 1;
    }
  if (want->caps & ~have->caps) {
    snprintf(text, size,
             "compiled for %s with capabilities %#x, but the device has %#x: "
             "compile it for this device",
             point->target, want->caps, have->caps);
    return 1;
  }
  return 0;
}

// The types that a device was opened with show in its capacities alone.
static int types_differ(const sa_point *point, sa_dev *dev, char *text,
                        size_t size) {
  uint32_t in = sa_type_bytes(point->in), acc = sa_type_bytes(point->acc);
  const sa_hw *hw = sa_hw_of(dev);
  if (in && acc &&
      sa_num_rows(dev, SA_ABUF) == hw->abuf_bytes / (hw->rows * in) &&
      sa_num_rows(dev, SA_ACC) == hw->acc_bytes / (hw->cols * acc))
    return 0;
  snprintf(text, size,
           "compiled for %s with elements %s and %s, but the device was "
           "opened with others",
           point->target, sa_type_name(point->in), sa_type_name(point->acc));
  return 1;
}

static int same_point(const sa_point *a, const sa_point *b) {
  return a->in == b->in && a->acc == b->acc &&
         memcmp(&a->hw, &b->hw, sizeof a->hw) == 0;
}

static sa_dev *open_own(const sa_point *point) {
  for (size_t i = 0; i < thread.num_opened; ++i)
    if (same_point(&thread.points[i], point))
      return thread.opened[i];
  if (thread.num_opened == MAX_DEVICES) {
    fail(SA_NO_MEMORY, point->target,
         "one thread runs programs for at most 8 devices");
    return NULL;
  }
  sa_config config = {.hw = point->hw, .in = point->in, .acc = point->acc};
  sa_error error;
  sa_dev *dev;
  if (sa_open(&config, &dev, &error) != SA_OK) {
    fail(error.status, point->target, error.text);
    return NULL;
  }
  thread.points[thread.num_opened] = *point;
  thread.seen[thread.num_opened] = (sa_counters){.macs = 0};
  thread.opened[thread.num_opened++] = dev;
  return dev;
}

sa_dev *sa_program_device(const sa_point *point) {
  char text[sizeof thread.error.text];
  if (!thread.used)
    return open_own(point);
  if (!differs(point, thread.used, text, sizeof text) &&
      !types_differ(point, thread.used, text, sizeof text))
    return thread.used;
  fail(SA_UNSUPPORTED, NULL, text);
  return NULL;
}

//===-- Waiting -----------------------------------------------------------===//

static uint64_t since(uint64_t now, uint64_t before) {
  return now >= before ? now - before : now;
}

// The counters are 64-bit integers but for the energy.
static void tell(sa_dev *dev, const char *layer) {
  sa_counters now, part;
  size_t index = 0;
  while (index < thread.num_opened && thread.opened[index] != dev)
    ++index;
  sa_counters *was =
      &thread.seen[index < thread.num_opened ? index : MAX_DEVICES];
  sa_stats(dev, &now);
  part = now;
  for (int i = 0; i < SA_NUM_OPS; ++i)
    part.commands[i] = since(now.commands[i], was->commands[i]);
  part.macs = since(now.macs, was->macs);
  part.vector_elements = since(now.vector_elements, was->vector_elements);
  for (int i = 0; i < SA_NUM_LEVELS; ++i) {
    sa_level *level = &part.level[i];
    level->read_bytes = since(level->read_bytes, was->level[i].read_bytes);
    level->written_bytes =
        since(level->written_bytes, was->level[i].written_bytes);
    level->requests = since(level->requests, was->level[i].requests);
  }
  part.cycles = since(now.cycles, was->cycles);
  for (int i = 0; i < SA_NUM_QUEUES; ++i) {
    part.busy[i] = since(now.busy[i], was->busy[i]);
    part.stalled[i] = since(now.stalled[i], was->stalled[i]);
  }
  part.energy_pj = now.energy_pj - was->energy_pj;
  *was = now;
  thread.visit(thread.user, layer, &part);
}

void sa_program_wait(sa_dev *dev, const char *layer) {
  if (!dev)
    return;
  sa_status status = sa_wait(dev, SA_ALL);
  if (status != SA_OK)
    fail(status, layer, sa_last_error(dev)->text);
  if (thread.visit)
    tell(dev, layer);
}

//===-- For who runs them -------------------------------------------------===//

void sa_program_use(sa_dev *dev) {
  thread.used = dev;
  thread.seen[MAX_DEVICES] = (sa_counters){.macs = 0};
  if (dev)
    sa_stats(dev, &thread.seen[MAX_DEVICES]);
}

const sa_error *sa_program_error(void) {
  return &thread.error;
}

void sa_program_watch(sa_program_visit visit, void *user) {
  thread.visit = visit;
  thread.user = user;
}

void sa_program_reset(void) {
  for (size_t i = 0; i < thread.num_opened; ++i)
    sa_close(thread.opened[i]);
  thread.num_opened = 0;
  thread.error = (sa_error){.status = SA_OK};
}
