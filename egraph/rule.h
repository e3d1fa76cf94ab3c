// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compiled rules: shared by rule.c (compiles), match.c (searches), run.c
// (applies).
#ifndef EG_RULE_H
#define EG_RULE_H

#include "internal.h"

// A left-hand side is a program over registers that hold class ids. The root
// node of a candidate fills register 0 with its class and 1 … n with its
// children; then each instruction narrows or branches.
typedef enum egi_opcode {
  EGI_BIND,    // for each node |op| of class in: children into out, out+1, …
  EGI_COMPARE, // class in == class out
  EGI_GROUND,  // class in == ground term |out|
  EGI_YIELD,   // a match
} egi_opcode;

typedef struct egi_instr {
  uint8_t code;
  uint16_t op;
  uint32_t payload;      // of a BIND; 0 = none
  uint32_t num_children; // of a BIND
  uint32_t in, out;
} egi_instr;

// One node of a right-hand side; operands are args[first … first + num).
typedef struct egi_step {
  uint16_t op;
  uint32_t payload;
  uint32_t first, num;
} egi_step;

// An operand: a variable, a ground term or the result of an earlier step.
enum { EGI_ARG_VAR = 0, EGI_ARG_GROUND, EGI_ARG_STEP };
typedef struct egi_arg {
  uint32_t kind, index;
} egi_arg;

typedef struct egi_rule {
  char *name;
  egi_vars vars;
  uint16_t root_op;
  uint32_t root_payload, root_children;
  uint32_t num_regs, num_binds;
  egi_words var_regs; // register of each variable
  EGI_ARRAY(egi_instr) program;

  egi_pattern lhs_grounds; // ground subterms of the left, children first
  egi_words lhs_ground_roots;

  EGI_ARRAY(egi_step) steps; // empty: the right-hand side is |result| alone
  EGI_ARRAY(egi_arg) args;
  egi_arg result;
  egi_pattern rhs_grounds;
  egi_words rhs_ground_roots;

  egi_guards guards;
  eg_applier apply; // instead of a right-hand side
  void *user;
  eg_rule_stats stats;
} egi_rule;

struct eg_rules {
  eg_graph *graph;
  EGI_ARRAY(egi_rule) rules;
};

// A search in progress; the graph must stay as it is. Everything is in |block|.
typedef struct egi_frame {
  const uint32_t *members;
  uint32_t next, num;
  uint32_t pc;
} egi_frame;

typedef struct egi_machine {
  const eg_graph *graph;
  const egi_rule *rule;
  uint32_t *regs, *grounds, *vars, *guard_vars;
  egi_frame *frames;
  void *block;
  size_t block_size;
  uint32_t depth, page, slot;
  uint64_t searched; // root nodes looked at
  bool impossible;   // a ground term of the pattern is not in the graph
} egi_machine;

EG_NODISCARD
eg_status egi_machine_init(egi_machine *m, eg_graph *graph,
                           const egi_rule *rule);
void egi_machine_fini(egi_machine *m, eg_graph *graph);
// Steps to the next match, conditions included; its classes are in m->regs[0]
// and m->vars.
bool egi_machine_next(egi_machine *m);

#endif
