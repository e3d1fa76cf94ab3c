// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The one line on standard error that ends a run that found something.
#include "bridge/summary.h"

#include <inttypes.h>
#include <stdio.h>

void gln_summary_print(const gln_summary *summary) {
  if (!summary->total)
    return;
  fprintf(stderr, "glenside: %s %" PRId64 "/%" PRId64 " contractions",
          summary->target ? "mapped" : "found", summary->contractions,
          summary->total);
  if (summary->target)
    fprintf(stderr, ", MACs %.2f%% array %.2f%% vector %.2f%% host, target %s",
            100 * summary->array, 100 * summary->vector, 100 * summary->host,
            summary->target);
  fputc('\n', stderr);
}
