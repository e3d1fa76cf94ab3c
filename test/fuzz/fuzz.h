// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the fuzz targets share. A target defines LLVMFuzzerTestOneInput, seeds
// and pieces, and ends with FUZZ_MAIN. With -DGLN_LIBFUZZER, libFuzzer drives
// it; without, a main of its own does, for any compiler and for ctest:
//
//   NAME_fuzz FILE…     runs each file once: corpora, old crashers
//   NAME_fuzz [-n N]    mutates the seeds N times by a fixed generator
//
// A target calls fuzz_require for what must hold of any input.
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Seeds and pieces are for our own driver only.
#define FUZZ_UNUSED __attribute__((unused))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_require(bool holds, const char *what,
                                const char *detail) {
  if (holds)
    return;
  fprintf(stderr, "fuzz: %s: %s\n", what, detail ? detail : "");
  abort();
}

// The input with a zero behind; the caller frees it. NULL: there is a zero in
// it, or no memory.
static inline char *fuzz_text(const uint8_t *data, size_t size) {
  char *text = size && memchr(data, 0, size) ? NULL : malloc(size + 1);
  if (!text)
    return NULL;
  if (size)
    memcpy(text, data, size);
  text[size] = '\0';
  return text;
}

#ifdef GLN_LIBFUZZER
#define FUZZ_MAIN(seeds, pieces, rounds)
#else

enum { FUZZ_LONGEST = 4096 };

// splitmix64.
static inline uint64_t fuzz_next(uint64_t *state) {
  uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

// Deletes, repeats or replaces a stretch of |text|, flips a byte, or puts in one
// of the |pieces|, which spaces part.
static inline size_t fuzz_mutate(uint64_t *state, char *text, size_t length,
                                 const char *pieces) {
  size_t at = fuzz_next(state) % (length + 1), span = fuzz_next(state) % 12;
  span = span < length - at ? span : length - at;
  const char *piece = pieces + fuzz_next(state) % strlen(pieces);
  size_t size = strcspn(piece, " ");
  switch (fuzz_next(state) % 5) {
  case 0:
    memmove(text + at, text + at + span, length - at - span);
    return length - span;
  case 1:
    if (span)
      text[at] = (char)(text[at] ^ (1 << fuzz_next(state) % 7));
    return length;
  case 2: // once more what stands here
    piece = text + at;
    size = span;
  }
  if (length + size > FUZZ_LONGEST)
    return length;
  char copy[FUZZ_LONGEST];
  memcpy(copy, piece, size);
  memmove(text + at + size, text + at, length - at);
  memcpy(text + at, copy, size);
  return length + size;
}

static inline int fuzz_file(const char *path) {
  static uint8_t data[1 << 20];
  FILE *file = fopen(path, "rb");
  if (!file) {
    fprintf(stderr, "fuzz: cannot open %s\n", path);
    return 1;
  }
  size_t size = fread(data, 1, sizeof data, file);
  fclose(file);
  return LLVMFuzzerTestOneInput(data, size);
}

static inline int fuzz_main(int argc, char **argv, const char *const *seeds,
                            size_t num_seeds, const char *pieces, long rounds) {
  static char text[FUZZ_LONGEST];
  if (argc == 3 && strcmp(argv[1], "-n") == 0) {
    rounds = strtol(argv[2], NULL, 10);
  } else if (argc > 1) {
    int failed = 0;
    for (int i = 1; i < argc; ++i)
      failed |= fuzz_file(argv[i]);
    return failed;
  }
  uint64_t state = 1;
  for (size_t i = 0; i < num_seeds; ++i)
    LLVMFuzzerTestOneInput((const uint8_t *)seeds[i], strlen(seeds[i]));
  for (long n = 0; n < rounds; ++n) {
    const char *seed = seeds[fuzz_next(&state) % num_seeds];
    size_t length = strlen(seed);
    memcpy(text, seed, length);
    for (uint64_t edits = fuzz_next(&state) % 6; edits-- > 0;)
      length = fuzz_mutate(&state, text, length, pieces);
    LLVMFuzzerTestOneInput((const uint8_t *)text, length);
  }
  printf("%ld inputs\n", rounds + (long)num_seeds);
  return 0;
}

#define FUZZ_MAIN(seeds, pieces, rounds)                                       \
  int main(int argc, char **argv) {                                            \
    return fuzz_main(argc, argv, seeds, sizeof seeds / sizeof *seeds, pieces,  \
                     rounds);                                                  \
  }
#endif

#endif
