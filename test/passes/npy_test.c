// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// .npy files, written and read, and every way in which one can be wrong.
#include "check.h"
#include "run/npy.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char why[600];

static gln_tensor tensor_of(gln_type type, int rank, const int64_t *shape) {
  gln_tensor t = {.type = type, .rank = rank, .count = 1};
  for (int d = 0; d < rank; ++d) {
    t.shape[d] = shape[d];
    t.count *= (size_t)shape[d];
  }
  t.num_bytes = t.count * gln_type_bytes(type);
  eg_allocator memory = eg_allocator_default();
  CHECK(gln_tensor_alloc(&t, &memory));
  return t;
}

static void fini(gln_tensor *t) {
  eg_allocator memory = eg_allocator_default();
  gln_tensor_fini(t, &memory);
}

static const char *scratch(void) {
  static char path[64];
  snprintf(path, sizeof path, "/tmp/npy_test.%ld.npy", (long)getpid());
  return path;
}

static void write_bytes(const char *bytes, size_t size) {
  FILE *file = fopen(scratch(), "wb");
  CHECK(file && fwrite(bytes, 1, size, file) == size && !fclose(file));
}

// Version 1 with this header and |size| zeros.
static void write_file(const char *header, size_t size) {
  char bytes[600] = "\x93NUMPY\x01";
  size_t length = strlen(header);
  bytes[8] = (char)length;
  memcpy(bytes + 10, header, length);
  write_bytes(bytes, 10 + length + size);
}

static void refuses(gln_tensor *t, const char *text) {
  CHECK(!gln_npy_read(scratch(), t, why, sizeof why));
  if (!strstr(why, text))
    printf("%s\nlacks %s\n", why, text);
  CHECK(strstr(why, text));
  CHECK(strstr(why, scratch()));
}

CHECK_TEST(round_trip) {
  for (int type = 0; type < GLN_NUM_TYPES; ++type)
    for (int rank = 0; rank < 4; ++rank) {
      const int64_t shape[] = {2, 3, 5};
      gln_tensor a = tensor_of((gln_type)type, rank, shape);
      gln_tensor b = tensor_of((gln_type)type, rank, shape);
      gln_tensor_randomize(&a, 7, 0, 100);
      CHECK(gln_npy_write(scratch(), &a, why, sizeof why));
      CHECK(gln_npy_read(scratch(), &b, why, sizeof why));
      CHECK(memcmp(a.data, b.data, a.num_bytes) == 0);
      fini(&a);
      fini(&b);
    }
  remove(scratch());
}

CHECK_TEST(header_of_numpy) {
  gln_tensor t = tensor_of(GLN_TYPE_F32, 2, (const int64_t[]){2, 3});
  write_file("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }  \n",
             24);
  CHECK(gln_npy_read(scratch(), &t, why, sizeof why));
  write_file("{\"shape\": (2,3), \"fortran_order\":False, \"descr\":\"<f4\"}",
             24);
  CHECK(gln_npy_read(scratch(), &t, why, sizeof why));
  fini(&t);
}

CHECK_TEST(wrong_files) {
  gln_tensor t = tensor_of(GLN_TYPE_F32, 2, (const int64_t[]){2, 3});
  remove(scratch());
  refuses(&t, "cannot be read: No such file");
  write_bytes("PK\x03\x04 a zip file", 16);
  refuses(&t, "is no .npy file");
  write_bytes("\x93NUMPY\x01\x00\x40\x00{'descr'", 18);
  refuses(&t, "ends within its header");
  write_bytes("\x93NUMPY\x07\x00\x40\x00{'descr'", 18);
  refuses(&t, "version 7");
  write_file("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }", 24);
  refuses(&t, "holds <f4 of 3x2, wanted tensor<2x3xf32>");
  write_file("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", 48);
  refuses(&t, "holds <f8 of 2x3, wanted tensor<2x3xf32>, which is <f4");
  write_file("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", 24);
  refuses(&t, "Fortran order");
  write_file("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 23);
  refuses(&t, "is truncated: its shape needs 24 bytes");
  write_file("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 25);
  refuses(&t, "goes on behind");
  write_file("{'descr': '<f4', 'fortran_order': False, 'shape': (2, -3), }",
             24);
  refuses(&t, "none of numpy's");
  write_file("{'descr': '<f4', 'shape': (2, 3), }", 24);
  refuses(&t, "none of numpy's");
  write_file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, "
             "3), }",
             24);
  refuses(&t, "none of numpy's");
  remove(scratch());
  fini(&t);
}

CHECK_TEST(nothing_is_left) {
  gln_tensor t = tensor_of(GLN_TYPE_F32, 1, (const int64_t[]){4});
  CHECK(!gln_npy_write("/nonexistent/o.npy", &t, why, sizeof why));
  CHECK(strstr(why, "cannot be written: No such file"));
  fini(&t);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}
