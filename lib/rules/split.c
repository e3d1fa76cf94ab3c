// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Long maps as chains of short ones, for units whose programs are short.
#include "rules/rewrite.h"

#include "rules/body.h"
#include "view/try.h"

#include <string.h>

// A body of fewer instructions fits a program beside what it is fused with.
enum { MAX_WHOLE = 20, MAX_CUT = 512, MAX_NODES = 8 };

// Instructions that |reg| needs where those of |known| (one register, or none:
// UINT16_MAX) are given.
static uint32_t num_needed(const gln_scalar_body *body, uint16_t reg,
                           uint16_t known) {
  bool needed[GLN_BODY_MAX_ARGS + MAX_CUT] = {false};
  uint32_t num = 0;
  needed[reg] = reg != known;
  for (uint16_t i = body->num_insts; i-- > 0;) {
    const gln_scalar_inst *inst = &body->insts[i];
    if (!needed[body->num_args + i])
      continue;
    ++num;
    unsigned arity = inst->op < GLN_NUM_SCALAR_OPS
                         ? gln_scalar_op_info((gln_scalar_op)inst->op)->arity
                         : 0;
    for (unsigned k = 0; k < arity; ++k)
      needed[inst->args[k]] |= inst->args[k] != known;
  }
  return num;
}

// What an accelerator stores between two maps.
static bool is_storable(gln_type type) {
  return type != GLN_TYPE_I1 && type != GLN_TYPE_INDEX &&
         gln_type_bytes(type) <= 4;
}

// The register that leaves two parts of which the longer is shortest, the earliest
// of those; false: every cut leaves most of the body in one.
static bool find_cut(const gln_scalar_body *body, uint16_t *out) {
  uint32_t best = body->num_insts - body->num_insts / 8u;
  bool found = false;
  for (uint16_t i = 0; i < body->num_insts; ++i) {
    uint16_t reg = (uint16_t)(body->num_args + i);
    if (reg == body->results[0] || body->insts[i].op >= GLN_NUM_SCALAR_OPS ||
        !is_storable((gln_type)body->insts[i].type))
      continue;
    uint32_t inner = num_needed(body, reg, UINT16_MAX);
    uint32_t outer = num_needed(body, body->results[0], reg);
    uint32_t longer = inner > outer ? inner : outer;
    if (longer >= best)
      continue;
    best = longer;
    *out = reg;
    found = true;
  }
  return found;
}

static eg_status part(gln_rewriter *w, const gln_map_use *use,
                      const gln_scalar_body *body, const uint16_t *args,
                      const eg_class *last, eg_class *out) {
  eg_class operands[GLN_LANG_MAX_OPERANDS];
  uint16_t own = (uint16_t)(body->num_args - (last != NULL));
  for (uint16_t a = 0; a < own; ++a)
    operands[a] = use->operands[args[a]];
  if (last)
    operands[own] = *last;
  return gln_rewriter_map(w, &use->shape, body, operands, out);
}

// map f(x) = map h(x, map g(x))     where f(x) = h(x, g(x))
//
// g is one register of f: what is stored between the two is what f computes there,
// so that nothing is rounded twice.
static eg_status split(gln_rewriter *w, const gln_map_use *use, uint16_t cut) {
  gln_scalar_body inner, outer;
  uint16_t inner_args[GLN_LANG_MAX_OPERANDS], outer_args[GLN_LANG_MAX_OPERANDS];
  eg_class middle, made;
  eg_status status =
      gln_body_slice(&use->body, cut, w->memory, &inner, inner_args, w->error);
  if (status == EG_LIMIT)
    return EG_OK;
  GLN_TRY(status);
  status = gln_body_cut(&use->body, &cut, 1, w->memory, &outer, outer_args,
                        w->error);
  if (status != EG_OK) {
    gln_scalar_body_fini(&inner);
    return status == EG_LIMIT ? EG_OK : status;
  }
  bool reads = inner.num_args > 0;
  if (reads)
    status = part(w, use, &inner, inner_args, NULL, &middle);
  if (reads && status == EG_OK)
    status = part(w, use, &outer, outer_args, &middle, &made);
  if (reads && status == EG_OK)
    status = gln_rewriter_unite(w, GLN_RULE_SPLIT_MAP,
                                eg_node_class(w->lang->graph, use->node), made);
  gln_scalar_body_fini(&inner);
  gln_scalar_body_fini(&outer);
  return status;
}

static eg_status split_class(gln_rewriter *w, eg_class id) {
  eg_node nodes[MAX_NODES];
  uint32_t num = gln_class_all(w->lang, id, GLN_NODE_APPLY, nodes, MAX_NODES);
  for (uint32_t i = 0; i < num; ++i) {
    gln_map_use use;
    uint16_t cut;
    eg_status status = EG_OK;
    if (!gln_map_use_read(w, nodes[i], &use))
      continue;
    if (use.body.num_insts > MAX_WHOLE && use.body.num_insts <= MAX_CUT &&
        use.body.num_results == 1 && find_cut(&use.body, &cut) &&
        gln_rewriter_match(w, GLN_RULE_SPLIT_MAP, use.shape.type))
      status = split(w, &use, cut);
    gln_map_use_fini(&use);
    if (status != EG_OK)
      return status;
  }
  return EG_OK;
}

eg_status gln_rewrite_long_maps(gln_rewriter *w) {
  // Parts are new classes, and looked at in their turn; each is shorter.
  for (uint32_t i = 1; i <= gln_last_class(w->lang); ++i) {
    eg_class id = eg_find(w->lang->graph, (eg_class){i});
    if (eg_class_sort(w->lang->graph, id).id == w->lang->value.id &&
        !gln_lang_is_constant(w->lang, id))
      GLN_TRY(split_class(w, id));
  }
  return gln_rewriter_check(w, eg_rebuild(w->lang->graph));
}
