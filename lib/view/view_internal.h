// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Views under construction: sums in a scratch memory, and the working view.
//
// A *sum* is a constant plus coefficients times atoms; an atom is a variable
// k_v in [0, high[v]], or floor(numerator / divisor) of another sum. Sums are
// immutable and shared. Invariants (glni_sum_check): no coefficient is 0, terms
// strictly ascend (variables first, then floors by numerator and divisor), no
// variable of range 0, divisors >= 2, numerators not constant.
//
// Failure is sticky: a function that runs out of memory or of 64 bits sets
// ctx->status and returns some valid sum; the caller looks once, at the end.
#ifndef GLN_VIEW_INTERNAL_H
#define GLN_VIEW_INTERNAL_H

#include "view/view.h"

typedef struct glni_sum glni_sum;

typedef struct glni_term {
  int64_t coef;
  int64_t divisor;     // 0: the variable |var|
  const glni_sum *num; // of the floor
  uint32_t var;
} glni_term;

struct glni_sum {
  int64_t constant;
  int64_t low, high; // the range, once |ranged|: see range.c
  uint32_t num_terms;
  uint32_t vars;  // bit v: k_v occurs
  uint32_t words; // at least the size as a tree, which has a limit
  bool ranged;
  glni_term terms[];
};

enum { GLNI_MAX_WORDS = 2048 };

// low <= form <= high, or form mod modulus == low. A form has constant 0.
typedef struct glni_constraint {
  const glni_sum *form;
  int64_t low, high;
  int64_t modulus; // 0: a range
} glni_constraint;

typedef struct glni_chunk glni_chunk;

enum { GLNI_SCRATCH_BYTES = 12288 };

typedef struct glni_ctx {
  const eg_allocator *allocator;
  eg_status status;
  uint32_t num_vars;
  int64_t high[GLN_VIEW_MAX_RANK]; // k_v in [0, high[v]]
  const glni_constraint *known;    // bounds of forms that floors may use
  size_t num_known;
  glni_chunk *chunks;
  unsigned char *next;
  size_t room;
  _Alignas(16) unsigned char bytes[GLNI_SCRATCH_BYTES];
} glni_ctx;

void glni_ctx_init(glni_ctx *ctx, const eg_allocator *allocator);
void glni_ctx_fini(glni_ctx *ctx);
void *glni_ctx_alloc(glni_ctx *ctx, size_t size); // NULL: status is set

//===-- Sums (sum.c) ------------------------------------------------------===//

const glni_sum *glni_constant(glni_ctx *ctx, int64_t value);
const glni_sum *glni_var(glni_ctx *ctx, uint32_t var);
// ca * a + cb * b + constant.
const glni_sum *glni_combine(glni_ctx *ctx, const glni_sum *a, int64_t ca,
                             const glni_sum *b, int64_t cb, int64_t constant);
const glni_sum *glni_scale(glni_ctx *ctx, const glni_sum *a, int64_t factor,
                           int64_t constant);
// The term coef * floor(num / divisor) as it is.
const glni_sum *glni_raw_floor(glni_ctx *ctx, const glni_sum *num,
                               int64_t divisor, int64_t coef);
int glni_sum_compare(const glni_sum *a, const glni_sum *b);
bool glni_sum_has_floor(const glni_sum *a);
int64_t glni_sum_coef(const glni_sum *a, uint32_t var); // 0 when absent
// Each k_v replaced by values[v].
const glni_sum *glni_substitute(glni_ctx *ctx, const glni_sum *a,
                                const glni_sum *const *values);
int64_t glni_sum_evaluate(const glni_sum *a, const int64_t *vars);
bool glni_sum_check(const glni_ctx *ctx, const glni_sum *a);

int64_t glni_floor_div(int64_t a, int64_t n);
int64_t glni_floor_mod(int64_t a, int64_t n);
int64_t glni_gcd(int64_t a, int64_t b); // >= 0
int64_t glni_mul(glni_ctx *ctx, int64_t a, int64_t b);
int64_t glni_add(glni_ctx *ctx, int64_t a, int64_t b);

//===-- Bounds (range.c) --------------------------------------------------===//

// An interval that holds every value of |a| over the box; exact for linear a.
void glni_range(glni_ctx *ctx, const glni_sum *a, int64_t *low, int64_t *high);
// The numbers c * Σ b_v k_v + rest of a linear |a|: fills |out| with the
// primitive Σ b_v k_v (constant 0, b of the first variable > 0), returns c.
int64_t glni_primitive(glni_ctx *ctx, const glni_sum *a, const glni_sum **out);

//===-- Floor division (floor.c), normal form of a sum (staircase.c) ------===//

const glni_sum *glni_floordiv(glni_ctx *ctx, const glni_sum *a, int64_t n);
const glni_sum *glni_mod(glni_ctx *ctx, const glni_sum *a, int64_t n);
const glni_sum *glni_normalise(glni_ctx *ctx, const glni_sum *a);

//===-- The working view (domain.c, flat.c) -------------------------------===//

