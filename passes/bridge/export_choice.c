// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Import, extraction by size, export; and the figures of all three.
#include "bridge/export_choice.h"

#include "bridge/clock.h"
#include "bridge/export.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

//===-- Figures -----------------------------------------------------------===//

// How often each kernel class is applied: nodes that have it as child 0.
static uint32_t num_uses(const gln_import *import, eg_class kernel) {
  uint32_t num;
  eg_class_parents(import->graph, kernel, &num);
  return num;
}

enum { NOTE_LENGTH = 400 };

// A note per class of contractions, in order of their ids. The caller frees the
// list and its texts.
static gln_note *list_contracts(const gln_import *import, MlirLocation location,
                                size_t max, size_t *out_num) {
  gln_note *notes = calloc(max + 1, sizeof *notes);
  *out_num = 0;
  for (eg_class id = eg_class_next(import->graph, (eg_class){0});
       id.id && notes && *out_num < max;
       id = eg_class_next(import->graph, id)) {
    uint32_t num;
    gln_spec spec;
    eg_node node = eg_class_nodes(import->graph, id, &num)[0];
    if (gln_lang_node(&import->lang, node) != GLN_NODE_CONTRACT ||
        !gln_node_spec(&import->lang, node, &spec))
      continue;
    char *text = malloc(NOTE_LENGTH);
    if (!text)
      break;
    int used =
        snprintf(text, NOTE_LENGTH, "%" PRIu32 " x ", num_uses(import, id));
    gln_spec_print(&spec, text + used, (size_t)(NOTE_LENGTH - used));
    notes[(*out_num)++] = (gln_note){location, text};
  }
  return notes;
}

static size_t count(const gln_import *import, gln_node node) {
  return (size_t)eg_op_num_nodes(import->graph, import->lang.ops[node]);
}

// Contractions: applications of contract kernels.
static size_t num_contractions(const gln_import *import) {
  size_t sum = 0;
  for (eg_class id = eg_class_next(import->graph, (eg_class){0}); id.id;
       id = eg_class_next(import->graph, id)) {
    uint32_t num;
    eg_node node = eg_class_nodes(import->graph, id, &num)[0];
    if (gln_lang_node(&import->lang, node) == GLN_NODE_CONTRACT)
      sum += num_uses(import, id);
  }
  return sum;
}

static void report(const gln_import *import, const gln_through *options,
                   const char *text) {
  MlirLocation location = mlirOperationGetLocation(import->module);
  size_t num = 0;
  gln_note *notes = NULL;
  if (options->contracts)
    notes = list_contracts(import, location, count(import, GLN_NODE_CONTRACT),
                           &num);
  gln_diagnose(location, MlirDiagnosticRemark, text, notes, num);
  for (size_t i = 0; i < num; ++i)
    free((void *)(uintptr_t)notes[i].text);
  free(notes);
}

static void describe(const gln_import *import, char *text, size_t size) {
  snprintf(text, size,
           "graph: %zu contractions of %zu classes, %zu reduces, %zu maps, "
           "%zu softmaxes, %zu argmaxes; %zu values: %zu inputs, %zu "
           "constants, %zu views, %zu concats, %zu applies, %zu on the host "
           "(%zu of access); %" PRIu64 " nodes, %" PRIu64 " classes, %zu bytes",
           num_contractions(import), count(import, GLN_NODE_CONTRACT),
           count(import, GLN_NODE_REDUCE), count(import, GLN_NODE_MAP),
           count(import, GLN_NODE_SOFTMAX), count(import, GLN_NODE_ARGMAX),
           count(import, GLN_NODE_INPUT) + count(import, GLN_NODE_CONST) +
               count(import, GLN_NODE_VIEW) + count(import, GLN_NODE_CONCAT) +
               count(import, GLN_NODE_APPLY) + count(import, GLN_NODE_HOST),
           count(import, GLN_NODE_INPUT), count(import, GLN_NODE_CONST),
           count(import, GLN_NODE_VIEW), count(import, GLN_NODE_CONCAT),
           count(import, GLN_NODE_APPLY), count(import, GLN_NODE_HOST),
           import->num_left, eg_num_nodes(import->graph),
           eg_num_classes(import->graph), eg_graph_peak_bytes(import->graph));
}

//===-- There and back ----------------------------------------------------===//

// Every block's results have a finite acyclic term.
static eg_status check(const gln_import *import, const eg_choice *choice,
                       eg_error *error) {
  for (size_t i = 0; i < import->num_blocks; ++i) {
    eg_choice_totals totals;
    eg_status status = eg_choice_check(
        import->graph, choice, &import->blocks[i].results, 1, NULL, &totals);
    if (status == EG_OK)
      continue;
    *error = *eg_graph_error(import->graph);
    return status;
  }
  return EG_OK;
}

static eg_status choose(const gln_import *import, eg_choice **out,
                        eg_error *error) {
  eg_cost cost = eg_cost_size();
  eg_status status = eg_extract_tree(import->graph, &cost, out);
  if (status != EG_OK) {
    *error = *eg_graph_error(import->graph);
    return status;
  }
  status = check(import, *out, error);
  if (status != EG_OK)
    eg_choice_destroy(*out);
  return status;
}

bool gln_through_graph(MlirOperation module, const gln_through *options) {
  gln_import import;
  gln_export_counts counts = {0};
  eg_choice *choice;
  eg_error error = {0};
  char text[1000];
  MlirLocation location = mlirOperationGetLocation(module);
  double start = gln_seconds(), imported, chosen;
  if (gln_import_module(&import, module, &error))
    return gln_error(location, "%s", error.text);
  imported = gln_seconds();
  eg_status status = choose(&import, &choice, &error);
  chosen = gln_seconds();
  if (status == EG_OK) {
    status = gln_export_module(&import, choice, NULL, NULL, &counts, &error);
    eg_choice_destroy(choice);
  }
  if (status == EG_OK && (options->statistics || options->contracts)) {
    describe(&import, text, sizeof text);
    size_t used = strlen(text);
    snprintf(text + used, sizeof text - used,
             "; built %zu, %zu by gather, %zu blocks left; seconds: import "
             "%.4f, extract %.4f, export %.4f",
             counts.built, counts.gathers, counts.left, imported - start,
             chosen - imported, gln_seconds() - chosen);
    report(&import, options, text);
  }
  gln_import_fini(&import);
  return status == EG_OK || gln_error(location, "%s", error.text);
}
