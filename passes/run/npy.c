// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// .npy: magic, version, length of the header, the header, the elements. The
// header is a Python dictionary with three keys, in any order:
//
//   {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
#include "run/npy.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char magic[] = "\x93NUMPY";
enum {
  MAGIC = 6,
  PREFIX = 10,          // of version 1: magic, version, two bytes of length
  MAX_HEADER = 1 << 16, // more than numpy writes for any shape
};

// The dtype that an element type is kept as, and others that fit it.
static const struct {
  gln_type type;
  const char *dtype, *other;
} dtypes[] = {{GLN_TYPE_F32, "<f4", NULL},  {GLN_TYPE_F64, "<f8", NULL},
              {GLN_TYPE_BF16, "<f4", NULL}, {GLN_TYPE_F16, "<f2", NULL},
              {GLN_TYPE_I1, "|b1", NULL},   {GLN_TYPE_I8, "|i1", "|u1"},
              {GLN_TYPE_I16, "<i2", "<u2"}, {GLN_TYPE_I32, "<i4", "<u4"},
              {GLN_TYPE_I64, "<i8", "<u8"}, {GLN_TYPE_INDEX, "<i8", "<u8"}};

static size_t row_of(gln_type type) {
  size_t i = 0;
  while (dtypes[i].type != type)
    ++i;
  return i;
}

// Messages: always false, for `return fail(...)`.
typedef struct reason {
  const char *path;
  char *why;
  size_t size;
} reason;

__attribute__((format(printf, 2, 3))) static bool
fail(const reason *r, const char *format, ...) {
  va_list args;
  int used = snprintf(r->why, r->size, "'%s' ", r->path);
  if (used < 0 || (size_t)used >= r->size)
    return false;
  va_start(args, format);
  vsnprintf(r->why + used, r->size - (size_t)used, format, args);
  va_end(args);
  return false;
}

//===-- The header --------------------------------------------------------===//

typedef struct header {
  char dtype[8];
  bool fortran;
  int rank;
  int64_t shape[GLN_TENSOR_MAX_RANK];
} header;

static const char *skip_space(const char *at) {
  while (isspace((unsigned char)*at))
    ++at;
  return at;
}

// What stands behind the key, or NULL.
static const char *find(const char *text, const char *key) {
  char quoted[32];
  for (int i = 0; i < 2; ++i) {
    snprintf(quoted, sizeof quoted, i ? "\"%s\"" : "'%s'", key);
    const char *at = strstr(text, quoted);
    if (!at)
      continue;
    at = skip_space(at + strlen(quoted));
    return *at == ':' ? skip_space(at + 1) : NULL;
  }
  return NULL;
}

static bool read_dtype(const char *at, header *h) {
  if (!at || (*at != '\'' && *at != '"'))
    return false;
  const char *end = strchr(at + 1, *at);
  size_t length = end ? (size_t)(end - at) - 1 : sizeof h->dtype;
  if (length >= sizeof h->dtype)
    return false;
  memcpy(h->dtype, at + 1, length);
  h->dtype[length] = '\0';
  return true;
}

static bool read_shape(const char *at, header *h) {
  if (!at || *at != '(')
    return false;
  at = skip_space(at + 1);
  while (*at && *at != ')') {
    char *end;
    errno = 0;
    long long extent = strtoll(at, &end, 10);
    if (end == at || errno || extent < 0 || h->rank == GLN_TENSOR_MAX_RANK)
      return false;
    h->shape[h->rank++] = extent;
    at = skip_space(end);
    if (*at == ',')
      at = skip_space(at + 1);
    else if (*at != ')')
      return false;
  }
  return *at == ')';
}

static bool parse(const char *text, header *h) {
  const char *order = find(text, "fortran_order");
  h->fortran = order && strncmp(order, "True", 4) == 0;
  return order && (h->fortran || strncmp(order, "False", 5) == 0) &&
         read_dtype(find(text, "descr"), h) &&
         read_shape(find(text, "shape"), h);
}

static bool read_header(FILE *file, header *h, const reason *r) {
  unsigned char head[PREFIX + 2];
  size_t got = fread(head, 1, PREFIX, file);
  if (got < PREFIX || memcmp(head, magic, MAGIC) != 0)
    return fail(r, "is no .npy file: it does not start with \\x93NUMPY");
  size_t length = head[8] | (size_t)head[9] << 8;
  if (head[6] > 3 || head[6] < 1)
    return fail(r, "is .npy of version %u; 1 to 3 are known", head[6]);
  if (head[6] > 1) { // four bytes of length
    if (fread(head + PREFIX, 1, 2, file) != 2)
      return fail(r, "ends within its header");
    length |= (size_t)head[10] << 16 | (size_t)head[11] << 24;
  }
  if (length > MAX_HEADER)
    return fail(r, "has a header of %zu bytes, at most %d", length, MAX_HEADER);
  char *text = malloc(length + 1);
  if (!text)
    return fail(r, "does not fit into memory");
  bool ok = fread(text, 1, length, file) == length;
  text[length] = '\0';
  if (!ok)
    fail(r, "ends within its header");
  else if (!parse(text, h))
    ok = fail(r, "has a header that is none of numpy's: %.80s", text);
  free(text);
  return ok;
}

//===-- Reading -----------------------------------------------------------===//

