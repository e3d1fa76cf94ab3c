// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The obvious e-graph loop, for comparison in the same run.
#ifndef NAIVE_H
#define NAIVE_H

#include <stdint.h>

// Runs |iterations| of the rules in |text| (the benchmark's own notation, at most
// two children per operator) from its start terms. Fills live nodes, classes and
// matches after each. Leaks; meant for a process of its own.
void naive_run(const char *text, int iterations, uint64_t (*out_sizes)[3]);

#endif
