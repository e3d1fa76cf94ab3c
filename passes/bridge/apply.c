// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// An elementwise body as access ops.
#include "bridge/convert.h"

#include <string.h>

static MlirValue call(gln_convert *c, const gln_scalar_body *body,
                      const MlirValue *operands) {
  gln_build *build = &c->build;
  gln_type type = gln_scalar_body_type(body, body->results[0]);
  gln_scalar_op op;
  if (gln_body_is_single(body, &op)) {
    const gln_scalar_inst *inst = &body->insts[0];
    MlirValue args[GLN_SCALAR_MAX_ARITY];
    unsigned arity = gln_scalar_op_info(op)->arity;
    for (unsigned a = 0; a < arity; ++a)
      args[a] = operands[inst->args[a]];
    return gln_build_compute(build, GLN_KIND_SCALAR + (int)op, type, args,
                             arity);
  }
  const char *symbol =
      gln_bodies_symbol(c->bodies, body, build->location, &build->error);
  if (!symbol)
    return gln_build_fail(build, "out of memory");
  return gln_build_access(build, GLN_OP_CALL, &(gln_op_attrs){.type = type},
                          operands, body->num_args, symbol);
}

// The subexpression of at most eight arguments that leaves the fewest to the
// rest; |out_rest| and |out_leaves| are the rest. False if none helps.
static bool best_cut(const gln_scalar_body *body, uint16_t *out_cut,
                     gln_scalar_body *out_rest, uint16_t *out_leaves,
                     eg_error *error) {
  uint16_t least = body->num_args;
  bool found = false;
  for (uint16_t i = 0; i < body->num_insts; ++i) {
    gln_scalar_body part, rest;
    uint16_t leaves[GLN_BODY_MAX_ARGS];
    uint16_t cut = (uint16_t)(body->num_args + i);
    if (cut == body->results[0] || body->insts[i].op >= GLN_NUM_SCALAR_OPS ||
        gln_body_extract(body, cut, &part, leaves, error))
      continue;
    bool fits = part.num_args >= 1 && part.num_args <= GLN_MAX_OPERANDS;
    gln_scalar_body_fini(&part);
    if (!fits ||
        gln_body_extract_cut(body, body->results[0], cut, &rest, leaves, error))
      continue;
    if (rest.num_args < least) {
      if (found)
        gln_scalar_body_fini(out_rest);
      least = rest.num_args;
      found = true;
      *out_cut = cut;
      *out_rest = rest;
      memcpy(out_leaves, leaves, sizeof(leaves));
    } else {
      gln_scalar_body_fini(&rest);
    }
  }
  return found;
}

// Computes one part first and goes on with the rest.
static MlirValue apply_in_parts(gln_convert *c, gln_scalar_body *body,
                                const MlirValue *operands) {
  gln_scalar_body part, rest;
  uint16_t cut, leaves[GLN_BODY_MAX_ARGS], rest_leaves[GLN_BODY_MAX_ARGS];
  MlirValue args[GLN_BODY_MAX_ARGS];
  if (!best_cut(body, &cut, &rest, rest_leaves, &c->build.error))
    return gln_build_fail(&c->build,
                          "its body of %d operands has no part of at most %d",
                          body->num_args, GLN_MAX_OPERANDS);
  if (gln_body_extract(body, cut, &part, leaves, &c->build.error)) {
    gln_scalar_body_fini(&rest);
    return gln_build_fail(&c->build, "out of memory");
  }
  for (uint16_t i = 0; i < part.num_args; ++i)
    args[i] = operands[leaves[i]];
  MlirValue value = call(c, &part, args);
  gln_scalar_body_fini(&part);
  for (uint16_t i = 0; i + 1 < rest.num_args; ++i)
    args[i] = operands[rest_leaves[i]];
  args[rest.num_args - 1] = value;
  return gln_convert_apply(c, &rest, args);
}

MlirValue gln_convert_apply(gln_convert *convert, gln_scalar_body *body,
                            const MlirValue *operands) {
  MlirValue result;
  if (gln_body_is_identity(body))
    result = operands[0];
  else if (body->num_args > GLN_MAX_OPERANDS)
    result = apply_in_parts(convert, body, operands);
  else
    result = call(convert, body, operands);
  gln_scalar_body_fini(body);
  return result;
}
