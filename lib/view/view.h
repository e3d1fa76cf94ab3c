// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Views: quasi-affine re-readings of an array, in a canonical form.
//
// A view of rank r reads an array, its *source*, of rank m:
//
//   result[i] = source[map(i)]  where i is in the domain, else the fill,
//
// map(i) made of +, times a constant, floordiv and mod by constants; the domain
// a set of inequalities, equalities and congruences of such expressions.
// Transposition, reshape, slice, padding, dilation and im2col are all views,
// and views compose to views, so that a chain of them is one object.
//
// A view is immutable: one block of 64-bit words without pointers. Views that
// are the same function have, nearly always, the same words (README.md says
// where not): hash, compare and intern them as memory.
//
//   gln_view *pad, *cols, *both;
//   gln_view_pad(a, 2, (int64_t[]){4, 8}, low, high, zero, &pad, &error);
//   gln_view_windows(a, 2, (int64_t[]){6, 10}, 0, w, s, d, &cols, &error);
//   gln_view_compose(a, cols, pad, &both, &error); // 4×8 → 6×10 → windows
//
// Conventions. Extents are 1…GLN_VIEW_MAX_EXTENT, ranks 0…GLN_VIEW_MAX_RANK.
// Every constructor returns EG_INVALID for a parameter that makes no sense (the
// message names it and what it clashes with), EG_LIMIT when a number exceeds 64
// bits or a table of fixed size, EG_NO_MEMORY; then |*out| is NULL. |error| may
// be NULL. The caller frees |*out| by gln_view_destroy with the same allocator.
// All functions are reentrant; views may be shared by threads.
#ifndef GLN_VIEW_VIEW_H
#define GLN_VIEW_VIEW_H

#include "eg.h"
#include "view/type.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { GLN_VIEW_MAX_RANK = 32, GLN_VIEW_MAX_CONSTRAINTS = 64 };
#define GLN_VIEW_MAX_EXTENT INT64_C(0x7fffffff)

typedef struct gln_view gln_view;

GLN_API void gln_view_destroy(const eg_allocator *allocator, gln_view *view);
// A copy of its own. O(size).
EG_NODISCARD
GLN_API eg_status gln_view_clone(const eg_allocator *allocator,
                                 const gln_view *view, gln_view **out,
                                 eg_error *error);

//===-- Constructors: one per view op of the access dialect ---------------===//
//
// |extents| are those of the source, |rank| many. `shift`, `view` and `tensor`
// change no map: the access/item split lives outside. O(rank) each, but for
// reshape: O(rank²).

#define GLN_VIEW_ARGS                                                          \
  const eg_allocator *allocator, size_t rank, const int64_t *extents
#define GLN_VIEW_OUT gln_view **out, eg_error *error

// result[i] = source[i].
EG_NODISCARD
GLN_API eg_status gln_view_identity(GLN_VIEW_ARGS, GLN_VIEW_OUT);
// result.extents[d] = extents[perm[d]]: result dimension d is perm[d].
EG_NODISCARD
GLN_API eg_status gln_view_transpose(GLN_VIEW_ARGS, const int64_t *perm,
                                     GLN_VIEW_OUT);
// Same elements, both in row-major order; the products must be equal.
EG_NODISCARD
GLN_API eg_status gln_view_reshape(GLN_VIEW_ARGS, size_t result_rank,
                                   const int64_t *result, GLN_VIEW_OUT);
// Dimensions [first, first + num) become one; num 0 inserts an axis of 1.
EG_NODISCARD
GLN_API eg_status gln_view_flatten(GLN_VIEW_ARGS, size_t first, size_t num,
                                   GLN_VIEW_OUT);
// Drops dimension |dim|, of extent 1.
EG_NODISCARD
GLN_API eg_status gln_view_squeeze(GLN_VIEW_ARGS, size_t dim, GLN_VIEW_OUT);
// A dimension of extent 1 before |dim| (rank: at the end).
EG_NODISCARD
GLN_API eg_status gln_view_insert_axis(GLN_VIEW_ARGS, size_t dim, GLN_VIEW_OUT);
// Aligned at the right end; dimensions of extent 1 expand, missing ones appear.
EG_NODISCARD
GLN_API eg_status gln_view_broadcast(GLN_VIEW_ARGS, size_t result_rank,
                                     const int64_t *result, GLN_VIEW_OUT);
