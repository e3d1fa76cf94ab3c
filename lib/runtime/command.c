// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The calls that make commands, and the one path that all commands take:
// check, keep when recording, run, take note of what was written.
#include "runtime_internal.h"

#include <string.h>

static sa_status fail(sa_dev *dev, sa_status status) {
  if (dev->first.status == SA_OK)
    dev->first = dev->last;
  return status;
}

static sa_status record(sa_dev *dev, const sa_cmd *cmd) {
  sa_prog *prog = dev->recording;
  if (prog->num == prog->capacity) {
    size_t capacity = prog->capacity * 2 + 16;
    sa_cmd *grown =
        sai_resize(&prog->allocator, prog->cmds, prog->capacity * sizeof *grown,
                   capacity * sizeof *grown);
    if (!grown)
      return sai_reject(dev, cmd, SA_NO_MEMORY,
                        "no memory to record %zu commands", capacity);
    prog->cmds = grown;
    prog->capacity = capacity;
  }
  prog->cmds[prog->num++] = *cmd;
  return SA_OK;
}

static sa_status run(sa_dev *dev, const sa_cmd *cmd) {
  if (!dev)
    return SA_INVALID; // a program goes on where it was given no device
  bool keep = dev->recording != NULL;
  sa_status status = sai_check(dev, cmd);
  if (status == SA_OK)
    status = sai_check_rows(dev, cmd, false);
  if (status == SA_OK && keep)
    status = record(dev, cmd);
  else if (status == SA_OK) {
    status = sai_check_state(dev, cmd);
    if (status == SA_OK)
      status = sai_check_rows(dev, cmd, true);
    if (status == SA_OK)
      status = dev->backend->issue(dev->state, cmd, &dev->last);
    if (status == SA_OK)
      sai_commit(dev, cmd);
  }
  return status == SA_OK ? SA_OK : fail(dev, status);
}

static sa_cmd make(sa_op op, sa_queue queue, const int64_t origin[5]) {
  sa_cmd cmd = {.op = (uint32_t)op, .queue = (uint32_t)queue};
  if (origin)
    memcpy(cmd.origin, origin, sizeof cmd.origin);
  return cmd;
}

sa_status sa_load(sa_dev *dev, const sa_load_desc *desc, const void *tensor,
                  const int64_t origin[5], int32_t row) {
  sa_cmd cmd = make(SA_OP_LOAD, SA_Q_LOAD, origin);
  cmd.u.load = *desc;
  cmd.tensor = tensor;
  cmd.dst = row;
  return run(dev, &cmd);
}

sa_status sa_loadw(sa_dev *dev, const sa_load_desc *desc, const void *tensor,
                   const int64_t origin[5], int32_t row) {
  sa_cmd cmd = make(SA_OP_LOADW, SA_Q_LOADW, origin);
  cmd.u.load = *desc;
  cmd.tensor = tensor;
  cmd.dst = row;
  return run(dev, &cmd);
}

sa_status sa_preload(sa_dev *dev, uint32_t bank, int32_t wrow, uint32_t wcol,
                     uint32_t k, uint32_t n) {
  sa_cmd cmd = make(SA_OP_PRELOAD, SA_Q_EXEC, NULL);
  cmd.b = wrow;
  cmd.u.preload.bank = bank;
  cmd.u.preload.wcol = wcol;
  cmd.u.preload.k = k;
  cmd.u.preload.n = n;
  return run(dev, &cmd);
}

sa_status sa_gemm(sa_dev *dev, const sa_gemm_desc *desc, int32_t arow,
                  int32_t crow) {
  sa_cmd cmd = make(SA_OP_GEMM, SA_Q_EXEC, NULL);
  cmd.u.gemm = *desc;
  cmd.a = arow;
  cmd.dst = crow;
  return run(dev, &cmd);
}

sa_status sa_gemm_os(sa_dev *dev, const sa_gemm_os_desc *desc, int32_t arow,
                     int32_t wrow, int32_t crow) {
  sa_cmd cmd = make(SA_OP_GEMM_OS, SA_Q_EXEC, NULL);
  cmd.u.gemm_os = *desc;
  cmd.a = arow;
  cmd.b = wrow;
  cmd.dst = crow;
  return run(dev, &cmd);
}

