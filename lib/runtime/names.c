// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Names, sizes and values of types; hardware points.
#include "runtime_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NAME_OF(names, index)                                                  \
  ((index) < sizeof(names) / sizeof *(names) ? (names)[index] : "?")

uint32_t sa_abi_version(void) {
  return SA_ABI_VERSION;
}

const char *sa_status_name(sa_status status) {
  static const char *const names[] = {
      "ok",          "invalid", "range",     "uninitialised", "type",
      "unsupported", "state",   "no memory", "not found"};
  return NAME_OF(names, (uint32_t)status);
}

const char *sa_type_name(uint32_t type) {
  static const char *const names[] = {"i8", "i32", "bf16", "f32", "f16"};
  return NAME_OF(names, type);
}

uint32_t sa_type_bytes(uint32_t type) {
  static const uint32_t bytes[] = {1, 4, 2, 4, 2};
  return type <= SA_F16 ? bytes[type] : 0;
}

const char *sa_space_name(uint32_t space) {
  static const char *const names[] = {"abuf", "wbuf", "acc"};
  return NAME_OF(names, space);
}

const char *sa_queue_name(uint32_t queue) {
  static const char *const names[] = {"load", "loadw", "exec", "vector",
                                      "store"};
  return NAME_OF(names, queue);
}

const char *sa_op_name(uint32_t op) {
  static const char *const names[] = {"load",    "loadw", "preload", "gemm",
                                      "gemm_os", "alu",   "store",   "move",
                                      "signal",  "await"};
  return NAME_OF(names, op);
}

const char *sa_alu_name(uint32_t op) {
  static const char *const names[] = {
#define SA_X(id, name, operands, kind, text) name,
      SA_ALU_TABLE(SA_X)
#undef SA_X
  };
  return NAME_OF(names, op);
}

// 11 bits, none below 2^-24, none above 65504.
static bool is_half(double value) {
  int exponent;
  double digits = ldexp(frexp(value, &exponent), 11), unit = ldexp(value, 24);
  return fabs(value) <= 65504 && digits == floor(digits) && unit == floor(unit);
}

bool sai_holds(uint32_t type, double value) {
  float narrow = (float)value;
  uint32_t bits;
  switch (type) {
  case SA_I8:
    return value >= -128 && value <= 127 && value == floor(value);
  case SA_I32:
    return value >= -2147483648.0 && value <= 2147483647.0 &&
           value == floor(value);
  case SA_BF16:
    memcpy(&bits, &narrow, sizeof bits);
    return (double)narrow == value && (bits & 0xffff) == 0;
  case SA_F16:
    return isinf(value) || is_half(value);
  default:
    return (double)narrow == value;
  }
}

uint64_t sai_steps(const uint32_t n[4]) {
  uint64_t steps = 1;
  bool empty = false;
  for (int a = 0; a < 4; ++a) {
    if (n[a] > SAI_MAX_STEPS)
      return UINT64_MAX;
    empty |= n[a] == 0;
    steps *= n[a] ? n[a] : 1;
    if (steps > SAI_MAX_STEPS)
      return UINT64_MAX;
  }
  return empty ? 0 : steps;
}

sa_status sai_fail(sa_error *error, sa_status status, const char *format, ...) {
  if (!error)
    return status;
  va_list args;
  va_start(args, format);
  error->status = status;
  vsnprintf(error->text, sizeof error->text, format, args);
  va_end(args);
  return status;
}

sa_status sai_reject(sa_dev *dev, const sa_cmd *cmd, sa_status status,
                     const char *format, ...) {
  sa_error *error = &dev->last;
  int used =
      snprintf(error->text, sizeof error->text, "%s: ", sa_op_name(cmd->op));
  va_list args;
  va_start(args, format);
  vsnprintf(error->text + used, sizeof error->text - (size_t)used, format,
            args);
  va_end(args);
  return error->status = status;
}

sa_hw sa_hw_gemmini16(void) {
  return (sa_hw){.rows = 16,
                 .cols = 16,
                 .abuf_bytes = 128 << 10,
                 .wbuf_bytes = 128 << 10,
                 .acc_bytes = 64 << 10,
                 .lanes = 16,
                 .dram_bytes_per_cycle = 8,
                 .dram_burst_bytes = 64,
                 .dram_request_cycles = 10,
                 .dram_latency_cycles = 100,
                 .caps = SA_CAP_ALL & ~(uint32_t)SA_CAP_SHADOW};
}

sa_hw sa_hw_ws64(void) {
  return (sa_hw){.rows = 64,
                 .cols = 64,
                 .abuf_bytes = 1 << 20,
                 .wbuf_bytes = 1 << 20,
                 .acc_bytes = 256 << 10,
                 .lanes = 64,
                 .dram_bytes_per_cycle = 16,
                 .dram_burst_bytes = 64,
                 .dram_request_cycles = 10,
                 .dram_latency_cycles = 100,
                 .caps = SA_CAP_ALL};
}

sa_status sa_hw_check(const sa_hw *hw, sa_error *error) {
  const struct {
    const char *name;
    uint32_t value, least, most;
  } fields[] = {
      {"rows", hw->rows, 1, SAI_MAX_ARRAY},
      {"cols", hw->cols, 1, SAI_MAX_ARRAY},
      {"abuf_bytes", hw->abuf_bytes, 1, 1 << 30},
      {"wbuf_bytes", hw->wbuf_bytes, 1, 1 << 30},
      {"acc_bytes", hw->acc_bytes, 1, 1 << 30},
      {"lanes", hw->lanes, 1, 4096},
      {"dram_bytes_per_cycle", hw->dram_bytes_per_cycle, 1, 4096},
      {"dram_burst_bytes", hw->dram_burst_bytes, 1, 4096},
      {"dram_request_cycles", hw->dram_request_cycles, 0, 65535},
      {"dram_latency_cycles", hw->dram_latency_cycles, 0, 65535},
  };
  for (size_t i = 0; i < sizeof fields / sizeof *fields; ++i)
    if (fields[i].value < fields[i].least || fields[i].value > fields[i].most)
      return sai_fail(error, SA_INVALID, "hw.%s is %u, must be %u to %u",
                      fields[i].name, fields[i].value, fields[i].least,
                      fields[i].most);
  uint32_t burst = hw->dram_burst_bytes;
  if (burst & (burst - 1))
    return sai_fail(error, SA_INVALID,
                    "hw.dram_burst_bytes is %u, must be a power of two", burst);
  if (hw->caps & ~(uint32_t)SA_CAP_ALL)
    return sai_fail(error, SA_INVALID, "hw.caps has unknown bits 0x%x",
                    hw->caps & ~(uint32_t)SA_CAP_ALL);
  if (!(hw->caps & (SA_CAP_WS | SA_CAP_OS)))
    return sai_fail(error, SA_INVALID,
                    "hw.caps is 0x%x, must have SA_CAP_WS or SA_CAP_OS",
                    hw->caps);
  return SA_OK;
}
