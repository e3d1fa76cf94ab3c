// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Maps at the accumulator: a block leaves its result there, the map runs on it tile
// by tile, and what it makes is stored. The intermediate never is.
//
// A map with nothing to fuse with is one of these as well: its first operand copied
// into the accumulator by the vector unit.
#include "design/mapping_internal.h"

#include "design/program_internal.h"

#include "rules/body.h"
#include "view/try.h"

#include <math.h>
#include <string.h>

enum { MAX_NODES = 16, MAX_READS = 4 }; // of a class that are looked at

//===-- What fits ---------------------------------------------------------===//

// Whether the vector unit has all functions of |body| where |spec| leaves its result,
// and what it takes.
static bool is_runnable(const glni_mapper *m, const gln_spec *spec,
                        const gln_scalar_body *body, glni_body *out) {
  for (size_t i = 0; i < m->target->num_types; ++i) {
    const gln_type_rule *r = &m->target->types[i];
    if (r->lhs == r->rhs && r->acc == spec->result &&
        glni_body_compile(body, r->lhs, r->acc, glni_spec_is_narrow(spec), out,
                          NULL) == EG_OK)
      return true;
  }
  return false;
}

// Call sites of the candidate's program alone, 0 when there is none.
static uint32_t own_sites(const glni_mapper *m, glni_candidate *c) {
  if (c->sites == 0 && gln_program_sites(&m->memory, m->target, c->block, NULL,
                                         &c->sites, NULL) != EG_OK)
    c->sites = UINT32_MAX;
  return c->sites == UINT32_MAX ? 0 : c->sites;
}

// The candidate beside an epilogue like |body|; false: it leaves no room in ACC.
static bool leave_room(const glni_mapper *m, const glni_candidate *c,
                       const glni_body *body, gln_block *out) {
  *out = *c->block;
  // Beside an array, what comes next is loaded while this is computed.
  unsigned buffers = out->strategy & GLN_STRATEGY_VECTOR ? 1 : 2;
  unsigned chunks = body->num_extra * buffers + body->num_temps;
  double row = m->target->arrays[out->array].cols.value *
               gln_type_bytes(out->spec.result);
  double room = floor(m->target->acc_bytes.value / row) - c->acc_rows;
  if (chunks * GLN_BLOCK_CHUNK_ROWS > room || chunks >= UINT8_MAX)
    return false;
  out->epilogue = (uint8_t)(1 + chunks);
  return true;
}

// Call sites that the epilogue adds, at most: two more for lanes in two parts. 0: no
// program has it.
static uint32_t added_sites(glni_mapper *m, uint32_t index,
                            const gln_scalar_body *body,
                            const glni_body *compiled) {
  const glni_kernel *k = &m->kernels[index];
  for (uint32_t i = k->first; i < k->first + k->num; ++i) {
    gln_block block;
    glni_candidate *c = &m->candidates[i];
    uint32_t whole, alone = own_sites(m, c);
    if (alone && leave_room(m, c, compiled, &block) &&
        gln_program_sites(&m->memory, m->target, &block, body, &whole, NULL) ==
            EG_OK)
      return whole > alone ? whole - alone + 2 : 1;
  }
  return 0;
}

// Blocks of kernel |index| that leave room for an epilogue like |body|, and whose
// programs then are short enough, as one class; {0}: there is none.
static eg_status stage(glni_mapper *m, uint32_t index,
                       const gln_scalar_body *scalar, const glni_body *body,
                       eg_class *out) {
  uint32_t sites = added_sites(m, index, scalar, body);
  bool all = true;
  for (uint32_t i = 0; i < m->num_stages; ++i) {
    const glni_stage *s = &m->stages[i];
    if (s->kernel == index && s->num_extra == body->num_extra &&
        s->num_temps == body->num_temps && s->sites == sites) {
      *out = s->id;
      return EG_OK;
    }
  }
  *out = (eg_class){0};
  glni_kernel kernel = m->kernels[index];
  for (uint32_t i = kernel.first; i < kernel.first + kernel.num && sites; ++i)
    all &= own_sites(m, &m->candidates[i]) + sites <= GLN_PROGRAM_MAX_SITES;
  for (uint32_t i = kernel.first; i < kernel.first + kernel.num && sites; ++i) {
    eg_class made;
    gln_block block;
    uint32_t alone = own_sites(m, &m->candidates[i]);
    if (!alone || alone + sites > GLN_PROGRAM_MAX_SITES ||
        !leave_room(m, &m->candidates[i], body, &block))
      continue;
    block.sites = all ? 0 : (uint8_t)sites;
    GLN_TRY(glni_add_block(m, &block, &made));
    if (out->id)
      GLN_TRY(gln_rewriter_check(m->rewriter,
                                 eg_union(m->lang->graph, *out, made, NULL)));
    *out = made;
  }
  return glni_note_stage(
      m, (glni_stage){index, sites, body->num_extra, body->num_temps, *out});
}

