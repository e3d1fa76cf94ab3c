// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Builds access ops one after the other, and takes them back if one fails.
//
//   gln_build build;
//   gln_build_init(&build, op);            // new ops go in front of |op|
//   MlirValue v = gln_build_view(&build, tensor, map, 4, &space);
//   v = gln_build_tensor(&build, v);
//   if (mlirValueIsNull(v)) { gln_build_undo(&build); ... build.error.text }
//   gln_build_fini(&build);
//
// Every function returns a null value once something failed, and accepts one:
// the first failure is the one in |error|, and nobody tests in between.
// Operations without effect (a transpose by the identity) build nothing.
#ifndef GLN_BRIDGE_BUILD_H
#define GLN_BRIDGE_BUILD_H

#include "bridge/linear.h"
#include "dialect/access.h"

typedef struct gln_build {
  MlirContext context;
  MlirLocation location;
  MlirOperation before; // where new ops go
  MlirOperation *made;  // owned list of them, in order
  size_t num_made, capacity;
  eg_error error; // of the first failure
} gln_build;

void gln_build_init(gln_build *build, MlirOperation before);
void gln_build_fini(gln_build *build);
// Erases all that was built.
void gln_build_undo(gln_build *build);

//===-- Ops of any dialect ------------------------------------------------===//

// Inserts |op| and remembers it; gives its first result.
MlirValue gln_build_insert(gln_build *build, MlirOperation op);
// Makes and inserts the op |name| with one result.
MlirValue gln_build_op(gln_build *build, const char *name,
                       const MlirValue *operands, size_t num_operands,
                       MlirType result, const MlirNamedAttribute *attributes,
                       size_t num_attributes);
MlirNamedAttribute gln_build_named(MlirContext context, const char *name,
                                   MlirAttribute value);
// tensor<type> that holds |value|, a constant.
MlirValue gln_build_constant(gln_build *build, gln_scalar value);
// Records a failure. Returns a null value.
MlirValue gln_build_fail(gln_build *build, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

//===-- Access ops --------------------------------------------------------===//

// The shape of a pattern or tensor; the empty shape if |value| is null.
gln_shape gln_build_shape(gln_build *build, MlirValue value);

MlirValue gln_build_access(gln_build *build, gln_op op,
                           const gln_op_attrs *attrs, const MlirValue *operands,
                           size_t num_operands, const char *symbol);
// |value|, a tensor or a pattern, as a pattern with |at| access dimensions. The
// tensor of a pattern is that pattern again.
MlirValue gln_build_at(gln_build *build, MlirValue value, size_t at);
// |value| as a pattern split anywhere: for ops that go through all dimensions.
MlirValue gln_build_any(gln_build *build, MlirValue value);
MlirValue gln_build_tensor(gln_build *build, MlirValue value);
MlirValue gln_build_transpose(gln_build *build, MlirValue value,
                              const int64_t *perm);
MlirValue gln_build_slice(gln_build *build, MlirValue value,
                          const int64_t *offsets, const int64_t *sizes,
                          const int64_t *strides);
MlirValue gln_build_squeeze(gln_build *build, MlirValue value, size_t dim);
MlirValue gln_build_insert_axis(gln_build *build, MlirValue value, size_t dim);
MlirValue gln_build_broadcast(gln_build *build, MlirValue value,
                              const gln_shape *shape);
MlirValue gln_build_reshape(gln_build *build, MlirValue value,
                            const gln_shape *shape);
MlirValue gln_build_concat(gln_build *build, MlirValue a, MlirValue b,
                           size_t dim);
MlirValue gln_build_compute(gln_build *build, int kind, gln_type type,
                            const MlirValue *operands, size_t num_operands);

//===-- Views -------------------------------------------------------------===//

// out[i] = |source|[map[0](i), …] for every i of |space|, whose type is not
// read: a chain of views and nothing else. |source| is a tensor or a pattern of
// |num| dimensions. Fails if an index would leave |source|.
MlirValue gln_build_view(gln_build *build, MlirValue source,
                         const gln_linear *map, size_t num,
                         const gln_shape *space);
// The tensor t with t[map[0](i), …] = |value|[i]: |map| names every dimension of
// |value| once, and is 0 elsewhere.
MlirValue gln_build_scatter(gln_build *build, MlirValue value,
                            const gln_linear *map, size_t num);

#endif
