// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Each file is written beside its name and renamed when all three are whole.
#include "run/object.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { MAX_PATH = 1024, ALIGNMENT = 64 };

typedef enum part { OBJECT, HEADER, WEIGHTS, NUM_PARTS } part;
static const char *const endings[NUM_PARTS] = {".o", ".h", ".weights"};

typedef struct files {
  gln_callable *program;
  char stem[MAX_PATH]; // the path without its ending
  const char *name;    // behind the last '/'
  char identifier[120];
} files;

static void path_of(const files *f, part p, bool partial, char *out) {
  snprintf(out, MAX_PATH + 16, "%s%s%s", f->stem, endings[p],
           partial ? ".part" : "");
}

static bool name_files(files *f, const char *path) {
  size_t length = strlen(path);
  MlirLocation at = mlirOperationGetLocation(f->program->module);
  if (length < 3 || strcmp(path + length - 2, ".o") != 0)
    return gln_error(at, "'%s' does not end in .o, as an object file does",
                     path);
  if (length >= MAX_PATH)
    return gln_error(at, "'%s' is too long a name", path);
  memcpy(f->stem, path, length - 2);
  f->stem[length - 2] = '\0';
  const char *slash = strrchr(f->stem, '/');
  f->name = slash ? slash + 1 : f->stem;
  size_t n = 0;
  for (const char *c = f->name; *c && n + 1 < sizeof f->identifier; ++c)
    f->identifier[n++] = isalnum((unsigned char)*c) ? *c : '_';
  if (!n || isdigit((unsigned char)f->identifier[0]))
    return gln_error(at, "'%s' gives no name for a C function", path);
  return true;
}

//===-- The header --------------------------------------------------------===//

static const char *c_type(gln_type type) {
  static const char *const names[] = {
      [GLN_TYPE_F32] = "float",     [GLN_TYPE_F64] = "double",
      [GLN_TYPE_BF16] = "uint16_t", [GLN_TYPE_F16] = "uint16_t",
      [GLN_TYPE_I1] = "uint8_t",    [GLN_TYPE_I8] = "int8_t",
      [GLN_TYPE_I16] = "int16_t",   [GLN_TYPE_I32] = "int32_t",
      [GLN_TYPE_I64] = "int64_t",   [GLN_TYPE_INDEX] = "int64_t"};
  return names[type];
}