// The same for a body that may not be runnable at all.
static eg_status stage_for(glni_mapper *m, uint32_t index,
                           const gln_scalar_body *body, eg_class *out) {
  glni_body compiled;
  const gln_block *any = m->candidates[m->kernels[index].first].block;
  *out = (eg_class){0};
  return is_runnable(m, &any->spec, body, &compiled)
             ? stage(m, index, body, &compiled, out)
             : EG_OK;
}

//===-- fuse-epilogue -----------------------------------------------------===//

// What is fused: the map with the intermediate as its first argument.
typedef struct fusion {
  gln_scalar_body body;
  eg_class extra[GLN_LANG_MAX_OPERANDS]; // its other operands
  uint32_t num_extra;
  gln_shape shape;
} fusion;

// |use| with argument |at| first, which comes as |first|: its own type, or a wider one
// that holds its values.
static eg_status begin_fusion(const glni_mapper *m, const gln_map_use *use,
                              uint16_t at, gln_type first, fusion *f) {
  gln_type types[GLN_LANG_MAX_OPERANDS];
  uint16_t args[GLN_LANG_MAX_OPERANDS], map[GLN_BODY_MAX_REGISTERS];
  gln_type own = (gln_type)use->body.arg_types[at];
  types[0] = first;
  args[at] = 0;
  f->num_extra = 0;
  f->shape = use->shape;
  for (uint16_t i = 0; i < use->num; ++i) {
    if (i == at)
      continue;
    f->extra[f->num_extra] = use->operands[i];
    args[i] = (uint16_t)++f->num_extra;
    types[args[i]] = (gln_type)use->body.arg_types[i];
  }
  GLN_TRY(gln_scalar_body_init(&f->body, types, use->num, m->memory, m->error));
  eg_status status = EG_OK;
  if (own != first)
    status = gln_scalar_body_op(&f->body, GLN_SCALAR_CAST, own, &(uint16_t){0},
                                1, &args[at], m->error);
  if (status == EG_OK)
    status = gln_scalar_body_inline(&f->body, &use->body, args, map, m->error);
  if (status == EG_OK)
    status =
        gln_scalar_body_result(&f->body, map[use->body.results[0]], m->error);
  if (status == EG_OK)
    status = gln_scalar_body_normalize(&f->body, m->error);
  if (status != EG_OK)
    gln_scalar_body_fini(&f->body);
  return status;
}

// compose{K, f} of |staged| blocks and the map, applied.
static eg_status add_compose(const glni_mapper *m, const fusion *f,
                             eg_class staged, const eg_class *operands,
                             uint32_t num_operands, eg_class *out) {
  uint32_t all = num_operands + f->num_extra;
  gln_wiring w = {.num_operands = (uint8_t)all,
                  .num_sources = (uint8_t)(all + 1),
                  .num_exports = 1,
                  .exports = {(uint8_t)(all + 1)}};
  eg_class kernels[2] = {staged}, whole, read[GLN_LANG_MAX_OPERANDS];
  for (uint32_t i = 0; i < all; ++i) {
    read[i] = i < num_operands ? operands[i] : f->extra[i - num_operands];
    w.sources[i < num_operands ? i : i + 1] = (uint8_t)i;
  }
  w.sources[num_operands] = (uint8_t)all; // the result of the block
  eg_status status = gln_add_map(m->lang, &f->shape, &f->body, &kernels[1]);
  if (status == EG_OK)
    status = gln_add_compose(m->lang, &w, kernels, 2, &whole);
  if (status == EG_OK)
    status = gln_add_apply(m->lang, whole, read, all, out);
  return gln_rewriter_check(m->rewriter, status);
}

// apply (map f) (…, V (apply K x), …) = V (apply compose{K, f} (x, …))
//
// for a view V that only orders elements anew; f's other operands are read through
// its inverse.
static eg_status fuse(glni_mapper *m, const gln_map_use *use, uint16_t at,
                      uint32_t kernel, eg_node inner, const gln_read *read,
                      const gln_view *inverse) {
  uint32_t num;
  const eg_class *children = eg_node_children(m->lang->graph, inner, &num);
  eg_class operands[GLN_LANG_MAX_OPERANDS], staged, made;
  memcpy(operands, children + 1, (num - 1) * sizeof *operands);
  fusion f;
  GLN_TRY(begin_fusion(m, use, at, (gln_type)use->body.arg_types[at], &f));
  f.shape = gln_class_shape(m->lang, read->source);
  f.shape.type = use->shape.type;
  eg_status status = stage_for(m, kernel, &f.body, &staged);
  for (uint32_t i = 0; i < f.num_extra && status == EG_OK && inverse; ++i)
    status = gln_rewriter_check(
        m->rewriter,
        gln_add_view(m->lang, &m->memory, inverse, f.extra[i], &f.extra[i]));
  bool fits = status == EG_OK && staged.id &&
              num - 1 + f.num_extra <= GLN_LANG_MAX_OPERANDS;
  if (fits)
    status = add_compose(m, &f, staged, operands, num - 1, &made);
  if (fits && status == EG_OK && read->view)
    status =
        gln_rewriter_check(m->rewriter, gln_add_view(m->lang, &m->memory,
                                                     read->view, made, &made));
  gln_scalar_body_fini(&f.body);
  if (!fits || status != EG_OK)
    return status;
  return gln_rewriter_unite(m->rewriter, GLN_RULE_FUSE_EPILOGUE,
                            eg_node_class(m->lang->graph, use->node), made);
}

