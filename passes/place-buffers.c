// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// --place-buffers: the buffers of a function share one allocation.
//
// Each buffer lives from its allocation to the last op that reads or writes it or
// a view of it. Commands of an accelerator only queue what they say: theirs last
// until the next systolic.wait, which is why upstream's passes, to which a use is
// over when its op is, may not move deallocations here.
//
// Two buffers that live at the same time may not overlap. The largest goes first,
// each to the lowest place that is free while it lives (Pisarchyk and Lee,
// Efficient memory management for deep neural net inference, 2020, "greedy by
// size"). What is live at once is a lower bound, and usually reached:
//
//   bytes │  ┌───────────┐
//         │  │     b     ├──────┐
//         │  ├─────┬─────┴──┐ d │
//         │  │  a  │    c   │   │
//         └──┴─────┴────────┴───┴──► ops
//
// Buffers of static shape, allocated in the function's only block; not those that
// it returns, that loops carry, or whose address is taken.
#include "bridge/block.h"
#include "bridge/emit.h"
#include "passes.h"
#include "run/tensor.h"

#include "mlir-c/AffineMap.h"
#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <stdlib.h>

enum { ALIGNMENT = 64 };

typedef struct buffer {
  MlirOperation op;   // memref.alloc
  size_t first, last; // ops of the block between which it lives
  size_t bytes, offset;
} buffer;

typedef struct placement {
  MlirBlock block;
  gln_ops ops;
  size_t *waits; // of each op: the first at or after it that waits
  buffer *buffers;
  size_t num;
  MlirValue *aliases; // of one buffer, itself first
  size_t num_aliases, max_aliases;
} placement;

//===-- Positions ---------------------------------------------------------===//

static const char position[] = "glenside.position";

static void number_ops(const gln_ops *ops) {
  for (size_t i = 0; i < ops->num; ++i) {
    MlirType i64 =
        mlirIntegerTypeGet(mlirOperationGetContext(ops->list[i]), 64);
    mlirOperationSetDiscardableAttributeByName(
        ops->list[i], gln_string(position),
        mlirIntegerAttrGet(i64, (int64_t)i));
  }
}

static void forget_numbers(const gln_ops *ops) {
  for (size_t i = 0; i < ops->num; ++i)
    mlirOperationRemoveDiscardableAttributeByName(ops->list[i],
                                                  gln_string(position));
}

// Where in the block |op| is or lies.
static size_t position_of(const placement *p, MlirOperation op) {
  return (size_t)mlirIntegerAttrGetValueInt(
      mlirOperationGetDiscardableAttributeByName(gln_ancestor(op, p->block),
                                                 gln_string(position)));
}

static MlirWalkResult find_wait(MlirOperation op, void *user) {
  bool *found = user;
  *found = gln_op_is(op, "systolic.wait");
  return *found ? MlirWalkResultInterrupt : MlirWalkResultAdvance;
}

static bool find_waits(placement *p) {
  p->waits = malloc((p->ops.num + 1) * sizeof *p->waits);
  if (!p->waits)
    return false;
  size_t next = p->ops.num - 1;
  for (size_t i = p->ops.num; i-- > 0;) {
    bool waits = false;
    mlirOperationWalk(p->ops.list[i], find_wait, &waits, MlirWalkPreOrder);
    next = waits ? i : next;
    p->waits[i] = next;
  }
  return true;
}

//===-- Lives -------------------------------------------------------------===//

static bool add_alias(placement *p, MlirValue value) {
  if (p->num_aliases == p->max_aliases) {
    size_t room = 2 * p->max_aliases + 16;
    MlirValue *grown = realloc(p->aliases, room * sizeof *grown);
    if (!grown)
      return false;
    p->aliases = grown;
    p->max_aliases = room;
  }
  p->aliases[p->num_aliases++] = value;
  return true;
}

