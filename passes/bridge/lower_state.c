// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// States of patterns: a tensor and where it is read.
#include "bridge/lower.h"

#include <stdlib.h>
#include <string.h>

//===-- The table ---------------------------------------------------------===//

struct gln_lower_slot {
  MlirValue value;
  gln_state state;
};

static size_t hash(MlirValue value, size_t capacity) {
  uint64_t bits = (uint64_t)(uintptr_t)value.ptr;
  return (size_t)((bits * UINT64_C(0x9e3779b97f4a7c15)) >> 20) & (capacity - 1);
}

static struct gln_lower_slot *probe(struct gln_lower_slot *slots,
                                    size_t capacity, MlirValue value) {
  size_t at = hash(value, capacity);
  while (slots[at].value.ptr && !mlirValueEqual(slots[at].value, value))
    at = (at + 1) & (capacity - 1);
  return &slots[at];
}

static bool grow(gln_lower *lower) {
  size_t wanted = lower->capacity ? 2 * lower->capacity : 256;
  struct gln_lower_slot *slots = calloc(wanted, sizeof(*slots));
  if (!slots)
    return false;
  for (size_t i = 0; i < lower->capacity; ++i)
    if (lower->slots[i].value.ptr)
      *probe(slots, wanted, lower->slots[i].value) = lower->slots[i];
  free(lower->slots);
  lower->slots = slots;
  lower->capacity = wanted;
  return true;
}

void gln_lower_fini(gln_lower *lower) {
  for (size_t i = 0; i < lower->capacity; ++i)
    if (lower->slots[i].value.ptr)
      gln_state_fini(&lower->slots[i].state);
  free(lower->slots);
  gln_build_fini(&lower->build);
}

const gln_state *gln_lower_find(gln_lower *lower, MlirValue value) {
  struct gln_lower_slot *slot =
      lower->capacity ? probe(lower->slots, lower->capacity, value) : NULL;
  return slot && slot->value.ptr ? &slot->state : NULL;
}

bool gln_lower_set(gln_lower *lower, MlirValue value, gln_state *state) {
  if (2 * lower->num >= lower->capacity && !grow(lower)) {
    gln_build_fail(&lower->build, "out of memory");
    return false;
  }
  struct gln_lower_slot *slot = probe(lower->slots, lower->capacity, value);
  slot->value = value;
  slot->state = *state;
  ++lower->num;
  return true;
}

//===-- States ------------------------------------------------------------===//

void gln_state_fini(gln_state *state) {
  free(state->map);
  if (state->parts)
    for (int i = 0; i < 2; ++i)
      gln_state_fini(&state->parts[i]);
  free(state->parts);
  *state = (gln_state){0};
}

static bool init_map(gln_state *state, size_t rank) {
  state->rank = rank;
  state->map = calloc(rank + 1, sizeof(*state->map));
  return state->map != NULL;
}

bool gln_state_copy(gln_state *out, const gln_state *from) {
  *out = *from;
  out->parts = NULL;
  if (!init_map(out, from->rank))
    return false;
  memcpy(out->map, from->map, from->rank * sizeof(*from->map));
  if (!from->parts)
    return true;
  out->parts = calloc(2, sizeof(*out->parts));
  bool ok = out->parts != NULL;
  for (int i = 0; ok && i < 2; ++i)
    ok = gln_state_copy(&out->parts[i], &from->parts[i]);
  if (!ok)
    gln_state_fini(out);
  return ok;
}

bool gln_state_of_tensor(gln_lower *lower, MlirValue tensor,
                         const gln_shape *shape, gln_state *out) {
  *out = (gln_state){.shape = *shape, .tensor = tensor};
  if (mlirValueIsNull(tensor))
    return false;
  if (!init_map(out, shape->rank)) {
    gln_build_fail(&lower->build, "out of memory");
    return false;
  }
  for (size_t d = 0; d < shape->rank; ++d)
    out->map[d] = gln_linear_dim(d);
  return true;
}

bool gln_state_compose(gln_state *out, const gln_state *from,
                       const gln_linear *forms, const gln_shape *shape) {
  *out = (gln_state){.shape = *shape, .tensor = from->tensor};
  out->shape.type = from->shape.type;
  if (!init_map(out, from->rank))
    return false;
  for (size_t j = 0; j < from->rank; ++j) {
    gln_linear *sum = &out->map[j];
    sum->constant = from->map[j].constant;
    for (size_t d = 0; d < from->shape.rank; ++d) {
      int64_t coef = from->map[j].coefs[d];
      if (!coef)
        continue;
      sum->constant += coef * forms[d].constant;
      for (size_t i = 0; i < shape->rank; ++i)
        sum->coefs[i] += coef * forms[d].coefs[i];
    }
    // An index that is always 0 has no coefficient.
    for (size_t i = 0; i < shape->rank; ++i)
      if (shape->dims[i] == 1)
        sum->coefs[i] = 0;
  }
  return true;
}

