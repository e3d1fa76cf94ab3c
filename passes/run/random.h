// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reproducible random numbers for weights and inputs: integer arithmetic only,
// so that every machine and C library gives the same bits.
#ifndef GLN_RUN_RANDOM_H
#define GLN_RUN_RANDOM_H

#include <stdint.h>

// The next 64 bits of splitmix64 (Steele, Lea and Flood, OOPSLA 2014).
static inline uint64_t gln_random_bits(uint64_t *state) {
  uint64_t z = *state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// The start of stream |index| under |seed|; streams do not overlap in practice.
static inline uint64_t gln_random_stream(uint64_t seed, uint64_t index) {
  uint64_t state = seed;
  state = gln_random_bits(&state) + index;
  return gln_random_bits(&state);
}

// Uniform in [0, 1): a multiple of 2^-53.
static inline double gln_random_uniform(uint64_t *state) {
  return (double)(gln_random_bits(state) >> 11) * 0x1p-53;
}

static inline uint32_t gln_random_sum4(uint64_t bits) {
  uint64_t pairs =
      (bits & 0x0000ffff0000ffffu) + ((bits >> 16) & 0x0000ffff0000ffffu);
  return (uint32_t)pairs + (uint32_t)(pairs >> 32);
}

// N(0, 1) as the sum of twelve 16-bit uniforms (Irwin and Hall): within 0.0024
// of the normal distribution function, never beyond 6. Logarithm and cosine
// would give another last digit on another C library.
static inline double gln_random_normal(uint64_t *state) {
  uint32_t sum = gln_random_sum4(gln_random_bits(state));
  sum += gln_random_sum4(gln_random_bits(state));
  sum += gln_random_sum4(gln_random_bits(state));
  // Mean 12 * 65535 / 2; one has variance (2^32 - 1) / 12, so twelve 2^32.
  return ((double)sum - 393210.0) * 0x1p-16;
}

#endif
