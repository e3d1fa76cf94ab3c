// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Commands as calls.
//
// A descriptor is bytes laid out as the struct of sa.h that this file sees. A
// call site without anything that varies passes the address of the constant; any
// other copies it to the function's one scratch descriptor, stores what varies,
// and calls: the runtime has read it when the call returns.
#include "bridge/calls.h"

#include "bridge/emit.h"
#include "cxx/glenside-cxx.h"
#include "runtime/sa.h"
#include "runtime/sa_program.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

//===-- Layout ------------------------------------------------------------===//

typedef struct preload_arguments {
  uint32_t bank, wcol, k, n;
} preload_arguments;
typedef struct token_arguments {
  uint32_t from, to;
} token_arguments;

#define STRUCT_LOAD sa_load_desc
#define STRUCT_LOADW sa_load_desc
#define STRUCT_PRELOAD preload_arguments
#define STRUCT_GEMM sa_gemm_desc
#define STRUCT_GEMM_OS sa_gemm_os_desc
#define STRUCT_ALU sa_alu_desc
#define STRUCT_STORE sa_store_desc
#define STRUCT_MOVE sa_move_desc
#define STRUCT_SIGNAL token_arguments
#define STRUCT_AWAIT token_arguments

#define BYTES_INT 4
#define BYTES_LONG 8
#define BYTES_REAL 8
#define BYTES_SPACE 4
#define BYTES_TYPE 4
#define BYTES_ALU 4
#define BYTES_FROM 4
#define BYTES_ACT 4
#define BYTES_QUEUE 4
#define BYTES_REQUANT sizeof(void *)

#define OFFSET(op, member) offsetof(STRUCT_##op, member)
#define OFFSET_INT OFFSET
#define OFFSET_LONG OFFSET
#define OFFSET_REAL OFFSET
#define OFFSET_SPACE OFFSET
#define OFFSET_TYPE OFFSET
#define OFFSET_ALU OFFSET
#define OFFSET_FROM OFFSET
#define OFFSET_ACT OFFSET
#define OFFSET_QUEUE OFFSET
#define OFFSET_REQUANT OFFSET
#define OFFSET_BASE(op, member) 0
#define OFFSET_SCALE(op, member) 0

static const uint16_t offsets[GLN_NUM_SYSTOLIC_ENTRIES] = {
#define GLN_X(op, name, num, kind, fallback, member, doc)                      \
  OFFSET_##kind(op, member),
    GLN_SYSTOLIC_ENTRY_TABLE(GLN_X)
#undef GLN_X
};

