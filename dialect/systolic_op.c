// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The tables of the systolic dialect as data, and the verifiers.
#include "dialect/access.h"
#include "dialect/host.h"
#include "dialect/systolic_internal.h"
#include "view/scalar.h"
#include "view/view.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

//===-- Tables ------------------------------------------------------------===//

const gln_systolic_entry gln_systolic_entries[GLN_NUM_SYSTOLIC_ENTRIES] = {
#define GLN_X(op, name, num, kind, fallback, member, doc)                      \
  {GLN_SYSTOLIC_##op, #name, num, GLN_ENTRY_##kind},
    GLN_SYSTOLIC_ENTRY_TABLE(GLN_X)
#undef GLN_X
};

static const struct {
  const char *name;
  uint8_t memrefs, indices;
} commands[] = {
#define GLN_X(id, name, memrefs, indices, doc) {name, memrefs, indices},
    GLN_SYSTOLIC_TABLE(GLN_X)
#undef GLN_X
};

const char *gln_systolic_name(gln_systolic_op op) {
  return commands[op].name;
}

size_t gln_systolic_num_memrefs(gln_systolic_op op) {
  return commands[op].memrefs;
}

size_t gln_systolic_num_indices(gln_systolic_op op) {
  return commands[op].indices;
}

const char *gln_entry_word(gln_entry_kind kind, size_t index) {
  static const char *const spaces[] = {"abuf", "wbuf", "acc", NULL};
  static const char *const types[] = {"i8", "i32", "bf16", "f32", "f16", NULL};
  static const char *const alus[] = {
      "copy",  "add", "sub",  "mul",  "mac",   "max", "min",  "relu",
      "clamp", "abs", "shl",  "shr",  "scale", "div", "sqrt", "exp",
      "tanh",  "erf", "rsum", "rmax", "rmin",  "rescale", NULL};
  static const char *const froms[] = {"rows", "lane", "imm", NULL};
  static const char *const acts[] = {"none", "relu", "clamp", NULL};
  static const char *const queues[] = {"load",   "loadw", "exec",
                                       "vector", "store", NULL};
  static const char *const *const words[] = {
      [GLN_ENTRY_SPACE] = spaces, [GLN_ENTRY_TYPE] = types,
      [GLN_ENTRY_ALU] = alus,     [GLN_ENTRY_FROM] = froms,
      [GLN_ENTRY_ACT] = acts,     [GLN_ENTRY_QUEUE] = queues};
  const char *const *list = words[kind];
  for (size_t i = 0; list && i < index; ++i)
    if (!list[i])
      return NULL;
  return list ? list[index] : NULL;
}

bool gln_systolic_is_word(MlirAttribute attribute,
                          const char *(*option)(size_t index)) {
  if (!mlirAttributeIsAString(attribute))
    return false;
  MlirStringRef text = mlirStringAttrGetValue(attribute);
  for (size_t i = 0; option(i); ++i)
    if (mlirStringRefEqual(text, gln_string(option(i))))
      return true;
  return false;
}

// The part of the op's name behind "systolic.", or an empty text.
static MlirStringRef short_name(MlirOperation op) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  static const char prefix[] = "systolic.";
  size_t length = sizeof prefix - 1;
  if (name.length <= length || memcmp(name.data, prefix, length) != 0)
    return (MlirStringRef){name.data, 0};
  return (MlirStringRef){name.data + length, name.length - length};
}

bool gln_systolic_is(MlirOperation op, gln_systolic_op *out) {
  MlirStringRef name = short_name(op);
  for (int i = 0; i < GLN_NUM_SYSTOLIC_OPS; ++i)
    if (mlirStringRefEqual(name, gln_string(commands[i].name))) {
      *out = (gln_systolic_op)i;
      return true;
    }
  return false;
}

bool gln_systolic_is_kernel(MlirOperation op) {
  return mlirStringRefEqual(short_name(op), gln_string("kernel"));
}

