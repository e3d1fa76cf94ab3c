// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Random jobs and their operands, and what they compute by the interpreter.
#ifndef PROGRAM_CASE_H
#define PROGRAM_CASE_H

#include "design/job.h"
#include "interp/kernel_eval.h"
#include "interp/scalar_eval.h"
#include "lib/gln_test.h"
#include "rules/blocking.h"

typedef struct job_case {
  gln_job job;
  gln_scalar_body body;
  gln_view *views[GLN_JOB_MAX_OPERANDS];
  gln_array tensors[GLN_JOB_MAX_OPERANDS], arrays[GLN_JOB_MAX_OPERANDS];
  gln_array result; // by the interpreter
} job_case;

static eg_allocator case_memory;
static bool case_plain; // views are identities

//===-- Specs -------------------------------------------------------------===//

static inline void case_index(gln_spec *s, size_t operand, size_t dim, int coef,
                              bool joins) {
  gln_spec_operand *o = &s->operands[operand];
  if (!joins)
    ++o->rank;
  o->coef[o->rank - 1][dim] = coef;
}

// Moves the axes of an operand about.
static inline void case_shuffle(gln_spec *s, size_t operand, uint64_t *r) {
  gln_spec_operand *o = &s->operands[operand];
  for (size_t i = o->rank; i > 1; --i) {
    size_t j = (size_t)test_between(r, 0, (int64_t)i - 1);
    int32_t swap[GLN_SPEC_MAX_DIMS];
    memcpy(swap, o->coef[i - 1], sizeof swap);
    memcpy(o->coef[i - 1], o->coef[j], sizeof swap);
    memcpy(o->coef[j], swap, sizeof swap);
  }
}

static inline int case_sign(uint64_t *r) {
  return test_between(r, 0, 5) == 0 ? -1 : 1;
}

// out[b, m.., n..] = sum a[...] b[...]: some reduced dims slide with row dims, and
// some of these with column dims.
static inline gln_spec case_product(uint64_t *r, gln_type in, gln_type acc) {
  gln_spec s = {.combine = GLN_COMBINE_DOT, .result = acc, .num_operands = 2};
  size_t batch = test_between(r, 0, 3) == 0, rows, cols, inner;
  rows = (size_t)test_between(r, 0, 3);
  cols = (size_t)test_between(r, 0, 4) % 3;
  inner = (size_t)test_between(r, 0, 3);
  if (batch + rows + cols == 0)
    rows = 1;
  s.operands[0].type = s.operands[1].type = in;
  s.num_parallel = (uint8_t)(batch + rows + cols);
  s.num_dims = (uint8_t)(s.num_parallel + inner);
  for (size_t d = 0; d < s.num_dims; ++d)
    s.dims[d] = test_between(r, 2, d < s.num_parallel ? 7 : 9);
  for (size_t d = 0; d < batch + rows; ++d)
    case_index(&s, 0, d, test_between(r, 0, 3) ? case_sign(r) : 2, false);
  if (batch)
    case_index(&s, 1, 0, 1, false);
  for (size_t d = batch + rows; d < s.num_parallel; ++d)
    case_index(&s, 1, d, case_sign(r), false);
  for (size_t d = s.num_parallel; d < s.num_dims; ++d) {
    int64_t kind = test_between(r, 0, 9);
    gln_spec_operand *a = &s.operands[0], *b = &s.operands[1];
    if (kind < 4 && a->rank > 0) { // a window of a
      size_t axis = (size_t)test_between(r, 0, a->rank - 1);
      a->coef[axis][d] = (int)test_between(r, 1, 2) * case_sign(r);
      for (size_t p = 0; p < s.num_parallel && test_between(r, 0, 1); ++p)
        a->coef[axis][p] *= (int)test_between(r, 1, 4);
    } else if (kind != 8) {
      case_index(&s, 0, d, case_sign(r), false);
    }
    if (kind == 7 && b->rank > 0)
      b->coef[test_between(r, 0, b->rank - 1)][d] =
          (int)test_between(r, 1, 2) * case_sign(r);
    else if (kind != 9 || kind == 8)
      case_index(&s, 1, d, case_sign(r), false);
  }
  case_shuffle(&s, 0, r);
  case_shuffle(&s, 1, r);
  return s;
}

