// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kernels between tensors and buffers.
//
//   %b = bufferization.to_buffer %a read_only
//   %r = memref.alloc()
//   ... loops of commands on %b, %r ...
//   systolic.read %a
//   %o = bufferization.to_tensor %r restrict writable
//
// is what upstream's bufferization takes without a copy. What the commands read of
// %b its analysis does not see, and the to_buffer, which it does, is pure: CSE
// merges those of several kernels, LICM moves them out of loops, and that of a
// to_tensor is folded. Without the read at the end, which has effects and so stays,
// it could take %a for dead before the commands have run, and let something be
// written there.
#include "bridge/commands.h"

#include "bridge/emit.h"
#include "bridge/job_attr.h"
#include "bridge/target.h"
#include "cxx/glenside-cxx.h"
#include "dialect/access.h"
#include "rules/blocking.h"
#include "runtime/sa.h"

#include <stdio.h>
#include <string.h>

//===-- Devices -----------------------------------------------------------===//

static uint32_t whole(const gln_target_number *number) {
  return number->value < 1 ? (uint32_t)(number->value > 0)
                           : (uint32_t)number->value;
}

static sa_hw hardware(const gln_target *t, size_t array) {
  const gln_target_array *a = &t->arrays[array];
  sa_hw hw = {.rows = whole(&a->rows),
              .cols = whole(&a->cols),
              .abuf_bytes = whole(&t->abuf_bytes),
              .wbuf_bytes = whole(&t->wbuf_bytes),
              .acc_bytes = whole(&t->acc_bytes),
              .lanes = whole(&t->lanes),
              .dram_bytes_per_cycle = whole(&t->dram_bytes_per_cycle),
              .dram_burst_bytes = whole(&t->dram_burst_bytes),
              .dram_request_cycles = whole(&t->dram_request_cycles),
              .dram_latency_cycles = whole(&t->dram_latency)};
  hw.caps = SA_CAP_RING | SA_CAP_IM2COL | SA_CAP_TRANSPOSE | SA_CAP_MATH;
  hw.caps |= a->weight_stationary.value ? SA_CAP_WS : 0;
  hw.caps |= a->output_stationary.value ? SA_CAP_OS : 0;
  hw.caps |= a->shadow_weights.value ? SA_CAP_SHADOW : 0;
  return hw;
}

MlirOperation gln_device_build(MlirLocation location, const gln_target *target,
                               const char *name, size_t array, gln_type in,
                               gln_type acc, eg_error *error) {
  MlirContext context = mlirLocationGetContext(location);
  MlirType i64 = mlirIntegerTypeGet(context, 64);
  MlirType type = gln_systolic_device_type(context);
  sa_hw hw = hardware(target, array);
  sa_error why;
  if (sa_hw_check(&hw, &why) != SA_OK) {
    (void)gln_fail(error, EG_INVALID,
                   "target '%s' is no device of the runtime: %s", name,
                   why.text);
    return (MlirOperation){NULL};
  }
  const struct {
    const char *name;
    uint32_t value;
  } numbers[] = {
#define GLN_X(member, doc) {#member, hw.member},
      GLN_SYSTOLIC_HW_TABLE(GLN_X)
#undef GLN_X
  };
  enum { NUM = sizeof numbers / sizeof *numbers };
  MlirNamedAttribute list[NUM + 3];
  for (size_t i = 0; i < NUM; ++i)
    list[i] = mlirNamedAttributeGet(
        mlirIdentifierGet(context, gln_string(numbers[i].name)),
        mlirIntegerAttrGet(i64, numbers[i].value));
  const char *const texts[][2] = {
      {"target", name}, {"in", gln_type_name(in)}, {"acc", gln_type_name(acc)}};
  for (size_t i = 0; i < 3; ++i)
    list[NUM + i] = mlirNamedAttributeGet(
        mlirIdentifierGet(context, gln_string(texts[i][0])),
        mlirStringAttrGet(context, gln_string(texts[i][1])));
  MlirOperationState state =
      mlirOperationStateGet(gln_string("systolic.open"), location);
  mlirOperationStateAddResults(&state, 1, &type);
  mlirOperationStateAddAttributes(&state, NUM + 3, list);
  return mlirOperationCreate(&state);
}

//===-- Targets -----------------------------------------------------------===//

enum { MAX_TARGETS = 16 }; // of one module

typedef struct targets {
  MlirStringRef texts[MAX_TARGETS];
  gln_target_file *files[MAX_TARGETS];
  size_t num;
  // Element types of the module's first kernel on an array.
  bool has_types;
  gln_type in, acc;
} targets;

