// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kernels by Knuth, values by any extractor.
#include "design/choose_internal.h"

#include "view/try.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static eg_status of_graph(const gln_lang *lang, eg_status status,
                          eg_error *error) {
  return status == EG_OK
             ? EG_OK
             : gln_fail(error, status, "%s", eg_graph_error(lang->graph)->text);
}

//===-- Values ------------------------------------------------------------===//

typedef struct prices {
  const gln_pricing *pricing;
  const eg_choice *kernels;
  const eg_plugin *plugin;
} prices;

// A value by itself, with the kernel chosen for it; kernels and units are part of
// that. A node that the cheapest terms may not use, no program may.
static double price(void *user, const eg_graph *graph, eg_node node) {
  const prices *p = user;
  const gln_lang *lang = p->pricing->lang;
  gln_cost cost;
  uint32_t num;
  if (eg_op_sort(graph, eg_node_op(graph, node)).id != lang->value.id)
    return 0;
  if (!gln_node_is_usable(p->pricing, node))
    return INFINITY;
  const eg_class *children = eg_node_children(graph, node, &num);
  for (uint32_t i = 0; i < num; ++i)
    if (!eg_choice_node(p->kernels, children[i]).id)
      return INFINITY; // below it something has no program
  if (gln_node_cost(p->pricing, p->kernels, node, &cost, NULL) != EG_OK)
    return INFINITY;
  double value = gln_objective_value(&p->pricing->objective, &cost);
  if (p->plugin && p->plugin->cost) {
    eg_node_view view = {.op = eg_op_name(graph, eg_node_op(graph, node)),
                         .num_children = num,
                         .cost = value};
    value = p->plugin->cost(p->plugin->user, &view);
  }
  return value;
}

static eg_status find_method(const gln_choose_options *o,
                             eg_extract_options *out, eg_error *error) {
  const char *name = o->method ? o->method : "tree";
  *out = eg_extract_options_default();
  out->method = name;
  out->seed = o->seed;
  if (o->seconds > 0)
    out->seconds = o->seconds;
  if (o->plugin)
    out->extractor = eg_plugin_extractor(o->plugin, name);
  if (out->extractor || eg_extractor_find(name))
    return EG_OK;
  char names[160] = "";
  for (uint32_t i = 0, used = 0; i < eg_num_extractors(); ++i)
    used += (uint32_t)snprintf(
        names + used, used < sizeof names ? sizeof names - used : 0, "%s%s",
        i ? ", " : "", eg_extractor_get(i)->name);
  return gln_fail(error, EG_NOT_FOUND,
                  "no method is called '%s'; there are: %s", name, names);
}

// Kernels as in the cheapest terms, values as the extractor says.
static void restore_kernels(const gln_lang *lang, const eg_choice *kernels,
                            eg_choice *choice) {
  for (eg_class id = eg_class_next(lang->graph, (eg_class){0}); id.id;
       id = eg_class_next(lang->graph, id))
    if (eg_class_sort(lang->graph, id).id != lang->value.id)
      eg_choice_set(choice, id, eg_choice_node(kernels, id));
}

static eg_status choose_values(const gln_pricing *pricing,
                               const eg_class *roots, uint32_t num_roots,
                               const gln_choose_options *o,
                               gln_chosen_program *out, eg_error *error) {
  const gln_lang *lang = pricing->lang;
  prices p = {.pricing = pricing, .kernels = out->priced, .plugin = o->plugin};
  eg_prices of_values = {.price = price, .user = &p};
  eg_extract_options options;
  eg_extract_result result;
  eg_flat *flat = NULL;
  GLN_TRY(find_method(o, &options, error));
  GLN_TRY(of_graph(
      lang, eg_flat_create(lang->graph, &of_values, roots, num_roots, &flat),
      error));
  eg_allocator memory = eg_allocator_default();
  size_t bytes = (flat->problem.num_classes + 1) * sizeof(uint32_t);
  uint32_t *chosen = memory.resize(memory.user, NULL, 0, bytes);
  eg_status status = EG_OK;
  if (!chosen)
    status = gln_fail(error, EG_NO_MEMORY, "no memory to extract");
  if (status == EG_OK) {
    status = eg_extract(&flat->problem, &options, chosen, &result);
    if (status != EG_OK)
      gln_fail(error, status, "%s", result.error.text);
  }
  if (status == EG_OK)
    status = of_graph(lang, eg_choice_create(lang->graph, &out->choice), error);
  if (status == EG_OK) {
    eg_flat_choose(flat, chosen, out->choice);
    restore_kernels(lang, out->priced, out->choice);
    out->dag = result.dag;
    out->tree = result.tree;
    out->bound = result.bound;
    out->optimal = result.optimal;
    out->stop = result.stop;
    out->classes = flat->problem.num_classes;
    out->nodes = flat->problem.num_nodes;
  }
  if (chosen)
    memory.resize(memory.user, chosen, bytes, 0);
  eg_flat_destroy(flat);
  return status;
}

//===-- All ---------------------------------------------------------------===//

eg_status glni_choose_sum(const glni_choosing *c,
                          const gln_objective *objective,
                          gln_chosen_program *out, eg_error *error) {
  gln_pricing pricing = *c->pricing;
  pricing.objective = *objective;
  const gln_lang *lang = pricing.lang;
  eg_cost cost = gln_cost_of_nodes(&pricing);
  eg_choice_totals totals;
  *out = (gln_chosen_program){.objective = *objective,
                              .bound = -INFINITY,
                              .corners = 1,
                              .extractions = 1};
  eg_status status =
      of_graph(lang, eg_extract_tree(lang->graph, &cost, &out->priced), error);
  if (status == EG_OK)
    status =
        choose_values(&pricing, c->roots, c->num_roots, c->options, out, error);
  if (status == EG_OK) // whole, and without cycles
    status = of_graph(lang,
                      eg_choice_check(lang->graph, out->choice, c->roots,
                                      c->num_roots, NULL, &totals),
                      error);
  if (status == EG_OK)
    status = gln_mapping_walk(&pricing, out->choice, c->roots, c->num_roots,
                              NULL, NULL, &out->total, error);
  if (status != EG_OK)
    gln_chosen_program_fini(out);
  return status;
}

eg_status gln_choose(const gln_pricing *pricing, const eg_class *roots,
                     uint32_t num_roots, const gln_choose_options *options,
                     gln_chosen_program *out, eg_error *error) {
  glni_choosing c = {.pricing = pricing,
                     .roots = roots,
                     .num_roots = num_roots,
                     .options = options};
  memset(out, 0, sizeof *out);
  if (pricing->objective.kind == GLN_OBJECTIVE_EDP)
    return glni_choose_product(&c, out, error);
  return glni_choose_sum(&c, &pricing->objective, out, error);
}

void gln_chosen_program_fini(gln_chosen_program *program) {
  eg_choice_destroy(program->choice);
  eg_choice_destroy(program->priced);
  program->choice = program->priced = NULL;
}