// result[i] = source[offsets + i * strides]; strides of either sign, not 0.
EG_NODISCARD
GLN_API eg_status gln_view_slice(GLN_VIEW_ARGS, const int64_t *offsets,
                                 const int64_t *sizes, const int64_t *strides,
                                 GLN_VIEW_OUT);
// |low| elements before and |high| after each dimension, of value |fill|.
EG_NODISCARD
GLN_API eg_status gln_view_pad(GLN_VIEW_ARGS, const int64_t *low,
                               const int64_t *high, gln_scalar fill,
                               GLN_VIEW_OUT);
// ((a…),(c…)) → ((a…,o…),(w…)) over the dimensions from |first| on:
// result[a, o, w] = source[a, o * strides + w * dilations].
EG_NODISCARD
GLN_API eg_status gln_view_windows(GLN_VIEW_ARGS, size_t first,
                                   const int64_t *window,
                                   const int64_t *strides,
                                   const int64_t *dilations, GLN_VIEW_OUT);
// factors[d] - 1 fills between neighbours: extent (n - 1) * factor + 1.
EG_NODISCARD
GLN_API eg_status gln_view_dilate(GLN_VIEW_ARGS, const int64_t *factors,
                                  gln_scalar fill, GLN_VIEW_OUT);
// result[i] = source[matrix · i + offset], |matrix| row-major with a row per
// source dimension; every coordinate must fall inside. O(rank * result_rank).
EG_NODISCARD
GLN_API eg_status gln_view_affine(GLN_VIEW_ARGS, size_t result_rank,
                                  const int64_t *result, const int64_t *matrix,
                                  const int64_t *offset, GLN_VIEW_OUT);
// The identity where low <= e(i) <= high, e = Σ coefficients[d] i[d], taken
// modulo |modulus| unless that is 0; elsewhere |fill|. Diagonal and banded.
EG_NODISCARD
GLN_API eg_status gln_view_mask(GLN_VIEW_ARGS, const int64_t *coefficients,
                                int64_t modulus, int64_t low, int64_t high,
                                gln_scalar fill, GLN_VIEW_OUT);

//===-- Algebra -----------------------------------------------------------===//

// The view that reads through |outer| what |inner| reads:
// result[i] = (inner applied to source)[outer.map(i)]. The extents between the
// two must agree (EG_INVALID). EG_INFEASIBLE when both have fills that differ
// and each is seen: that is two nodes. About 1 µs at rank 4 to 6.
EG_NODISCARD
GLN_API eg_status gln_view_compose(const eg_allocator *allocator,
                                   const gln_view *outer, const gln_view *inner,
                                   GLN_VIEW_OUT);
// The view w with compose(w, view) = identity, for a view that reads every
// element of its source once. EG_INFEASIBLE when it does not, or when |view|
// does not become affine by splitting its dimensions.
EG_NODISCARD
GLN_API eg_status gln_view_inverse(const eg_allocator *allocator,
                                   const gln_view *view, GLN_VIEW_OUT);
// Splits result dimensions into mixed-radix digits until the map is affine:
// |*split| reshapes the result of |view| to the digits, and |*affine| is
// compose(*split, view). groups[d] is the number of digits of dimension d
// (room for the rank of |view|). The coarsest such space; EG_INFEASIBLE when
// there is none without a remainder.
EG_NODISCARD
GLN_API eg_status gln_view_split_affine(const eg_allocator *allocator,
                                        const gln_view *view, gln_view **split,
                                        gln_view **affine, uint8_t *groups,
                                        eg_error *error);

//===-- Questions ---------------------------------------------------------===//

GLN_API size_t gln_view_rank(const gln_view *view);
GLN_API size_t gln_view_source_rank(const gln_view *view);
GLN_API const int64_t *gln_view_extents(const gln_view *view); // borrowed
GLN_API const int64_t *
gln_view_source_extents(const gln_view *view); // borrowed
// Whether some index is outside the domain; then |*fill| (may be NULL) is set.
GLN_API bool gln_view_has_fill(const gln_view *view, gln_scalar *fill);
// Whether no index is in the domain: a constant array.
GLN_API bool gln_view_is_constant(const gln_view *view);

GLN_API bool gln_view_equal(const gln_view *a, const gln_view *b); // O(size)
GLN_API uint64_t gln_view_hash(const gln_view *view);              // O(1)
// A total order, the same on every machine. O(size).
GLN_API int gln_view_compare(const gln_view *a, const gln_view *b);

