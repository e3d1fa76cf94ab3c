// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// --randomize-weights: seeded values in place of splat weights and of those
// without data: elided, missing from the file, or of the wrong length.
//
// Files of public networks carry weights as dense<c> or elided. Under a splat
// every channel is equal, so a compiler that mixes channels up would go
// unnoticed. The law of a weight follows from its type and its use:
//
//   float, rank >= 2   N(0, 2 / fan-in), He's rule: activations keep their size
//   float, rank 1      uniform in [0.5, 1.5]: they also serve as variances
//   integer, elided    0, 1, 2, ... (position ids); other integers are left
//   one element        a scalar written as a tensor: left
//
// Fan-in is the number of products in one sum. In a linalg op that reduces over
// the weight it is the product of those of its extents that move with a reduced
// dimension, so fchw, hwcf and k × n are all right; the largest such use counts.
// A weight without one (a transposition or a collapse comes first) counts all
// dimensions but the first, as in fchw or out × in.
//
// Weight number n, in the order of a walk, takes stream n of the seed, so the
// same file has the same weights whatever else is in it.
#include "passes.h"

#include "run/random.h"
#include "run/tensor.h"

#include "mlir-c/AffineMap.h"
#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"
#include "mlir-c/Dialect/Linalg.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

//===-- Which constants ---------------------------------------------------===//

typedef struct weight {
  MlirOperation op;
  MlirAttribute value;
  MlirType type; // ranked, static, more than one element
  gln_type element;
  size_t count;
} weight;

static MlirStringRef ref(const char *text) {
  return mlirStringRefCreateFromCString(text);
}

// Whether |op| is a constant that the rules above give new values.
static bool find_weight(MlirOperation op, weight *out) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  if (!mlirStringRefEqual(name, ref("arith.constant")))
    return false;
  out->op = op;
  out->value = mlirOperationGetAttributeByName(op, ref("value"));
  out->type = mlirValueGetType(mlirOperationGetResult(op, 0));
  if (!mlirTypeIsARankedTensor(out->type) ||
      mlirShapedTypeGetRank(out->type) == 0 ||
      !gln_type_of_mlir(mlirShapedTypeGetElementType(out->type), &out->element))
    return false;
  gln_data data;
  gln_data_status status = gln_data_get(out->value, &data);
  bool absent = status == GLN_DATA_ELIDED || status == GLN_DATA_MISSING ||
                status == GLN_DATA_WRONG_LENGTH;
  if (!absent && !(status == GLN_DATA_OK && data.is_splat &&
                   gln_type_is_float(out->element)))
    return false;
  out->count = 1;
  for (intptr_t i = 0; i < mlirShapedTypeGetRank(out->type); ++i)
    out->count *= (size_t)mlirShapedTypeGetDimSize(out->type, i);
  return absent || out->count > 1;
}

//===-- Fan-in ------------------------------------------------------------===//

static bool map_uses(MlirAffineMap map, intptr_t dim) {
  for (intptr_t r = 0; r < mlirAffineMapGetNumResults(map); ++r)
    if (mlirAffineExprIsFunctionOfDim(mlirAffineMapGetResult(map, r), dim))
      return true;
  return false;
}

// Whether |expr| moves with a dimension that |output| does not have.
static bool is_reduced(MlirAffineExpr expr, MlirAffineMap output) {
  for (intptr_t d = 0; d < mlirAffineMapGetNumDims(output); ++d)
    if (mlirAffineExprIsFunctionOfDim(expr, d) && !map_uses(output, d))
      return true;
  return false;
}

// The number of elements of operand |index| that one element of the first
// result sums over; 1 if |user| is no linalg op on tensors or sums nothing.
static double fan_in_of_use(MlirType type, MlirOperation user, intptr_t index) {
  MlirAttribute maps = mlirLinalgGetIndexingMapsAttribute(user);
  intptr_t output =
      mlirOperationGetNumOperands(user) - mlirOperationGetNumResults(user);
  if (mlirAttributeIsNull(maps) || index >= output ||
      mlirArrayAttrGetNumElements(maps) <= output)
    return 1;
  MlirAffineMap out_map =
      mlirAffineMapAttrGetValue(mlirArrayAttrGetElement(maps, output));
  MlirAffineMap map =
      mlirAffineMapAttrGetValue(mlirArrayAttrGetElement(maps, index));
  double fan_in = 1;
  for (intptr_t r = 0; r < mlirAffineMapGetNumResults(map); ++r)
    if (is_reduced(mlirAffineMapGetResult(map, r), out_map))
      fan_in *= (double)mlirShapedTypeGetDimSize(type, r);
  return fan_in;
}