// The target called |text|, read once; NULL after an error.
static const gln_target *find_target(targets *all, MlirOperation op,
                                     MlirStringRef text) {
  MlirLocation location = mlirOperationGetLocation(op);
  for (size_t i = 0; i < all->num; ++i)
    if (mlirStringRefEqual(all->texts[i], text))
      return &all->files[i]->target;
  if (all->num == MAX_TARGETS) {
    gln_op_error(op, "names target number %d of one module", MAX_TARGETS + 1);
    return NULL;
  }
  gln_target_file *file = gln_target_load(location, text.data);
  if (file && !gln_target_require_point(location, file)) {
    gln_target_unload(file);
    file = NULL;
  }
  if (!file)
    return NULL;
  all->texts[all->num] = text;
  all->files[all->num++] = file;
  return &file->target;
}

//===-- One kernel --------------------------------------------------------===//

// `dot f32 (49, 64 | 576) add relu`: what a line of statistics is about.
static void label(const gln_job *job, char *text, size_t size) {
  gln_spec_print(&job->block.spec, text, size);
  char *end = strchr(text, ')');
  size_t used = end ? (size_t)(end - text) + 1 : strlen(text);
  text[used] = '\0';
  if (!job->body)
    return;
  for (uint16_t i = 0; i < job->body->num_insts && used < size; ++i) {
    unsigned op = job->body->insts[i].op;
    if (op < GLN_NUM_SCALAR_OPS)
      used += (size_t)snprintf(text + used, size - used, " %s",
                               gln_scalar_op_info((gln_scalar_op)op)->name);
  }
}

static MlirType memref_of(MlirContext context, gln_type type,
                          const int64_t *dims, size_t rank) {
  return mlirMemRefTypeContiguousGet(gln_element_get(context, type),
                                     (intptr_t)rank, dims,
                                     mlirAttributeGetNull());
}

static MlirValue allocate(gln_emit *at, MlirType type) {
  MlirNamedAttribute none = gln_emit_named(
      at, "operandSegmentSizes",
      mlirDenseI32ArrayGet(at->context, 2, (const int32_t[]){0, 0}));
  return gln_emit_value(at, "memref.alloc", NULL, 0, type, &none, 1);
}

// Buffers of the tensors of a program, in front of the kernel.
static void make_buffers(gln_emit *at, MlirOperation op, const gln_job *job,
                         const gln_program *program, MlirValue *out) {
  for (uint32_t i = 0; i < program->num_tensors; ++i) {
    const gln_program_tensor *t = &program->tensors[i];
    gln_shape shape;
    if (t->kind == GLN_TENSOR_SCRATCH) {
      out[i] =
          allocate(at, memref_of(at->context, t->type, &t->num_elements, 1));
    } else if (t->kind == GLN_TENSOR_RESULT) {
      gln_job_result(job, &shape);
      out[i] = allocate(
          at, memref_of(at->context, shape.type, shape.dims, shape.rank));
    } else {
      const gln_job_operand *o = &job->operands[t->index];
      MlirValue tensor = mlirOperationGetOperand(op, (intptr_t)t->index);
      MlirNamedAttribute read_only =
          gln_emit_named(at, "read_only", mlirUnitAttrGet(at->context));
      out[i] = gln_emit_value(at, "bufferization.to_buffer", &tensor, 1,
                              memref_of(at->context, o->type,
                                        gln_view_source_extents(o->view),
                                        gln_view_source_rank(o->view)),
                              &read_only, 1);
    }
  }
}

static void keep_operands(gln_emit *at, MlirOperation op,
                          const gln_program *program) {
  for (uint32_t i = 0; i < program->num_tensors; ++i) {
    const gln_program_tensor *t = &program->tensors[i];
    if (t->kind == GLN_TENSOR_SCRATCH || t->kind == GLN_TENSOR_RESULT)
      continue;
    MlirValue tensor = mlirOperationGetOperand(op, (intptr_t)t->index);
    gln_emit_op(at, "systolic.read", &tensor, 1, (MlirType){NULL}, NULL, 0);
  }
}

static MlirValue result_of(gln_emit *at, const gln_program *program,
                           const MlirValue *memrefs, MlirType type) {
  uint32_t i = 0;
  while (program->tensors[i].kind != GLN_TENSOR_RESULT)
    ++i;
  MlirAttribute unit = mlirUnitAttrGet(at->context);
  MlirNamedAttribute flags[] = {gln_emit_named(at, "restrict", unit),
                                gln_emit_named(at, "writable", unit)};
  return gln_emit_value(at, "bufferization.to_tensor", &memrefs[i], 1, type,
                        flags, 2);
}

