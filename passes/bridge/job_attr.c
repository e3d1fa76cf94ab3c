// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Jobs as attributes and back.
#include "bridge/job_attr.h"

#include "dialect/access.h"
#include "rules/blocking.h"

#include <stdio.h>
#include <string.h>

static const char *const combines[] = {[GLN_COMBINE_DOT] = "dot",
                                       [GLN_COMBINE_SUM] = "sum",
                                       [GLN_COMBINE_PROD] = "prod",
                                       [GLN_COMBINE_MAX] = "max",
                                       [GLN_COMBINE_MIN] = "min"};

static const struct {
  uint8_t bit;
  const char *word;
} strategies[] = {{GLN_STRATEGY_WEIGHT_STATIONARY, "weight_stationary"},
                  {GLN_STRATEGY_OUTPUT_STATIONARY, "output_stationary"},
                  {GLN_STRATEGY_NATURAL, "natural"},
                  {GLN_STRATEGY_SWAPPED, "swapped"},
                  {GLN_STRATEGY_OFFSET, "offset"},
                  {GLN_STRATEGY_IM2COL, "im2col"},
                  {GLN_STRATEGY_VECTOR, "vector"}};
enum { NUM_STRATEGIES = sizeof strategies / sizeof *strategies };

//===-- Writing -----------------------------------------------------------===//

enum { MAX_ATTRIBUTES = 21 };

typedef struct writer {
  MlirContext context;
  const gln_job *job;
  MlirNamedAttribute list[MAX_ATTRIBUTES];
  intptr_t num;
  eg_error *error;
} writer;

static void put(writer *w, const char *name, MlirAttribute value) {
  w->list[w->num++] = mlirNamedAttributeGet(
      mlirIdentifierGet(w->context, gln_string(name)), value);
}

static void put_int(writer *w, const char *name, int64_t value) {
  put(w, name, mlirIntegerAttrGet(mlirIntegerTypeGet(w->context, 64), value));
}

static void put_text(writer *w, const char *name, const char *text) {
  put(w, name, mlirStringAttrGet(w->context, gln_string(text)));
}

static MlirAttribute element(const writer *w, gln_type type) {
  return mlirTypeAttrGet(gln_element_get(w->context, type));
}

static void put_spec(writer *w) {
  const gln_spec *spec = &w->job->block.spec;
  MlirAttribute maps[GLN_SPEC_MAX_OPERANDS], types[GLN_SPEC_MAX_OPERANDS];
  put_text(w, "combine", combines[spec->combine]);
  put(w, "sum", element(w, spec->result));
  put(w, "dims", gln_ints_attribute(w->context, spec->dims, spec->num_dims));
  put_int(w, "parallel", spec->num_parallel);
  for (size_t k = 0; k < spec->num_operands; ++k) {
    const gln_spec_operand *o = &spec->operands[k];
    MlirAttribute rows[GLN_SPEC_MAX_RANK];
    for (size_t d = 0; d < o->rank; ++d) {
      int64_t coefs[GLN_SPEC_MAX_DIMS];
      for (size_t i = 0; i < spec->num_dims; ++i)
        coefs[i] = o->coef[d][i];
      rows[d] = gln_ints_attribute(w->context, coefs, spec->num_dims);
    }
    maps[k] = mlirArrayAttrGet(w->context, o->rank, rows);
    types[k] = element(w, o->type);
  }
  put(w, "maps", mlirArrayAttrGet(w->context, spec->num_operands, maps));
  put(w, "types", mlirArrayAttrGet(w->context, spec->num_operands, types));
}

static void put_block(writer *w) {
  const gln_block *b = &w->job->block;
  int64_t order[GLN_SPEC_MAX_DIMS];
  MlirAttribute staging[GLN_BLOCK_MAX_STAGED], words[NUM_STRATEGIES];
  intptr_t num_words = 0;
  for (size_t i = 0; i < b->num_grid; ++i)
    order[i] = b->order[i];
  for (size_t k = 0; k < b->spec.num_operands + 1u; ++k) {
    const gln_nest_staging *s = &b->staging[k];
    staging[k] = gln_ints_attribute(
        w->context,
        (const int64_t[]){s->depth, s->buffers, s->keep_halo, s->gather}, 4);
  }
  for (size_t i = 0; i < NUM_STRATEGIES; ++i)
    if (b->strategy & strategies[i].bit)
      words[num_words++] =
          mlirStringAttrGet(w->context, gln_string(strategies[i].word));
  put(w, "tile", gln_ints_attribute(w->context, b->tile, b->spec.num_dims));
  put(w, "order", gln_ints_attribute(w->context, order, b->num_grid));
  put(w, "staging",
      mlirArrayAttrGet(w->context, b->spec.num_operands + 1, staging));
  put_int(w, "array", b->array);
  put_int(w, "epilogue", b->epilogue);
  put(w, "strategy", mlirArrayAttrGet(w->context, num_words, words));
}

