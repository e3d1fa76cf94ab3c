// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// lib/target/shipped.c from targets/*.mlir: what a build without MLIR knows of
// the shipped targets. The files are the truth; a test compares.
#include "bridge/target.h"
#include "cxx/glenside-cxx.h"

#include <inttypes.h>
#include <string.h>

static const char *const array_members[] = {
#define GLN_X(member, ...) #member,
    GLN_TARGET_ARRAY_TABLE(GLN_X)
#undef GLN_X
};
static const char *const target_members[] = {
#define GLN_X(member, ...) #member,
    GLN_TARGET_TABLE(GLN_X)
#undef GLN_X
};

static void print_text(const char *text, FILE *out) {
  fputc('"', out);
  for (; *text; ++text) {
    // Three digits always: a digit that follows is not part of it.
    if (*text == '"' || *text == '\\' || *text < ' ' || *text > '~')
      fprintf(out, "\\%03o", (unsigned char)*text);
    else
      fputc(*text, out);
  }
  fputc('"', out);
}

static void print_source(const char *text, FILE *out) {
  if (text)
    print_text(text, out);
  else
    fprintf(out, "NULL");
}

static void print_number(const char *prefix, const char *member,
                         const gln_target_number *n, FILE *out) {
  fprintf(out, "      [%s%s] = {%.17g,\n        ", prefix, member, n->value);
  print_source(n->source, out);
  fprintf(out, ", %s, %d, {", n->present ? "true" : "false", n->num_choices);
  for (size_t i = 0; i < n->num_choices; ++i)
    fprintf(out, "%s%.17g", i ? ", " : "", n->choices[i]);
  fprintf(out, "%s}},\n", n->num_choices ? "" : "0");
}

static void print_target(const gln_target *t, FILE *out) {
  fprintf(out, "  {.name = ");
  print_text(t->name, out);
  fprintf(out, ", .num_arrays = %d, .num_types = %d,\n    .arrays = {\n",
          t->num_arrays, t->num_types);
  for (size_t a = 0; a < t->num_arrays; ++a) {
    fprintf(out, "     {.numbers = {\n");
    for (size_t i = 0; i < GLN_NUM_ARRAY_NUMBERS; ++i)
      print_number("GLN_TARGET_ARRAY_", array_members[i],
                   &t->arrays[a].numbers[i], out);
    fprintf(out, "     }},\n");
  }
  fprintf(out, "    },\n    .types = {\n");
  for (size_t i = 0; i < t->num_types; ++i) {
    const gln_type_rule *r = &t->types[i];
    fprintf(out, "      {%d, %d, %d, %.17g, ", r->lhs, r->rhs, r->acc,
            r->mac_pj);
    print_source(r->source, out);
    fprintf(out, "}, // %s x %s -> %s\n", gln_type_name(r->lhs),
            gln_type_name(r->rhs), gln_type_name(r->acc));
  }
  fprintf(out, "    },\n    .numbers = {\n");
  for (size_t i = 0; i < GLN_NUM_TARGET_NUMBERS; ++i)
    print_number("GLN_TARGET_", target_members[i], &t->numbers[i], out);
  fprintf(out, "    }},\n");
}

//===-- Instructions ------------------------------------------------------===//

static void print_dims(const gln_instr *n, FILE *out) {
  fprintf(out, "     .dims = {");
  for (size_t d = 0; d < n->num_dims; ++d) {
    fprintf(out, "%s{", d ? ", " : "");
    print_text(n->dims[d].name, out);
    fprintf(out, ", %d, %" PRId64 "}", n->dims[d].role, n->dims[d].fixed);
  }
  fprintf(out, "},\n");
}

static void print_operand(const gln_instr *n, const gln_instr_operand *o,
                          FILE *out) {
  fprintf(out,
          "       {.type = %d, .argument = %d, .rank = %d,\n"
          "        .coef = {",
          o->type, o->argument, o->rank);
  for (size_t a = 0; a < o->rank; ++a) {
    fprintf(out, "%s{", a ? ", " : "");
    for (size_t d = 0; d < n->num_dims; ++d)
      fprintf(out, "%s{%d, %d}", d ? ", " : "", o->coef[a][d].value,
              o->coef[a][d].param);
    fprintf(out, "}");
  }
  fprintf(out, "},\n        .axis = {");
  for (size_t a = 0; a < o->rank; ++a) {
    fprintf(out, "%s", a ? ", " : "");
    print_text(o->axis[a], out);
  }
  fprintf(out, "}},\n");
}

