// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// From a job to its program: the grid, what is staged at each loop, and tokens.
//
// At the loop where an operand is staged:
//
//   await(LOAD <- EXEC)    from visit number `buffers` on: the buffer is free
//   load
//   signal, await(LOAD -> EXEC)
//     ... loops further in, tiles ...
//   signal(EXEC -> LOAD)
//
// and after the last loop the tokens that nobody took are taken. The result is
// the same the other way round, with STORE. Every pair of queues carries tokens
// of one kind, in the order in which they are awaited, so that a counter is
// enough; a comment says where two kinds share a pair.
#include "design/program_internal.h"
#include "view/try.h"

#include <string.h>

typedef struct compiler {
  glni_emit e;
  const glni_plan *plan;
  gln_queue unit;    // EXEC or VECTOR
  bool is_spilled;   // partial sums leave the chip
  bool waits;        // vector unit: inputs are awaited as soon as they are free
  uint8_t innermost; // vector unit: the innermost level of an input
  uint32_t result, scratch;
  gln_box whole; // of the result
} compiler;

//===-- Visits ------------------------------------------------------------===//

static int64_t num_visits(const glni_plan *plan, size_t level) {
  int64_t visits = 1;
  for (size_t i = 0; i < level; ++i)
    visits *= gln_block_trips(plan->block, plan->block->order[i]);
  return visits;
}

// Awaits a token in every visit but the first |buffers|.
static void await_free(compiler *c, size_t level, int64_t buffers, gln_queue to,
                       gln_queue from) {
  glni_build *b = &c->e.b;
  if (num_visits(c->plan, level) <= buffers)
    return;
  glni_if(b,
          glni_less(b, glni_const(b, buffers - 1), glni_visit(&c->e, level)));
  glni_await(b, to, from);
  glni_end(b);
}

// Takes the tokens of the last |buffers| visits.
static void drain(compiler *c, size_t level, int64_t buffers, gln_queue to,
                  gln_queue from) {
  int64_t visits = num_visits(c->plan, level);
  glni_loop(&c->e.b, glni_const(&c->e.b, visits < buffers ? visits : buffers));
  glni_await(&c->e.b, to, from);
  glni_end(&c->e.b);
}

static void order(compiler *c, gln_queue from, gln_queue to) {
  glni_signal(&c->e.b, from, to);
  glni_await(&c->e.b, to, from);
}

//===-- Inputs ------------------------------------------------------------===//

static gln_queue queue_of(const glni_staged *s) {
  return s->memory == GLN_MEMORY_WBUF ? GLN_QUEUE_LOADW : GLN_QUEUE_LOAD;
}

// A ring of two tiles holds the tile before and this one only while both belong
// to one sweep. The first tile of a sweep therefore waits for all before it, and
// the second has nothing more to wait for.
static void await_ring(compiler *c, const glni_staged *s) {
  glni_build *b = &c->e.b;
  gln_int var = c->e.grid[s->level - 1u], before = GLNI_ZERO;
  for (size_t i = 0; i + 1 < s->level; ++i)
    before = glni_add(b, before, c->e.grid[i]);
  gln_int restarts =
      glni_both(b, glni_less(b, var, GLNI_ONE), glni_positive(b, before));
  glni_loop(
      b, glni_add(b, glni_less(b, GLNI_ONE, var), glni_scale(b, restarts, 2)));
  glni_await(b, queue_of(s), c->unit);
  glni_end(b);
}

static void load_input(compiler *c, size_t index) {
  const glni_staged *s = &c->plan->staged[index];
  if (c->unit == GLN_QUEUE_EXEC) {
    if (s->ring_axis != GLNI_NONE && s->buffers == 2)
      await_ring(c, s);
    else
      await_free(c, s->level, s->buffers, queue_of(s), c->unit);
  }
  glni_transfer(&c->e, s, &c->e.boxes[index], (uint32_t)index, s->type, NULL);
  order(c, queue_of(s), c->unit);
}

// On the vector unit all inputs come by one queue, and one kind of token, of the
// innermost of them, says that buffers are free. It is enough for those further
// out: before their second next tile two more of the innermost have been awaited.
// Where one has a single buffer that does not hold, and tokens are awaited at once.
static void open_inputs(compiler *c, size_t level) {
  size_t num = c->plan->num_staged - 1u;
  if (c->unit == GLN_QUEUE_VECTOR && level == c->innermost && !c->waits)
    await_free(c, level, 2, GLN_QUEUE_LOAD, GLN_QUEUE_VECTOR);
  for (size_t k = 0; k < num; ++k)
    if (c->plan->staged[k].level == level)
      load_input(c, k);
}

