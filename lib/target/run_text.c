// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Runs as cells of a CSV file, and back.
#include "target/runs.h"
#include "view/text.h"
#include "view/try.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const dataflows[] = {"ws", "os", "vector"};
static const char *const memories[] = {"abuf", "wbuf", "acc"};
static const char role_letters[] = "prcs"; // as gln_nest_role

//===-- Writing -----------------------------------------------------------===//

const char *gln_run_header(void) {
  return "name,hardware,dataflow,dims,operands,loops,staging,beside_cycles,"
         "measured_cycles";
}

static void put_operand(glni_text *t, const gln_nest_operand *o) {
  glni_put(t, "%s%s %u/%u", memories[o->memory], o->is_output ? "=" : "",
           o->bytes, o->partial_bytes);
  for (size_t a = 0; a < o->num_axes; ++a) {
    const gln_nest_axis *axis = &o->axes[a];
    glni_put(t, a ? "; " : " ");
    for (size_t i = 0; i < axis->num_terms; ++i) {
      glni_put(t, i ? "+" : "");
      if (axis->strides[i] != 1)
        glni_put(t, "%" PRId64 "*", axis->strides[i]);
      glni_put(t, "d%u", axis->dims[i]);
    }
    if (axis->num_terms == 0)
      glni_put(t, "0");
    if (axis->extent)
      glni_put(t, "@%" PRId64, axis->extent);
  }
}

static void put_loops(glni_text *t, const gln_nest *nest) {
  for (size_t i = 0; i <= nest->num_loops; ++i) {
    if (i == nest->num_outer)
      glni_put(t, i ? " |" : "|");
    if (i < nest->num_loops)
      glni_put(t, "%s%u:%" PRId64, i || nest->num_outer == 0 ? " " : "",
               nest->loops[i].dim, nest->loops[i].trips);
  }
}

size_t gln_run_print(const gln_run *run, const char *name,
                     const char *hardware, char *buffer, size_t size) {
  glni_text t = {.buffer = buffer, .size = size};
  const gln_contract *c = &run->contract;
  if (size)
    buffer[0] = 0;
  for (const char *at = name ? name : ""; *at; ++at)
    glni_put(&t, "%c", strchr(",\"\r\n", *at) ? ' ' : *at);
  glni_put(&t, ",%s,%s", hardware ? hardware : "", dataflows[run->dataflow]);
  if (run->array)
    glni_put(&t, "@%u", run->array);
  glni_put(&t, ",");
  for (size_t d = 0; d < c->num_dims; ++d)
    glni_put(&t, "%s%" PRId64 "%c", d ? " " : "", c->extents[d],
             role_letters[run->roles[d]]);
  for (size_t k = 0; k < c->num_operands; ++k) {
    glni_put(&t, k ? " | " : ",");
    put_operand(&t, &c->operands[k]);
  }
  glni_put(&t, ",");
  put_loops(&t, &run->nest);
  for (size_t k = 0; k < c->num_operands; ++k) {
    const gln_nest_staging *s = &run->nest.staging[k];
    glni_put(&t, "%s%ux%u%s%s", k ? " | " : ",", s->depth, s->buffers,
             s->keep_halo ? "h" : "", s->gather ? "g" : "");
  }
  glni_put(&t, ",%.17g,", run->beside_cycles);
  if (run->measured_cycles > 0)
    glni_put(&t, "%.17g", run->measured_cycles);
  return t.length;
}

//===-- Reading -----------------------------------------------------------===//

typedef struct reader {
  const char *at, *column;
  eg_error *error;
} reader;

static void skip_blanks(reader *r) {
  while (*r->at == ' ' || *r->at == '\t')
    ++r->at;
}

static eg_status expect(const reader *r, const char *what) {
  return gln_fail(r->error, EG_INVALID, "%s: %s expected at '%.20s'",
                  r->column, what, r->at);
}

static bool take(reader *r, char c) {
  skip_blanks(r);
  bool there = *r->at == c;
  r->at += there;
  return there;
}

static bool at_end(reader *r) {
  skip_blanks(r);
  return *r->at == 0;
}

// An integer of |low| … |high|.
static eg_status take_int(reader *r, const char *what, int64_t low,
                          int64_t high, int64_t *out) {
  char *end;
  skip_blanks(r);
  *out = strtoll(r->at, &end, 10);
  if (end == r->at || *out < low || *out > high)
    return expect(r, what);
  r->at = end;
  return EG_OK;
}

// The index of the word that comes next in |words|.
static eg_status take_word(reader *r, const char *what,
                           const char *const *words, size_t num,
                           size_t *out) {
  skip_blanks(r);
  size_t length = 0;
  while (isalpha((unsigned char)r->at[length]))
    ++length;
  for (*out = 0; *out < num; ++*out)
    if (strlen(words[*out]) == length &&
        strncmp(words[*out], r->at, length) == 0) {
      r->at += length;
      return EG_OK;
    }
  return expect(r, what);
}

static reader cell(const char *column, const char *text, eg_error *error) {
  return (reader){.at = text, .column = column, .error = error};
}

static eg_status read_dataflow(reader r, gln_run *out) {
  size_t dataflow;
  int64_t array = 0;
  GLN_TRY(take_word(&r, "ws, os or vector", dataflows, 3, &dataflow));
  if (take(&r, '@'))
    GLN_TRY(take_int(&r, "an array", 0, GLN_TARGET_MAX_ARRAYS - 1, &array));
  out->dataflow = (gln_dataflow)dataflow;
  out->array = (uint8_t)array;
  return at_end(&r) ? EG_OK : expect(&r, "an end");
}

