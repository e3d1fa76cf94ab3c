// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Payloads and types as words: written here, read here, nowhere else.
#ifndef GLN_KERNEL_WORDS_H
#define GLN_KERNEL_WORDS_H

#include "kernel/lang.h"

enum {
  // A shape: type and rank, then low and high word of each extent; item
  // dimensions start at |num_access|.
  GLNI_SHAPE_WORDS = 1 + 2 * GLN_MAX_RANK,
  GLNI_SIGNATURE_WORDS =
      1 + (GLN_LANG_MAX_OPERANDS + GLN_LANG_MAX_RESULTS) * GLNI_SHAPE_WORDS,
};

// Each returns the number of words.
size_t glni_shape_encode(const gln_shape *shape, uint32_t *words);
size_t glni_shape_decode(const uint32_t *words, gln_shape *out);
size_t glni_signature_encode(const gln_signature *signature, uint32_t *words);
void glni_signature_decode(const uint32_t *words, gln_signature *out);

// The payload of a node as words; lent.
const uint32_t *glni_payload(const gln_lang *lang, eg_node node,
                             size_t *out_num);

// The signature of a node from its payload and the types of its children (type.c).
// Fails with a message in the graph.
EG_NODISCARD
eg_status glni_node_signature(const gln_lang *lang, eg_graph *graph,
                              eg_node node, gln_signature *out);

// The extents and type of an operand array of a spec, and of its result.
void glni_spec_shape(const gln_spec *spec, size_t operand, gln_shape *out);
void glni_spec_result(const gln_spec *spec, gln_shape *out);

#endif