static size_t aligned(size_t bytes) {
  return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void put_upper(FILE *out, const char *text) {
  for (; *text; ++text)
    fputc(toupper((unsigned char)*text), out);
}

static void put_define(FILE *out, const files *f, const char *what,
                       size_t value) {
  fprintf(out, "#define ");
  put_upper(out, f->identifier);
  fprintf(out, "_%s %zuu\n", what, value);
}

static void put_comment(FILE *out, const gln_tensor *tensor, char letter,
                        size_t index) {
  char text[300];
  gln_tensor_print_type(tensor, text, sizeof text);
  fprintf(out, "//   %c%zu: %s, row-major\n", letter, index, text);
}

// A memref descriptor on the stack: pointers, offset, sizes, strides.
static void put_descriptor(FILE *out, const gln_tensor *t, const char *name,
                           const char *pointer) {
  fprintf(out, "  intptr_t %s[] = {(intptr_t)%s, (intptr_t)%s, 0", name,
          pointer, pointer);
  for (int d = 0; d < t->rank; ++d)
    fprintf(out, ", %" PRId64, t->shape[d]);
  for (int d = 0; d < t->rank; ++d) {
    int64_t stride = 1;
    for (int k = d + 1; k < t->rank; ++k)
      stride *= t->shape[k];
    fprintf(out, ", %" PRId64, stride);
  }
  fprintf(out, "};\n");
}

static void put_signature(FILE *out, const files *f) {
  const gln_callable *p = f->program;
  fprintf(out, "static inline const char *%s_run(const void *weights",
          f->identifier);
  for (size_t i = 0; i < p->num_inputs; ++i)
    fprintf(out, ", const %s *x%zu", c_type(p->args[i].type), i);
  for (size_t i = 0; i < p->num_results; ++i)
    fprintf(out, ", %s *y%zu", c_type(p->results[i].type), i);
  fprintf(out, ") {\n");
}

// Results come as descriptors one after the other in one array.
static void put_results(FILE *out, const files *f) {
  const gln_callable *p = f->program;
  size_t words = 0;
  for (size_t i = 0; i < p->num_results; ++i) {
    const gln_tensor *t = &p->results[i];
    fprintf(out,
            "  memcpy(y%zu, (const char *)results[%zu] + results[%zu] * %u, "
            "%zuu);\n",
            i, words + 1, words + 2, gln_type_bytes(t->type), t->num_bytes);
    words += (size_t)gln_memref_words(t->rank);
  }
  words = 0;
  for (size_t i = 0; i < p->num_results; ++i) {
    fprintf(out, "  if (results[%zu] != 0xdeadbeef", words);
    size_t earlier = 0;
    for (size_t k = 0; k < i; ++k) {
      fprintf(out, " && results[%zu] != results[%zu]", words, earlier);
      earlier += (size_t)gln_memref_words(p->results[k].rank);
    }
    for (size_t k = 0; k < p->num_args; ++k)
      fprintf(out, " &&\n      results[%zu] != d%zu[0]", words, k);
    fprintf(out, ")\n    free((void *)results[%zu]);\n", words);
    words += (size_t)gln_memref_words(p->results[i].rank);
  }
}

static void put_body(FILE *out, const files *f) {
  const gln_callable *p = f->program;
  size_t words = 0, at = 0;
  char name[32], pointer[80];
  for (size_t i = 0; i < p->num_args; ++i) {
    if (i < p->num_inputs) {
      snprintf(pointer, sizeof pointer, "x%zu", i);
    } else {
      snprintf(pointer, sizeof pointer, "((const char *)weights + %zuu)", at);
      at += aligned(p->args[i].num_bytes);
    }
    snprintf(name, sizeof name, "d%zu", i);
    put_descriptor(out, &p->args[i], name, pointer);
  }
  for (size_t i = 0; i < p->num_results; ++i)
    words += (size_t)gln_memref_words(p->results[i].rank);
  fprintf(out, "  intptr_t results[%zu];\n  (void)weights;\n", words);
  fprintf(out, "  sa_program_reset();\n  _mlir_ciface_%s(results", p->entry);
  for (size_t i = 0; i < p->num_args; ++i)
    fprintf(out, ", d%zu", i);
  fprintf(out, ");\n");
  put_results(out, f);
  fprintf(out, "  return sa_program_error()->status == SA_OK\n"
               "             ? NULL\n"
               "             : sa_program_error()->text;\n}\n\n#endif\n");
}

static size_t weight_bytes(const gln_callable *p) {
  size_t sum = 0;
  for (size_t i = p->num_inputs; i < p->num_args; ++i)
    sum += aligned(p->args[i].num_bytes);
  return sum;
}

static bool put_header(FILE *out, const files *f, size_t arena) {
  const gln_callable *p = f->program;
  fprintf(out,
          "// Generated by glenside-run --emit=object; do not edit.\n"
          "// @%s, compiled. %s.weights is read into memory of "
          "%d-byte alignment.\n//\n",
          p->entry, f->name, ALIGNMENT);
  for (size_t i = 0; i < p->num_inputs; ++i)
    put_comment(out, &p->args[i], 'x', i);
  for (size_t i = 0; i < p->num_results; ++i)
    put_comment(out, &p->results[i], 'y', i);
  fprintf(out, "#ifndef ");
  put_upper(out, f->identifier);
  fprintf(out, "_H\n#define ");
  put_upper(out, f->identifier);
  fprintf(out, "_H\n\n#include \"sa_program.h\"\n\n#include <stdint.h>\n"
               "#include <stdlib.h>\n#include <string.h>\n\n");
  put_define(out, f, "WEIGHTS_BYTES", weight_bytes(p));
  fprintf(out, "// What it allocates, at most, while it runs.\n");
  put_define(out, f, "ARENA_BYTES", arena);
  char what[48];
  for (size_t i = 0; i < p->num_inputs; ++i) {
    snprintf(what, sizeof what, "X%zu_ELEMENTS", i);
    put_define(out, f, what, p->args[i].count);
  }
  for (size_t i = 0; i < p->num_results; ++i) {
    snprintf(what, sizeof what, "Y%zu_ELEMENTS", i);
    put_define(out, f, what, p->results[i].count);
  }
  fprintf(out, "\nvoid _mlir_ciface_%s(void *results", p->entry);
  for (size_t i = 0; i < p->num_args; ++i)
    fprintf(out, ", void *d%zu", i);
  fprintf(out, ");\n\n// Runs the network. NULL, or what the accelerator "
               "refused.\n");
  put_signature(out, f);
  put_body(out, f);
  return !ferror(out);
}

//===-- The weights -------------------------------------------------------===//

static bool put_weights(FILE *out, const gln_callable *p) {
  static const char zeros[ALIGNMENT];
  for (size_t i = p->num_inputs; i < p->num_args; ++i) {
    const gln_tensor *t = &p->args[i];
    size_t rest = aligned(t->num_bytes) - t->num_bytes;
    if (fwrite(t->data, 1, t->num_bytes, out) != t->num_bytes ||
        fwrite(zeros, 1, rest, out) != rest)
      return false;
  }
  return true;
}

//===-- All three ---------------------------------------------------------===//

static bool write_part(const files *f, part p, size_t arena) {
  char path[MAX_PATH + 16];
  path_of(f, p, true, path);
  FILE *out = fopen(path, "wb");
  bool ok = out && (p == HEADER ? put_header(out, f, arena)
                                : put_weights(out, f->program));
  if (out && fclose(out) != 0)
    ok = false;
  return ok || gln_error(mlirOperationGetLocation(f->program->module),
                         "'%s' cannot be written: %s", path, strerror(errno));
}

// Gives the files their names, or takes them away.
static bool finish(const files *f, bool ok) {
  char from[MAX_PATH + 16], to[MAX_PATH + 16];
  for (int p = 0; p < NUM_PARTS; ++p) {
    path_of(f, (part)p, true, from);
    path_of(f, (part)p, false, to);
    if (ok && rename(from, to) != 0)
      ok = gln_error(mlirOperationGetLocation(f->program->module),
                     "'%s' cannot be written: %s", to, strerror(errno));
  }
  for (int p = 0; p < NUM_PARTS && !ok; ++p) {
    path_of(f, (part)p, true, from);
    remove(from);
  }
  return ok;
}

bool gln_object_write(gln_callable *program, const gln_engine_options *options,
                      const char *path) {
  files f = {.program = program};
  char object[MAX_PATH + 16];
  if (!name_files(&f, path))
    return false;
  for (size_t i = 0; i < program->num_inputs; ++i)
    if (program->args[i].is_number)
      return gln_error(mlirOperationGetLocation(program->module),
                       "argument %zu of @%s is a bare number: put it into a "
                       "tensor",
                       i, program->entry);
  gln_engine_options with_object = *options;
  with_object.keep_object = true;
  gln_engine *engine = gln_engine_create(program, &with_object);
  if (!engine)
    return false;
  path_of(&f, OBJECT, true, object);
  bool ok = write_part(&f, HEADER, gln_engine_arena_bytes(engine)) &&
            write_part(&f, WEIGHTS, 0);
  if (ok) {
    gln_engine_dump(engine, object);
    FILE *made = fopen(object, "rb");
    ok = made != NULL || gln_error(mlirOperationGetLocation(program->module),
                                   "'%s' cannot be written", object);
    if (made)
      fclose(made);
  }
  gln_engine_destroy(engine);
  return finish(&f, ok);
}
