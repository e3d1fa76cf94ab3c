// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files that make a report share.
#ifndef GLN_DESIGN_REPORT_INTERNAL_H
#define GLN_DESIGN_REPORT_INTERNAL_H

#include "design/report.h"

// Sets row->why of a kernel on the host (why.c). As long as a search for it alone.
void glni_report_why(const gln_pricing *pricing, gln_report_row *row);

#endif