static double fan_in(const weight *w) {
  double most = 1;
  MlirValue value = mlirOperationGetResult(w->op, 0);
  for (MlirOpOperand use = mlirValueGetFirstUse(value);
       !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
    double found = fan_in_of_use(w->type, mlirOpOperandGetOwner(use),
                                 mlirOpOperandGetOperandNumber(use));
    most = found > most ? found : most;
  }
  if (most > 1)
    return most;
  return (double)w->count / (double)mlirShapedTypeGetDimSize(w->type, 0);
}

//===-- Values ------------------------------------------------------------===//

// Square root of a positive |x|: Newton from above, until it stops falling.
static double square_root(double x) {
  double root = x > 1 ? x : 1;
  for (double next = (root + x / root) / 2; next < root;
       next = (root + x / root) / 2)
    root = next;
  return root;
}

static void put(const weight *w, void *data, size_t i, double value) {
  if (w->element == GLN_TYPE_F32) {
    ((float *)data)[i] = (float)value;
    return;
  }
  gln_scalar_store(gln_scalar_from_double(w->element, value),
                   (char *)data + i * gln_type_bytes(w->element));
}

static void fill(const weight *w, uint64_t state, void *data) {
  if (!gln_type_is_float(w->element)) {
    for (size_t i = 0; i < w->count; ++i)
      gln_scalar_store(gln_scalar_from_uint(w->element, i),
                       (char *)data + i * gln_type_bytes(w->element));
    return;
  }
  if (mlirShapedTypeGetRank(w->type) == 1) {
    for (size_t i = 0; i < w->count; ++i)
      put(w, data, i, 0.5 + gln_random_uniform(&state));
    return;
  }
  double scale = square_root(2 / fan_in(w));
  for (size_t i = 0; i < w->count; ++i)
    put(w, data, i, scale * gln_random_normal(&state));
}

static void release(void *user, const void *data, size_t size, size_t align) {
  (void)user, (void)size, (void)align;
  free((void *)(uintptr_t)data);
}

// Gives |w| its values, as a blob that lives as long as the context.
static bool randomize(const weight *w, uint64_t seed, uint64_t index) {
  size_t bytes;
  void *data = NULL;
  if (!__builtin_mul_overflow(w->count, gln_type_bytes(w->element), &bytes))
    data = malloc(bytes + !bytes);
  if (!data)
    return gln_op_error(w->op, "no memory for %zu elements of %s", w->count,
                        gln_type_name(w->element));
  fill(w, gln_random_stream(seed, index), data);
  char key[40];
  snprintf(key, sizeof key, "weight_%" PRIu64, index);
  MlirAttribute value = mlirUnmanagedDenseResourceElementsAttrGet(
      w->type, ref(key), data, bytes, _Alignof(max_align_t), false, release,
      NULL);
  mlirOperationSetInherentAttributeByName(w->op, ref("value"), value);
  return true;
}

//===-- The pass ----------------------------------------------------------===//

typedef struct walk {
  uint64_t seed, count;
  bool ok;
} walk;

static MlirWalkResult visit(MlirOperation op, void *user) {
  walk *state = user;
  weight w;
  if (!find_weight(op, &w))
    return MlirWalkResultAdvance;
  state->ok = randomize(&w, state->seed, state->count++);
  return state->ok ? MlirWalkResultAdvance : MlirWalkResultInterrupt;
}

static bool run(MlirOperation module, gln_pass_context *pass) {
  walk state = {.seed = (uint64_t)gln_pass_int(pass, "seed"), .ok = true};
  mlirOperationWalk(module, visit, &state, MlirWalkPreOrder);
  return state.ok;
}

static const gln_option options[] = {
    {"seed", "Other seeds give other weights", GLN_OPTION_INT, "1"},
    {0},
};

const gln_pass gln_pass_randomize_weights = {
    .flag = "randomize-weights",
    .summary = "Gives splat and elided weights seeded random values",
    .description =
        "For tests. Weights of published networks are often splats or elided; "
        "under a splat all channels are equal, and a mistake in a layout would "
        "not show. Float weights of rank 2 and more become N(0, 2 / fan-in), "
        "those of rank 1 uniform in [0.5, 1.5], elided integers 0, 1, 2, and "
        "so "
        "on. Scalars, other integers and constants with data of their own stay "
        "as they are. The values are held as `dense_resource` blobs.",
    .anchor = "builtin.module",
    .options = options,
    .run = run,
};