// A text whose length |print| tells beforehand. Null without memory.
static MlirAttribute text_of(const writer *w,
                             size_t (*print)(const void *thing, char *buffer,
                                             size_t size),
                             const void *thing) {
  eg_allocator memory = eg_allocator_default();
  size_t size = print(thing, NULL, 0) + 1;
  char *text = memory.resize(memory.user, NULL, 0, size);
  if (!text) {
    (void)gln_fail(w->error, EG_NO_MEMORY, "out of memory");
    return mlirAttributeGetNull();
  }
  print(thing, text, size);
  MlirAttribute out = mlirStringAttrGet(w->context, gln_string(text));
  memory.resize(memory.user, text, size, 0);
  return out;
}

static size_t print_view(const void *view, char *buffer, size_t size) {
  return gln_view_print(view, buffer, size);
}

static size_t print_body(const void *body, char *buffer, size_t size) {
  return gln_scalar_body_print(body, buffer, size);
}

static bool put_texts(writer *w) {
  MlirAttribute views[GLN_JOB_MAX_OPERANDS];
  for (size_t k = 0; k < w->job->num_operands; ++k) {
    views[k] = text_of(w, print_view, w->job->operands[k].view);
    if (mlirAttributeIsNull(views[k]))
      return false;
  }
  put(w, "views", mlirArrayAttrGet(w->context, w->job->num_operands, views));
  if (!w->job->body) {
    put_text(w, "body", "");
    return true;
  }
  MlirAttribute body = text_of(w, print_body, w->job->body);
  put(w, "body", body);
  return !mlirAttributeIsNull(body);
}

// An op that does not verify would be a bug further on: say so here.
static bool check_operands(const gln_job *job, const MlirValue *operands,
                           eg_error *error) {
  for (size_t k = 0; k < job->num_operands; ++k) {
    const gln_job_operand *o = &job->operands[k];
    gln_shape found, wanted = {.type = o->type};
    if (gln_view_source_rank(o->view) > GLN_MAX_RANK)
      return gln_fail(error, EG_LIMIT, "kernel: operand %zu has rank %zu", k,
                      gln_view_source_rank(o->view)) == EG_OK;
    wanted.rank = (uint8_t)gln_view_source_rank(o->view);
    memcpy(wanted.dims, gln_view_source_extents(o->view),
           wanted.rank * sizeof *wanted.dims);
    if (gln_pattern_shape(mlirValueGetType(operands[k]), &found, error))
      return false;
    if (gln_shape_equal(&found, &wanted))
      continue;
    char a[160], b[160];
    gln_shape_print(&found, a, sizeof a);
    gln_shape_print(&wanted, b, sizeof b);
    (void)gln_fail(error, EG_INVALID,
                   "kernel: operand %zu is %s, but its view reads %s", k, a, b);
    return false;
  }
  return true;
}

MlirOperation gln_kernel_build(MlirLocation location, const gln_job *job,
                               const char *target, const char *instruction,
                               const MlirValue *operands, eg_error *error) {
  MlirOperation none = {NULL};
  writer w = {
      .context = mlirLocationGetContext(location), .job = job, .error = error};
  if (gln_job_check(job, error) || !check_operands(job, operands, error))
    return none;
  put_spec(&w);
  put_block(&w);
  if (!put_texts(&w))
    return none;
  put_text(&w, "target", target);
  put_text(&w, "instruction", instruction);
  int32_t segments[GLN_SYSTOLIC_MAX_OPERANDS] = {0};
  for (size_t k = 0; k < job->num_operands; ++k)
    segments[k] = 1;
  put(&w, "operandSegmentSizes",
      mlirDenseI32ArrayGet(w.context, GLN_SYSTOLIC_MAX_OPERANDS, segments));
  gln_shape shape;
  gln_job_result(job, &shape);
  MlirType result = gln_tensor_get(w.context, &shape);
  MlirOperationState state =
      mlirOperationStateGet(gln_string("systolic.kernel"), location);
  mlirOperationStateAddOperands(&state, job->num_operands, operands);
  mlirOperationStateAddResults(&state, 1, &result);
  mlirOperationStateAddAttributes(&state, w.num, w.list);
  return mlirOperationCreate(&state);
}

//===-- Reading -----------------------------------------------------------===//