bool gln_systolic_is_open(MlirOperation op) {
  return mlirStringRefEqual(short_name(op), gln_string("open"));
}

MlirType gln_systolic_device_type(MlirContext context) {
  return gln_dynamic_type_get(context, "systolic", "device", NULL, 0, NULL);
}

bool gln_systolic_varying(gln_systolic_op op, const char *text, size_t length,
                          size_t *out_entry, size_t *out_place) {
  const char *bracket = memchr(text, '[', length);
  size_t name = bracket ? (size_t)(bracket - text) : length;
  for (size_t i = 0; i < GLN_NUM_SYSTOLIC_ENTRIES; ++i) {
    const gln_systolic_entry *entry = &gln_systolic_entries[i];
    if (entry->op != op || entry->kind > GLN_ENTRY_LONG ||
        strlen(entry->name) != name || memcmp(entry->name, text, name) != 0 ||
        (entry->num > 1) != (bracket != NULL))
      continue;
    *out_entry = i;
    *out_place = bracket ? (size_t)(bracket[1] - '0') : 0;
    return !bracket || (length == name + 3 && bracket[2] == ']' &&
                        bracket[1] >= '0' && *out_place < entry->num);
  }
  return false;
}

static bool is_given(const MlirNamedAttribute *attributes, size_t num,
                     const char *name) {
  for (size_t i = 0; i < num; ++i)
    if (mlirStringRefEqual(mlirIdentifierStr(attributes[i].name),
                           gln_string(name)))
      return true;
  return false;
}

MlirOperation gln_systolic_build(MlirLocation location, gln_systolic_op op,
                                 const MlirValue *operands, size_t num_operands,
                                 const MlirNamedAttribute *attributes,
                                 size_t num_attributes) {
  MlirContext context = mlirLocationGetContext(location);
  const gln_op_def *def = gln_systolic_def(op);
  char name[40];
  snprintf(name, sizeof name, "systolic.%s", def->name);
  MlirOperationState state = mlirOperationStateGet(gln_string(name), location);
  mlirOperationStateAddOperands(&state, (intptr_t)num_operands, operands);
  mlirOperationStateAddAttributes(&state, (intptr_t)num_attributes, attributes);
  for (const gln_field *f = def->fields; f && f->name; ++f) {
    if (!f->fallback || is_given(attributes, num_attributes, f->name))
      continue;
    MlirNamedAttribute entry = mlirNamedAttributeGet(
        mlirIdentifierGet(context, gln_string(f->name)),
        gln_field_default(f, context, mlirAttributeGetNull()));
    mlirOperationStateAddAttributes(&state, 1, &entry);
  }
  if (gln_op_has_segments(def)) {
    MlirNamedAttribute entry = mlirNamedAttributeGet(
        mlirIdentifierGet(context, gln_string("operandSegmentSizes")),
        gln_op_segments(def, context, num_operands));
    mlirOperationStateAddAttributes(&state, 1, &entry);
  }
  return mlirOperationCreate(&state);
}

//===-- Commands ----------------------------------------------------------===//

static int64_t entry_at(MlirAttribute value, const gln_systolic_entry *entry,
                        size_t place) {
  return mlirIntegerAttrGetValueInt(
      entry->num > 1 ? mlirArrayAttrGetElement(value, (intptr_t)place) : value);
}

static eg_status check_entry(const gln_systolic_entry *entry, MlirOperation op,
                             eg_error *error) {
  MlirAttribute value = gln_op_attribute(op, entry->name);
  if (entry->kind > GLN_ENTRY_REQUANT)
    return EG_OK;
  size_t num = entry->num > 1 ? (size_t)mlirArrayAttrGetNumElements(value) : 1;
  if (num == 0 && entry->kind == GLN_ENTRY_REQUANT)
    return EG_OK;
  if (num != entry->num)
    return gln_fail(error, EG_INVALID,
                    "attribute '%s' must have %zu entries, got %zu",
                    entry->name, entry->num, num);
  for (size_t i = 0; i < num && entry->kind != GLN_ENTRY_LONG; ++i) {
    int64_t x = entry_at(value, entry, i);
    if (x < INT32_MIN || x > INT32_MAX)
      return gln_fail(error, EG_INVALID,
                      "attribute '%s' must fit into 32 bits, got %" PRId64,
                      entry->name, x);
  }
  return EG_OK;
}

