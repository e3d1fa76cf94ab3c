// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Runs net.o, which glenside-run compiled for an accelerator: loads its packed
// weights and an input, calls it, writes the result, and says what the machine
// did. No MLIR anywhere.
//
//   ahead net.weights x.npy y.npy
#include "net.h"

#include <stdio.h>

// Of the header of a .npy file, which is in front of the elements.
static long header_size(FILE *file) {
  unsigned char head[10];
  if (fread(head, 1, sizeof head, file) != sizeof head)
    return -1;
  return 10 + head[8] + 256L * head[9];
}

static int read_all(const char *path, long skip, void *out, size_t bytes) {
  FILE *file = fopen(path, "rb");
  int ok = file != NULL;
  if (ok && skip < 0)
    skip = header_size(file);
  ok = ok && skip >= 0 && fseek(file, skip, SEEK_SET) == 0 &&
       fread(out, 1, bytes, file) == bytes;
  if (file)
    fclose(file);
  if (!ok)
    fprintf(stderr, "ahead: '%s' does not hold %zu bytes\n", path, bytes);
  return ok;
}

static int write_npy(const char *path, const float *y, size_t count) {
  FILE *file = fopen(path, "wb");
  char text[119];
  snprintf(text, sizeof text,
           "{'descr': '<f4', 'fortran_order': False, 'shape': (%zu,), }",
           count);
  int ok = file &&
           fprintf(file, "\x93NUMPY%c%c%c%c%-117s\n", 1, 0, 118, 0, text) > 0 &&
           fwrite(y, sizeof *y, count, file) == count;
  return file && fclose(file) == 0 && ok;
}

static void count(void *user, const char *layer, const sa_counters *since) {
  (void)layer;
  ((uint64_t *)user)[0] += since->macs;
  ((uint64_t *)user)[1] += 1;
}

int main(int argc, char **argv) {
  if (argc != 4)
    return fprintf(stderr, "usage: ahead net.weights x.npy y.npy\n"), 2;
  void *weights = aligned_alloc(64, NET_WEIGHTS_BYTES + 64);
  float *x = malloc(NET_X0_ELEMENTS * sizeof *x);
  float *y = malloc(NET_Y0_ELEMENTS * sizeof *y);
  uint64_t done[2] = {0, 0};
  if (!weights || !x || !y ||
      !read_all(argv[1], 0, weights, NET_WEIGHTS_BYTES) ||
      !read_all(argv[2], -1, x, NET_X0_ELEMENTS * sizeof *x))
    return 2;
  sa_program_watch(count, done);
  const char *refused = net_run(weights, x, y);
  if (refused)
    return fprintf(stderr, "ahead: %s\n", refused), 1;
  if (!write_npy(argv[3], y, NET_Y0_ELEMENTS))
    return fprintf(stderr, "ahead: cannot write '%s'\n", argv[3]), 2;
  printf("%llu layers, %llu multiply-accumulates on the array\n",
         (unsigned long long)done[1], (unsigned long long)done[0]);
  free(weights);
  free(x);
  free(y);
  sa_program_reset();
  return 0;
}
