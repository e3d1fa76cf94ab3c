// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The options of eg, in one table: help and parser read the same lines.
#include "eg_tool.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef enum kind { FLAG, COUNT, REAL, TEXT } kind;

// X(name, value as help shows it, kind, field, subcommands, help)
#define TOOL_OPTIONS(X)                                                        \
  X("rounds", "N", COUNT, limits.rounds, TOOL_SATURATES,                       \
    "stop after N rounds; 0 runs none")                                        \
  X("nodes", "N", COUNT, limits.nodes, TOOL_SATURATES,                         \
    "stop at N nodes; k, M, G are understood")                                 \
  X("bytes", "N", COUNT, limits.bytes, TOOL_SATURATES,                         \
    "stop at N bytes of memory")                                               \
  X("matches", "N", COUNT, limits.matches, TOOL_SATURATES,                     \
    "stop at N matches in one round")                                          \
  X("rule-matches", "N", COUNT, limits.rule_matches, TOOL_SATURATES,           \
    "stop when a rule finds N matches in a round")                             \
  X("fuel", "N", COUNT, limits.fuel, TOOL_SATURATES,                           \
    "stop when a rule looks at N nodes in a round")                            \
  X("tree", NULL, FLAG, tree, TOOL_EXPLAIN,                                    \
    "as a tree, which says once what a flat proof repeats")                    \
  X("strict", NULL, FLAG, strict, TOOL_EXPLAIN,                                \
    "refuse a proof with a condition that terms do not decide")                \
  X("best", NULL, FLAG, best, TOOL_DOT,                                        \
    "fill the nodes of the smallest terms")                                    \
  X("output", "FILE", TEXT, output, TOOL_SATURATES | TOOL_RULES,               \
    "write there instead of standard output")                                  \
  X("method", "NAME", TEXT, method, TOOL_EXTRACT,                              \
    "how to extract; \"local\" if not given")                                  \
  X("time", "SECONDS", REAL, time, TOOL_EXTRACT,                               \
    "stop after so long; 0 gives the tree optimum")                            \
  X("work", "N", COUNT, work, TOOL_EXTRACT,                                    \
    "stop after looking at N edges: the same answer everywhere")               \
  X("seed", "N", COUNT, seed, TOOL_EXTRACT, "of the methods that draw lots")   \
  X("restarts", "N", COUNT, restarts, TOOL_EXTRACT,                            \
    "local ends after N in a row without success; 0: a few")                   \
  X("plugin", "FILE.so", TEXT, plugin, TOOL_EXTRACT,                           \
    "methods and a cost function of your own")                                 \
  X("list-methods", NULL, FLAG, list_methods, TOOL_EXTRACT,                    \
    "print the methods and end")                                               \
  X("choice", NULL, FLAG, choice, TOOL_EXTRACT,                                \
    "print class, node and operator of the choice as well")                    \
  X("terms", "K", COUNT, terms, TOOL_EXTRACT,                                  \
    "print the K cheapest distinct terms of each root instead")                \
  X("pareto", "RUNS", COUNT, pareto, TOOL_EXTRACT,                             \
    "print cost against the plugin's cost, or nodes, in RUNS runs")            \
  X("verbose", NULL, FLAG, verbose, TOOL_EXTRACT,                              \
    "add bound, optimal, stop, classes and work to the result")                \
  X("help", NULL, FLAG, help, ~0u, "this text")

static const struct option {
  const char *name, *value;
  kind kind;
  size_t field;
  unsigned commands;
  const char *help;
} table[] = {
#define X(name, value, kind, field, commands, help)                            \
  {name, value, kind, offsetof(tool_options, field), commands, help},
    TOOL_OPTIONS(X)
#undef X
};
enum { NUM_OPTIONS = sizeof table / sizeof *table };

void tool_print_options(unsigned command) {
  for (int i = 0; i < NUM_OPTIONS; ++i) {
    const struct option *o = &table[i];
    char name[32];
    if (!(o->commands & command))
      continue;
    snprintf(name, sizeof name, "--%s%s%s", o->name, o->value ? "=" : "",
             o->value ? o->value : "");
    printf("  %-16s %s\n", name, o->help);
  }
}

// A number with an optional unit: 10k = 10,000, 4G = 4·10⁹.
static bool parse_count(const char *text, uint64_t *out) {
  if (*text < '0' || *text > '9')
    return false;
  char *end;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 10);
  uint64_t unit = 1;
  if (*end) {
    const char *units = "kMG", *at = strchr(units, *end);
    for (long i = at ? at - units : -1; i >= 0; --i)
      unit *= 1000;
    if (!at || end[1])
      return false;
  }
  *out = value * unit;
  return errno == 0 && value <= UINT64_MAX / unit;
}

// A number of 0 or more.
static bool parse_real(const char *text, double *out) {
  char *end;
  *out = strtod(text, &end);
  return end != text && !*end && *out >= 0;
}

static bool parse_value(const struct option *o, const char *value,
                        tool_options *out) {
  void *field = (char *)out + o->field;
  if (!value != !o->value) {
    fprintf(stderr, "eg: --%s %s\n", o->name,
            value ? "takes no value" : "needs a value, as in --name=value");
    return false;
  }
  if (o->kind == FLAG)
    *(bool *)field = true;
  else if (o->kind == TEXT)
    *(const char **)field = value;
  else if (o->kind == REAL ? !parse_real(value, field)
                           : !parse_count(value, field)) {
    fprintf(stderr, "eg: --%s wants a number, got '%s'\n", o->name, value);
    return false;
  }
  return true;
}

static bool parse_option(const char *text, unsigned command,
                         tool_options *out) {
  const char *equals = strchr(text, '=');
  size_t len = equals ? (size_t)(equals - text) : strlen(text);
  for (int i = 0; i < NUM_OPTIONS; ++i)
    if (table[i].commands & command && strlen(table[i].name) == len &&
        memcmp(table[i].name, text, len) == 0)
      return parse_value(&table[i], equals ? equals + 1 : NULL, out);
  fprintf(stderr, "eg: no option --%.*s here; --help lists them\n", (int)len,
          text);
  return false;
}

bool tool_parse(int argc, char **argv, unsigned command, eg_limits limits,
                tool_options *out) {
  *out = (tool_options){.limits = limits,
                        .method = "local",
                        .time = INFINITY,
                        .work = EG_UNLIMITED};
  for (int i = 0; i < argc; ++i) {
    if (strcmp(argv[i], "-h") == 0) {
      out->help = true;
    } else if (strncmp(argv[i], "--", 2) == 0 && argv[i][2]) {
      if (!parse_option(argv[i] + 2, command, out))
        return false;
    } else if (out->num_files == sizeof out->files / sizeof *out->files) {
      fprintf(stderr, "eg: too many arguments, at '%s'\n", argv[i]);
      return false;
    } else {
      out->files[out->num_files++] = argv[i];
    }
  }
  if (out->num_files > 0 || out->help || out->list_methods)
    return true;
  fputs("eg: a file is missing\n", stderr);
  return false;
}
