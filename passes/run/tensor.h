// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Arrays that compiled code reads and writes: row-major, of one of lib/'s
// element types, with the descriptors that MLIR's calling convention wants.
#ifndef GLN_RUN_TENSOR_H
#define GLN_RUN_TENSOR_H

#include "cxx/glenside-cxx.h"
#include "view/type.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { GLN_TENSOR_MAX_RANK = 16 };

// Zero is a valid empty state. Element n lies at byte n * gln_type_bytes.
typedef struct gln_tensor {
  gln_type type;
  int rank;       // 0 also for a bare number
  bool is_number; // f32 and not tensor<f32>: passed by value
  int64_t shape[GLN_TENSOR_MAX_RANK];
  size_t count;     // elements
  size_t num_bytes; // of data
  void *data;
  bool is_owned; // |data| is freed by gln_tensor_fini
} gln_tensor;

// Shape and element type of |type|, a ranked tensor of static shape or a
// number; no data. On failure returns false and sets |out_why| to what is wrong,
// as in "its shape is dynamic".
bool gln_tensor_of_type(MlirType type, gln_tensor *tensor,
                        const char **out_why);

// The element type that MLIR's |type| is; false if lib/ has none.
bool gln_type_of_mlir(MlirType type, gln_type *out);

// The bytes of a dense memref of static shape; false if |type| is none, or its
// elements are not of lib/'s types.
bool gln_memref_bytes(MlirType type, size_t *out);

// Whether two have one shape and element type, and are both tensors or numbers.
bool gln_tensor_same_type(const gln_tensor *a, const gln_tensor *b);
// "tensor<2x3xf32>"; writes at most |size| bytes with the terminator.
void gln_tensor_print_type(const gln_tensor *tensor, char *text, size_t size);

// Gives |tensor| owned zeros; false without memory.
bool gln_tensor_alloc(gln_tensor *tensor, const eg_allocator *allocator);
void gln_tensor_fini(gln_tensor *tensor, const eg_allocator *allocator);

// Lets |tensor|, without data so far, show readable |data|: borrowed where the
// layout allows, else an owned copy (splats and packed bits are spread out).
// False without memory.
bool gln_tensor_set(gln_tensor *tensor, const gln_data *data,
                    const eg_allocator *allocator);

// Input number |index| under |seed|: floats N(0, 1), integers uniform in
// [0, |integers|), modulo what the type holds.
void gln_tensor_randomize(gln_tensor *tensor, uint64_t seed, uint64_t index,
                          uint32_t integers);

// A memref descriptor as 64-bit words: allocated pointer, aligned pointer,
// offset, sizes, strides.
enum { GLN_MEMREF_WORDS = 3 + 2 * GLN_TENSOR_MAX_RANK };
static inline int gln_memref_words(int rank) {
  return 3 + 2 * rank;
}
void gln_tensor_describe(const gln_tensor *tensor, int64_t *words);
// Copies what |words| describe, of |tensor|'s shape and type, into its data.
void gln_tensor_gather(gln_tensor *tensor, const int64_t *words);

//===-- Comparison --------------------------------------------------------===//

typedef enum gln_verdict {
  GLN_AGREE,
  GLN_DIFFER,
  GLN_REFERENCE_CONSTANT,   // every element equal: it would prove nothing
  GLN_REFERENCE_NOT_FINITE, // an infinity or NaN
} gln_verdict;

// Floats agree if max|ours - reference| <= tolerance * max|reference|, integers
// if they are equal.
typedef struct gln_comparison {
  gln_verdict verdict;
  double max_error;       // infinite if ours has an infinity or NaN
  double max_reference;   // largest magnitude
  double bound;           // what max_error may be
  size_t worst;           // row-major index of the largest error
  double ours, reference; // the values there
} gln_comparison;

// |a| and |b| have one shape and type. A reference of one element counts as
// varied.
gln_comparison gln_tensor_compare(const gln_tensor *ours,
                                  const gln_tensor *reference,
                                  double tolerance);

// "agrees", "differs", ...
const char *gln_verdict_text(gln_verdict verdict);

// Smallest, largest and mean element, for a look at an output; NaN if empty.
typedef struct gln_range {
  double min, max, mean;
  size_t num_not_finite;
} gln_range;
gln_range gln_tensor_get_range(const gln_tensor *tensor);

#ifdef __cplusplus
}
#endif
#endif