// Operand |at| of the map is |read|, a kernel with blocks in one or more ways.
static eg_status fuse_read(glni_mapper *m, const gln_map_use *use, uint16_t at,
                           const gln_read *read) {
  eg_node nodes[MAX_NODES];
  gln_view *inverse = NULL;
  uint32_t num =
      gln_class_all(m->lang, read->source, GLN_NODE_APPLY, nodes, MAX_NODES);
  if (num == 0 || !gln_has_one_user(m->rewriter, read->source))
    return EG_OK;
  eg_status status = gln_rewriter_inverse(m->rewriter, read->view, &inverse);
  if (status == EG_INFEASIBLE)
    return EG_OK;
  for (uint32_t i = 0; i < num && status == EG_OK; ++i) {
    uint32_t arity;
    int kernel = glni_find_kernel(
        m, eg_node_children(m->lang->graph, nodes[i], &arity)[0]);
    if (kernel >= 0 && gln_rewriter_match(m->rewriter, GLN_RULE_FUSE_EPILOGUE,
                                          use->shape.type))
      status = fuse(m, use, at, (uint32_t)kernel, nodes[i], read, inverse);
  }
  gln_view_destroy(&m->memory, inverse);
  return status;
}

// Nothing else reads operand |at|.
static eg_status fuse_operand(glni_mapper *m, const gln_map_use *use,
                              uint16_t at) {
  gln_read reads[MAX_READS];
  if (!gln_has_one_user(m->rewriter, use->operands[at]))
    return EG_OK;
  uint32_t num = gln_class_reads(m->lang, use->operands[at], reads, MAX_READS);
  for (uint32_t i = 0; i < num; ++i)
    GLN_TRY(fuse_read(m, use, at, &reads[i]));
  return EG_OK;
}

//===-- map-vector --------------------------------------------------------===//

// What the vector unit holds a value of |type| in: integers are widened by the load.
static gln_type held_in(const glni_mapper *m, gln_type type) {
  for (size_t i = 0; i < m->target->num_types; ++i) {
    const gln_type_rule *r = &m->target->types[i];
    if (r->lhs == type && r->rhs == type && gln_type_is_int(type))
      return r->acc;
  }
  return type;
}

// apply (map f) (x, …) = apply compose{copy, f} (x, …)
//
// An i8 is copied as an i32, and f narrows it before all else.
static eg_status map_alone(glni_mapper *m, const gln_map_use *use) {
  gln_spec spec;
  fusion f;
  eg_class staged, made;
  uint32_t kernel;
  gln_shape shape = use->shape;
  shape.type = (gln_type)use->body.arg_types[0];
  if (!gln_copy_spec(&shape, &spec))
    return EG_OK;
  spec.result = held_in(m, shape.type);
  eg_status status = glni_map_copy(m, &spec, &kernel);
  if (status == EG_INFEASIBLE)
    return EG_OK;
  GLN_TRY(status);
  GLN_TRY(begin_fusion(m, use, 0, spec.result, &f));
  status = stage_for(m, kernel, &f.body, &staged);
  if (status == EG_OK && staged.id)
    status = add_compose(m, &f, staged, use->operands, 1, &made);
  gln_scalar_body_fini(&f.body);
  if (status != EG_OK || !staged.id)
    return status;
  return gln_rewriter_unite(m->rewriter, GLN_RULE_MAP_VECTOR,
                            eg_node_class(m->lang->graph, use->node), made);
}

//===-- All ---------------------------------------------------------------===//

static eg_status fuse_class(glni_mapper *m, eg_class id) {
  eg_node nodes[MAX_NODES];
  uint32_t num = gln_class_all(m->lang, id, GLN_NODE_APPLY, nodes, MAX_NODES);
  for (uint32_t i = 0; i < num; ++i) {
    gln_map_use use;
    eg_status status = EG_OK;
    if (!gln_map_use_read(m->rewriter, nodes[i], &use))
      continue;
    bool runs = use.num > 0;
    for (uint16_t at = 0; at < use.num && runs && status == EG_OK; ++at)
      status = fuse_operand(m, &use, at);
    if (runs && status == EG_OK &&
        gln_rewriter_match(m->rewriter, GLN_RULE_MAP_VECTOR, use.shape.type))
      status = map_alone(m, &use);
    gln_map_use_fini(&use);
    if (status != EG_OK)
      return status;
  }
  return EG_OK;
}

eg_status glni_fuse_epilogues(glni_mapper *m) {
  const gln_rewriter *w = m->rewriter;
  uint32_t last = gln_last_class(m->lang);
  for (uint32_t i = 1; i <= last; ++i) {
    eg_class id = eg_find(m->lang->graph, (eg_class){i});
    if (eg_class_sort(m->lang->graph, id).id == m->lang->value.id &&
        !gln_lang_is_constant(m->lang, id))
      GLN_TRY(fuse_class(m, id));
  }
  return gln_rewriter_check(w, eg_rebuild(m->lang->graph));
}