static eg_status read_dims(reader r, gln_run *out) {
  while (!at_end(&r)) {
    int64_t extent;
    if (out->contract.num_dims == GLN_NEST_MAX_DIMS)
      return expect(&r, "no further dim");
    GLN_TRY(take_int(&r, "an extent", 1, INT64_MAX, &extent));
    const char *letter = *r.at ? strchr(role_letters, *r.at) : NULL;
    if (!letter)
      return expect(&r, "a role (p, r, c or s)");
    ++r.at;
    out->roles[out->contract.num_dims] = (uint8_t)(letter - role_letters);
    out->contract.extents[out->contract.num_dims++] = extent;
  }
  return EG_OK;
}

static eg_status read_term(reader *r, gln_nest_axis *axis) {
  int64_t stride = 1, dim;
  if (axis->num_terms == GLN_NEST_MAX_TERMS)
    return expect(r, "no further term");
  skip_blanks(r);
  if (*r->at != 'd') {
    GLN_TRY(take_int(r, "a dim or a stride", -INT32_MAX, INT32_MAX, &stride));
    if (stride == 0 && axis->num_terms == 0)
      return EG_OK; // an axis that stands still
    if (!take(r, '*'))
      return expect(r, "'*'");
  }
  if (!take(r, 'd'))
    return expect(r, "a dim (d0, d1, …)");
  GLN_TRY(take_int(r, "a dim's number", 0, GLN_NEST_MAX_DIMS - 1, &dim));
  axis->strides[axis->num_terms] = stride;
  axis->dims[axis->num_terms++] = (uint8_t)dim;
  return EG_OK;
}

static eg_status read_operand(reader *r, gln_nest_operand *o) {
  size_t memory;
  int64_t bytes, partial;
  GLN_TRY(take_word(r, "abuf, wbuf or acc", memories, GLN_NUM_MEMORIES,
                    &memory));
  o->memory = (gln_memory)memory;
  o->is_output = take(r, '=');
  GLN_TRY(take_int(r, "bytes of an element", 1, 255, &bytes));
  if (!take(r, '/'))
    return expect(r, "'/'");
  GLN_TRY(take_int(r, "bytes of a partial sum", 1, 255, &partial));
  o->bytes = (uint8_t)bytes;
  o->partial_bytes = (uint8_t)partial;
  if (at_end(r) || *r->at == '|')
    return EG_OK;
  do {
    if (o->num_axes == GLN_NEST_MAX_AXES)
      return expect(r, "no further axis");
    gln_nest_axis *axis = &o->axes[o->num_axes++];
    do
      GLN_TRY(read_term(r, axis));
    while (take(r, '+'));
    if (take(r, '@'))
      GLN_TRY(take_int(r, "an extent", 1, INT64_MAX, &axis->extent));
  } while (take(r, ';'));
  return EG_OK;
}

static eg_status read_operands(reader r, gln_contract *out) {
  do {
    if (out->num_operands == GLN_NEST_MAX_OPERANDS)
      return expect(&r, "no further operand");
    GLN_TRY(read_operand(&r, &out->operands[out->num_operands++]));
  } while (take(&r, '|'));
  return at_end(&r) ? EG_OK : expect(&r, "'|'");
}

static eg_status read_loops(reader r, gln_nest *out) {
  bool in_tile = false;
  while (!at_end(&r)) {
    int64_t dim, trips;
    if (!in_tile && take(&r, '|')) {
      in_tile = true;
      out->num_outer = out->num_loops;
      continue;
    }
    if (out->num_loops == GLN_NEST_MAX_LOOPS)
      return expect(&r, "no further loop");
    GLN_TRY(take_int(&r, "a dim", 0, GLN_NEST_MAX_DIMS - 1, &dim));
    if (!take(&r, ':'))
      return expect(&r, "':'");
    GLN_TRY(take_int(&r, "trips", 1, INT64_MAX, &trips));
    out->loops[out->num_loops++] =
        (gln_nest_loop){(uint8_t)dim, GLN_NEST_IN_TIME, trips};
  }
  return in_tile ? EG_OK : expect(&r, "'|' between grid and tile");
}

static eg_status read_staging(reader r, size_t num, gln_nest *out) {
  for (size_t k = 0; k < num; ++k) {
    int64_t depth, buffers;
    if (k && !take(&r, '|'))
      return expect(&r, "'|'");
    GLN_TRY(take_int(&r, "loops outside", 0, GLN_NEST_MAX_LOOPS, &depth));
    if (!take(&r, 'x'))
      return expect(&r, "'x'");
    GLN_TRY(take_int(&r, "1 or 2 buffers", 1, 2, &buffers));
    out->staging[k] = (gln_nest_staging){(uint8_t)depth, (uint8_t)buffers,
                                         take(&r, 'h'), false};
    out->staging[k].gather = take(&r, 'g');
  }
  return at_end(&r) ? EG_OK : expect(&r, "an end");
}

eg_status gln_run_parse(const gln_run_cells *cells, gln_run *out,
                        eg_error *error) {
  memset(out, 0, sizeof *out);
  GLN_TRY(read_dataflow(cell("dataflow", cells->dataflow, error), out));
  GLN_TRY(read_dims(cell("dims", cells->dims, error), out));
  GLN_TRY(
      read_operands(cell("operands", cells->operands, error), &out->contract));
  GLN_TRY(read_loops(cell("loops", cells->loops, error), &out->nest));
  GLN_TRY(read_staging(cell("staging", cells->staging, error),
                       out->contract.num_operands, &out->nest));
  GLN_TRY(gln_contract_check(&out->contract, error));
  return gln_nest_check(&out->contract, &out->nest, error);
}
