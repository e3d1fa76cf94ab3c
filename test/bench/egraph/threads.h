// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef THREADS_H
#define THREADS_H

#include <stdint.h>

// Seconds by the wall of the maths microbenchmark with |num_threads| threads, in
// a process of its own; negative when it fails or ends with other sizes.
double threads_run(const char *text, int iterations, uint32_t num_threads);

// Of two such runs side by side, one thread and one process each, that share
// nothing: seconds of the slower. Negative as above.
double threads_pair(const char *text, int iterations);

#endif
