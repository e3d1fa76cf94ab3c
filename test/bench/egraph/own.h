// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// egg's own test programs on our engine, for the clock (test/egraph/egg_test.c
// checks what they reach).
#ifndef OWN_H
#define OWN_H

#include <stdbool.h>

// Processor seconds of one case by its name, under egg's Backoff; |incremental|
// as in eg_run_options. Negative when its goals are not proved.
double own_run(const char *name, bool incremental);

#endif
