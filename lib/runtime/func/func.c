// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The functional backend: state and dispatch.
#include "func_internal.h"

#include <string.h>

static sa_status allocate(func_state *s, func_memory *memory, uint32_t rows,
                          uint32_t elems, sa_error *error) {
  // Kernels read whole vectors: the slack is what the last row may be overread.
  memory->stride = (elems + 15) / 16 * 16;
  memory->bytes = ((size_t)rows * memory->stride + 1024 + 16) * sizeof(float);
  memory->data =
      sai_resize(&s->machine->config.allocator, NULL, 0, memory->bytes);
  if (!memory->data)
    return sai_fail(error, SA_NO_MEMORY, "open: no memory for %zu bytes",
                    memory->bytes);
  memset(memory->data, 0, memory->bytes);
  return SA_OK;
}

static void release(func_state *s, func_memory *memory) {
  if (memory->data)
    sai_resize(&s->machine->config.allocator, memory->data, memory->bytes, 0);
}

static void func_close(void *state) {
  func_state *s = state;
  for (int m = 0; m < SA_NUM_SPACES; ++m)
    release(s, &s->memory[m]);
  release(s, &s->bank[0]);
  release(s, &s->bank[1]);
  release(s, &s->scratch);
  sai_resize(&s->machine->config.allocator, s, sizeof *s, 0);
}

static sa_status func_open(const sa_machine *machine, void **state,
                           sa_error *error) {
  func_state *s =
      sai_resize(&machine->config.allocator, NULL, 0, sizeof(func_state));
  if (!s)
    return sai_fail(error, SA_NO_MEMORY, "open: no memory for a device");
  const sa_hw *hw = &machine->config.hw;
  *s = (func_state){.machine = machine,
                    .kernels = func_best_kernels(),
                    .widest = hw->rows > hw->cols ? hw->rows : hw->cols};
  sa_status status = SA_OK;
  for (int m = 0; status == SA_OK && m < SA_NUM_SPACES; ++m)
    status = allocate(s, &s->memory[m], machine->num_rows[m],
                      machine->row_elems[m], error);
  for (int b = 0; status == SA_OK && b < 2; ++b)
    status = allocate(s, &s->bank[b], hw->rows, hw->cols, error);
  if (status == SA_OK)
    status = allocate(s, &s->scratch, FUNC_SCRATCH_ROWS + s->widest, s->widest,
                      error);
  if (status != SA_OK) {
    func_close(s);
    return status;
  }
  *state = s;
  return SA_OK;
}

static sa_status func_issue(void *state, const sa_cmd *cmd, sa_error *error) {
  (void)error;
  switch ((sa_op)cmd->op) {
  case SA_OP_LOAD:
  case SA_OP_LOADW:
    func_load(state, cmd);
    break;
  case SA_OP_PRELOAD:
    func_preload(state, cmd);
    break;
  case SA_OP_GEMM:
    func_gemm(state, cmd);
    break;
  case SA_OP_GEMM_OS:
    func_gemm_os(state, cmd);
    break;
  case SA_OP_ALU:
    func_alu(state, cmd);
    break;
  case SA_OP_STORE:
    func_store(state, cmd);
    break;
  case SA_OP_MOVE:
    func_move(state, cmd);
    break;
  case SA_OP_SIGNAL:
  case SA_OP_AWAIT:
    break; // The order of the calls respects every token.
  }
  return SA_OK;
}

static sa_status func_fence(void *state, sa_fence fence, sa_error *error) {
  (void)state, (void)fence, (void)error;
  return SA_OK;
}

const sa_backend sa_backend_func = {
    .abi = SA_ABI_VERSION,
    .name = "func",
    .open = func_open,
    .close = func_close,
    .issue = func_issue,
    .submit = func_fence,
    .wait = func_fence,
};