// Adds what |user| makes of a buffer. False if that cannot be followed.
static bool follow(placement *p, MlirOperation user) {
  if (mlirOperationGetNumSuccessors(user) ||
      mlirOperationEqual(user,
                         mlirBlockGetTerminator(mlirOperationGetBlock(user))) ||
      gln_op_is(user, "memref.dealloc") ||
      gln_op_is(user, "memref.extract_aligned_pointer_as_index"))
    return false;
  for (intptr_t i = 0; i < mlirOperationGetNumResults(user); ++i) {
    MlirValue result = mlirOperationGetResult(user, i);
    MlirType type = mlirValueGetType(result);
    bool is_number = mlirTypeIsAInteger(type) || mlirTypeIsAFloat(type) ||
                     mlirTypeIsAIndex(type) || mlirTypeIsAVector(type);
    if (!is_number &&
        (!mlirTypeIsAMemRef(type) || mlirOperationGetNumRegions(user) ||
         !add_alias(p, result)))
      return false;
  }
  return true;
}

// Finds until when |b| lives. False if that is not known.
static bool find_life(placement *p, buffer *b) {
  b->first = b->last = position_of(p, b->op);
  p->num_aliases = 0;
  if (!add_alias(p, mlirOperationGetResult(b->op, 0)))
    return false;
  for (size_t i = 0; i < p->num_aliases; ++i)
    for (MlirOpOperand use = mlirValueGetFirstUse(p->aliases[i]);
         !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
      MlirOperation user = mlirOpOperandGetOwner(use);
      if (!follow(p, user))
        return false;
      size_t at = position_of(p, user);
      if (gln_op_of(user, "systolic."))
        at = p->waits[at];
      b->last = at > b->last ? at : b->last;
    }
  return true;
}

// Whether |op| allocates what memref.view can make.
static bool read_buffer(MlirOperation op, buffer *out) {
  if (!gln_op_is(op, "memref.alloc") || mlirOperationGetNumOperands(op))
    return false;
  MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  *out = (buffer){.op = op};
  return gln_memref_bytes(type, &out->bytes) && out->bytes &&
         mlirAttributeIsNull(mlirMemRefTypeGetMemorySpace(type)) &&
         mlirAffineMapIsIdentity(mlirMemRefTypeGetAffineMap(type));
}

static bool find_buffers(placement *p) {
  p->buffers = malloc((p->ops.num + 1) * sizeof *p->buffers);
  if (!p->buffers)
    return false;
  for (size_t i = 0; i < p->ops.num; ++i) {
    buffer *b = &p->buffers[p->num];
    if (read_buffer(p->ops.list[i], b) && find_life(p, b))
      ++p->num;
  }
  return true;
}

//===-- Places ------------------------------------------------------------===//