// The kinds are as wide as the members that they stand for.
#define WIDTH(op, member, bytes, num)                                          \
  _Static_assert(sizeof(((STRUCT_##op *)0)->member) == (bytes) ||              \
                     sizeof(((STRUCT_##op *)0)->member) == (bytes) * (num),    \
                 #member);
#define WIDTH_INT(op, member, num) WIDTH(op, member, BYTES_INT, num)
#define WIDTH_LONG(op, member, num) WIDTH(op, member, BYTES_LONG, num)
#define WIDTH_REAL(op, member, num) WIDTH(op, member, BYTES_REAL, num)
#define WIDTH_SPACE(op, member, num) WIDTH(op, member, BYTES_SPACE, num)
#define WIDTH_TYPE(op, member, num) WIDTH(op, member, BYTES_TYPE, num)
#define WIDTH_ALU(op, member, num) WIDTH(op, member, BYTES_ALU, num)
#define WIDTH_FROM(op, member, num) WIDTH(op, member, BYTES_FROM, num)
#define WIDTH_ACT(op, member, num) WIDTH(op, member, BYTES_ACT, num)
#define WIDTH_QUEUE(op, member, num) WIDTH(op, member, BYTES_QUEUE, num)
#define WIDTH_REQUANT(op, member, num) WIDTH(op, member, BYTES_REQUANT, 1)
#define WIDTH_BASE(op, member, num)
#define WIDTH_SCALE(op, member, num)
#define GLN_X(op, name, num, kind, fallback, member, doc)                      \
  WIDTH_##kind(op, member, num)
GLN_SYSTOLIC_ENTRY_TABLE(GLN_X)
#undef GLN_X

static const uint16_t sizes[GLN_NUM_SYSTOLIC_OPS] = {
    [GLN_SYSTOLIC_LOAD] = sizeof(sa_load_desc),
    [GLN_SYSTOLIC_LOADW] = sizeof(sa_load_desc),
    [GLN_SYSTOLIC_PRELOAD] = sizeof(preload_arguments),
    [GLN_SYSTOLIC_GEMM] = sizeof(sa_gemm_desc),
    [GLN_SYSTOLIC_GEMM_OS] = sizeof(sa_gemm_os_desc),
    [GLN_SYSTOLIC_ALU] = sizeof(sa_alu_desc),
    [GLN_SYSTOLIC_STORE] = sizeof(sa_store_desc),
    [GLN_SYSTOLIC_MOVE] = sizeof(sa_move_desc),
    [GLN_SYSTOLIC_SIGNAL] = sizeof(token_arguments),
    [GLN_SYSTOLIC_AWAIT] = sizeof(token_arguments)};

// A requantisation with its tables of one entry behind it.
typedef struct requant_data {
  sa_requant rq;
  int32_t mult;
  float scale;
  uint8_t shift;
} requant_data;

enum { MAX_DESCRIPTOR = 512 };
_Static_assert(sizeof(sa_store_desc) <= MAX_DESCRIPTOR, "scratch");
_Static_assert(sizeof(sa_move_desc) <= MAX_DESCRIPTOR, "scratch");
_Static_assert(sizeof(sa_alu_desc) <= MAX_DESCRIPTOR, "scratch");
_Static_assert(sizeof(sa_gemm_os_desc) <= MAX_DESCRIPTOR, "scratch");

//===-- State -------------------------------------------------------------===//

enum { MAX_DEVICES = 64 }; // systolic.open ops of one function, after CSE few

typedef struct lowering {
  MlirOperation module;
  MlirContext context;
  MlirType ptr, i8, i32, i64;
  gln_emit at;
  MlirAttribute *pool; // bytes of the globals made so far; owned
  size_t num_pool, max_pool;
  MlirOperation function; // that the scratch belongs to
  MlirValue descriptor, origin, requant;
  struct {
    MlirValue old, lowered;
  } devices[MAX_DEVICES];
  size_t num_devices;
  bool failed; // no memory
} lowering;

static MlirValue none(void) {
  return (MlirValue){NULL};
}

static MlirType no_type(void) {
  return (MlirType){NULL};
}

static void *grow(lowering *l) {
  eg_allocator memory = eg_allocator_default();
  size_t room = l->max_pool ? 2 * l->max_pool : 64;
  MlirAttribute *grown = memory.resize(
      memory.user, l->pool, l->max_pool * sizeof *grown, room * sizeof *grown);
  if (grown) {
    l->pool = grown;
    l->max_pool = room;
  }
  return grown;
}

static gln_emit at_module(const lowering *l) {
  MlirBlock body =
      mlirRegionGetFirstBlock(mlirOperationGetRegion(l->module, 0));
  return (gln_emit){.context = l->context,
                    .location = mlirOperationGetLocation(l->module),
                    .block = body,
                    .before = mlirBlockGetFirstOperation(body)};
}

//===-- Constants ---------------------------------------------------------===//

static MlirAttribute parsed(const lowering *l, const char *text) {
  return mlirAttributeParseGet(l->context, gln_string(text));
}

static MlirType parsed_type(const lowering *l, const char *text) {
  return mlirTypeParseGet(l->context, gln_string(text));
}

static void add_global(lowering *l, MlirAttribute bytes, const char *name,
                       size_t size) {
  gln_emit at = at_module(l);
  char type[48];
  snprintf(type, sizeof type, "!llvm.array<%zu x i8>", size);
  MlirNamedAttribute list[] = {
      gln_emit_named(&at, "sym_name",
                     mlirStringAttrGet(l->context, gln_string(name))),
      gln_emit_named(&at, "global_type", mlirTypeAttrGet(parsed_type(l, type))),
      gln_emit_named(&at, "linkage", parsed(l, "#llvm.linkage<internal>")),
      gln_emit_named(&at, "constant", mlirUnitAttrGet(l->context)),
      gln_emit_named(&at, "value", bytes),
      gln_emit_named(&at, "alignment", mlirIntegerAttrGet(l->i64, 8)),
      gln_emit_named(&at, "addr_space", mlirIntegerAttrGet(l->i32, 0))};
  MlirOperationState state =
      mlirOperationStateGet(gln_string("llvm.mlir.global"), at.location);
  MlirRegion region = mlirRegionCreate();
  mlirOperationStateAddAttributes(&state, sizeof list / sizeof *list, list);
  mlirOperationStateAddOwnedRegions(&state, 1, &region);
  gln_emit_insert(&at, mlirOperationCreate(&state));
}

// The address of a constant with these bytes; equal constants are one.
static MlirValue constant(lowering *l, const void *bytes, size_t size) {
  int64_t shape[] = {(int64_t)size};
  MlirAttribute value = mlirDenseElementsAttrRawBufferGet(
      mlirRankedTensorTypeGet(1, shape, l->i8, mlirAttributeGetNull()), size,
      bytes);
  size_t n = 0;
  while (n < l->num_pool && !mlirAttributeEqual(l->pool[n], value))
    ++n;
  char name[40];
  snprintf(name, sizeof name, "__sa_constant_%zu", n);
  if (n == l->num_pool) {
    if (n == l->max_pool && !grow(l)) {
      l->failed = true;
      return none();
    }
    l->pool[l->num_pool++] = value;
    add_global(l, value, name, size);
  }
  MlirNamedAttribute symbol =
      gln_emit_named(&l->at, "global_name",
                     mlirFlatSymbolRefAttrGet(l->context, gln_string(name)));
  return gln_emit_value(&l->at, "llvm.mlir.addressof", NULL, 0, l->ptr, &symbol,
                        1);
}

static MlirValue text(lowering *l, MlirStringRef string) {
  char bytes[256];
  size_t size = string.length < sizeof bytes ? string.length : sizeof bytes - 1;
  memcpy(bytes, string.data, size);
  bytes[size] = '\0';
  return constant(l, bytes, size + 1);
}

//===-- Memory ------------------------------------------------------------===//

static MlirValue allocate(gln_emit *at, const lowering *l, size_t bytes) {
  char type[48];
  snprintf(type, sizeof type, "!llvm.array<%zu x i8>", bytes);
  MlirValue one = gln_emit_int(at, l->i64, 1);
  MlirNamedAttribute list[] = {
      gln_emit_named(at, "elem_type", mlirTypeAttrGet(parsed_type(l, type))),
      gln_emit_named(at, "alignment", mlirIntegerAttrGet(l->i64, 8))};
  return gln_emit_value(at, "llvm.alloca", &one, 1, l->ptr, list, 2);
}

// Scratch of the function around |op|, at its start.
static void enter(lowering *l, MlirOperation op) {
  MlirOperation function = mlirOperationGetParentOperation(op);
  while (
      !mlirStringRefEqual(mlirIdentifierStr(mlirOperationGetName(function)),
                          gln_string("func.func")) &&
      !mlirOperationEqual(mlirOperationGetParentOperation(function), l->module))
    function = mlirOperationGetParentOperation(function);
  if (!mlirOperationIsNull(l->function) &&
      mlirOperationEqual(function, l->function))
    return;
  l->function = function;
  l->num_devices = 0;
  MlirBlock block =
      mlirRegionGetFirstBlock(mlirOperationGetRegion(function, 0));
  gln_emit at = {.context = l->context,
                 .location = mlirOperationGetLocation(function),
                 .block = block,
                 .before = mlirBlockGetFirstOperation(block)};
  l->descriptor = allocate(&at, l, MAX_DESCRIPTOR);
  l->origin = allocate(&at, l, 5 * sizeof(int64_t));
  l->requant = allocate(&at, l, sizeof(requant_data));
}

static MlirValue offset_of(lowering *l, MlirValue base, size_t bytes) {
  if (bytes == 0)
    return base;
  int32_t index = (int32_t)bytes;
  MlirNamedAttribute list[] = {
      gln_emit_named(&l->at, "rawConstantIndices",
                     mlirDenseI32ArrayGet(l->context, 1, &index)),
      gln_emit_named(&l->at, "elem_type", mlirTypeAttrGet(l->i8))};
  return gln_emit_value(&l->at, "llvm.getelementptr", &base, 1, l->ptr, list,
                        2);
}

static void store(lowering *l, MlirValue value, MlirValue base, size_t bytes) {
  MlirValue operands[] = {value, offset_of(l, base, bytes)};
  gln_emit_op(&l->at, "llvm.store", operands, 2, no_type(), NULL, 0);
}

static void copy(lowering *l, MlirValue to, MlirValue from, size_t bytes) {
  MlirValue operands[] = {to, from,
                          gln_emit_int(&l->at, l->i64, (int64_t)bytes)};
  MlirNamedAttribute flag =
      gln_emit_named(&l->at, "isVolatile", mlirBoolAttrGet(l->context, 0));
  gln_emit_op(&l->at, "llvm.intr.memcpy", operands, 3, no_type(), &flag, 1);
}

static MlirValue narrowed(lowering *l, MlirValue index, MlirType type) {
  return gln_emit_value(&l->at, "arith.index_cast", &index, 1, type, NULL, 0);
}

static MlirValue null_pointer(lowering *l) {
  return gln_emit_value(&l->at, "llvm.mlir.zero", NULL, 0, l->ptr, NULL, 0);
}

//===-- Calls -------------------------------------------------------------===//

static void declare(lowering *l, const char *name, const char *signature) {
  MlirBlock body =
      mlirRegionGetFirstBlock(mlirOperationGetRegion(l->module, 0));
  for (MlirOperation op = mlirBlockGetFirstOperation(body);
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    MlirAttribute symbol =
        mlirOperationGetAttributeByName(op, gln_string("sym_name"));
    if (!mlirAttributeIsNull(symbol) && mlirAttributeIsAString(symbol) &&
        mlirStringRefEqual(mlirStringAttrGetValue(symbol), gln_string(name)))
      return;
  }
  gln_emit at = at_module(l);
  char source[160];
  snprintf(source, sizeof source, "llvm.func @%s%s", name, signature);
  gln_emit_insert(&at, mlirOperationCreateParse(l->context, gln_string(source),
                                                gln_string("call")));
}

// The parameters of sa_<name>, as LLVM has them; the result is an i32.
static const char *const signatures[GLN_NUM_SYSTOLIC_OPS] = {
    [GLN_SYSTOLIC_LOAD] = "(!llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr, i32)",
    [GLN_SYSTOLIC_LOADW] = "(!llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr, i32)",
    [GLN_SYSTOLIC_PRELOAD] = "(!llvm.ptr, i32, i32, i32, i32, i32)",
    [GLN_SYSTOLIC_GEMM] = "(!llvm.ptr, !llvm.ptr, i32, i32)",
    [GLN_SYSTOLIC_GEMM_OS] = "(!llvm.ptr, !llvm.ptr, i32, i32, i32)",
    [GLN_SYSTOLIC_ALU] = "(!llvm.ptr, !llvm.ptr, i32, i32, i32)",
    [GLN_SYSTOLIC_STORE] = "(!llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr, i32)",
    [GLN_SYSTOLIC_MOVE] = "(!llvm.ptr, !llvm.ptr, i32, i32, !llvm.ptr)",
    [GLN_SYSTOLIC_SIGNAL] = "(!llvm.ptr, i32, i32)",
    [GLN_SYSTOLIC_AWAIT] = "(!llvm.ptr, i32, i32)",
    [GLN_SYSTOLIC_SUBMIT] = "(!llvm.ptr, !llvm.ptr)"};

static MlirOperation call(lowering *l, const char *name, const char *signature,
                          const MlirValue *operands, size_t num,
                          MlirType result) {
  declare(l, name, signature);
  const int32_t segments[] = {(int32_t)num, 0};
  MlirNamedAttribute list[] = {
      gln_emit_named(&l->at, "callee",
                     mlirFlatSymbolRefAttrGet(l->context, gln_string(name))),
      gln_emit_named(&l->at, "operandSegmentSizes",
                     mlirDenseI32ArrayGet(l->context, 2, segments)),
      gln_emit_named(&l->at, "op_bundle_sizes",
                     mlirDenseI32ArrayGet(l->context, 0, NULL))};
  return gln_emit_op(&l->at, "llvm.call", operands, num, result, list, 3);
}

//===-- Descriptors -------------------------------------------------------===//

static int64_t integer(MlirAttribute value, const gln_systolic_entry *entry,
                       size_t place) {
  return mlirIntegerAttrGetValueInt(
      entry->num > 1 ? mlirArrayAttrGetElement(value, (intptr_t)place) : value);
}

static uint32_t word(MlirAttribute value, gln_entry_kind kind) {
  uint32_t i = 0;
  while (!mlirStringRefEqual(mlirStringAttrGetValue(value),
                             gln_string(gln_entry_word(kind, i))))
    ++i;
  return i;
}

static void write_entry(MlirOperation op, const gln_systolic_entry *entry,
                        unsigned char *at) {
  MlirAttribute value = gln_op_attribute(op, entry->name);
  if (entry->kind == GLN_ENTRY_REQUANT || entry->kind == GLN_ENTRY_BASE ||
      entry->kind == GLN_ENTRY_SCALE)
    return;
  if (entry->kind == GLN_ENTRY_REAL) {
    double real = mlirFloatAttrGetValueDouble(value);
    memcpy(at, &real, sizeof real);
    return;
  }
  for (size_t i = 0; i < entry->num; ++i) {
    int64_t wide = entry->kind > GLN_ENTRY_LONG ? word(value, entry->kind)
                                                : integer(value, entry, i);
    uint32_t narrow = (uint32_t)wide;
    if (entry->kind == GLN_ENTRY_LONG)
      memcpy(at + i * sizeof wide, &wide, sizeof wide);
    else
      memcpy(at + i * sizeof narrow, &narrow, sizeof narrow);
  }
}

static void write_descriptor(MlirOperation op, gln_systolic_op command,
                             unsigned char *bytes) {
  memset(bytes, 0, MAX_DESCRIPTOR);
  for (size_t i = 0; i < GLN_NUM_SYSTOLIC_ENTRIES; ++i)
    if (gln_systolic_entries[i].op == command)
      write_entry(op, &gln_systolic_entries[i], bytes + offsets[i]);
  if (command == GLN_SYSTOLIC_LOADW) {
    uint32_t space = SA_WBUF;
    memcpy(bytes + offsetof(sa_load_desc, space), &space, sizeof space);
  }
}

// The row of the table with the requantisation of |op|, if it has one.
static bool find_requant(MlirOperation op, gln_systolic_op command,
                         size_t *out_entry) {
  for (size_t i = 0; i < GLN_NUM_SYSTOLIC_ENTRIES; ++i)
    if (gln_systolic_entries[i].op == command &&
        gln_systolic_entries[i].kind == GLN_ENTRY_REQUANT) {
      *out_entry = i;
      return mlirArrayAttrGetNumElements(gln_op_attribute(op, "requant")) > 0;
    }
  return false;
}

// Fills the scratch requantisation, whose tables it points to.
static void make_requant(lowering *l, MlirOperation op) {
  MlirAttribute list = gln_op_attribute(op, "requant");
  int32_t x[6];
  for (intptr_t i = 0; i < 6; ++i)
    x[i] =
        (int32_t)mlirIntegerAttrGetValueInt(mlirArrayAttrGetElement(list, i));
  requant_data data;
  memset(&data, 0, sizeof data); // padding too: equal bytes are one constant
  data.rq.round = (uint32_t)x[2];
  data.rq.zero_point = x[3];
  data.rq.lo = x[4];
  data.rq.hi = x[5];
  data.mult = x[0];
  data.shift = (uint8_t)x[1];
  data.scale =
      (float)mlirFloatAttrGetValueDouble(gln_op_attribute(op, "scale"));
  copy(l, l->requant, constant(l, &data, sizeof data), sizeof data);
  store(l, offset_of(l, l->requant, offsetof(requant_data, mult)), l->requant,
        offsetof(sa_requant, mult));
  store(l, offset_of(l, l->requant, offsetof(requant_data, shift)), l->requant,
        offsetof(sa_requant, shift));
  store(l, offset_of(l, l->requant, offsetof(requant_data, scale)), l->requant,
        offsetof(sa_requant, scale));
}

// The address of the descriptor of |op|, whose trailing operands start at
// |first|.
static MlirValue descriptor(lowering *l, MlirOperation op,
                            gln_systolic_op command, intptr_t first) {
  unsigned char bytes[MAX_DESCRIPTOR];
  size_t requant, entry, place;
  write_descriptor(op, command, bytes);
  bool has_requant = find_requant(op, command, &requant);
  MlirAttribute varying = gln_op_attribute(op, "varying");
  intptr_t num = mlirArrayAttrGetNumElements(varying);
  MlirValue fixed = constant(l, bytes, sizes[command]);
  if (l->failed || (num == 0 && !has_requant))
    return fixed;
  copy(l, l->descriptor, fixed, sizes[command]);
  for (intptr_t i = 0; i < num; ++i) {
    MlirStringRef name =
        mlirStringAttrGetValue(mlirArrayAttrGetElement(varying, i));
    (void)gln_systolic_varying(command, name.data, name.length, &entry, &place);
    bool is_long = gln_systolic_entries[entry].kind == GLN_ENTRY_LONG;
    store(l,
          narrowed(l, mlirOperationGetOperand(op, first + i),
                   is_long ? l->i64 : l->i32),
          l->descriptor,
          offsets[entry] + place * (is_long ? BYTES_LONG : BYTES_INT));
  }
  if (has_requant) {
    make_requant(l, op);
    store(l, l->requant, l->descriptor, offsets[requant]);
  }
  return l->descriptor;
}

// An integer of a command without a descriptor: its trailing operand or its
// constant.
static MlirValue plain(lowering *l, MlirOperation op, const char *name,
                       intptr_t first) {
  MlirAttribute varying = gln_op_attribute(op, "varying");
  for (intptr_t i = 0; i < mlirArrayAttrGetNumElements(varying); ++i)
    if (mlirStringRefEqual(
            mlirStringAttrGetValue(mlirArrayAttrGetElement(varying, i)),
            gln_string(name)))
      return narrowed(l, mlirOperationGetOperand(op, first + i), l->i32);
  return gln_emit_int(&l->at, l->i32,
                      mlirIntegerAttrGetValueInt(gln_op_attribute(op, name)));
}

//===-- Commands ----------------------------------------------------------===//

static MlirValue device_of(const lowering *l, MlirOperation op) {
  MlirValue old = mlirOperationGetOperand(op, 0);
  for (size_t i = 0; i < l->num_devices; ++i)
    if (mlirValueEqual(l->devices[i].old, old))
      return l->devices[i].lowered;
  return none();
}

// The tensor: the memref's first byte plus `base`.
static MlirValue pointer(lowering *l, MlirOperation op) {
  MlirValue memref = mlirOperationGetOperand(op, 1);
  MlirType index = mlirIndexTypeGet(l->context);
  MlirValue address =
      gln_emit_value(&l->at, "memref.extract_aligned_pointer_as_index", &memref,
                     1, index, NULL, 0);
  address = narrowed(l, address, l->i64);
  int64_t base = mlirIntegerAttrGetValueInt(gln_op_attribute(op, "base"));
  if (base) {
    MlirValue sum[] = {address, gln_emit_int(&l->at, l->i64, base)};
    address = gln_emit_value(&l->at, "arith.addi", sum, 2, l->i64, NULL, 0);
  }
  return gln_emit_value(&l->at, "llvm.inttoptr", &address, 1, l->ptr, NULL, 0);
}

// Five origins from operand |first| on, as an array.
static MlirValue origin(lowering *l, MlirOperation op, intptr_t first) {
  for (intptr_t i = 0; i < 5; ++i)
    store(l, narrowed(l, mlirOperationGetOperand(op, first + i), l->i64),
          l->origin, (size_t)i * sizeof(int64_t));
  return l->origin;
}

static MlirValue row(lowering *l, MlirOperation op, intptr_t operand) {
  return narrowed(l, mlirOperationGetOperand(op, operand), l->i32);
}

static MlirValue queue(lowering *l, MlirOperation op, const char *name) {
  return gln_emit_int(&l->at, l->i32,
                      word(gln_op_attribute(op, name), GLN_ENTRY_QUEUE));
}

static void lower_plain(lowering *l, MlirOperation op, gln_systolic_op command,
                        MlirValue *args, size_t *num) {
  if (command == GLN_SYSTOLIC_PRELOAD) {
    args[(*num)++] = plain(l, op, "bank", 2);
    args[(*num)++] = row(l, op, 1);
    args[(*num)++] = plain(l, op, "wcol", 2);
    args[(*num)++] = plain(l, op, "k", 2);
    args[(*num)++] = plain(l, op, "cols", 2);
  } else if (command == GLN_SYSTOLIC_SUBMIT) {
    args[(*num)++] = null_pointer(l);
  } else {
    bool signals = command == GLN_SYSTOLIC_SIGNAL;
    args[(*num)++] = queue(l, op, signals ? "from" : "to");
    args[(*num)++] = queue(l, op, signals ? "to" : "from");
  }
}

// The arguments of the call behind the device.
static void lower_described(lowering *l, MlirOperation op,
                            gln_systolic_op command, MlirValue *args,
                            size_t *num) {
  intptr_t memrefs = (intptr_t)gln_systolic_num_memrefs(command);
  intptr_t indices = (intptr_t)gln_systolic_num_indices(command);
  args[(*num)++] = descriptor(l, op, command, 1 + memrefs + indices);
  if (l->failed)
    return;
  if (memrefs) {
    args[(*num)++] = pointer(l, op);
    args[(*num)++] = origin(l, op, 2);
    args[(*num)++] = row(l, op, 7);
    return;
  }
  intptr_t rows = command == GLN_SYSTOLIC_MOVE ? 2 : indices;
  for (intptr_t i = 0; i < rows; ++i)
    args[(*num)++] = row(l, op, 1 + i);
  if (command == GLN_SYSTOLIC_MOVE)
    args[(*num)++] = origin(l, op, 3);
}

static bool lower_command(lowering *l, MlirOperation op,
                          gln_systolic_op command) {
  MlirValue args[8] = {device_of(l, op)};
  size_t num = 1;
  if (mlirValueIsNull(args[0]))
    return gln_op_error(op, "operand #0 ('dev') must come from systolic.open "
                            "in the same function");
  if (command == GLN_SYSTOLIC_WAIT) {
    args[num++] =
        text(l, mlirStringAttrGetValue(gln_op_attribute(op, "layer")));
    call(l, "sa_program_wait", "(!llvm.ptr, !llvm.ptr)", args, num, no_type());
    return true;
  }
  if (sizes[command] && command != GLN_SYSTOLIC_PRELOAD &&
      command != GLN_SYSTOLIC_SIGNAL && command != GLN_SYSTOLIC_AWAIT)
    lower_described(l, op, command, args, &num);
  else
    lower_plain(l, op, command, args, &num);
  char name[40], signature[120];
  snprintf(name, sizeof name, "sa_%s", gln_systolic_name(command));
  snprintf(signature, sizeof signature, "%s -> i32", signatures[command]);
  if (!l->failed)
    call(l, name, signature, args, num, l->i32);
  return true;
}

static bool lower_open(lowering *l, MlirOperation op) {
  sa_point point;
  memset(&point, 0, sizeof point);
#define GLN_X(member, doc)                                                     \
  point.hw.member =                                                            \
      (uint32_t)mlirIntegerAttrGetValueInt(gln_op_attribute(op, #member));
  GLN_SYSTOLIC_HW_TABLE(GLN_X)
#undef GLN_X
  point.in = word(gln_op_attribute(op, "in"), GLN_ENTRY_TYPE);
  point.acc = word(gln_op_attribute(op, "acc"), GLN_ENTRY_TYPE);
  if (l->num_devices == MAX_DEVICES)
    return gln_op_error(op, "is number %d of a function, at most %d: run cse",
                        MAX_DEVICES + 1, MAX_DEVICES);
  MlirValue fixed = constant(l, &point, sizeof point);
  MlirValue name =
      text(l, mlirStringAttrGetValue(gln_op_attribute(op, "target")));
  if (l->failed)
    return true;
  copy(l, l->descriptor, fixed, sizeof point);
  store(l, name, l->descriptor, offsetof(sa_point, target));
  MlirOperation made = call(l, "sa_program_device", "(!llvm.ptr) -> !llvm.ptr",
                            &l->descriptor, 1, l->ptr);
  l->devices[l->num_devices].old = mlirOperationGetResult(op, 0);
  l->devices[l->num_devices++].lowered = mlirOperationGetResult(made, 0);
  return true;
}

//===-- The module --------------------------------------------------------===//

typedef struct found {
  MlirOperation *ops; // NULL: count only
  size_t num;
} found;

static MlirWalkResult collect(MlirOperation op, void *user) {
  found *f = user;
  gln_systolic_op command;
  if (gln_systolic_is(op, &command) || gln_systolic_is_open(op)) {
    if (f->ops)
      f->ops[f->num] = op;
    ++f->num;
  }
  return MlirWalkResultAdvance;
}

static bool lower_all(lowering *l, const found *all) {
  bool ok = true;
  for (size_t i = 0; i < all->num && ok && !l->failed; ++i) {
    MlirOperation op = all->ops[i];
    gln_systolic_op command;
    enter(l, op);
    l->at = gln_emit_at(op);
    ok = gln_systolic_is(op, &command) ? lower_command(l, op, command)
                                       : lower_open(l, op);
  }
  // Commands before the devices that they use.
  for (size_t i = all->num; i-- > 0 && ok && !l->failed;)
    mlirOperationDestroy(all->ops[i]);
  return ok;
}

bool gln_calls_module(MlirOperation module) {
  eg_allocator memory = eg_allocator_default();
  found all = {0};
  mlirOperationWalk(module, collect, &all, MlirWalkPreOrder);
  size_t bytes = (all.num + 1) * sizeof *all.ops;
  all = (found){.ops = memory.resize(memory.user, NULL, 0, bytes)};
  if (!all.ops)
    return gln_error(mlirOperationGetLocation(module), "out of memory");
  mlirOperationWalk(module, collect, &all, MlirWalkPreOrder);
  lowering l = {.module = module, .context = mlirOperationGetContext(module)};
  l.i8 = mlirIntegerTypeGet(l.context, 8);
  l.i32 = mlirIntegerTypeGet(l.context, 32);
  l.i64 = mlirIntegerTypeGet(l.context, 64);
  bool ok = true;
  if (all.num) {
    l.ptr = parsed_type(&l, "!llvm.ptr");
    ok = lower_all(&l, &all);
  }
  if (l.pool)
    memory.resize(memory.user, l.pool, l.max_pool * sizeof *l.pool, 0);
  memory.resize(memory.user, all.ops, bytes, 0);
  return ok && (!l.failed ||
                gln_error(mlirOperationGetLocation(module), "out of memory"));
}
