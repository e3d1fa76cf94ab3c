// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A target as a table to read.
#include "bridge/target.h"
#include "cxx/glenside-cxx.h"
#include "dialect/access.h"
#include "dialect/host.h"

#include "mlir-c/Diagnostics.h"
#include "mlir-c/Dialect/Func.h"

#include <inttypes.h>
#include <string.h>

typedef struct row {
  const char *key, *unit, *meaning;
} row;

static const row array_rows[] = {
#define GLN_X(member, key, whole, least, most, unit, meaning)                  \
  {key, unit, meaning},
    GLN_TARGET_ARRAY_TABLE(GLN_X)
#undef GLN_X
};

static const row target_rows[] = {
#define GLN_X(member, key, whole, least, most, unit, meaning)                  \
  {key, unit, meaning},
    GLN_TARGET_TABLE(GLN_X)
#undef GLN_X
};

static void print_number(const row *r, const gln_target_number *n, FILE *out) {
  fprintf(out, "  %-24s %10.10g %-9s %s\n", r->key, n->value, r->unit,
          r->meaning);
  fprintf(out, "  %-24s %10s %-9s   from: %s\n", "", "", "",
          n->source ? n->source : "not said");
  for (size_t i = 0; i < n->num_choices; ++i)
    fprintf(out, "%s%.10g%s",
            i ? " "
              : "                                                  one of ",
            n->choices[i], i + 1 == n->num_choices ? "\n" : "");
}

static void print_numbers(const gln_target *target, FILE *out) {
  for (size_t a = 0; a < target->num_arrays; ++a) {
    fprintf(out, "\narray %zu (%.4g mm2)\n", a,
            gln_target_array_area(target, a));
    for (size_t i = 0; i < GLN_NUM_ARRAY_NUMBERS; ++i)
      print_number(&array_rows[i], &target->arrays[a].numbers[i], out);
  }
  fprintf(out, "\nvector unit, memories, DRAM, host, energy, area\n");
  for (size_t i = 0; i < GLN_NUM_TARGET_NUMBERS; ++i)
    print_number(&target_rows[i], &target->numbers[i], out);
  fprintf(out, "\nproducts\n");
  for (size_t i = 0; i < target->num_types; ++i) {
    const gln_type_rule *t = &target->types[i];
    fprintf(out, "  %s x %s -> %s, %.4g pJ, from: %s\n", gln_type_name(t->lhs),
            gln_type_name(t->rhs), gln_type_name(t->acc), t->mac_pj,
            t->source ? t->source : "not said");
  }
}

static const char *unit_name(const gln_instr *instr, char *out, size_t size) {
  if (instr->unit == GLN_INSTR_VECTOR)
    snprintf(out, size, "vector unit");
  else
    snprintf(out, size, "array %d, %s stationary", instr->array,
             instr->unit == GLN_INSTR_WEIGHT_STATIONARY ? "weight" : "output");
  return out;
}

static void print_instr(const gln_instr *instr, FILE *out) {
  static const char *const roles[] = {"batch", "row", "column", "reduced"};
  char text[1024], unit[64];
  gln_instr_print(instr, text, sizeof text);
  fprintf(out, "  %s (%s)\n    %s\n    types ", instr->name,
          unit_name(instr, unit, sizeof unit), text);
  if (instr->any_type)
    fprintf(out, "%s\n",
            instr->form == GLN_INSTR_CONTRACT ? "all products"
                                              : "all accumulator types");
  for (size_t k = 0; !instr->any_type && k < instr->num_operands; ++k)
    fprintf(out, "%s%s", k ? ", " : "", gln_type_name(instr->operands[k].type));
  if (!instr->any_type)
    fprintf(out, " -> %s\n", gln_type_name(instr->result));
  fprintf(out, "    dims ");
  for (size_t d = 0; d < instr->num_dims; ++d) {
    fprintf(out, "%s%s %s", d ? ", " : "", instr->dims[d].name,
            roles[instr->dims[d].role]);
    if (instr->dims[d].fixed)
      fprintf(out, " = %" PRId64, instr->dims[d].fixed);
  }
  fprintf(out, "\n");
  for (size_t i = 0; i < instr->num_bounds; ++i)
    fprintf(out, "    where %s\n", instr->bounds[i].text);
}

