// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A program as text, for whoever looks at a test that failed.
#ifndef PROGRAM_PRINT_H
#define PROGRAM_PRINT_H

#include "design/program.h"

#include <stdio.h>

static inline void print_block(const gln_block *b) {
  char text[512];
  gln_spec_print(&b->spec, text, sizeof text);
  printf("  %s\n  strategy %u tile", text, b->strategy);
  for (size_t d = 0; d < b->spec.num_dims; ++d)
    printf(" %d", (int)b->tile[d]);
  printf(" order");
  for (size_t i = 0; i < b->num_grid; ++i)
    printf(" d%u", b->order[i]);
  for (size_t k = 0; k <= b->spec.num_operands; ++k)
    printf(" [depth %u x%u%s%s]", b->staging[k].depth, b->staging[k].buffers,
           b->staging[k].keep_halo ? " ring" : "",
           b->staging[k].gather ? " gather" : "");
  printf("\n");
}

static inline void print_int(const gln_program *p, gln_int x) {
  static const char *const ops[] = {"",    "",    "+",   "-", "*", "min",
                                    "max", "div", "mod", "<", "=="};
  const gln_expr *e = &p->exprs[x];
  if (e->kind == GLN_EXPR_CONST) {
    printf("%lld", (long long)e->value);
  } else if (e->kind == GLN_EXPR_VAR) {
    printf("i%lld", (long long)e->value);
  } else {
    printf("(");
    print_int(p, e->a);
    printf(" %s ", ops[e->kind]);
    print_int(p, e->b);
    printf(")");
  }
}

static inline void print_ints(const gln_program *p, const char *name,
                              const gln_int *x, size_t num) {
  printf(" %s=", name);
  for (size_t i = 0; i < num; ++i) {
    printf(i ? "," : "");
    print_int(p, x[i]);
  }
}

static inline void print_rows(const gln_program *p, const char *name,
                              const gln_rows *r, gln_int row) {
  printf(" %s=[", name);
  print_int(p, row);
  for (int i = 0; i < 4; ++i)
    printf(" +%d", r->stride[i]);
  printf(" col ");
  print_int(p, r->col);
  if (r->ring_len)
    printf(" ring %u+%u", r->ring_base, r->ring_len);
  printf("]");
}

static inline void print_box(const gln_program *p, const gln_dram_box *b) {
  printf(" tensor %u+%lld", b->tensor, (long long)b->offset);
  print_ints(p, "n", b->n, 5);
  print_ints(p, "origin", b->origin, 5);
  printf(" step=%u,%u,%u,%u,%u extent=%lld,%lld,%lld,%lld,%lld "
         "stride=%lld,%lld,%lld,%lld,%lld",
         b->step[0], b->step[1], b->step[2], b->step[3], b->step[4],
         (long long)b->extent[0], (long long)b->extent[1],
         (long long)b->extent[2], (long long)b->extent[3],
         (long long)b->extent[4], (long long)b->stride[0],
         (long long)b->stride[1], (long long)b->stride[2],
         (long long)b->stride[3], (long long)b->stride[4]);
}

static inline void print_command(const gln_program *p, const gln_command *c) {
  static const char *const names[] = {"load",    "loadw", "preload", "gemm",
                                      "gemm_os", "alu",   "store",   "move",
                                      "signal",  "await"};
  static const char *const queues[] = {"LOAD", "LOADW", "EXEC", "VECTOR",
                                       "STORE"};
  static const char *const froms[] = {"rows", "lane", "imm"};
  printf("%s", names[c->kind]);
  switch (c->kind) {
  case GLN_COMMAND_LOAD:
  case GLN_COMMAND_LOADW:
    printf(" %s", gln_memory_name(c->load.space));
    print_rows(p, "rows", &c->load.rows, c->load.row);
    print_box(p, &c->load.box);
    break;
  case GLN_COMMAND_STORE:
    print_rows(p, "rows", &c->store.rows, c->store.row);
    print_box(p, &c->store.box);
    break;
  case GLN_COMMAND_PRELOAD:
    print_ints(p, "bank,row,col,k,n", &c->preload.bank, 5);
    break;
  case GLN_COMMAND_GEMM:
    print_ints(p, "n", c->gemm.n, 4);
    print_rows(p, "a", &c->gemm.a, c->gemm.arow);
    print_rows(p, "c", &c->gemm.c, c->gemm.crow);
    print_ints(p, "k,cols,pack", &c->gemm.k, 4);
    printf(" stride=%d,%d", c->gemm.pack_stride[0], c->gemm.pack_stride[1]);
    print_ints(p, "bank,acc", &c->gemm.bank, 2);
    break;
  case GLN_COMMAND_GEMM_OS:
    print_ints(p, "n", c->gemm_os.n, 4);
    print_rows(p, "a", &c->gemm_os.a, c->gemm_os.arow);
    print_rows(p, "c", &c->gemm_os.c, c->gemm_os.crow);
    print_ints(p, "r", c->gemm_os.r, 3);
    print_ints(p, "k,cols,wcol,acc", &c->gemm_os.k, 4);
    print_ints(p, "wrow", &c->gemm_os.wrow, 1);
    break;
  case GLN_COMMAND_ALU:
    printf(" op %d", c->alu.op);
    print_ints(p, "n", c->alu.n, 4);
    print_ints(p, "cols", &c->alu.cols, 1);
    print_rows(p, "dst", &c->alu.dst, c->alu.dst_row);
    printf(" %s", froms[c->alu.a_from]);
    print_rows(p, "a", &c->alu.a, c->alu.a_row);
    printf(" %s", froms[c->alu.b_from]);
    print_rows(p, "b", &c->alu.b, c->alu.b_row);
    printf(" imm %g %g", c->alu.imm, c->alu.imm2);
    break;
  case GLN_COMMAND_MOVE:
    break;
  case GLN_COMMAND_SIGNAL:
  case GLN_COMMAND_AWAIT:
    printf(" %s to %s", queues[c->token.from], queues[c->token.to]);
    break;
  }
  printf("\n");
}

static inline void print_program(const gln_program *p) {
  for (uint32_t i = 0; i < p->num_steps; ++i) {
    int depth = 1;
    for (uint32_t j = 0; j < i; ++j)
      depth += p->steps[j].end > i;
    printf("%*s", 2 * depth, "");
    if (p->steps[i].kind == GLN_STEP_COMMAND) {
      print_command(p, &p->commands[p->steps[i].index]);
      continue;
    }
    if (p->steps[i].kind == GLN_STEP_LOOP)
      printf("for i%u < ", p->steps[i].index);
    else
      printf("if ");
    print_int(p, p->steps[i].value);
    printf("\n");
  }
}

#endif
