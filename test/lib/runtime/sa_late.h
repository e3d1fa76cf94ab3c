// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A backend that keeps commands until sa_wait and then runs its five queues in
// any order that the tokens allow, drawn at random; the work itself is done by
// the functional backend. A program whose tokens order every conflict cannot
// tell the difference; one that forgot a token can.
#ifndef SA_LATE_H
#define SA_LATE_H

#include "sa_backend.h"

#include <stdbool.h>
#include <stdlib.h>

typedef struct late_state {
  void *func;
  sa_cmd *cmds;
  size_t num, capacity;
  uint64_t seed;
} late_state;

// The schedule of the next device, and whether it obeys tokens.
static uint64_t late_seed;
static bool late_ignores_tokens;

static inline sa_status late_open(const sa_machine *machine, void **state,
                                  sa_error *error) {
  late_state *s = calloc(1, sizeof *s);
  s->seed = late_seed;
  *state = s;
  return sa_backend_func.open(machine, &s->func, error);
}

static inline void late_close(void *state) {
  late_state *s = state;
  sa_backend_func.close(s->func);
  free(s->cmds);
  free(s);
}

static inline sa_status late_issue(void *state, const sa_cmd *cmd,
                                   sa_error *error) {
  late_state *s = state;
  (void)error;
  if (s->num == s->capacity) {
    s->capacity = s->capacity * 2 + 64;
    s->cmds = realloc(s->cmds, s->capacity * sizeof *s->cmds);
  }
  s->cmds[s->num++] = *cmd;
  return SA_OK;
}

static inline sa_status late_submit(void *state, sa_fence fence,
                                    sa_error *error) {
  (void)state, (void)fence, (void)error;
  return SA_OK;
}

// The first command at or after |from| of |queue|.
static inline size_t late_next(const late_state *s, size_t from,
                               uint32_t queue) {
  while (from < s->num && s->cmds[from].queue != queue)
    ++from;
  return from;
}

static inline sa_status late_wait(void *state, sa_fence fence,
                                  sa_error *error) {
  late_state *s = state;
  uint64_t tokens[SA_NUM_QUEUES][SA_NUM_QUEUES] = {{0}};
  size_t head[SA_NUM_QUEUES], done = 0;
  sa_status status = SA_OK;
  (void)fence;
  for (uint32_t q = 0; q < SA_NUM_QUEUES; ++q)
    head[q] = late_next(s, 0, q);
  for (int stuck = 0; done < s->num && status == SA_OK;) {
    s->seed = s->seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    uint32_t q = (uint32_t)(s->seed >> 33) % SA_NUM_QUEUES;
    const sa_cmd *cmd = head[q] < s->num ? &s->cmds[head[q]] : NULL;
    uint64_t *token =
        cmd ? &tokens[cmd->u.token.from % 5][cmd->u.token.to % 5] : NULL;
    if (!cmd ||
        (cmd->op == SA_OP_AWAIT && *token == 0 && !late_ignores_tokens)) {
      if (++stuck > 10000) {
        *error = (sa_error){SA_STATE, "late: nothing can run"};
        status = SA_STATE;
      }
      continue;
    }
    if (cmd->op == SA_OP_SIGNAL)
      ++*token;
    else if (cmd->op == SA_OP_AWAIT)
      --*token;
    else
      status = sa_backend_func.issue(s->func, cmd, error);
    head[q] = late_next(s, head[q] + 1, q);
    ++done;
    stuck = 0;
  }
  s->num = 0;
  return status;
}

static const sa_backend late_backend = {.abi = SA_ABI_VERSION,
                                        .name = "late",
                                        .open = late_open,
                                        .close = late_close,
                                        .issue = late_issue,
                                        .submit = late_submit,
                                        .wait = late_wait};

#endif