bool gln_state_part(gln_lower *lower, const gln_state *from, size_t index,
                    gln_state *out) {
  gln_linear forms[GLN_MAX_RANK] = {{{0}, 0}};
  gln_shape shape = from->shape;
  size_t k = shape.num_access;
  bool ok;
  if (from->parts) {
    ok = gln_state_copy(out, &from->parts[index]);
  } else {
    memmove(shape.dims + k, shape.dims + k + 1,
            (shape.rank - k - 1u) * sizeof(*shape.dims));
    shape.dims[--shape.rank] = 0;
    for (size_t d = 0; d < from->shape.rank; ++d)
      if (d != k)
        forms[d] = gln_linear_dim(d < k ? d : d - 1);
    forms[k].constant = (int64_t)index;
    ok = gln_state_compose(out, from, forms, &shape);
  }
  if (!ok)
    gln_build_fail(&lower->build, "out of memory");
  return ok;
}

//===-- Views -------------------------------------------------------------===//

static void identity(const gln_access_use *use, gln_linear *forms) {
  for (size_t d = 0; d < use->operands[0].rank; ++d)
    forms[d] = gln_linear_dim(d);
}

// Aligned at the right end of each half; 0 where the operand has extent 1.
static void broadcast(const gln_access_use *use, gln_linear *forms) {
  const gln_shape *in = &use->operands[0], *out = &use->result;
  for (size_t d = 0; d < in->rank; ++d) {
    size_t to = d < in->num_access ? d + out->num_access - in->num_access
                                   : d + out->rank - in->rank;
    forms[d] = in->dims[d] == 1 ? (gln_linear){{0}, 0} : gln_linear_dim(to);
  }
}

static void windows(const gln_access_use *use, gln_linear *forms) {
  const gln_shape *in = &use->operands[0], *out = &use->result;
  for (size_t d = 0; d < in->rank; ++d) {
    forms[d] = gln_linear_dim(d);
    if (d < in->num_access)
      continue;
    size_t n = d - in->num_access;
    forms[d].coefs[d] = use->attrs.strides.data[n];
    forms[d].coefs[out->num_access + n] = use->attrs.dilations.data[n];
  }
}

// Linear only if it drops and adds extents of 1.
static bool reshape(const gln_access_use *use, gln_linear *forms) {
  const gln_shape *in = &use->operands[0], *out = &use->result;
  size_t at = 0;
  for (size_t d = 0; d < in->rank; ++d) {
    forms[d] = (gln_linear){{0}, 0};
    if (in->dims[d] == 1)
      continue;
    while (at < out->rank && out->dims[at] == 1)
      ++at;
    if (at == out->rank || out->dims[at] != in->dims[d])
      return false;
    forms[d] = gln_linear_dim(at++);
  }
  for (; at < out->rank; ++at)
    if (out->dims[at] != 1)
      return false;
  return true;
}

bool gln_lower_view_forms(const gln_access_use *use, gln_linear *forms) {
  const gln_op_attrs *attrs = &use->attrs;
  size_t rank = use->operands[0].rank, dim = (size_t)attrs->dim;
  identity(use, forms);
  switch (use->op) {
  case GLN_OP_VIEW:
  case GLN_OP_SHIFT:
    return true;
  case GLN_OP_TRANSPOSE:
    for (size_t d = 0; d < rank; ++d)
      forms[attrs->perm.data[d]] = gln_linear_dim(d);
    return true;
  case GLN_OP_RESHAPE:
  case GLN_OP_FLATTEN:
    return reshape(use, forms);
  case GLN_OP_SQUEEZE:
    for (size_t d = dim; d < rank; ++d)
      forms[d] = d == dim ? (gln_linear){{0}, 0} : gln_linear_dim(d - 1);
    return true;
  case GLN_OP_INSERT_AXIS:
    for (size_t d = dim; d < rank; ++d)
      forms[d] = gln_linear_dim(d + 1);
    return true;
  case GLN_OP_BROADCAST:
    broadcast(use, forms);
    return true;
  case GLN_OP_SLICE:
    for (size_t d = 0; d < rank; ++d) {
      forms[d].coefs[d] = attrs->strides.data[d];
      forms[d].constant = attrs->offsets.data[d];
    }
    return true;
  case GLN_OP_WINDOWS:
    windows(use, forms);
    return true;
  default:
    return false;
  }
}
