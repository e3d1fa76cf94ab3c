// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A function of a module made ready to be compiled: its large constants become
// arguments, so that machine code does not depend on weights.
//
// LLVM takes minutes over a constant of a few million elements, and a network
// under other weights would have to be compiled again. As an argument a weight
// costs a pointer, and two programs of equal text share one compilation.
#ifndef GLN_RUN_CALLABLE_H
#define GLN_RUN_CALLABLE_H

#include "run/buffer.h"
#include "run/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

// An MlirStringCallback that adds to |user|, a gln_buffer.
static inline void gln_buffer_append(MlirStringRef part, void *user) {
  gln_buffer_add(user, part.data, part.length);
}

// Zero is a valid empty state.
typedef struct gln_callable {
  MlirOperation module; // owned; lowering consumes what is in it
  char *entry;          // owned, terminated
  char *text;           // the module as text, owned, terminated
  size_t text_bytes, text_room;
  gln_tensor *args; // the function's own first, then hoisted constants, which
                    // have their data
  size_t num_args, max_args, num_inputs;
  gln_tensor *results; // types only
  size_t num_results;
  size_t hoisted_bytes; // of the constants
  eg_allocator allocator;
} gln_callable;

typedef struct gln_callable_options {
  const char *entry;  // NULL: the only function with a body, or "forward"
  size_t hoist_bytes; // constants above this, and every resource, are hoisted
} gln_callable_options;

// Takes |module|, a builtin.module, also on failure; it is canonicalized and
// loses the functions that the entry does not call. Emits an error and returns
// false if the entry is not there or cannot be called (the message lists the
// functions there are, or names the argument), or if a constant has no data.
// Constants stay where they are if the module itself calls the entry. The
// program lends data of |module|'s context, which must outlive its use.
bool gln_callable_init(gln_callable *program, MlirOperation module,
                       const gln_callable_options *options,
                       const eg_allocator *allocator);
void gln_callable_fini(gln_callable *program);

#ifdef __cplusplus
}
#endif
#endif
