// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A graph as bytes, and back: what travels between saturation and extraction.
//
// The bytes hold every node, each class's first one before all nodes that name the
// class, so that reading is adding: a node that the graph already has is found,
// one of a class that has nodes is united with them. A graph is therefore read
// *into* the one that a fresh import of the same program made, whose classes
// (inputs, roots) keep their ids. Equal graphs, built in the same order, give
// equal bytes, on every machine; numbers are little endian, base 128.
#ifndef GLN_KERNEL_STORE_H
#define GLN_KERNEL_STORE_H

#include "kernel/lang.h"

#ifdef __cplusplus
extern "C" {
#endif

// Bytes that grow; freed by gln_bytes_fini. Zero, with an allocator, is empty.
typedef struct gln_bytes {
  eg_allocator memory;
  unsigned char *data;
  size_t num, capacity;
} gln_bytes;

EG_NODISCARD
GLN_API eg_status gln_bytes_put(gln_bytes *bytes, const void *data, size_t num);
// A number in base 128, lowest digits first; the top bit says that more follow.
EG_NODISCARD
GLN_API eg_status gln_bytes_put_number(gln_bytes *bytes, uint64_t value);
GLN_API void gln_bytes_fini(gln_bytes *bytes);

// What is left to read of some bytes. A read beyond the end fails, and so do all
// that follow it.
typedef struct gln_reader {
  const unsigned char *at;
  size_t left;
  bool failed;
} gln_reader;

// Lent; NULL when there are not so many.
GLN_API const void *gln_reader_take(gln_reader *reader, size_t num);
// 0 when it fails.
GLN_API uint64_t gln_reader_number(gln_reader *reader);

// Appends the nodes of a clean graph. EG_NO_MEMORY. O(nodes log nodes).
EG_NODISCARD
GLN_API eg_status gln_graph_save(const gln_lang *lang, gln_bytes *out,
                                 eg_error *error);

// Adds the nodes that gln_graph_save wrote, and rebuilds. EG_INVALID: the bytes
// are of another language, are cut off, or say what no graph says; the graph may
// then hold some of them. EG_NO_MEMORY, EG_LIMIT. O(bytes).
EG_NODISCARD
GLN_API eg_status gln_graph_load(gln_lang *lang, gln_reader *from,
                                 eg_error *error);

#ifdef __cplusplus
}
#endif
#endif