static MlirAttribute at(MlirAttribute list, size_t index) {
  return mlirArrayAttrGetElement(list, (intptr_t)index);
}

static size_t size_of(MlirAttribute list) {
  return (size_t)mlirArrayAttrGetNumElements(list);
}

static int64_t int_at(MlirAttribute list, size_t index) {
  return mlirIntegerAttrGetValueInt(at(list, index));
}

static int64_t int_of(MlirOperation op, const char *name) {
  return mlirIntegerAttrGetValueInt(gln_op_attribute(op, name));
}

static bool is_text(MlirAttribute attribute, const char *text) {
  return mlirStringRefEqual(mlirStringAttrGetValue(attribute),
                            gln_string(text));
}

static eg_status limit(eg_error *error, const char *what, size_t num,
                       size_t most) {
  return gln_fail(error, EG_LIMIT, "%s: %zu, at most %zu", what, num, most);
}

static eg_status read_spec(MlirOperation op, gln_spec *spec, eg_error *error) {
  MlirAttribute dims = gln_op_attribute(op, "dims");
  MlirAttribute maps = gln_op_attribute(op, "maps");
  MlirAttribute types = gln_op_attribute(op, "types");
  MlirAttribute word = gln_op_attribute(op, "combine");
  while (!is_text(word, combines[spec->combine]))
    ++spec->combine;
  (void)gln_element_parse(mlirTypeAttrGetValue(gln_op_attribute(op, "sum")),
                          &spec->result);
  if (size_of(dims) > GLN_SPEC_MAX_DIMS)
    return limit(error, "dims", size_of(dims), GLN_SPEC_MAX_DIMS);
  spec->num_dims = (uint8_t)size_of(dims);
  spec->num_parallel = (uint8_t)int_of(op, "parallel");
  spec->num_operands = (uint8_t)size_of(maps);
  for (size_t i = 0; i < spec->num_dims; ++i)
    spec->dims[i] = int_at(dims, i);
  for (size_t k = 0; k < spec->num_operands; ++k) {
    gln_spec_operand *o = &spec->operands[k];
    MlirAttribute map = at(maps, k);
    if (size_of(map) > GLN_SPEC_MAX_RANK)
      return limit(error, "dimensions of an array", size_of(map),
                   GLN_SPEC_MAX_RANK);
    o->rank = (uint8_t)size_of(map);
    (void)gln_element_parse(mlirTypeAttrGetValue(at(types, k)), &o->type);
    for (size_t d = 0; d < o->rank; ++d)
      for (size_t i = 0; i < spec->num_dims; ++i)
        o->coef[d][i] = (int32_t)int_at(at(map, d), i);
  }
  return EG_OK;
}

static eg_status read_strategy(MlirOperation op, uint8_t *out,
                               eg_error *error) {
  MlirAttribute words = gln_op_attribute(op, "strategy");
  for (size_t k = 0; k < size_of(words); ++k) {
    size_t i = 0;
    while (i < NUM_STRATEGIES && !is_text(at(words, k), strategies[i].word))
      ++i;
    MlirStringRef text = mlirStringAttrGetValue(at(words, k));
    if (i == NUM_STRATEGIES)
      return gln_fail(error, EG_INVALID, "no strategy is called '%.*s'",
                      (int)text.length, text.data);
    *out |= strategies[i].bit;
  }
  return EG_OK;
}

static eg_status read_block(MlirOperation op, gln_block *b, eg_error *error) {
  MlirAttribute tile = gln_op_attribute(op, "tile");
  MlirAttribute order = gln_op_attribute(op, "order");
  MlirAttribute staging = gln_op_attribute(op, "staging");
  eg_status status = read_spec(op, &b->spec, error);
  if (!status)
    status = read_strategy(op, &b->strategy, error);
  if (status)
    return status;
  if (size_of(order) > GLN_SPEC_MAX_DIMS)
    return limit(error, "order", size_of(order), GLN_SPEC_MAX_DIMS);
  for (size_t i = 0; i < b->spec.num_dims; ++i)
    b->tile[i] = int_at(tile, i);
  b->num_grid = (uint8_t)size_of(order);
  for (size_t i = 0; i < b->num_grid; ++i)
    b->order[i] = (uint8_t)int_at(order, i);
  b->array = (uint8_t)int_of(op, "array");
  b->epilogue = (uint8_t)int_of(op, "epilogue");
  for (size_t k = 0; k < size_of(staging); ++k) {
    MlirAttribute s = at(staging, k);
    b->staging[k] = (gln_nest_staging){.depth = (uint8_t)int_at(s, 0),
                                       .buffers = (uint8_t)int_at(s, 1),
                                       .keep_halo = int_at(s, 2) != 0,
                                       .gather = int_at(s, 3) != 0};
  }
  return gln_block_check(b, error);
}

