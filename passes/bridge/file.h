// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Files as text.
#ifndef GLN_BRIDGE_FILE_H
#define GLN_BRIDGE_FILE_H

#include <stddef.h>

// The bytes of a file with a zero behind, and their number; the caller frees them.
// NULL: it cannot be read, errno says why.
char *gln_read_file(const char *path, size_t *out_size);

#endif