static inline gln_spec case_fold(uint64_t *r, gln_type type, gln_type acc) {
  static const gln_combine folds[] = {GLN_COMBINE_SUM, GLN_COMBINE_MAX,
                                      GLN_COMBINE_MIN, GLN_COMBINE_PROD};
  gln_spec s = case_product(r, type, acc);
  s.combine =
      folds[test_between(r, 0, s.num_dims - s.num_parallel > 2 ? 2 : 3)];
  s.num_operands = 1;
  if (test_between(r, 0, 2) == 0)
    s.num_dims = s.num_parallel; // a copy
  for (size_t a = 0; a < s.operands[0].rank; ++a)
    for (size_t d = s.num_dims; d < GLN_SPEC_MAX_DIMS; ++d)
      s.operands[0].coef[a][d] = 0;
  for (size_t d = 0; d < s.num_dims; ++d) { // every dim is read
    bool named = false;
    for (size_t a = 0; a < s.operands[0].rank; ++a)
      named |= s.operands[0].coef[a][d] != 0;
    if (!named && s.operands[0].rank < GLN_SPEC_MAX_RANK)
      case_index(&s, 0, d, 1, false);
  }
  memset(&s.operands[1], 0, sizeof s.operands[1]);
  return s;
}

// Whether the whole is small enough to be tried.
static inline bool case_is_small(const gln_spec *s) {
  int64_t box[GLN_SPEC_MAX_RANK];
  if (gln_spec_num_points(s) > 6000)
    return false;
  for (size_t k = 0; k < s->num_operands; ++k) {
    int64_t num = 1;
    gln_spec_operand_box(s, k, box, NULL);
    for (size_t a = 0; a < s->operands[k].rank; ++a)
      num *= box[a];
    if (num > 20000)
      return false;
  }
  return true;
}

//===-- Blocks ------------------------------------------------------------===//

static inline gln_block case_block(uint64_t *r, const gln_spec *spec,
                                   uint8_t strategy) {
  // Of the shipped targets: gemm, then gemm_os.
  gln_block b = {.spec = *spec,
                 .strategy = strategy,
                 .instr = strategy & GLN_STRATEGY_OUTPUT_STATIONARY ? 1 : 0};
  do {
    b.num_grid = 0;
    for (size_t d = 0; d < spec->num_dims; ++d) {
      b.tile[d] = test_between(r, 0, 2) ? test_between(r, 1, spec->dims[d])
                                        : spec->dims[d];
      if (b.tile[d] < spec->dims[d])
        b.order[b.num_grid++] = (uint8_t)d;
    }
    for (size_t i = b.num_grid; i > 1; --i) {
      size_t j = (size_t)test_between(r, 0, (int64_t)i - 1);
      uint8_t swap = b.order[i - 1];
      b.order[i - 1] = b.order[j];
      b.order[j] = swap;
    }
    for (size_t k = 0; k <= spec->num_operands; ++k)
      b.staging[k] = (gln_nest_staging){
          .depth =
              (uint8_t)(test_between(r, 0, 1) ? b.num_grid
                                              : test_between(r, 0, b.num_grid)),
          .buffers = (uint8_t)test_between(r, 1, 2),
          .keep_halo = k < spec->num_operands && test_between(r, 0, 3) == 0,
          .gather = k < spec->num_operands && test_between(r, 0, 2) == 0};
  } while (gln_block_check(&b, NULL) != EG_OK);
  memset(b.order + b.num_grid, 0, sizeof b.order - b.num_grid);
  return b;
}

//===-- Views -------------------------------------------------------------===//

