// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Questions to a spec, and its words.
#include "kernel/spec.h"

#include "view/text.h"

#include <inttypes.h>
#include <string.h>

static bool occurs(const gln_spec_operand *o, size_t dim) {
  for (size_t d = 0; d < o->rank; ++d)
    if (o->coef[d][dim])
      return true;
  return false;
}

gln_role gln_spec_role(const gln_spec *spec, size_t dim) {
  if (dim >= spec->num_parallel)
    return GLN_ROLE_INNER;
  if (spec->num_operands < 2 || !occurs(&spec->operands[1], dim))
    return GLN_ROLE_ROW;
  return occurs(&spec->operands[0], dim) ? GLN_ROLE_BATCH : GLN_ROLE_COL;
}

void gln_spec_operand_box(const gln_spec *spec, size_t operand,
                          int64_t *extents, int64_t *offset) {
  const gln_spec_operand *o = &spec->operands[operand];
  for (size_t d = 0; d < o->rank; ++d) {
    int64_t low = 0, high = 0;
    for (size_t i = 0; i < spec->num_dims; ++i) {
      int64_t reach = o->coef[d][i] * (spec->dims[i] - 1);
      *(reach < 0 ? &low : &high) += reach;
    }
    if (extents)
      extents[d] = high - low + 1;
    if (offset)
      offset[d] = -low;
  }
}

int64_t gln_spec_stride(const gln_spec *spec, size_t operand, size_t dim) {
  const gln_spec_operand *o = &spec->operands[operand];
  int64_t extents[GLN_SPEC_MAX_RANK], stride = 0, pitch = 1;
  gln_spec_operand_box(spec, operand, extents, NULL);
  for (size_t d = o->rank; d--;) {
    stride += o->coef[d][dim] * pitch;
    pitch *= extents[d];
  }
  return stride;
}

// Whether |dim| has an index of each operand that it occurs in to itself, and
// steps it by one.
static bool is_alone(const gln_spec *spec, size_t dim) {
  for (size_t k = 0; k < spec->num_operands; ++k)
    for (size_t r = 0; r < spec->operands[k].rank; ++r) {
      const int32_t *coef = spec->operands[k].coef[r];
      if (coef[dim] == 0)
        continue;
      for (size_t d = 0; d < spec->num_dims; ++d)
        if (coef[d] != 0 && (d != dim || coef[d] < -1 || coef[d] > 1))
          return false;
    }
  return true;
}

int gln_spec_lane(const gln_spec *spec, int64_t width) {
  int best = -1;
  int64_t most = 0, least = 0;
  for (size_t d = 0; d < spec->num_parallel; ++d) {
    int64_t lanes = spec->dims[d] < width ? spec->dims[d] : width;
    int64_t stride = spec->num_operands > 0 ? gln_spec_stride(spec, 0, d) : 0;
    stride = stride < 0 ? -stride : stride == 0 ? INT64_MAX : stride;
    if (!is_alone(spec, d) ||
        (best >= 0 && (lanes < most || (lanes == most && stride >= least))))
      continue;
    best = (int)d;
    most = lanes;
    least = stride;
  }
  return best;
}

int64_t gln_spec_num_points(const gln_spec *spec) {
  int64_t product = 1;
  for (size_t i = 0; i < spec->num_dims; ++i)
    product *= spec->dims[i];
  return product;
}

int64_t gln_spec_num_results(const gln_spec *spec) {
  int64_t product = 1;
  for (size_t i = 0; i < spec->num_parallel; ++i)
    product *= spec->dims[i];
  return product;
}

bool gln_spec_equal(const gln_spec *a, const gln_spec *b) {
  uint32_t words_a[GLN_SPEC_MAX_WORDS], words_b[GLN_SPEC_MAX_WORDS];
  size_t num = gln_spec_encode(a, words_a);
  return num == gln_spec_encode(b, words_b) &&
         memcmp(words_a, words_b, num * sizeof *words_a) == 0;
}

//===-- Words -------------------------------------------------------------===//

