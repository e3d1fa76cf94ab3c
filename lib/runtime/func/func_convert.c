// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Elements in DRAM to decoded elements and back.
#include "func_internal.h"

#include <string.h>

static float read_bf16(const char *from) {
  uint16_t half;
  memcpy(&half, from, sizeof half);
  uint32_t bits = (uint32_t)half << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

// The nearest bf16, ties to even; a NaN stays one.
static uint16_t nearest_bf16(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint32_t rounded = bits + 0x7fff + (bits >> 16 & 1);
  bool is_nan = (bits & 0x7fffffff) > 0x7f800000;
  return (uint16_t)((is_nan ? bits | 0x400000 : rounded) >> 16);
}

static float read_f16(const char *from) {
  uint16_t half;
  memcpy(&half, from, sizeof half);
  uint32_t sign = (uint32_t)(half & 0x8000) << 16, bits = half & 0x7fff;
  float value = (float)bits * 0x1p-24f; // below 2^-14
  if (bits >= 0x400) {
    bits =
        bits >= 0x7c00 ? bits << 13 | 0x7f800000 : (bits << 13) + (112 << 23);
    memcpy(&value, &bits, sizeof value);
  }
  memcpy(&bits, &value, sizeof bits);
  bits |= sign;
  memcpy(&value, &bits, sizeof value);
  return value;
}

// The nearest f16, ties to even; a NaN stays one.
static uint16_t nearest_f16(float value) {
  uint32_t bits, sign;
  memcpy(&bits, &value, sizeof bits);
  sign = bits >> 16 & 0x8000;
  bits &= 0x7fffffff;
  if (bits > 0x7f800000)
    return (uint16_t)(sign | 0x7e00 | (bits >> 13 & 0x3ff));
  if (bits >= 0x477ff000) // from 65520 on
    return (uint16_t)(sign | 0x7c00);
  if (bits >= 0x38800000) { // 2^-14
    bits = ((bits + 0xfff + (bits >> 13 & 1)) >> 13) - (112 << 10);
    return (uint16_t)(sign | bits);
  }
  memcpy(&value, &bits, sizeof value);
  value += 0.5f; // whose last place is 2^-24
  memcpy(&bits, &value, sizeof bits);
  return (uint16_t)(sign | (bits - 0x3f000000));
}

void func_round(uint32_t type, float *row, uint32_t n) {
  if (type == SA_BF16)
    for (uint32_t j = 0; j < n; ++j) {
      uint16_t half = nearest_bf16(row[j]);
      row[j] = read_bf16((const char *)&half);
    }
  else if (type == SA_F16)
    for (uint32_t j = 0; j < n; ++j) {
      uint16_t half = nearest_f16(row[j]);
      row[j] = read_f16((const char *)&half);
    }
}

void func_read(uint32_t type, const char *from, int64_t stride, uint32_t n,
               void *to) {
  float *f = to;
  bool dense = stride == (int64_t)sa_type_bytes(type);
  switch ((sa_type)type) {
  case SA_I8:
    if (dense)
      for (uint32_t j = 0; j < n; ++j)
        f[j] = (float)(signed char)from[j];
    else
      for (uint32_t j = 0; j < n; ++j)
        f[j] = (float)(signed char)from[(int64_t)j * stride];
    break;
  case SA_BF16:
    for (uint32_t j = 0; j < n; ++j)
      f[j] = read_bf16(from + (int64_t)j * stride);
    break;
  case SA_F16:
    for (uint32_t j = 0; j < n; ++j)
      f[j] = read_f16(from + (int64_t)j * stride);
    break;
  case SA_I32:
  case SA_F32:
    if (dense)
      memcpy(to, from, n * sizeof *f);
    else
      for (uint32_t j = 0; j < n; ++j)
        memcpy((char *)to + j * sizeof *f, from + (int64_t)j * stride,
               sizeof *f);
    break;
  }
}

void func_write(uint32_t type, const void *from, uint32_t n, char *to,
                int64_t stride) {
  const float *f = from;
  switch ((sa_type)type) {
  case SA_I8:
    for (uint32_t j = 0; j < n; ++j) {
      signed char value = (signed char)f[j];
      memcpy(to + (int64_t)j * stride, &value, 1);
    }
    break;
  case SA_BF16:
    for (uint32_t j = 0; j < n; ++j) {
      uint16_t value = nearest_bf16(f[j]);
      memcpy(to + (int64_t)j * stride, &value, sizeof value);
    }
    break;
  case SA_F16:
    for (uint32_t j = 0; j < n; ++j) {
      uint16_t value = nearest_f16(f[j]);
      memcpy(to + (int64_t)j * stride, &value, sizeof value);
    }
    break;
  case SA_I32:
  case SA_F32:
    if (stride == sizeof *f)
      memcpy(to, from, n * sizeof *f);
    else
      for (uint32_t j = 0; j < n; ++j)
        memcpy(to + (int64_t)j * stride, (const char *)from + j * sizeof *f,
               sizeof *f);
    break;
  }
}

void func_fill(uint32_t type, double value, uint32_t n, void *to) {
  if (type == SA_I32)
    for (uint32_t j = 0; j < n; ++j)
      ((int32_t *)to)[j] = (int32_t)value;
  else
    for (uint32_t j = 0; j < n; ++j)
      ((float *)to)[j] = (float)value;
}

void func_widen(uint32_t from, uint32_t to, const void *in, uint32_t n,
                void *out) {
  if (from == SA_I8 && to == SA_I32)
    for (uint32_t j = 0; j < n; ++j)
      ((int32_t *)out)[j] = (int32_t)((const float *)in)[j];
  else if (in != out)
    memmove(out, in, n * sizeof(float));
}

void func_add(uint32_t acc_type, void *acc, const void *in, uint32_t n) {
  if (acc_type == SA_I32)
    for (uint32_t j = 0; j < n; ++j)
      ((int32_t *)acc)[j] = (int32_t)((uint32_t)((int32_t *)acc)[j] +
                                      (uint32_t)((const int32_t *)in)[j]);
  else
    for (uint32_t j = 0; j < n; ++j)
      ((float *)acc)[j] += ((const float *)in)[j];
}