static bool emit_kernel(MlirOperation op, const gln_kernel *kernel,
                        const gln_target *target, const gln_program *program,
                        eg_error *error) {
  gln_emit at = gln_emit_at(op);
  MlirValue memrefs[GLN_PROGRAM_MAX_TENSORS];
  MlirOperation device = gln_device_build(
      at.location, target, kernel->target.data, kernel->job.block.array,
      program->in, program->acc, error);
  if (mlirOperationIsNull(device))
    return gln_op_error(op, "%s", error->text);
  gln_emit_insert(&at, device);
  make_buffers(&at, op, &kernel->job, program, memrefs);
  char layer[160];
  label(&kernel->job, layer, sizeof layer);
  if (!gln_commands_emit(device, op, program, mlirOperationGetResult(device, 0),
                         memrefs, layer))
    return false;
  keep_operands(&at, op, program);
  MlirValue old = mlirOperationGetResult(op, 0);
  mlirValueReplaceAllUsesOfWith(
      old, result_of(&at, program, memrefs, mlirValueGetType(old)));
  mlirOperationDestroy(op);
  return true;
}

// Whether the program moves or multiplies elements of the device's input type.
static bool reads_inputs(const gln_program *program) {
  for (uint32_t i = 0; i < program->num_commands; ++i) {
    const gln_command *c = &program->commands[i];
    bool is_load = c->kind == GLN_COMMAND_LOAD || c->kind == GLN_COMMAND_LOADW;
    bool is_store = c->kind == GLN_COMMAND_STORE;
    if (c->kind == GLN_COMMAND_PRELOAD || c->kind == GLN_COMMAND_GEMM ||
        c->kind == GLN_COMMAND_GEMM_OS || c->kind == GLN_COMMAND_MOVE ||
        (is_load && (c->load.space != GLN_MEMORY_ACC ||
                     c->load.box.type != program->acc)) ||
        (is_store && c->store.box.type != program->acc))
      return true;
  }
  return false;
}

// What runs on the accumulator alone shares the device of the other kernels.
static void choose_inputs(const targets *all, gln_program *program) {
  if (!reads_inputs(program) && all->has_types && all->acc == program->acc)
    program->in = all->in;
}

static bool compile(targets *all, MlirOperation op) {
  eg_allocator memory = eg_allocator_default();
  eg_error error = {0};
  gln_kernel kernel;
  gln_program program;
  if (gln_kernel_read(op, &memory, &kernel, &error))
    return gln_op_error(op, "%s", error.text);
  const gln_target *target = find_target(all, op, kernel.target);
  bool ok = target != NULL;
  if (ok && gln_kernel_bind(&kernel, target, &error))
    ok = gln_op_error(op, "%s", error.text);
  if (ok && gln_program_create(&memory, target, &kernel.job, &program, &error))
    ok = gln_op_error(op, "target '%s' does not run it: %s", kernel.target.data,
                      error.text);
  else if (ok) {
    choose_inputs(all, &program);
    ok = emit_kernel(op, &kernel, target, &program, &error);
    gln_program_fini(&program);
  }
  gln_kernel_fini(&kernel);
  return ok;
}

//===-- The module --------------------------------------------------------===//

// The element types of the first kernel that runs on an array.
static void find_types(targets *all, MlirOperation op) {
  eg_allocator memory = eg_allocator_default();
  gln_kernel kernel;
  if (all->has_types || gln_kernel_read(op, &memory, &kernel, NULL))
    return;
  if (!(kernel.job.block.strategy & GLN_STRATEGY_VECTOR)) {
    all->has_types = true;
    all->in = kernel.job.block.spec.operands[0].type;
    all->acc = kernel.job.block.spec.result;
  }
  gln_kernel_fini(&kernel);
}

typedef struct kernels {
  MlirOperation *ops; // NULL: count only
  size_t num;
} kernels;

static MlirWalkResult collect(MlirOperation op, void *user) {
  kernels *k = user;
  if (gln_systolic_is_kernel(op)) {
    if (k->ops)
      k->ops[k->num] = op;
    ++k->num;
  }
  return MlirWalkResultAdvance;
}

bool gln_commands_module(MlirOperation module) {
  eg_allocator memory = eg_allocator_default();
  kernels found = {0};
  mlirOperationWalk(module, collect, &found, MlirWalkPreOrder);
  size_t num = found.num, bytes = (num + 1) * sizeof *found.ops;
  targets all = {.num = 0};
  found = (kernels){.ops = memory.resize(memory.user, NULL, 0, bytes)};
  if (!found.ops)
    return gln_error(mlirOperationGetLocation(module), "out of memory");
  mlirOperationWalk(module, collect, &found, MlirWalkPreOrder);
  bool ok = true;
  for (size_t i = 0; i < num; ++i)
    find_types(&all, found.ops[i]);
  for (size_t i = 0; i < num && ok; ++i)
    ok = compile(&all, found.ops[i]);
  for (size_t i = 0; i < all.num; ++i)
    gln_target_unload(all.files[i]);
  memory.resize(memory.user, found.ops, bytes, 0);
  return ok;
}