GLN_API bool gln_view_is_identity(const gln_view *view);
// Each source coordinate is one index, each index (of extent > 1) one
// coordinate, no domain: a transpose up to dimensions of extent 1. perm[s] is
// the result dimension of source dimension s, or -1 (NULL: not wanted).
GLN_API bool gln_view_is_permutation(const gln_view *view, int32_t *perm);
// Whether map(i) = matrix · i + offset on the domain; both may be NULL.
// matrix: source rank × rank, row-major.
GLN_API bool gln_view_is_affine(const gln_view *view, int64_t *matrix,
                                int64_t *offset);
// Proof that no two indices of the domain read the same element. False when
// they do, or when no proof was found (maps that cannot be split to affine).
EG_NODISCARD
GLN_API eg_status gln_view_is_injective(const eg_allocator *allocator,
                                        const gln_view *view, bool *out,
                                        eg_error *error);
// Interval of source coordinates read, per source dimension, inclusive. Exact
// for affine maps without constraints between dimensions, else maybe wider.
// False when the view is constant. O(size).
GLN_API bool gln_view_image(const gln_view *view, int64_t *low, int64_t *high);
// The same for the indices of a box: start[d] <= i[d] < start[d] + size[d],
// inside the result.
GLN_API bool gln_view_footprint(const gln_view *view, const int64_t *start,
                                const int64_t *size, int64_t *low,
                                int64_t *high);
// The greatest n found such that the result, read in row-major order, falls
// into aligned runs of n indices, each outside the domain or reading n
// neighbouring source elements in order: the length of a copy's inner row. 1
// when there is no better. O(size).
EG_NODISCARD
GLN_API eg_status gln_view_run_length(const eg_allocator *allocator,
                                      const gln_view *view, int64_t *out,
                                      eg_error *error);

//===-- Evaluation --------------------------------------------------------===//

// Whether |index| is in the domain; then |source| gets its coordinates. The
// index must be inside the extents. O(size of the view).
GLN_API bool gln_view_evaluate(const gln_view *view, const int64_t *index,
                               int64_t *source);
// Writes the whole result, row-major, from |source|, row-major: elements of
// |element_size| bytes; |fill| is one element, read when gln_view_has_fill.
// |num_result| and |num_source| are the numbers of elements in the two
// buffers and must be the products of the extents (EG_INVALID). The buffers
// may not overlap. Rows that are contiguous on both sides are copied at once.
EG_NODISCARD
GLN_API eg_status gln_view_copy(const eg_allocator *allocator,
                                const gln_view *view, size_t element_size,
                                const void *source, size_t num_source,
                                const void *fill, void *result,
                                size_t num_result, eg_error *error);

//===-- Text and bytes ----------------------------------------------------===//

// Writes at most |size| bytes with a terminator; returns the length of the
// whole text:
//   (d0, d1) [4, 8] -> (d0 + 2, d1 mod 3) [6, 3]
//   (d0, d1) [5, 7] -> (d0 - 1) [3] if d0 >= 1, d0 <= 3, d1 == 2 fill 0 : i8
// First the result's extents, last the source's.
GLN_API size_t gln_view_print(const gln_view *view, char *buffer, size_t size);
// Reads that, and any expression of integers, d0…, +, -, *, floordiv, mod and
// parentheses with constant divisors and one constant factor. Strict: nothing
// may follow; errors name line and column. A map that may leave the source is
// EG_INVALID. |text| need not be terminated.
EG_NODISCARD
GLN_API eg_status gln_view_parse(const eg_allocator *allocator,
                                 const char *text, size_t length, GLN_VIEW_OUT);

// The block itself, gln_view_size bytes, in the byte order of the host.
GLN_API size_t gln_view_size(const gln_view *view);
// Reads such a block from a file that may be damaged: every invariant is
// checked that evaluation relies on, else EG_INVALID. What it does not prove:
// that the map stays in the source (gln_view_copy checks) and that no shorter
// form exists.
EG_NODISCARD
GLN_API eg_status gln_view_from_bytes(const eg_allocator *allocator,
                                      const void *bytes, size_t size,
                                      GLN_VIEW_OUT);

#ifdef __cplusplus
}
#endif
#endif
