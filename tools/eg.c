// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// eg: the e-graph engine at the command line. This file is the list of its
// subcommands and their help.
#include "eg_tool.h"

#include <string.h>

typedef struct command {
  const char *name, *arguments, *summary;
  unsigned bit;
  int (*run)(const tool_options *options);
  const char *help; // what it does, in full
} command;

static const char rules_help[] =
    "FILE.egg is a program in the egglog subset of egraph/README.md. Any "
    "other\n"
    "FILE holds rules and terms, \"-\" is standard input:\n"
    "\n"
    "  # comment to the end of the line\n"
    "  comm: (+ ?a ?b) => (+ ?b ?a)     a rule; egg's \"comm; ...\" is read "
    "too\n"
    "  zero: (+ ?a 0) <=> ?a            both ways; backwards it is zero-rev\n"
    "  start: (+ (* x 0) y)             a term to put into the graph\n"
    "\n"
    "?a is a variable; every other word is an operator or a leaf. A rule may "
    "end\n"
    "in \"if\" and conditions: distinct ?a ?b, number ?a, not-number ?a,\n"
    "not-zero ?a. Which rules run when, and who is held back:\n"
    "\n"
    "  ruleset fold                     the rules below belong to it\n"
    "  grow: (f ?a) => (f (g ?a)) budget 100\n"
    "                                   it pauses when it has more matches\n"
    "  schedule (repeat 9 (saturate fold) (run slow) :until (f ?x) = ?x)\n"
    "                                   also (seq ...), and (run) of all "
    "rules;\n"
    "                                   without: all rules, to saturation\n"
    "  scheduler (backoff :matches 1000 :rounds 5)\n"
    "                                   or (size-aware :share 0.25), or "
    "simple\n";

static const command commands[] = {
    {"run", "FILE", "saturate, and print the smallest term equal to each term",
     TOOL_RUN, tool_run,
     "Applies all rules to all terms, round after round, until nothing new\n"
     "appears or a limit is reached, and prints why it stopped and the "
     "smallest\n"
     "term equal to each term of the file.\n\n"},
    {"stats", "FILE", "saturate, and print what each rule did", TOOL_STATS,
     tool_stats,
     "As run, but prints a line per rule: nodes it searched, matches it "
     "found,\n"
     "matches that changed the graph, nodes it added, and how long its search\n"
     "takes (every rule is searched once more for that; not of egglog "
     "files).\n"
     "\n"
     "Of a FILE.json in the format of egraph-serialize it prints what the "
     "e-graph\n"
     "consists of: classes by size, operators, sharing, cycles, costs.\n\n"},
    {"rules", "FILE", "print the rules and the schedule as they were read",
     TOOL_RULES, tool_rules,
     "Reads a FILE of rules and prints each direction of each of them with "
     "its\n"
     "ruleset, then the schedule and the scheduler: text that is read as the "
     "same\nagain.\n\n"},
    {"dot", "FILE", "saturate, and draw the graph for Graphviz", TOOL_DOT,
     tool_dot,
     "As run, but writes the e-graph in Graphviz's language: a box is a class\n"
     "of equal nodes. Try: eg dot FILE --rounds=2 | dot -Tsvg -o "
     "graph.svg\n\n"},
    {"extract", "FILE.json", "choose from a serialized e-graph, paying once",
     TOOL_EXTRACT, tool_extract,
     "Reads e-graphs in the JSON of egraph-serialize, chooses one node per "
     "class\n"
     "so that the roots are covered, nothing is cyclic and the sum over the\n"
     "classes chosen (the DAG cost) is small, checks it, and prints one line "
     "of\n"
     "JSON per file: name, extractor, tree, dag, micros (without reading).\n"},
    {"explain", "FILE TERM TERM", "print why two terms are equal", TOOL_EXPLAIN,
     tool_explain,
     "Applies the rules of FILE to the two terms until they are equal, and\n"
     "prints the rewrites that lead from one to the other. The proof is "
     "checked\n"
     "against the rules before it is printed. A condition is printed with what "
     "was\n"
     "known of its arguments, and checked from that; where this does not "
     "decide, "
     "a\nline \"# assumed: NAME\" says so.\n\n"},
};
enum { NUM_COMMANDS = sizeof commands / sizeof *commands };

static void print_help(FILE *file) {
  fputs("usage: eg COMMAND [options] FILE\n\n"
        "An e-graph holds a set of terms and all that rewrite rules make of "
        "them.\n\ncommands:\n",
        file);
  for (int i = 0; i < NUM_COMMANDS; ++i)
    fprintf(file, "  %-8s %s\n", commands[i].name, commands[i].summary);
  fputs("\neg COMMAND --help explains one.\n"
        "exit code: 0 done, 1 the input is wrong or has no answer, 2 the "
        "command line is\n",
        file);
}

static void print_command_help(const command *c) {
  printf("usage: eg %s [options] %s\n\n%s", c->name, c->arguments, c->help);
  if (c->bit & (TOOL_SATURATES | TOOL_RULES))
    fputs(rules_help, stdout);
  puts("\noptions:");
  tool_print_options(c->bit);
}

static const command *find_command(const char *name) {
  for (int i = 0; i < NUM_COMMANDS; ++i)
    if (strcmp(commands[i].name, name) == 0)
      return &commands[i];
  return NULL;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    print_help(stderr);
    return TOOL_USAGE;
  }
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
      strcmp(argv[1], "help") == 0) {
    print_help(stdout);
    return TOOL_OK;
  }
  const command *c = find_command(argv[1]);
  if (!c) {
    fprintf(stderr, "eg: no command '%s'; eg --help lists them\n", argv[1]);
    return TOOL_USAGE;
  }
  tool_options options;
  eg_limits limits = eg_limits_default();
  limits.rounds = EG_UNLIMITED; // the others end every run
  if (!tool_parse(argc - 2, argv + 2, c->bit, limits, &options))
    return TOOL_USAGE;
  if (options.help) {
    print_command_help(c);
    return TOOL_OK;
  }
  return c->run(&options);
}
