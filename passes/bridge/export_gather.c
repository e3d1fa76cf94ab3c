// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A view as one linalg.generic that extracts element by element:
//
//   result[i] = domain(i) ? source[min(max(map(i), 0), extent - 1)] : fill
//
// Map and domain are read from the view's text, which is MLIR's own syntax of
// affine expressions.
#include "bridge/export_internal.h"
#include "bridge/lower.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CONDITIONS = 4 * GLN_VIEW_MAX_CONSTRAINTS };

typedef struct gather {
  MlirContext context;
  const gln_view *view;
  MlirValue tensor;
  gln_type type;
  MlirAffineMap map; // source coordinates, then the left sides of conditions
  size_t num_conditions;
  char relations[MAX_CONDITIONS]; // '>' (or equal), '<' (or equal), '='
  int64_t limits[MAX_CONDITIONS];
} gather;

//===-- From text ---------------------------------------------------------===//

// "(d0, d1) -> (e, f, c, …)" from "(d0, d1) [4, 8] -> (e, f) [6, 3] if c >= 1,
// …": returns the length written, 0 when the text is not of that form.
static size_t rewrite(gather *g, char *text, char *out) {
  char *result = strstr(text, " -> ("), *at = out;
  char *end = strchr(text, ')');
  if (!result || !end)
    return 0;
  char *tail = strstr(result, ") [");
  if (!tail)
    return 0;
  char *conditions = strstr(tail, " if ");
  char *fill = strstr(tail, " fill ");
  if (fill)
    *fill = '\0';
  at += sprintf(at, "affine_map<%.*s%.*s", (int)(end + 1 - text), text,
                (int)(tail - result), result);
  bool first = gln_view_source_rank(g->view) == 0;
  if (conditions && (!fill || conditions < fill)) {
    for (char *c = strtok(conditions + 4, ","); c; c = strtok(NULL, ",")) {
      char *relation = strstr(c, ">=");
      if (!relation)
        relation = strstr(c, "<=");
      if (!relation)
        relation = strstr(c, "==");
      if (!relation || g->num_conditions == MAX_CONDITIONS)
        return 0;
      g->relations[g->num_conditions] = *relation;
      g->limits[g->num_conditions++] = strtoll(relation + 2, NULL, 10);
      at += sprintf(at, "%s%.*s", first ? "" : ",", (int)(relation - c), c);
      first = false;
    }
  }
  at += sprintf(at, ")>");
  return (size_t)(at - out);
}

static bool read_text(gather *g) {
  size_t length = gln_view_print(g->view, NULL, 0);
  char *text = malloc(length + 1);
  char *map = malloc(2 * length + 64);
  MlirAttribute attribute = {NULL};
  if (text && map) {
    gln_view_print(g->view, text, length + 1);
    if (rewrite(g, text, map))
      attribute = mlirAttributeParseGet(g->context, gln_string(map));
  }
  free(text);
  free(map);
  if (mlirAttributeIsNull(attribute))
    return false;
  g->map = mlirAffineMapAttrGetValue(attribute);
  return true;
}

//===-- Arithmetic --------------------------------------------------------===//

typedef struct {
  MlirBlock block;
  MlirLocation location;
  MlirContext context;
} place;

static MlirValue number(const place *p, int64_t value) {
  return gln_scalar_emit_constant(p->block, p->location,
                                  gln_scalar_from_int(GLN_TYPE_INDEX, value));
}

static MlirValue binary(const place *p, gln_scalar_op op, gln_type type,
                        MlirValue a, MlirValue b) {
  const gln_type types[] = {GLN_TYPE_INDEX, GLN_TYPE_INDEX};
  return gln_scalar_emit(p->block, p->location, op, type, types,
                         (MlirValue[]){a, b});
}

static MlirValue index_of(const place *p, intptr_t dim) {
  MlirAttribute value =
      mlirIntegerAttrGet(mlirIntegerTypeGet(p->context, 64), (int64_t)dim);
  MlirNamedAttribute named = gln_build_named(p->context, "dim", value);
  return gln_scalar_emit_op(p->block, p->location, "linalg.index", NULL, 0,
                            mlirIndexTypeGet(p->context), &named);
}

