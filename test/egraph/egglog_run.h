// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the tests of egglog programs share: a program with its output, and each
// of its allocations failing once.
#ifndef TEST_EGRAPH_EGGLOG_RUN_H
#define TEST_EGRAPH_EGGLOG_RUN_H

#include "eg_egglog.h"
#include "graphs.h"

typedef struct run {
  eg_egglog *program;
  eg_status status;
  text_buffer said;
} run;

static inline const char *include_one(void *user, const char *path) {
  (void)user;
  return strcmp(path, "edges") == 0 ? "(relation edge (i64 i64)) (edge 1 2)"
                                    : NULL;
}

static inline void start(run *r, eg_limits limits) {
  eg_allocator memory = eg_allocator_default();
  eg_egglog_options options = {.limits = limits,
                               .output = buffer_writer(&r->said),
                               .include = include_one};
  CHECK_EQ(eg_egglog_create(&memory, &options, &r->program), EG_OK);
}

static inline void finish(run *r) {
  CHECK_EQ(eg_check(eg_egglog_graph(r->program)), EG_OK);
  eg_egglog_destroy(r->program);
  free(r->said.data);
}

static inline const char *said(const run *r) {
  return r->said.data ? r->said.data : "";
}

// Runs a text to its end, or says why not.
static inline bool runs(run *r, const char *text) {
  r->status = eg_egglog_run(r->program, text);
  if (r->status != EG_OK)
    printf("  %s\n  %s\n", text, eg_egglog_error(r->program)->text);
  CHECK_EQ(r->status, EG_OK);
  return r->status == EG_OK;
}

// A program of its own that runs to its end and prints |want|.
static inline void prints(const char *text, const char *want) {
  run r = {0};
  start(&r, eg_limits_default());
  runs(&r, text);
  CHECK_STR(said(&r), want);
  finish(&r);
}

typedef struct failing {
  uint64_t left; // allocations that succeed
  int64_t bytes;
} failing;

static inline void *failing_resize(void *user, void *block, size_t old_size,
                                   size_t new_size) {
  failing *f = user;
  if (new_size == 0) {
    f->bytes -= (int64_t)old_size;
    free(block);
    return NULL;
  }
  if (new_size > old_size && f->left-- == 0) {
    f->left = 0;
    return NULL;
  }
  f->bytes += (int64_t)new_size - (int64_t)old_size;
  return realloc(block, new_size);
}

// Every allocation of a program fails once: a status, no leak, no crash.
static inline void expect_failures(const char *text) {
  bool done = false;
  for (uint64_t n = 0; !done && n < 100000; ++n) {
    failing f = {.left = n};
    eg_allocator memory = {failing_resize, &f};
    eg_egglog_options options = {.limits = eg_limits_default()};
    eg_egglog *program;
    eg_status status = eg_egglog_create(&memory, &options, &program);
    if (status == EG_OK)
      status = eg_egglog_run(program, text);
    done = status == EG_OK;
    if (!done)
      CHECK_EQ(status, EG_NO_MEMORY);
    eg_egglog_destroy(program);
    CHECK_EQ(f.bytes, 0);
  }
  CHECK(done);
}

#endif