static eg_status check_varying(gln_systolic_op command, MlirOperation op,
                               eg_error *error) {
  MlirAttribute names = gln_op_attribute(op, "varying");
  if (mlirAttributeIsNull(names))
    return EG_OK; // a command without a descriptor
  size_t fixed =
      1u + commands[command].memrefs + (size_t)commands[command].indices;
  size_t operands = (size_t)mlirOperationGetNumOperands(op) - fixed;
  size_t num = (size_t)mlirArrayAttrGetNumElements(names);
  if (num != operands)
    return gln_fail(error, EG_INVALID,
                    "attribute 'varying' names %zu entries for %zu trailing "
                    "operands",
                    num, operands);
  for (size_t i = 0; i < num; ++i) {
    size_t entry, place;
    MlirStringRef text =
        mlirStringAttrGetValue(mlirArrayAttrGetElement(names, (intptr_t)i));
    if (!gln_systolic_varying(command, text.data, text.length, &entry, &place))
      return gln_fail(error, EG_INVALID,
                      "attribute 'varying' names '%.*s' for operand #%zu, "
                      "which is no integer of this command",
                      (int)text.length, text.data, fixed + i);
  }
  return EG_OK;
}

// The tensor in the memref: row-major and static, of the type that is moved.
static eg_status check_memref(gln_systolic_op command, MlirOperation op,
                              eg_error *error) {
  if (!commands[command].memrefs)
    return EG_OK;
  gln_text text;
  MlirType type = mlirValueGetType(mlirOperationGetOperand(op, 1));
  if (!mlirShapedTypeHasStaticShape(type) ||
      !mlirAffineMapIsIdentity(mlirMemRefTypeGetAffineMap(type)))
    return gln_fail(error, EG_INVALID,
                    "operand #1 ('tensor') must be of static shape and "
                    "row-major, got '%s'",
                    gln_type_text(type, text));
  gln_type element;
  MlirStringRef word = mlirStringAttrGetValue(gln_op_attribute(op, "type"));
  MlirType of = mlirShapedTypeGetElementType(type);
  if (!gln_element_parse(of, &element) ||
      !mlirStringRefEqual(word, gln_string(gln_type_name(element))))
    return gln_fail(error, EG_INVALID,
                    "operand #1 ('tensor') has elements of type '%s', but "
                    "attribute 'type' is \"%.*s\"",
                    gln_type_text(of, text), (int)word.length, word.data);
  return EG_OK;
}

eg_status gln_systolic_verify_command(const gln_op_def *def, MlirOperation op,
                                      eg_error *error) {
  gln_systolic_op command = (gln_systolic_op)(def - gln_systolic_def(0));
  eg_status status = EG_OK;
  for (size_t i = 0; i < GLN_NUM_SYSTOLIC_ENTRIES && !status; ++i)
    if (gln_systolic_entries[i].op == command)
      status = check_entry(&gln_systolic_entries[i], op, error);
  if (!status)
    status = check_varying(command, op, error);
  return status ? status : check_memref(command, op, error);
}

//===-- Kernels -----------------------------------------------------------===//

enum { MAX_DIMS = 16, MAX_ARRAYS = 2 };

static MlirAttribute at(MlirAttribute list, size_t index) {
  return mlirArrayAttrGetElement(list, (intptr_t)index);
}

static size_t size_of(MlirAttribute list) {
  return (size_t)mlirArrayAttrGetNumElements(list);
}

static int64_t int_at(MlirAttribute list, size_t index) {
  return mlirIntegerAttrGetValueInt(at(list, index));
}