size_t gln_spec_encode(const gln_spec *spec, uint32_t *words) {
  size_t num = 0;
  words[num++] = (uint32_t)spec->combine | (uint32_t)spec->result << 8;
  words[num++] = spec->num_operands;
  words[num++] = spec->num_dims;
  words[num++] = spec->num_parallel;
  for (size_t i = 0; i < spec->num_dims; ++i) {
    words[num++] = (uint32_t)spec->dims[i];
    words[num++] = (uint32_t)(spec->dims[i] >> 32);
  }
  for (size_t k = 0; k < spec->num_operands; ++k) {
    const gln_spec_operand *o = &spec->operands[k];
    words[num++] = (uint32_t)o->type | (uint32_t)o->rank << 8;
    for (size_t d = 0; d < o->rank; ++d)
      for (size_t i = 0; i < spec->num_dims; ++i)
        words[num++] = (uint32_t)o->coef[d][i];
  }
  return num;
}

static bool decode_operand(const uint32_t *words, size_t num_words, size_t *at,
                           size_t num_dims, gln_spec_operand *o) {
  if (*at >= num_words)
    return false;
  o->type = (gln_type)(words[*at] & 0xff);
  o->rank = (uint8_t)(words[*at] >> 8);
  if (!gln_type_is_valid((int)o->type) || words[*at] >> 8 > GLN_SPEC_MAX_RANK ||
      num_words - *at - 1 < o->rank * num_dims)
    return false;
  ++*at;
  for (size_t d = 0; d < o->rank; ++d)
    for (size_t i = 0; i < num_dims; ++i)
      o->coef[d][i] = (int32_t)words[(*at)++];
  return true;
}

bool gln_spec_decode(const uint32_t *words, size_t num_words, gln_spec *out) {
  memset(out, 0, sizeof *out);
  if (num_words < 4 || words[1] > GLN_SPEC_MAX_OPERANDS || words[1] == 0 ||
      words[2] > GLN_SPEC_MAX_DIMS || words[3] > words[2])
    return false;
  out->combine = (gln_combine)(words[0] & 0xff);
  out->result = (gln_type)(words[0] >> 8);
  out->num_operands = (uint8_t)words[1];
  out->num_dims = (uint8_t)words[2];
  out->num_parallel = (uint8_t)words[3];
  if (out->combine > GLN_COMBINE_MIN || !gln_type_is_valid((int)out->result) ||
      (out->combine == GLN_COMBINE_DOT) != (out->num_operands == 2) ||
      num_words < 4 + 2 * (size_t)out->num_dims)
    return false;
  size_t at = 4;
  for (size_t i = 0; i < out->num_dims; ++i, at += 2) {
    out->dims[i] = (int64_t)(words[at] | (uint64_t)words[at + 1] << 32);
    if (out->dims[i] < 2 || out->dims[i] > GLN_VIEW_MAX_EXTENT)
      return false;
  }
  for (size_t k = 0; k < out->num_operands; ++k)
    if (!decode_operand(words, num_words, &at, out->num_dims,
                        &out->operands[k]))
      return false;
  return at == num_words;
}

//===-- Text --------------------------------------------------------------===//

static void put_row(glni_text *t, const gln_spec *spec, const int32_t *row) {
  bool first = true;
  for (size_t i = 0; i < spec->num_dims; ++i) {
    if (!row[i])
      continue;
    if (row[i] == 1)
      glni_put(t, "%sd%zu", first ? "" : " + ", i);
    else
      glni_put(t, "%sd%zu * %" PRId32, first ? "" : " + ", i, row[i]);
    first = false;
  }
}

// dot f32 (49, 64 | 576) a f32 (d0, d2) b f32 (d2, d1)
size_t gln_spec_print(const gln_spec *spec, char *buffer, size_t size) {
  static const char *const names[] = {"dot", "sum", "prod", "max", "min"};
  glni_text t = {buffer, size, 0};
  glni_put(&t, "%s %s (", names[spec->combine], gln_type_name(spec->result));
  for (size_t i = 0; i < spec->num_dims; ++i)
    glni_put(&t, "%s%" PRId64,
             i == spec->num_parallel ? " | "
             : i                     ? ", "
                                     : "",
             spec->dims[i]);
  glni_put(&t, ")");
  for (size_t k = 0; k < spec->num_operands; ++k) {
    const gln_spec_operand *o = &spec->operands[k];
    glni_put(&t, " %c %s (", (char)('a' + k), gln_type_name(o->type));
    for (size_t d = 0; d < o->rank; ++d) {
      glni_put(&t, "%s", d ? ", " : "");
      put_row(&t, spec, o->coef[d]);
    }
    glni_put(&t, ")");
  }
  return t.length;
}