static void print_sum(const gln_instr_sum *sum, FILE *out) {
  fprintf(out, "{%d, {", sum->num_terms);
  for (size_t t = 0; t < sum->num_terms; ++t) {
    const gln_instr_term *term = &sum->terms[t];
    fprintf(out, "%s{%" PRId64 ", %d, {", t ? ", " : "", term->scale,
            term->num_factors);
    for (size_t i = 0; i < term->num_factors; ++i)
      fprintf(out, "%s{%d, %d, %d}", i ? ", " : "", term->factors[i].kind,
              term->factors[i].index, term->factors[i].axis);
    fprintf(out, "%s}}", term->num_factors ? "" : "{0, 0, 0}");
  }
  fprintf(out, "}}");
}

static void print_instr(const gln_instr *n, FILE *out) {
  fprintf(out, "    {.name = ");
  print_text(n->name, out);
  fprintf(out,
          ", .form = %d, .unit = %d, .array = %d,\n"
          "     .accumulates = %s, .any_type = %s,\n"
          "     .num_dims = %d, .num_operands = %d, .num_params = %d, "
          ".num_bounds = %d,\n",
          n->form, n->unit, n->array, n->accumulates ? "true" : "false",
          n->any_type ? "true" : "false", n->num_dims, n->num_operands,
          n->num_params, n->num_bounds);
  print_dims(n, out);
  fprintf(out, "     .operands = {\n");
  for (size_t k = 0; k < n->num_operands; ++k)
    print_operand(n, &n->operands[k], out);
  fprintf(out,
          "     },\n     .result = %d, .result_rank = %d, .result_dims = {",
          n->result, n->result_rank);
  for (size_t i = 0; i < n->result_rank; ++i)
    fprintf(out, "%s%d", i ? ", " : "", n->result_dims[i]);
  fprintf(out, "},\n     .params = {");
  for (size_t i = 0; i < n->num_params; ++i) {
    fprintf(out, "%s", i ? ", " : "");
    print_text(n->params[i], out);
  }
  fprintf(out, "%s},\n     .kinds = {", n->num_params ? "" : "\"\"");
  for (size_t i = 0; i < GLN_INSTR_KIND_WORDS; ++i)
    fprintf(out, "%sUINT64_C(0x%" PRIx64 ")", i ? ", " : "", n->kinds[i]);
  fprintf(out, "},\n     .bounds = {\n");
  for (size_t i = 0; i < n->num_bounds; ++i) {
    fprintf(out, "       {");
    print_text(n->bounds[i].text, out);
    fprintf(out, ", %d,\n        ", n->bounds[i].relation);
    print_sum(&n->bounds[i].left, out);
    fprintf(out, ", ");
    print_sum(&n->bounds[i].right, out);
    fprintf(out, "},\n");
  }
  fprintf(out, "     }},\n");
}

//===-- The file ----------------------------------------------------------===//

static void print_set(const gln_target_file *file, FILE *out) {
  fprintf(out, "  {.num = %d, .instrs = {\n", file->instrs.num);
  for (size_t i = 0; i < file->instrs.num; ++i)
    print_instr(&file->instrs.instrs[i], out);
  fprintf(out, "  }},\n");
}

void gln_target_print_source(gln_target_file *const *files, size_t num,
                             FILE *out) {
  fprintf(out,
          "// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception\n"
          "// Generated by `glenside-opt --glenside-print-target-source=…`; do "
          "not edit.\n"
          "#include \"target/shipped_internal.h\"\n\n"
          "// clang-format off\n"
          "const size_t glni_num_shipped = %zu;\n\n"
          "const gln_target glni_shipped_targets[] = {\n",
          num);
  for (size_t i = 0; i < num; ++i)
    print_target(&files[i]->target, out);
  fprintf(out, "};\n\nconst gln_instr_set glni_shipped_instrs[] = {\n");
  for (size_t i = 0; i < num; ++i)
    print_set(files[i], out);
  fprintf(out, "};\n");
}