static void close_inputs(compiler *c, size_t level) {
  size_t num = c->plan->num_staged - 1u;
  if (c->unit == GLN_QUEUE_VECTOR) {
    if (level != c->innermost)
      return;
    glni_signal(&c->e.b, GLN_QUEUE_VECTOR, GLN_QUEUE_LOAD);
    if (c->waits)
      glni_await(&c->e.b, GLN_QUEUE_LOAD, GLN_QUEUE_VECTOR);
    return;
  }
  for (size_t k = 0; k < num; ++k)
    if (c->plan->staged[k].level == level)
      glni_signal(&c->e.b, c->unit, queue_of(&c->plan->staged[k]));
}

static void drain_inputs(compiler *c) {
  size_t num = c->plan->num_staged - 1u;
  if (c->unit == GLN_QUEUE_VECTOR) {
    if (!c->waits)
      drain(c, c->innermost, 2, GLN_QUEUE_LOAD, GLN_QUEUE_VECTOR);
    return;
  }
  for (size_t k = 0; k < num; ++k) {
    const glni_staged *s = &c->plan->staged[k];
    drain(c, s->level, s->buffers, queue_of(s), c->unit);
  }
}

//===-- The result --------------------------------------------------------===//

// Reduced grid loops outside the result: their sum, and whether all are at their
// last trip.
static gln_int reduced_outside(compiler *c, gln_int *out_is_last) {
  glni_build *b = &c->e.b;
  const gln_block *block = c->plan->block;
  gln_int sum = GLNI_ZERO;
  *out_is_last = GLNI_ONE;
  for (size_t i = 0; i < glni_result_of(c->plan)->level; ++i) {
    uint8_t d = block->order[i];
    if (d < c->plan->num_parallel)
      continue;
    sum = glni_add(b, sum, c->e.grid[i]);
    gln_int last = glni_const(b, gln_block_trips(block, d) - 1);
    *out_is_last = glni_both(b, *out_is_last,
                             glni_expr(b, GLN_EXPR_EQ, c->e.grid[i], last));
  }
  return sum;
}

static void open_result(compiler *c) {
  glni_build *b = &c->e.b;
  const glni_staged *s = glni_result_of(c->plan);
  gln_int is_last;
  await_free(c, s->level, s->buffers, c->unit, GLN_QUEUE_STORE);
  if (!c->is_spilled)
    return;
  // The same tokens for LOAD, in every visit: the buffer is free, and the partial
  // sums, stored at least two visits ago, are in DRAM.
  await_free(c, s->level, s->buffers, GLN_QUEUE_LOAD, GLN_QUEUE_STORE);
  glni_if(b, glni_positive(b, reduced_outside(c, &is_last)));
  glni_transfer(&c->e, s, &c->whole, c->scratch, c->plan->acc, NULL);
  order(c, GLN_QUEUE_LOAD, c->unit);
  glni_end(b);
}

static void store(compiler *c, uint32_t tensor, gln_type type,
                  const gln_out *out) {
  glni_transfer(&c->e, glni_result_of(c->plan), &c->whole, tensor, type, out);
}

static void finish_result(compiler *c) {
  gln_queue last = c->unit;
  if (c->plan->body.num_vops > 0) {
    if (c->unit != GLN_QUEUE_VECTOR)
      order(c, c->unit, GLN_QUEUE_VECTOR);
    glni_epilogue(&c->e);
    last = GLN_QUEUE_VECTOR;
  }
  if (c->plan->body.num_vops > 0 || !c->is_spilled)
    order(c, last, GLN_QUEUE_STORE);
  store(c, c->result, c->plan->body.result, &c->plan->body.out);
}

static void close_result(compiler *c) {
  static const gln_out raw = {0};
  glni_build *b = &c->e.b;
  gln_int is_last;
  if (c->is_spilled) {
    reduced_outside(c, &is_last);
    order(c, c->unit, GLN_QUEUE_STORE); // for either store
    glni_if(b, glni_less(b, is_last, GLNI_ONE));
    store(c, c->scratch, c->plan->acc, &raw);
    glni_end(b);
    glni_if(b, is_last);
    finish_result(c);
    glni_end(b);
    glni_signal(b, GLN_QUEUE_STORE, GLN_QUEUE_LOAD);
  } else {
    finish_result(c);
  }
  glni_signal(b, GLN_QUEUE_STORE, c->unit);
}

