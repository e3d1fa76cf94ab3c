// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// --glenside-print-… and --glenside-list-rules: what tables generate.
#include "modes.h"

#include "bridge/target.h"
#include "dialect/op.h"
#include "passes.h"
#include "rules/rules.h"

#include <stdlib.h>
#include <string.h>

static bool print(const char *name, FILE *out,
                  void (*how)(const gln_dialect_def *, FILE *)) {
  const gln_dialect_def *def = gln_dialect_find(name);
  if (!def) {
    fprintf(stderr, "glenside-opt: no dialect of ours is called '%s'; there is",
            name);
    for (size_t i = 0; gln_dialects[i]; ++i)
      fprintf(stderr, " '%s'", gln_dialects[i]->name);
    fprintf(stderr, "\n");
    return false;
  }
  how(def, out);
  return true;
}

static bool print_irdl(const char *name, void *out) {
  return print(name, out, gln_dialect_print_irdl);
}

static bool print_docs(const char *name, void *out) {
  if (strcmp(name, "passes") == 0) {
    gln_passes_print_docs(gln_passes, out);
    return true;
  }
  return print(name, out, gln_dialect_print_docs);
}

static bool print_examples(const char *name, void *out) {
  return print(name, out, gln_dialect_print_examples);
}

static bool print_target(const char *text, void *out) {
  return gln_target_print_mode(text, out);
}

static bool print_target_source(const char *names, void *out) {
  return gln_target_source_mode(names, out);
}

// |names|: rules and topics; empty = all.
static bool list_rules(const char *names, void *out) {
  gln_rule_set set;
  eg_error error = {0};
  if (gln_rules_select(names, NULL, NULL, &set, &error) != EG_OK) {
    fprintf(stderr, "glenside-opt: %s\n", error.text);
    return false;
  }
  size_t size = gln_rules_print(&set, NULL, 0) + 1;
  char *text = malloc(size);
  if (text) {
    gln_rules_print(&set, text, size);
    fputs(text, out);
  }
  free(text);
  return text != NULL;
}

const gln_mode gln_modes[] = {
    {"glenside-list-rules",
     "Print the rules, or those of a list of names and topics, and exit",
     list_rules},
    {"glenside-print-irdl", "Print a dialect's IRDL definition and exit",
     print_irdl},
    {"glenside-print-docs",
     "Print the reference of a dialect or of 'passes' and exit", print_docs},
    {"glenside-print-examples", "Print a use of each op of a dialect and exit",
     print_examples},
    {"glenside-print-target",
     "Print a target, by name or path with overrides, and exit", print_target},
    {"glenside-print-target-source",
     "Print targets, a list of names, as lib/target/shipped.c and exit",
     print_target_source},
    {0}};