// What the verifier needs of a kernel.
typedef struct kernel {
  MlirOperation op;
  size_t num_dims, num_parallel, num_arrays, num_operands;
  int64_t dims[MAX_DIMS];
  eg_error *error;
} kernel;

static eg_status read_dims(kernel *k) {
  MlirAttribute dims = gln_op_attribute(k->op, "dims");
  int64_t parallel =
      mlirIntegerAttrGetValueInt(gln_op_attribute(k->op, "parallel"));
  k->num_dims = size_of(dims);
  if (k->num_dims > MAX_DIMS)
    return gln_fail(k->error, EG_INVALID,
                    "attribute 'dims' has %zu entries, at most %d", k->num_dims,
                    MAX_DIMS);
  if (parallel < 0 || parallel > (int64_t)k->num_dims)
    return gln_fail(k->error, EG_INVALID,
                    "attribute 'parallel' must be at most %zu, the number of "
                    "dims, got %" PRId64,
                    k->num_dims, parallel);
  k->num_parallel = (size_t)parallel;
  for (size_t i = 0; i < k->num_dims; ++i) {
    k->dims[i] = int_at(dims, i);
    if (k->dims[i] < 1 || k->dims[i] > GLN_VIEW_MAX_EXTENT)
      return gln_fail(k->error, EG_INVALID,
                      "attribute 'dims' has extent %" PRId64 " at dim %zu",
                      k->dims[i], i);
  }
  return EG_OK;
}

// The lists that have one entry per array, dim or operand.
static eg_status check_counts(kernel *k) {
  MlirStringRef word =
      mlirStringAttrGetValue(gln_op_attribute(k->op, "combine"));
  k->num_arrays = mlirStringRefEqual(word, gln_string("dot")) ? 2 : 1;
  k->num_operands = (size_t)mlirOperationGetNumOperands(k->op);
  if (k->num_operands < k->num_arrays)
    return gln_fail(k->error, EG_INVALID, "%.*s reduces %zu operands, got %zu",
                    (int)word.length, word.data, k->num_arrays,
                    k->num_operands);
  const struct {
    const char *name;
    size_t num;
    const char *what;
  } lists[] = {{"maps", k->num_arrays, "array that is reduced"},
               {"types", k->num_arrays, "array that is reduced"},
               {"tile", k->num_dims, "dim"},
               {"staging", k->num_arrays + 1, "array and for the result"},
               {"views", k->num_operands, "operand"}};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; ++i) {
    size_t num = size_of(gln_op_attribute(k->op, lists[i].name));
    if (num != lists[i].num)
      return gln_fail(k->error, EG_INVALID,
                      "attribute '%s' must have %zu entries, one per %s, got "
                      "%zu",
                      lists[i].name, lists[i].num, lists[i].what, num);
  }
  return EG_OK;
}

static eg_status check_tiles(const kernel *k) {
  MlirAttribute tile = gln_op_attribute(k->op, "tile");
  MlirAttribute order = gln_op_attribute(k->op, "order");
  MlirAttribute staging = gln_op_attribute(k->op, "staging");
  for (size_t i = 0; i < k->num_dims; ++i)
    if (int_at(tile, i) < 1 || int_at(tile, i) > k->dims[i])
      return gln_fail(k->error, EG_INVALID,
                      "attribute 'tile' must be 1 to %" PRId64 " at dim %zu, "
                      "got %" PRId64,
                      k->dims[i], i, int_at(tile, i));
  for (size_t i = 0; i < size_of(order); ++i)
    if (int_at(order, i) < 0 || int_at(order, i) >= (int64_t)k->num_dims)
      return gln_fail(k->error, EG_INVALID,
                      "attribute 'order' names dim %" PRId64 " of %zu",
                      int_at(order, i), k->num_dims);
  for (size_t i = 0; i < size_of(staging); ++i)
    if (size_of(at(staging, i)) != 4)
      return gln_fail(k->error, EG_INVALID,
                      "attribute 'staging' must have 4 numbers in entry %zu, "
                      "got %zu",
                      i, size_of(at(staging, i)));
  return EG_OK;
}