static inline gln_view *case_then(gln_view *inner, gln_view *outer) {
  gln_view *both;
  CHECK_EQ(gln_view_compose(&case_memory, outer, inner, &both, NULL), EG_OK);
  gln_view_destroy(&case_memory, inner);
  gln_view_destroy(&case_memory, outer);
  return both;
}

// A view whose result has these extents: a slice of a tensor, reversed or with
// steps, padded, transposed. |repeat|: dims may be broadcast.
static inline gln_view *case_view(uint64_t *r, size_t rank,
                                  const int64_t *extents, gln_type type,
                                  bool repeat) {
  gln_view *slice, *pad, *turn, *wide, *view;
  int64_t source[8], offsets[8], sizes[8], strides[8], low[8], high[8];
  int64_t perm[8], back[8], turned[8], grown[8];
  if (case_plain) {
    CHECK_EQ(gln_view_identity(&case_memory, rank, extents, &view, NULL),
             EG_OK);
    return view;
  }
  for (size_t d = 0; d < rank; ++d)
    perm[d] = (int64_t)d;
  for (size_t i = rank; i > 1; --i) {
    size_t j = (size_t)test_between(r, 0, (int64_t)i - 1);
    int64_t swap = perm[i - 1];
    perm[i - 1] = perm[j];
    perm[j] = swap;
  }
  // perm[d] is the array's axis that is axis d of the tensor.
  for (size_t d = 0; d < rank; ++d) {
    int64_t n = extents[perm[d]];
    bool one = repeat && test_between(r, 0, 1) == 0;
    low[d] = !one && test_between(r, 0, 3) == 0 ? test_between(r, 0, n - 1) : 0;
    high[d] = !one && test_between(r, 0, 3) == 0
                  ? test_between(r, 0, n - 1 - low[d])
                  : 0;
    sizes[d] = one ? 1 : n - low[d] - high[d];
    grown[d] = one ? 1 : n;
    strides[d] = test_between(r, 0, 2) ? 1 : test_between(r, 1, 2);
    int64_t before = test_between(r, 0, 1), after = test_between(r, 0, 1);
    source[d] = before + (sizes[d] - 1) * strides[d] + 1 + after;
    offsets[d] = before;
    if (test_between(r, 0, 3) == 0) {
      offsets[d] = before + (sizes[d] - 1) * strides[d];
      strides[d] = -strides[d];
    }
    back[perm[d]] = (int64_t)d;
  }
  for (size_t d = 0; d < rank; ++d)
    turned[d] = grown[back[d]];
  gln_scalar fill =
      gln_scalar_from_double(type, (double)test_between(r, -2, 2));
  CHECK_EQ(gln_view_slice(&case_memory, rank, source, offsets, sizes, strides,
                          &slice, NULL),
           EG_OK);
  CHECK_EQ(gln_view_pad(&case_memory, rank, sizes, low, high, fill, &pad, NULL),
           EG_OK);
  CHECK_EQ(gln_view_transpose(&case_memory, rank, grown, back, &turn, NULL),
           EG_OK);
  CHECK_EQ(gln_view_broadcast(&case_memory, rank, turned, rank, extents, &wide,
                              NULL),
           EG_OK);
  return case_then(case_then(case_then(slice, pad), turn), wide);
}

// 1, 2, -1, -2: no order of a product of them rounds, and all orders overflow or
// none.
static inline void case_powers(gln_array *a, uint64_t *r) {
  for (int64_t n = 0; n < gln_shape_num_elements(&a->shape); ++n) {
    double power = (double)test_between(r, 1, 2);
    gln_array_set(a, n,
                  gln_scalar_from_double(
                      a->shape.type, test_between(r, 0, 1) ? power : -power));
  }
}