// Depth is bounded by the parser, which took the text.
static MlirValue emit_expr(const place *p, MlirAffineExpr expr) {
  if (mlirAffineExprIsAConstant(expr))
    return number(p, mlirAffineConstantExprGetValue(expr));
  if (mlirAffineExprIsADim(expr))
    return index_of(p, mlirAffineDimExprGetPosition(expr));
  MlirValue a = emit_expr(p, mlirAffineBinaryOpExprGetLHS(expr));
  MlirValue b = emit_expr(p, mlirAffineBinaryOpExprGetRHS(expr));
  if (mlirAffineExprIsAAdd(expr))
    return binary(p, GLN_SCALAR_ADD, GLN_TYPE_INDEX, a, b);
  if (mlirAffineExprIsAMul(expr))
    return binary(p, GLN_SCALAR_MUL, GLN_TYPE_INDEX, a, b);
  MlirValue quotient = binary(p, GLN_SCALAR_FLOORDIV, GLN_TYPE_INDEX, a, b);
  if (mlirAffineExprIsAFloorDiv(expr))
    return quotient;
  MlirValue multiple = binary(p, GLN_SCALAR_MUL, GLN_TYPE_INDEX, quotient, b);
  return binary(p, GLN_SCALAR_SUB, GLN_TYPE_INDEX, a, multiple);
}

static MlirValue emit_condition(const place *p, const gather *g, size_t i) {
  size_t rank = gln_view_source_rank(g->view);
  MlirValue left =
      emit_expr(p, mlirAffineMapGetResult(g->map, (intptr_t)(rank + i)));
  gln_scalar_op op = g->relations[i] == '>'   ? GLN_SCALAR_CMPI_SGE
                     : g->relations[i] == '<' ? GLN_SCALAR_CMPI_SLE
                                              : GLN_SCALAR_CMPI_EQ;
  return binary(p, op, GLN_TYPE_I1, left, number(p, g->limits[i]));
}

static MlirValue emit_extract(const place *p, const gather *g) {
  MlirValue operands[1 + GLN_MAX_RANK] = {g->tensor};
  size_t rank = gln_view_source_rank(g->view);
  for (size_t j = 0; j < rank; ++j) {
    MlirValue at = emit_expr(p, mlirAffineMapGetResult(g->map, (intptr_t)j));
    MlirValue last = number(p, gln_view_source_extents(g->view)[j] - 1);
    at = binary(p, GLN_SCALAR_MAX, GLN_TYPE_INDEX, at, number(p, 0));
    operands[1 + j] = binary(p, GLN_SCALAR_MIN, GLN_TYPE_INDEX, at, last);
  }
  return gln_scalar_emit_op(p->block, p->location, "tensor.extract", operands,
                            1 + rank, gln_element_get(p->context, g->type),
                            NULL);
}

static MlirValue emit_gather(MlirBlock block, MlirLocation location,
                             const MlirValue *args, MlirValue old, void *user) {
  const gather *g = user;
  const place p = {block, location, g->context};
  gln_scalar fill;
  (void)args;
  (void)old;
  MlirValue value = emit_extract(&p, g), inside = {NULL};
  if (!gln_view_has_fill(g->view, &fill))
    return value;
  for (size_t i = 0; i < g->num_conditions; ++i) {
    const gln_type bits[] = {GLN_TYPE_I1, GLN_TYPE_I1};
    MlirValue c = emit_condition(&p, g, i);
    inside = i ? gln_scalar_emit(block, location, GLN_SCALAR_AND, GLN_TYPE_I1,
                                 bits, (MlirValue[]){inside, c})
               : c;
  }
  const gln_type types[] = {GLN_TYPE_I1, g->type, g->type};
  MlirValue other = gln_scalar_emit_constant(block, location, fill);
  return gln_scalar_emit(block, location, GLN_SCALAR_SELECT, g->type, types,
                         (MlirValue[]){inside, value, other});
}

MlirValue glni_export_gather(glni_export *export, const gln_view *view,
                             MlirValue tensor, gln_type type) {
  gln_build *build = &export->convert.build;
  gln_linear zero = {{0}, 0};
  gln_state space = {.rank = 1, .map = &zero};
  gather g = {
      .context = build->context, .view = view, .tensor = tensor, .type = type};
  if (build->error.status)
    return (MlirValue){NULL};
  if (!read_text(&g) ||
      (gln_view_has_fill(view, NULL) && g.num_conditions == 0))
    return gln_build_fail(build, "a view's text is no affine map");
  space.shape =
      (gln_shape){.type = GLN_TYPE_INDEX, .rank = (uint8_t)gln_view_rank(view)};
  space.shape.num_access = space.shape.rank;
  memcpy(space.shape.dims, gln_view_extents(view),
         space.shape.rank * sizeof *space.shape.dims);
  gln_lower lower = {.build = *build};
  MlirValue result =
      gln_lower_generic(&lower, &space, 1, false, type, NULL, emit_gather, &g);
  *build = lower.build;
  return result;
}