// Extents of the array that operand |index| is read as: of an array that is
// reduced 1 + sum |coefficient| (dim - 1), of the others those of the result.
static eg_status wanted_extents(const kernel *k, size_t index, int64_t *extents,
                                size_t *rank) {
  *rank = k->num_parallel;
  memcpy(extents, k->dims, k->num_parallel * sizeof *extents);
  if (index >= k->num_arrays)
    return EG_OK;
  MlirAttribute map = at(gln_op_attribute(k->op, "maps"), index);
  *rank = size_of(map);
  if (*rank > MAX_DIMS)
    return gln_fail(k->error, EG_INVALID,
                    "attribute 'maps' gives array %zu %zu dimensions, at most "
                    "%d",
                    index, *rank, MAX_DIMS);
  for (size_t d = 0; d < *rank; ++d) {
    if (size_of(at(map, d)) != k->num_dims)
      return gln_fail(k->error, EG_INVALID,
                      "attribute 'maps' has %zu coefficients for dimension "
                      "%zu of array %zu, and there are %zu dims",
                      size_of(at(map, d)), d, index, k->num_dims);
    extents[d] = 1;
    for (size_t i = 0; i < k->num_dims; ++i) {
      int64_t coef = int_at(at(map, d), i);
      if (coef < INT32_MIN || coef > INT32_MAX)
        return gln_fail(k->error, EG_INVALID,
                        "attribute 'maps' has coefficient %" PRId64, coef);
      extents[d] += llabs(coef) * (k->dims[i] - 1);
    }
  }
  return EG_OK;
}

static void extents_text(const int64_t *extents, size_t rank, char *text,
                         size_t size) {
  size_t used = 0;
  text[0] = '\0';
  for (size_t d = 0; d < rank && used < size; ++d)
    used += (size_t)snprintf(text + used, size - used, "%s%" PRId64,
                             d ? "x" : "", extents[d]);
}

static eg_status compare(const kernel *k, const char *what, size_t index,
                         const int64_t *found, size_t found_rank,
                         const char *other, const int64_t *wanted,
                         size_t wanted_rank) {
  if (found_rank == wanted_rank &&
      memcmp(found, wanted, found_rank * sizeof *found) == 0)
    return EG_OK;
  char a[120], b[120];
  extents_text(found, found_rank, a, sizeof a);
  extents_text(wanted, wanted_rank, b, sizeof b);
  return gln_fail(k->error, EG_INVALID, "%s %zu is %s, but %s is %s", what,
                  index, a, other, b);
}

static eg_status check_view(const kernel *k, size_t index) {
  int64_t extents[MAX_DIMS];
  size_t rank;
  eg_status status = wanted_extents(k, index, extents, &rank);
  gln_shape tensor;
  if (!status)
    status = gln_pattern_shape(
        mlirValueGetType(mlirOperationGetOperand(k->op, (intptr_t)index)),
        &tensor, k->error);
  if (status)
    return status;
  eg_allocator memory = eg_allocator_default();
  eg_error why = {0};
  gln_view *view = NULL;
  MlirStringRef text =
      mlirStringAttrGetValue(at(gln_op_attribute(k->op, "views"), index));
  if (gln_view_parse(&memory, text.data, text.length, &view, &why))
    return gln_fail(k->error, EG_INVALID, "view %zu: %s", index, why.text);
  status = compare(k, "the source of view", index,
                   gln_view_source_extents(view), gln_view_source_rank(view),
                   "its operand", tensor.dims, tensor.rank);
  if (!status)
    status =
        compare(k, "view", index, gln_view_extents(view), gln_view_rank(view),
                "the array that is read", extents, rank);
  gln_view_destroy(&memory, view);
  return status;
}