static void print_shape(const header *h, char *text, size_t size) {
  size_t used = 0;
  snprintf(text, size, "one element");
  for (int d = 0; d < h->rank && used < size; ++d)
    used += (size_t)snprintf(text + used, size - used, "%s%" PRId64,
                             d ? "x" : "", h->shape[d]);
}

static bool fits(const header *h, const gln_tensor *tensor, const reason *r) {
  size_t row = row_of(tensor->type);
  bool type = strcmp(h->dtype, dtypes[row].dtype) == 0 ||
              (dtypes[row].other && strcmp(h->dtype, dtypes[row].other) == 0);
  bool shape =
      h->rank == tensor->rank &&
      memcmp(h->shape, tensor->shape, (size_t)h->rank * sizeof *h->shape) == 0;
  char found[200], wanted[300];
  print_shape(h, found, sizeof found);
  gln_tensor_print_type(tensor, wanted, sizeof wanted);
  if (!type || !shape)
    return fail(r, "holds %s of %s, wanted %s, which is %s", h->dtype, found,
                wanted, dtypes[row].dtype);
  if (h->fortran && h->rank > 1)
    return fail(r, "is in Fortran order: save numpy.ascontiguousarray of it");
  return true;
}

// Rounds floats to bf16 in place: they are twice as long, so it ends in front.
static bool read_bf16(FILE *file, gln_tensor *tensor) {
  unsigned char *out = tensor->data;
  for (size_t i = 0; i < tensor->count; ++i) {
    float value;
    if (fread(&value, sizeof value, 1, file) != 1)
      return false;
    gln_scalar_store(gln_scalar_from_double(GLN_TYPE_BF16, (double)value),
                     out + 2 * i);
  }
  return true;
}

static bool read_elements(FILE *file, gln_tensor *tensor, const reason *r) {
  size_t width = tensor->type == GLN_TYPE_BF16 ? sizeof(float)
                                               : gln_type_bytes(tensor->type);
  bool ok =
      tensor->type == GLN_TYPE_BF16
          ? read_bf16(file, tensor)
          : fread(tensor->data, width, tensor->count, file) == tensor->count;
  if (!ok)
    return fail(r, "is truncated: its shape needs %zu bytes of elements",
                tensor->count * width);
  if (fgetc(file) != EOF)
    return fail(r, "goes on behind the %zu bytes of its elements",
                tensor->count * width);
  return true;
}

bool gln_npy_read(const char *path, gln_tensor *tensor, char *why,
                  size_t size) {
  reason r = {path, why, size};
  header h = {.rank = 0};
  FILE *file = fopen(path, "rb");
  if (!file)
    return fail(&r, "cannot be read: %s", strerror(errno));
  bool ok = read_header(file, &h, &r) && fits(&h, tensor, &r) &&
            read_elements(file, tensor, &r);
  fclose(file);
  return ok;
}

//===-- Writing -----------------------------------------------------------===//

// The header with its end at a multiple of 64 bytes, as the format asks for.
static bool write_header(FILE *file, const gln_tensor *tensor) {
  char text[64 * (GLN_TENSOR_MAX_RANK + 2)];
  int used = snprintf(text, sizeof text,
                      "{'descr': '%s', 'fortran_order': False, 'shape': (",
                      dtypes[row_of(tensor->type)].dtype);
  for (int d = 0; d < tensor->rank; ++d)
    used += snprintf(text + used, sizeof text - (size_t)used, "%" PRId64 ", ",
                     tensor->shape[d]);
  used += snprintf(text + used, sizeof text - (size_t)used, "), }");
  while ((PREFIX + used + 1) % 64)
    text[used++] = ' ';
  text[used++] = '\n';
  unsigned char head[PREFIX] = {[6] = 1,
                                [8] = (unsigned char)(used & 255),
                                [9] = (unsigned char)(used >> 8)};
  memcpy(head, magic, MAGIC);
  return fwrite(head, 1, PREFIX, file) == PREFIX &&
         fwrite(text, 1, (size_t)used, file) == (size_t)used;
}

static bool write_elements(FILE *file, const gln_tensor *tensor) {
  if (tensor->type != GLN_TYPE_BF16)
    return fwrite(tensor->data, gln_type_bytes(tensor->type), tensor->count,
                  file) == tensor->count;
  for (size_t i = 0; i < tensor->count; ++i) {
    const char *at = (const char *)tensor->data + 2 * i;
    float value =
        (float)gln_scalar_to_double(gln_scalar_load(GLN_TYPE_BF16, at));
    if (fwrite(&value, sizeof value, 1, file) != 1)
      return false;
  }
  return true;
}

bool gln_npy_write(const char *path, const gln_tensor *tensor, char *why,
                   size_t size) {
  reason r = {path, why, size};
  char partial[4096];
  int length = snprintf(partial, sizeof partial, "%s.part", path);
  if (length < 0 || (size_t)length >= sizeof partial)
    return fail(&r, "is too long a name");
  FILE *file = fopen(partial, "wb");
  if (!file)
    return fail(&r, "cannot be written: %s", strerror(errno));
  bool ok = write_header(file, tensor) && write_elements(file, tensor);
  ok = fclose(file) == 0 && ok;
  if (ok && rename(partial, path) == 0)
    return true;
  fail(&r, "cannot be written: %s", strerror(errno));
  remove(partial);
  return false;
}