static void drain_result(compiler *c) {
  const glni_staged *s = glni_result_of(c->plan);
  drain(c, s->level, s->buffers, c->unit, GLN_QUEUE_STORE);
  if (c->is_spilled)
    drain(c, s->level, s->buffers, GLN_QUEUE_LOAD, GLN_QUEUE_STORE);
  glni_epilogue_drain(&c->e);
}

//===-- The grid ----------------------------------------------------------===//

static void set_tile(compiler *c, size_t dim, gln_int var) {
  glni_build *b = &c->e.b;
  const gln_block *block = c->plan->block;
  int64_t tile = block->tile[dim], extent = block->spec.dims[dim];
  c->e.start[dim] = glni_scale(b, var, tile);
  c->e.extent[dim] = glni_const(b, tile);
  if (extent % tile != 0)
    c->e.extent[dim] =
        glni_min(b, c->e.extent[dim],
                 glni_sub(b, glni_const(b, extent), c->e.start[dim]));
}

static void walk_grid(compiler *c) {
  const gln_block *block = c->plan->block;
  uint8_t result_level = glni_result_of(c->plan)->level;
  for (size_t d = 0; d < c->plan->num_dims; ++d)
    set_tile(c, d, GLNI_ZERO);
  for (size_t i = 0; i <= block->num_grid; ++i) {
    if (i > 0) {
      uint8_t d = block->order[i - 1];
      c->e.grid[i - 1] =
          glni_loop(&c->e.b, glni_const(&c->e.b, gln_block_trips(block, d)));
      set_tile(c, d, c->e.grid[i - 1]);
    }
    open_inputs(c, i);
    if (i == result_level)
      open_result(c);
  }
  if (c->unit == GLN_QUEUE_VECTOR)
    glni_tile_vector(&c->e);
  else
    glni_tile_array(&c->e);
  for (size_t i = block->num_grid + 1u; i-- > 0;) {
    close_inputs(c, i);
    if (i == result_level)
      close_result(c);
    if (i > 0)
      glni_end(&c->e.b);
  }
  drain_inputs(c);
  drain_result(c);
}

//===-- The program -------------------------------------------------------===//

static void prepare(compiler *c) {
  const glni_plan *p = c->plan;
  size_t num = p->num_staged - 1u;
  c->unit = p->dataflow == GLN_VECTOR ? GLN_QUEUE_VECTOR : GLN_QUEUE_EXEC;
  // Of the same pair of queues as the loads of the epilogue: awaited at once, too.
  c->waits = p->body.num_extra > 0;
  for (size_t k = 0; k < num; ++k) {
    const glni_staged *s = &p->staged[k];
    c->waits |= s->buffers == 1 || s->ring_axis != GLNI_NONE;
    c->innermost = s->level > c->innermost ? s->level : c->innermost;
  }
  const glni_staged *out = &p->staged[num];
  for (size_t i = 0; i < out->level; ++i)
    c->is_spilled |= p->block->order[i] >= p->num_parallel;
  c->whole.rank = p->num_parallel;
  int64_t stride = 1;
  for (size_t d = p->num_parallel; d-- > 0;) {
    c->whole.extent[d] = p->block->spec.dims[d];
    c->whole.stride[d] = stride;
    stride *= p->block->spec.dims[d];
  }
}

static void list_tensors(compiler *c, const gln_job *job, gln_program *p) {
  for (uint32_t k = 0; k < job->num_operands; ++k) {
    int64_t num = 1;
    const gln_view *view = job->operands[k].view;
    for (size_t d = 0; d < gln_view_source_rank(view); ++d)
      num *= gln_view_source_extents(view)[d];
    p->tensors[p->num_tensors++] =
        (gln_program_tensor){GLN_TENSOR_OPERAND, k, job->operands[k].type, num};
  }
  int64_t num = gln_spec_num_results(&job->block.spec);
  c->result = p->num_tensors;
  p->tensors[p->num_tensors++] =
      (gln_program_tensor){GLN_TENSOR_RESULT, 0, c->plan->body.result, num};
  c->scratch = p->num_tensors;
  if (c->is_spilled)
    p->tensors[p->num_tensors++] =
        (gln_program_tensor){GLN_TENSOR_SCRATCH, 0, c->plan->acc, num};
}

