// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The search language run: any class of a graph as arrays, by a choice of nodes.
//
// What a rule claims to be equal is checked by evaluating both sides here. Views
// are read index by index, reductions are plain loops.
#ifndef GLN_INTERP_KERNEL_EVAL_H
#define GLN_INTERP_KERNEL_EVAL_H

#include "interp/array.h"
#include "kernel/lang.h"

#ifdef __cplusplus
extern "C" {
#endif

// What a program is run on.
typedef struct gln_environment {
  const gln_array *const *inputs; // by the index of `input`
  size_t num_inputs;
  const gln_array *const *constants; // by the index of `const`
  size_t num_constants;
  // Runs host operation |index|: fills as many results as its type has. NULL: a
  // `host` node is EG_INVALID.
  eg_status (*host)(void *user, uint32_t index,
                    const gln_array *const *operands, size_t num_operands,
                    gln_array *out_results, eg_error *error);
  void *user;
} gln_environment;

// Evaluates value class |root|. |choice| names the node of each class that is
// reached. |out|, uninitialised, receives the arrays of the class (one, or those
// of a tuple or of `results`), at most |max_out|; their number goes to *out_num.
// The caller frees them. EG_INFEASIBLE: a class without a node. Each class is
// evaluated once. Recursion goes as deep as kernels are nested, not values.
EG_NODISCARD
GLN_API eg_status gln_interp_value(const gln_lang *lang,
                                   const eg_choice *choice, eg_class root,
                                   const gln_environment *environment,
                                   eg_allocator allocator, gln_array *out,
                                   size_t max_out, size_t *out_num,
                                   eg_error *error);

// Runs kernel class |kernel| on operands of its types.
EG_NODISCARD
GLN_API eg_status gln_interp_kernel(const gln_lang *lang,
                                    const eg_choice *choice, eg_class kernel,
                                    const gln_array *const *operands,
                                    eg_allocator allocator, gln_array *out,
                                    eg_error *error);

// The spec on arrays of its operand boxes, in the order of its dimensions; every
// product and sum rounded in the result's type.
EG_NODISCARD
GLN_API eg_status gln_interp_spec(const gln_spec *spec,
                                  const gln_array *const *operands,
                                  eg_allocator allocator, gln_array *out,
                                  eg_error *error);

#ifdef __cplusplus
}
#endif
#endif