static size_t aligned(size_t bytes) {
  return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

// Larger first, then earlier.
static int compare(const void *a, const void *b) {
  const buffer *x = a, *y = b;
  if (x->bytes != y->bytes)
    return x->bytes < y->bytes ? 1 : -1;
  return (x->first > y->first) - (x->first < y->first);
}

// The lowest place for buffer |index| beside those before it. O(n²), for n in
// the hundreds.
static size_t lowest(const placement *p, size_t index) {
  const buffer *b = &p->buffers[index];
  size_t at = 0;
  for (size_t i = 0; i < index;) {
    const buffer *other = &p->buffers[i++];
    if (other->last < b->first || b->last < other->first ||
        at + b->bytes <= other->offset || other->offset + other->bytes <= at)
      continue;
    at = aligned(other->offset + other->bytes);
    i = 0;
  }
  return at;
}

// Gives each buffer its place; returns the bytes of all.
static size_t place(placement *p) {
  size_t peak = 0;
  qsort(p->buffers, p->num, sizeof *p->buffers, compare);
  for (size_t i = 0; i < p->num; ++i) {
    buffer *b = &p->buffers[i];
    b->offset = lowest(p, i);
    if (b->offset + b->bytes > peak)
      peak = b->offset + b->bytes;
  }
  return aligned(peak);
}

// The most bytes that live at once.
static size_t live(const placement *p) {
  size_t most = 0;
  for (size_t i = 0; i < p->num; ++i) {
    size_t at = p->buffers[i].first, sum = 0;
    for (size_t k = 0; k < p->num; ++k)
      if (p->buffers[k].first <= at && at <= p->buffers[k].last)
        sum += aligned(p->buffers[k].bytes);
    most = sum > most ? sum : most;
  }
  return most;
}

static void report(const placement *p, MlirOperation function, size_t bytes) {
  size_t sum = 0;
  if (!gln_remarks_enabled(mlirOperationGetContext(function)))
    return;
  for (size_t i = 0; i < p->num; ++i)
    sum += aligned(p->buffers[i].bytes);
  gln_remark_arg args[] = {{.key = "Buffers", .number = (int64_t)p->num},
                           {.key = "Sum", .number = (int64_t)sum},
                           {.key = "Live", .number = (int64_t)live(p)},
                           {.key = "Arena", .number = (int64_t)bytes}};
  gln_remark(function, GLN_REMARK_ANALYSIS, "glenside-place", "Arena", args, 4);
}

//===-- Views -------------------------------------------------------------===//

// An allocation of |bytes| in front of the first buffer.
static MlirValue make_arena(const placement *p, size_t bytes) {
  const buffer *first = &p->buffers[0];
  for (size_t i = 1; i < p->num; ++i)
    first = p->buffers[i].first < first->first ? &p->buffers[i] : first;
  gln_emit at = gln_emit_at(first->op);
  const int64_t extent = (int64_t)bytes;
  MlirType type = mlirMemRefTypeContiguousGet(
      mlirIntegerTypeGet(at.context, 8), 1, &extent, mlirAttributeGetNull());
  MlirNamedAttribute attributes[] = {
      gln_emit_named(
          &at, "operandSegmentSizes",
          mlirDenseI32ArrayGet(at.context, 2, (const int32_t[]){0, 0})),
      gln_emit_named(
          &at, "alignment",
          mlirIntegerAttrGet(mlirIntegerTypeGet(at.context, 64), ALIGNMENT))};
  return gln_emit_value(&at, "memref.alloc", NULL, 0, type, attributes, 2);
}

static void make_view(const buffer *b, MlirValue arena) {
  gln_emit at = gln_emit_at(b->op);
  MlirValue old = mlirOperationGetResult(b->op, 0);
  MlirValue operands[] = {arena, gln_emit_int(&at, mlirIndexTypeGet(at.context),
                                              (int64_t)b->offset)};
  mlirValueReplaceAllUsesOfWith(old,
                                gln_emit_value(&at, "memref.view", operands, 2,
                                               mlirValueGetType(old), NULL, 0));
  mlirOperationDestroy(b->op);
}

static bool place_function(MlirOperation function) {
  placement p = {.block = gln_body(function)};
  if (!gln_ops_init(p.block, &p.ops))
    return false;
  number_ops(&p.ops);
  bool ok = find_waits(&p) && find_buffers(&p);
  forget_numbers(&p.ops);
  if (!ok)
    gln_op_error(function, "out of memory");
  if (ok && p.num > 1) {
    size_t bytes = place(&p);
    report(&p, function, bytes);
    MlirValue arena = make_arena(&p, bytes);
    for (size_t i = 0; i < p.num; ++i)
      make_view(&p.buffers[i], arena);
  }
  gln_ops_fini(&p.ops);
  free(p.waits);
  free(p.buffers);
  free(p.aliases);
  return ok;
}

//===-- The pass ----------------------------------------------------------===//

static bool run(MlirOperation function, gln_pass_context *pass) {
  (void)pass;
  MlirBlock block = gln_body(function);
  return mlirBlockIsNull(block) ||
         !mlirBlockIsNull(mlirBlockGetNextInRegion(block)) ||
         place_function(function);
}

const gln_pass gln_pass_place_buffers = {
    .flag = "place-buffers",
    .summary = "Lets buffers that live at different times share memory",
    .description =
        "After bufferization and before deallocation. In a function of one "
        "block, every `memref.alloc` of static shape becomes a `memref.view` "
        "of one arena; buffers that live at the same time do not overlap. What "
        "a command of an accelerator uses lives until the next "
        "`systolic.wait`. Buffers that are returned, carried by loops, or "
        "whose address is taken stay as they are. "
        "`--remarks-filter=glenside-place` says how large the arena is, the "
        "sum of its buffers, and what is live at once.",
    .anchor = "func.func",
    .dialects = (const char *const[]){"arith", "memref", NULL},
    .run = run,
};