sa_status sa_alu(sa_dev *dev, const sa_alu_desc *desc, int32_t dst, int32_t a,
                 int32_t b) {
  sa_cmd cmd = make(SA_OP_ALU, SA_Q_VECTOR, NULL);
  cmd.u.alu = *desc;
  cmd.dst = dst;
  cmd.a = a;
  cmd.b = b;
  return run(dev, &cmd);
}

sa_status sa_store(sa_dev *dev, const sa_store_desc *desc, void *tensor,
                   const int64_t origin[5], int32_t row) {
  sa_cmd cmd = make(SA_OP_STORE, SA_Q_STORE, origin);
  cmd.u.store = *desc;
  cmd.target = tensor;
  cmd.a = row;
  return run(dev, &cmd);
}

sa_status sa_move(sa_dev *dev, const sa_move_desc *desc, int32_t dst,
                  int32_t src, const int64_t origin[5]) {
  sa_cmd cmd = make(SA_OP_MOVE, SA_Q_VECTOR, origin);
  cmd.u.move = *desc;
  cmd.dst = dst;
  cmd.a = src;
  return run(dev, &cmd);
}

sa_status sa_signal(sa_dev *dev, uint32_t from, uint32_t to) {
  sa_cmd cmd = make(SA_OP_SIGNAL, SA_Q_EXEC, NULL);
  cmd.queue = cmd.u.token.from = from;
  cmd.u.token.to = to;
  return run(dev, &cmd);
}

sa_status sa_await(sa_dev *dev, uint32_t to, uint32_t from) {
  sa_cmd cmd = make(SA_OP_AWAIT, SA_Q_EXEC, NULL);
  cmd.u.token.from = from;
  cmd.queue = cmd.u.token.to = to;
  return run(dev, &cmd);
}

//===-- Record and replay -------------------------------------------------===//

sa_status sa_record_begin(sa_dev *dev) {
  sa_allocator allocator = dev->machine.config.allocator;
  if (dev->recording)
    return fail(
        dev, sai_fail(&dev->last, SA_STATE, "record_begin: already recording"));
  sa_prog *prog = sai_resize(&allocator, NULL, 0, sizeof *prog);
  if (!prog)
    return fail(dev, sai_fail(&dev->last, SA_NO_MEMORY,
                              "record_begin: no memory for a program"));
  *prog = (sa_prog){.allocator = allocator};
  dev->recording = prog;
  return SA_OK;
}

sa_status sa_record_end(sa_dev *dev, sa_prog **out) {
  *out = dev->recording;
  if (!dev->recording)
    return fail(dev, sai_fail(&dev->last, SA_STATE,
                              "record_end: nothing is being recorded"));
  dev->recording = NULL;
  return SA_OK;
}

static const void *bound(const void *tensor, const sa_bind *binds,
                         size_t num_binds) {
  for (size_t i = 0; i < num_binds; ++i)
    if (binds[i].recorded == tensor)
      return binds[i].actual;
  return tensor;
}

sa_status sa_replay(sa_dev *dev, const sa_prog *prog, const sa_bind *binds,
                    size_t num_binds) {
  sa_status status = SA_OK;
  for (size_t i = 0; status == SA_OK && i < prog->num; ++i) {
    sa_cmd cmd = prog->cmds[i];
    cmd.tensor = bound(cmd.tensor, binds, num_binds);
    cmd.target = (void *)bound(cmd.target, binds, num_binds);
    status = run(dev, &cmd);
  }
  return status;
}

size_t sa_prog_size(const sa_prog *prog) {
  return prog->num;
}

void sa_prog_destroy(sa_prog *prog) {
  if (!prog)
    return;
  sa_allocator allocator = prog->allocator;
  if (prog->cmds)
    sai_resize(&allocator, prog->cmds, prog->capacity * sizeof *prog->cmds, 0);
  sai_resize(&allocator, prog, sizeof *prog, 0);
}