// Result index d is in the domain only if it is low + step * k_d with
// 0 <= k_d < count; count is 0 for every d when the domain is empty.
typedef struct glni_lattice {
  int64_t low, step, count;
} glni_lattice;

typedef struct glni_view {
  uint32_t rank, source_rank, num_constraints;
  bool empty, has_fill;
  gln_scalar fill;
  int64_t extents[GLN_VIEW_MAX_RANK], source[GLN_VIEW_MAX_RANK];
  glni_lattice dims[GLN_VIEW_MAX_RANK];
  const glni_sum *map[GLN_VIEW_MAX_RANK];
  glni_constraint constraints[GLN_VIEW_MAX_CONSTRAINTS];
} glni_view;

// Starts a view: full domain, ctx's variables are the result's dimensions.
void glni_view_start(glni_ctx *ctx, glni_view *view, size_t rank,
                     const int64_t *extents, size_t source_rank,
                     const int64_t *source);
// Adds low <= a <= high, or a mod modulus == low. Cheap; see settle.
void glni_view_add_range(glni_ctx *ctx, glni_view *view, const glni_sum *a,
                         int64_t low, int64_t high);
void glni_view_add_congruence(glni_ctx *ctx, glni_view *view, const glni_sum *a,
                              int64_t modulus, int64_t remainder);
// Moves what it can from constraints into the lattice, drops what is implied,
// and brings map and constraints to normal form. Idempotent.
void glni_view_settle(glni_ctx *ctx, glni_view *view);
bool glni_view_is_full(const glni_view *view);
// Index d as a sum of k_d.
const glni_sum *glni_view_index(glni_ctx *ctx, const glni_view *view,
                                uint32_t dim);

// Whether the map of a settled view stays in the source: proved by intervals
// and constraints, or by trying the domain when it is small. When not, the
// source dimension and the interval that was found.
bool glni_view_in_bounds(glni_ctx *ctx, const glni_view *view, uint32_t *dim,
                         int64_t *low, int64_t *high);

// The flat block of a view, settled first; ends |ctx|.
eg_status glni_view_finish(glni_ctx *ctx, glni_view *view, const char *what,
                           gln_view **out, eg_error *error);
// Opens a flat view in |ctx|, whose variables become those of |flat|.
void glni_view_open(glni_ctx *ctx, const gln_view *flat, glni_view *view);
eg_status glni_status_fail(eg_error *error, eg_status status, const char *what);

//===-- One constraint (constraint.c) -------------------------------------===//

// What is known of each variable: low <= k <= high, k = rem (mod mod).
typedef struct glni_bounds {
  int64_t low[GLN_VIEW_MAX_RANK], high[GLN_VIEW_MAX_RANK];
  int64_t mod[GLN_VIEW_MAX_RANK], rem[GLN_VIEW_MAX_RANK];
  bool changed;
} glni_bounds;

// The constraint stays, is used up, or cannot hold.
typedef enum glni_verdict { GLNI_KEEP, GLNI_DROP, GLNI_EMPTY_SET } glni_verdict;

glni_verdict glni_box_range(glni_bounds *box, uint32_t v, int64_t low,
                            int64_t high);
glni_verdict glni_box_congruence(glni_ctx *ctx, glni_bounds *box, uint32_t v,
                                 int64_t m, int64_t r);
// Brings |*c| to normal form; a second constraint goes to |*also| (form NULL
// when there is none).
glni_verdict glni_simplify_range(glni_ctx *ctx, glni_constraint *c,
                                 glni_bounds *box, glni_constraint *also);
glni_verdict glni_simplify_congruence(glni_ctx *ctx, glni_constraint *c,
                                      glni_bounds *box, glni_constraint *also);
int64_t glni_ceil_div(int64_t a, int64_t n);

//===-- The flat block (flat.c) -------------------------------------------===//

// words: extents[rank], source[source_rank],
//        fill bits                          if GLNI_HAS_FILL,
//        low, step, count of each dimension if GLNI_HAS_LATTICE,
//        map sums[source_rank], then per constraint low, high, modulus, form.
// A sum: num_terms | words << 32, constant, terms; a term: coef, var, or coef,
// -divisor, numerator.
struct gln_view {
  uint64_t hash; // of all that follows
  uint32_t num_words;
  uint8_t rank, source_rank, flags, fill_type;
  uint32_t num_constraints, reserved;
  int64_t words[];
};

enum { GLNI_HAS_FILL = 1, GLNI_HAS_LATTICE = 2, GLNI_EMPTY = 4 };

typedef struct glni_parts {
  const int64_t *extents, *source, *lattice, *map, *constraints;
  gln_scalar fill;
} glni_parts;

glni_parts glni_view_parts(const gln_view *view);
size_t glni_flat_sum_words(const int64_t *sum);
int64_t glni_flat_sum_evaluate(const int64_t *sum, const int64_t *vars);
const glni_sum *glni_flat_sum_open(glni_ctx *ctx, const int64_t *sum);
const int64_t *glni_parts_sum(const glni_parts *parts, uint32_t source_dim);

#endif