// The types of the body's arguments, and of what is stored.
static eg_status check_body(const kernel *k, gln_type sum, gln_type *out) {
  *out = sum;
  MlirStringRef text = mlirStringAttrGetValue(gln_op_attribute(k->op, "body"));
  if (text.length == 0)
    return k->num_operands == k->num_arrays
               ? EG_OK
               : gln_fail(k->error, EG_INVALID,
                          "%zu operands, but without a body there are %zu",
                          k->num_operands, k->num_arrays);
  eg_error why = {0};
  gln_scalar_body body;
  if (gln_scalar_body_parse(&body, text.data, text.length,
                            eg_allocator_default(), &why))
    return gln_fail(k->error, EG_INVALID, "attribute 'body': %s", why.text);
  eg_status status = EG_OK;
  size_t num = 1 + k->num_operands - k->num_arrays;
  if (body.num_args != num || body.num_results != 1)
    status = gln_fail(k->error, EG_INVALID,
                      "attribute 'body' has %u arguments and %u results, not "
                      "%zu and 1",
                      body.num_args, body.num_results, num);
  for (size_t i = 0; i < num && !status; ++i) {
    gln_type type = sum;
    gln_text name;
    MlirType element = {NULL};
    if (i > 0) {
      element = mlirShapedTypeGetElementType(mlirValueGetType(
          mlirOperationGetOperand(k->op, (intptr_t)(k->num_arrays + i - 1))));
      (void)gln_element_parse(element, &type);
    }
    if (body.arg_types[i] != type)
      status = gln_fail(k->error, EG_INVALID,
                        "attribute 'body': argument %zu is %s, but %s is %s", i,
                        gln_type_name((gln_type)body.arg_types[i]),
                        i ? "its operand" : "the sum",
                        i ? gln_type_text(element, name) : gln_type_name(type));
  }
  if (!status)
    *out = gln_scalar_body_type(&body, body.results[0]);
  gln_scalar_body_fini(&body);
  return status;
}

static eg_status check_types(const kernel *k) {
  MlirAttribute types = gln_op_attribute(k->op, "types");
  for (size_t i = 0; i < k->num_arrays; ++i) {
    MlirType of = mlirShapedTypeGetElementType(
        mlirValueGetType(mlirOperationGetOperand(k->op, (intptr_t)i)));
    MlirType said = mlirTypeAttrGetValue(at(types, i));
    gln_text a, b;
    if (!mlirTypeEqual(of, said))
      return gln_fail(k->error, EG_INVALID,
                      "operand #%zu has elements of type '%s', but attribute "
                      "'types' says '%s'",
                      i, gln_type_text(of, a), gln_type_text(said, b));
  }
  return EG_OK;
}

static eg_status check_result(const kernel *k) {
  gln_type sum, stored;
  gln_shape result;
  (void)gln_element_parse(mlirTypeAttrGetValue(gln_op_attribute(k->op, "sum")),
                          &sum);
  eg_status status = check_body(k, sum, &stored);
  if (!status)
    status = gln_pattern_shape(
        mlirValueGetType(mlirOperationGetResult(k->op, 0)), &result, k->error);
  if (!status)
    status = compare(k, "result", 0, result.dims, result.rank,
                     "the box of parallel dims", k->dims, k->num_parallel);
  if (!status && result.type != stored)
    status = gln_fail(k->error, EG_INVALID,
                      "result 0 has elements of type %s, but what is stored is "
                      "%s",
                      gln_type_name(result.type), gln_type_name(stored));
  return status;
}

eg_status gln_systolic_verify_kernel(const gln_op_def *def, MlirOperation op,
                                     eg_error *error) {
  (void)def;
  kernel k = {.op = op, .error = error};
  eg_status status = read_dims(&k);
  if (!status)
    status = check_counts(&k);
  if (!status)
    status = check_tiles(&k);
  if (!status)
    status = check_types(&k);
  for (size_t i = 0; i < k.num_operands && !status; ++i)
    status = check_view(&k, i);
  return status ? status : check_result(&k);
}