static eg_status read_operands(MlirOperation op, gln_kernel *kernel,
                               eg_error *error) {
  gln_job *job = &kernel->job;
  MlirAttribute views = gln_op_attribute(op, "views");
  size_t num = size_of(views);
  if (num > GLN_JOB_MAX_OPERANDS)
    return limit(error, "operands", num, GLN_JOB_MAX_OPERANDS);
  for (size_t k = 0; k < num; ++k) {
    MlirStringRef text = mlirStringAttrGetValue(at(views, k));
    MlirType type = mlirValueGetType(mlirOperationGetOperand(op, (intptr_t)k));
    eg_status status = gln_view_parse(&kernel->memory, text.data, text.length,
                                      &kernel->views[k], error);
    if (status)
      return status;
    job->num_operands = (uint8_t)(k + 1);
    job->operands[k].view = kernel->views[k];
    if (!gln_element_parse(mlirShapedTypeGetElementType(type),
                           &job->operands[k].type))
      return gln_fail(error, EG_INVALID, "operand %zu is no array of ours", k);
  }
  return EG_OK;
}

static eg_status read_body(MlirOperation op, gln_kernel *kernel,
                           eg_error *error) {
  MlirStringRef text = mlirStringAttrGetValue(gln_op_attribute(op, "body"));
  if (text.length == 0)
    return EG_OK;
  eg_status status = gln_scalar_body_parse(&kernel->body, text.data,
                                           text.length, kernel->memory, error);
  if (!status)
    kernel->job.body = &kernel->body;
  return status;
}

eg_status gln_kernel_read(MlirOperation op, const eg_allocator *memory,
                          gln_kernel *out, eg_error *error) {
  memset(out, 0, sizeof *out);
  out->memory = *memory;
  if (!gln_systolic_is_kernel(op))
    return gln_fail(error, EG_INVALID, "is no systolic.kernel");
  out->target = mlirStringAttrGetValue(gln_op_attribute(op, "target"));
  out->instruction =
      mlirStringAttrGetValue(gln_op_attribute(op, "instruction"));
  eg_status status = read_block(op, &out->job.block, error);
  if (!status)
    status = read_operands(op, out, error);
  if (!status)
    status = read_body(op, out, error);
  if (!status)
    status = gln_job_check(&out->job, error);
  if (status)
    gln_kernel_fini(out);
  return status;
}

// Whether it is the one asked for, or, as none was, one of the block's dataflow.
static bool is_wanted(const gln_kernel *kernel, const gln_instr *instr) {
  const gln_block *b = &kernel->job.block;
  bool stays = b->strategy & GLN_STRATEGY_WEIGHT_STATIONARY;
  if (kernel->instruction.length > 0)
    return mlirStringRefEqual(kernel->instruction, gln_string(instr->name));
  return instr->array == b->array &&
         instr->unit == (stays ? GLN_INSTR_WEIGHT_STATIONARY
                               : GLN_INSTR_OUTPUT_STATIONARY);
}

eg_status gln_kernel_bind(gln_kernel *kernel, const gln_target *target,
                          eg_error *error) {
  gln_block *b = &kernel->job.block;
  size_t i = 0, num = target->instrs ? target->instrs->num : 0;
  if (b->array >= target->num_arrays)
    return gln_fail(error, EG_INVALID,
                    "attribute 'array' is %u, but target '%s' has %u", b->array,
                    kernel->target.data, target->num_arrays);
  b->instr = GLN_BLOCK_NO_INSTR;
  if (b->strategy & GLN_STRATEGY_VECTOR)
    return EG_OK;
  while (i < num && !is_wanted(kernel, &target->instrs->instrs[i]))
    ++i;
  if (i < num)
    b->instr = (uint8_t)i;
  else if (kernel->instruction.length > 0)
    return gln_fail(error, EG_INVALID,
                    "attribute 'instruction' is '%s', which target '%s' does "
                    "not have",
                    kernel->instruction.data, kernel->target.data);
  return EG_OK; // without one, gln_block_instr says what there is not
}

void gln_kernel_fini(gln_kernel *kernel) {
  if (kernel->job.body)
    gln_scalar_body_fini(&kernel->body);
  for (size_t k = 0; k < GLN_JOB_MAX_OPERANDS; ++k)
    if (kernel->views[k])
      gln_view_destroy(&kernel->memory, kernel->views[k]);
  memset(kernel, 0, sizeof *kernel);
}