// Tables keep their numbers of entries only: what was room goes back.
static bool shrink(gln_program *p, void *table, uint32_t num, uint32_t cap,
                   size_t size) {
  void **slot = table;
  if (!*slot || num == cap)
    return true;
  void *smaller =
      p->allocator.resize(p->allocator.user, *slot, cap * size, num * size);
  if (!smaller && num > 0)
    return false;
  *slot = smaller;
  return true;
}

static eg_status seal(glni_build *b, eg_error *error) {
  gln_program *p = b->p;
  eg_status status = b->status;
  if (status == EG_INFEASIBLE)
    gln_fail(error, status, "%s", b->why);
  bool fits =
      shrink(p, &p->exprs, p->num_exprs, b->cap_exprs, sizeof *p->exprs);
  b->cap_exprs = fits ? p->num_exprs : b->cap_exprs;
  bool next =
      shrink(p, &p->steps, p->num_steps, b->cap_steps, sizeof *p->steps);
  b->cap_steps = next ? p->num_steps : b->cap_steps;
  fits &= next;
  next = shrink(p, &p->commands, p->num_commands, b->cap_commands,
                sizeof *p->commands);
  b->cap_commands = next ? p->num_commands : b->cap_commands;
  if (status == EG_OK && !(fits && next))
    status = EG_NO_MEMORY;
  if (status == EG_NO_MEMORY)
    gln_fail(error, status, "no memory for a program");
  else if (status == EG_LIMIT)
    gln_fail(error, status, "loops nested too deeply");
  return status;
}

static eg_status read_boxes(const eg_allocator *allocator, const gln_job *job,
                            gln_box *boxes, eg_error *error) {
  eg_error why;
  for (size_t k = 0; k < job->num_operands; ++k) {
    eg_status status =
        gln_view_box(allocator, job->operands[k].view, &boxes[k], &why);
    if (status != EG_OK)
      return gln_fail(error, status, "operand %zu: %s", k, why.text);
  }
  return EG_OK;
}

eg_status gln_program_create(const eg_allocator *allocator,
                             const gln_target *target, const gln_job *job,
                             gln_program *out, eg_error *error) {
  glni_plan plan;
  compiler c = {.plan = &plan};
  gln_box boxes[GLN_JOB_MAX_OPERANDS];
  memset(out, 0, sizeof *out);
  GLN_TRY(gln_job_check(job, error));
  GLN_TRY(glni_plan_make(target, &job->block, job->body, &plan, error));
  GLN_TRY(read_boxes(allocator, job, boxes, error));
  out->allocator = *allocator;
  out->in = plan.in;
  out->acc = plan.acc;
  for (int m = 0; m < GLN_NUM_MEMORIES; ++m)
    out->rows[m] = (uint32_t)plan.used[m];
  c.e.plan = &plan;
  c.e.job = job;
  c.e.boxes = boxes;
  prepare(&c);
  list_tensors(&c, job, out);
  glni_build_start(&c.e.b, out);
  walk_grid(&c);
  eg_status status = seal(&c.e.b, error);
  if (status != EG_OK) { // the tables may still have room
    out->num_exprs = c.e.b.cap_exprs;
    out->num_steps = c.e.b.cap_steps;
    out->num_commands = c.e.b.cap_commands;
    gln_program_fini(out);
  }
  return status;
}

eg_status gln_program_sites(const eg_allocator *allocator,
                            const gln_target *target, const gln_block *block,
                            const gln_scalar_body *body, uint32_t *out_sites,
                            eg_error *error) {
  gln_job job = {.block = *block, .body = body};
  gln_view *views[GLN_JOB_MAX_OPERANDS] = {NULL};
  gln_program program;
  size_t num = block->spec.num_operands + (body ? body->num_args - 1u : 0u);
  eg_status status = EG_OK;
  *out_sites = 0;
  if (num > GLN_JOB_MAX_OPERANDS)
    return gln_fail(error, EG_INFEASIBLE, "%zu operands, at most %d", num,
                    GLN_JOB_MAX_OPERANDS);
  for (size_t k = 0; k < num && status == EG_OK; ++k) {
    gln_shape shape;
    glni_job_array(&job, k, &shape);
    status =
        gln_view_identity(allocator, shape.rank, shape.dims, &views[k], error);
    job.operands[job.num_operands++] = (gln_job_operand){shape.type, views[k]};
  }
  if (status == EG_OK)
    status = gln_program_create(allocator, target, &job, &program, error);
  if (status == EG_OK) {
    *out_sites = program.num_commands;
    gln_program_fini(&program);
  }
  for (size_t k = 0; k < num; ++k)
    gln_view_destroy(allocator, views[k]);
  return status;
}
