// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shapes and signatures as words, so that equal types are one payload.
#include "kernel/words_internal.h"

#include "view/text.h"

#include <inttypes.h>
#include <string.h>

size_t glni_shape_encode(const gln_shape *shape, uint32_t *words) {
  size_t num = 0;
  words[num++] = (uint32_t)shape->type | (uint32_t)shape->rank << 8 |
                 (uint32_t)shape->num_access << 16;
  for (size_t d = 0; d < shape->rank; ++d) {
    words[num++] = (uint32_t)shape->dims[d];
    words[num++] = (uint32_t)(shape->dims[d] >> 32);
  }
  return num;
}

size_t glni_shape_decode(const uint32_t *words, gln_shape *out) {
  memset(out, 0, sizeof *out);
  out->type = (gln_type)(words[0] & 0xff);
  out->rank = (uint8_t)(words[0] >> 8);
  out->num_access = (uint8_t)(words[0] >> 16);
  for (size_t d = 0; d < out->rank; ++d)
    out->dims[d] =
        (int64_t)(words[1 + 2 * d] | (uint64_t)words[2 + 2 * d] << 32);
  return 1 + 2 * (size_t)out->rank;
}

size_t glni_signature_encode(const gln_signature *signature, uint32_t *words) {
  size_t num = 0;
  words[num++] = signature->num_operands | (uint32_t)signature->num_results
                                               << 8;
  for (size_t i = 0; i < signature->num_operands; ++i)
    num += glni_shape_encode(&signature->operands[i], words + num);
  for (size_t i = 0; i < signature->num_results; ++i)
    num += glni_shape_encode(&signature->results[i], words + num);
  return num;
}

void glni_signature_decode(const uint32_t *words, gln_signature *out) {
  memset(out, 0, sizeof *out);
  out->num_operands = (uint8_t)words[0];
  out->num_results = (uint8_t)(words[0] >> 8);
  size_t at = 1;
  for (size_t i = 0; i < out->num_operands; ++i)
    at += glni_shape_decode(words + at, &out->operands[i]);
  for (size_t i = 0; i < out->num_results; ++i)
    at += glni_shape_decode(words + at, &out->results[i]);
}

bool gln_signature_equal(const gln_signature *a, const gln_signature *b) {
  if (a->num_operands != b->num_operands || a->num_results != b->num_results)
    return false;
  for (size_t i = 0; i < a->num_operands; ++i)
    if (!gln_shape_equal(&a->operands[i], &b->operands[i]))
      return false;
  for (size_t i = 0; i < a->num_results; ++i)
    if (!gln_shape_equal(&a->results[i], &b->results[i]))
      return false;
  return true;
}

static void put_shapes(glni_text *text, const gln_shape *shapes, size_t num) {
  for (size_t i = 0; i < num; ++i) {
    glni_put(text, "%s%s", i ? ", " : "", gln_type_name(shapes[i].type));
    for (size_t d = 0; d < shapes[i].rank; ++d)
      glni_put(text, "%s%" PRId64, d ? "," : "[", shapes[i].dims[d]);
    glni_put(text, "%s", shapes[i].rank ? "]" : "");
  }
}

size_t gln_signature_print(const gln_signature *signature, char *buffer,
                           size_t size) {
  glni_text text = {buffer, size, 0};
  if (signature->num_operands) {
    glni_put(&text, "(");
    put_shapes(&text, signature->operands, signature->num_operands);
    glni_put(&text, ") -> ");
  }
  put_shapes(&text, signature->results, signature->num_results);
  return text.length;
}

void glni_spec_shape(const gln_spec *spec, size_t operand, gln_shape *out) {
  memset(out, 0, sizeof *out);
  out->type = spec->operands[operand].type;
  out->rank = spec->operands[operand].rank;
  gln_spec_operand_box(spec, operand, out->dims, NULL);
}

void glni_spec_result(const gln_spec *spec, gln_shape *out) {
  memset(out, 0, sizeof *out);
  out->type = spec->result;
  out->rank = spec->num_parallel;
  memcpy(out->dims, spec->dims, spec->num_parallel * sizeof *spec->dims);
}