void gln_target_print(const gln_target_file *file, FILE *out) {
  fprintf(out, "target %s, %s, %.4g mm2\n", file->target.name,
          gln_target_is_point(&file->target) ? "a point" : "with ranges",
          gln_target_area(&file->target));
  print_numbers(&file->target, out);
  fprintf(out, "\ninstructions\n");
  for (size_t i = 0; i < file->instrs.num; ++i)
    print_instr(&file->instrs.instrs[i], out);
}

//===-- Points ------------------------------------------------------------===//

static bool not_a_point(MlirLocation where, const gln_target *target,
                        const char *prefix, const row *r,
                        const gln_target_number *n) {
  return gln_error(where,
                   "target '%s': %s%s is a range, %g to %g, where a point is "
                   "needed; say %s,%s%s=%g",
                   target->name, prefix, r->key, n->choices[0],
                   n->choices[n->num_choices - 1], target->name, prefix, r->key,
                   n->value);
}

bool gln_target_require_point(MlirLocation where, const gln_target_file *file) {
  const gln_target *target = &file->target;
  for (size_t a = 0; a < target->num_arrays; ++a)
    for (size_t i = 0; i < GLN_NUM_ARRAY_NUMBERS; ++i) {
      char prefix[16] = "";
      if (a)
        snprintf(prefix, sizeof prefix, "array%zu.", a);
      const gln_target_number *n = &target->arrays[a].numbers[i];
      if (n->num_choices > 1)
        return not_a_point(where, target, prefix, &array_rows[i], n);
    }
  for (size_t i = 0; i < GLN_NUM_TARGET_NUMBERS; ++i)
    if (target->numbers[i].num_choices > 1)
      return not_a_point(where, target, "", &target_rows[i],
                         &target->numbers[i]);
  return true;
}

//===-- The flags ---------------------------------------------------------===//

static void print_part(MlirStringRef text, void *out) {
  fwrite(text.data, 1, text.length, out);
}

// As mlir-opt prints them, to standard error; there are no notes here.
static MlirLogicalResult print_diagnostic(MlirDiagnostic diagnostic,
                                          void *unused) {
  (void)unused;
  MlirLocation at = mlirDiagnosticGetLocation(diagnostic);
  if (mlirLocationIsAFileLineColRange(at)) {
    print_part(mlirIdentifierStr(mlirLocationFileLineColRangeGetFilename(at)),
               stderr);
    fprintf(stderr, ":%d:%d: ", mlirLocationFileLineColRangeGetStartLine(at),
            mlirLocationFileLineColRangeGetStartColumn(at));
  } else {
    fprintf(stderr, "glenside-opt: ");
  }
  fprintf(stderr, "error: ");
  mlirDiagnosticPrint(diagnostic, print_part, stderr);
  fputc('\n', stderr);
  return mlirLogicalResultSuccess();
}

MlirContext gln_target_context(void) {
  MlirDialectRegistry registry = mlirDialectRegistryCreate();
  gln_dialect_insert(registry, &gln_access_dialect);
  mlirDialectHandleInsertDialect(mlirGetDialectHandle__func__(), registry);
  MlirContext context = mlirContextCreateWithRegistry(registry, false);
  mlirContextLoadAllAvailableDialects(context);
  mlirDialectRegistryDestroy(registry);
  mlirContextAttachDiagnosticHandler(context, print_diagnostic, NULL, NULL);
  return context;
}

bool gln_target_print_mode(const char *text, FILE *out) {
  MlirContext context = gln_target_context();
  gln_target_file *file =
      gln_target_load(mlirLocationUnknownGet(context), text);
  if (file)
    gln_target_print(file, out);
  bool ok = file != NULL;
  gln_target_unload(file);
  mlirContextDestroy(context);
  return ok;
}

bool gln_target_source_mode(const char *names, FILE *out) {
  enum { MAX_FILES = 16 };
  MlirContext context = gln_target_context();
  gln_target_file *files[MAX_FILES];
  size_t num = 0;
  bool ok = true;
  while (ok && *names && num < MAX_FILES) {
    char name[GLN_TARGET_MAX_PATH];
    size_t length = strcspn(names, ",");
    snprintf(name, sizeof name, "%.*s", (int)length, names);
    names += length + (names[length] == ',');
    files[num] = gln_target_load(mlirLocationUnknownGet(context), name);
    ok = files[num] != NULL;
    num += ok;
  }
  if (ok)
    gln_target_print_source(files, num, out);
  while (num)
    gln_target_unload(files[--num]);
  mlirContextDestroy(context);
  return ok;
}