static inline void case_operand(job_case *c, uint64_t *r, size_t index,
                                size_t rank, const int64_t *extents,
                                gln_type type, bool repeat) {
  gln_shape shape = {.type = type};
  gln_scalar fill = {type, 0};
  unsigned char bytes[8] = {0};
  c->views[index] = case_view(r, rank, extents, type, repeat);
  c->job.operands[index] = (gln_job_operand){type, c->views[index]};
  shape.rank = (uint8_t)gln_view_source_rank(c->views[index]);
  memcpy(shape.dims, gln_view_source_extents(c->views[index]),
         shape.rank * sizeof *shape.dims);
  CHECK_EQ(gln_array_init(&c->tensors[index], &shape, case_memory, NULL),
           EG_OK);
  gln_array_fill_random(&c->tensors[index], r, 2);
  if (c->job.block.spec.combine == GLN_COMBINE_PROD && gln_type_is_float(type))
    case_powers(&c->tensors[index], r);
  shape.rank = (uint8_t)rank;
  memcpy(shape.dims, extents, rank * sizeof *extents);
  CHECK_EQ(gln_array_init(&c->arrays[index], &shape, case_memory, NULL), EG_OK);
  if (gln_view_has_fill(c->views[index], &fill))
    gln_scalar_store(fill, bytes);
  CHECK_EQ(gln_view_copy(&case_memory, c->views[index], gln_type_bytes(type),
                         c->tensors[index].data,
                         c->tensors[index].num_bytes / gln_type_bytes(type),
                         bytes, c->arrays[index].data,
                         c->arrays[index].num_bytes / gln_type_bytes(type),
                         NULL),
           EG_OK);
}

//===-- Cases -------------------------------------------------------------===//

// The operands of a job whose block and body are set.
static inline void case_fill(job_case *c, uint64_t *r) {
  const gln_spec *s = &c->job.block.spec;
  int64_t box[GLN_SPEC_MAX_RANK];
  for (size_t k = 0; k < s->num_operands; ++k) {
    gln_spec_operand_box(s, k, box, NULL);
    case_operand(c, r, k, s->operands[k].rank, box, s->operands[k].type, false);
  }
  c->job.num_operands = s->num_operands;
  for (size_t k = 1; c->job.body && k < c->job.body->num_args; ++k)
    case_operand(c, r, c->job.num_operands++, s->num_parallel, s->dims,
                 (gln_type)c->job.body->arg_types[k], true);
}

// What the job computes, by the interpreter.
static inline void case_evaluate(job_case *c) {
  const gln_array *read[GLN_SPEC_MAX_OPERANDS];
  const gln_scalar_body *body = c->job.body;
  eg_error error = {0};
  gln_array sum;
  for (size_t k = 0; k < c->job.block.spec.num_operands; ++k)
    read[k] = &c->arrays[k];
  CHECK_EQ(gln_interp_spec(&c->job.block.spec, read, case_memory, &sum, &error),
           EG_OK);
  if (!body) {
    c->result = sum;
    return;
  }
  gln_shape shape;
  gln_job_result(&c->job, &shape);
  CHECK_EQ(gln_array_init(&c->result, &shape, case_memory, NULL), EG_OK);
  gln_scalar *registers =
      malloc((body->num_args + body->num_insts + 1u) * sizeof *registers);
  for (int64_t n = 0; n < gln_shape_num_elements(&shape); ++n) {
    registers[0] = gln_array_get(&sum, n);
    for (size_t k = 1; k < body->num_args; ++k)
      registers[k] =
          gln_array_get(&c->arrays[c->job.block.spec.num_operands + k - 1], n);
    CHECK_EQ(gln_scalar_body_eval(body, NULL, 0, registers, &error), EG_OK);
    gln_array_set(&c->result, n, registers[body->results[0]]);
  }
  free(registers);
  gln_array_fini(&sum);
}

static inline void case_fini(job_case *c) {
  for (size_t k = 0; k < GLN_JOB_MAX_OPERANDS; ++k) {
    gln_view_destroy(&case_memory, c->views[k]);
    gln_array_fini(&c->tensors[k]);
    gln_array_fini(&c->arrays[k]);
  }
  gln_array_fini(&c->result);
  gln_scalar_body_fini(&c->body);
}

#endif
