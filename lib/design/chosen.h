// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// From the chosen program to jobs: what each `apply` runs, on which tensors.
//
//   gln_chosen chosen;
//   eg_status status = gln_chosen_create(&lang, choice, apply, &memory, &chosen,
//                                        &error);
//   if (status == EG_OK)
//     … chosen.job, chosen.values …, gln_chosen_fini(&chosen);
//   else if (status == EG_NOT_FOUND)
//     … the host runs it …
#ifndef GLN_DESIGN_CHOSEN_H
#define GLN_DESIGN_CHOSEN_H

#include "design/job.h"
#include "kernel/lang.h"

#ifdef __cplusplus
extern "C" {
#endif

// Do not copy: the job points into it, and into the graph.
typedef struct gln_chosen {
  gln_job job;
  // The classes of the operands' tensors: an operand of an apply is read through
  // its view where a load can (gln_view_box), else it is a tensor of its own.
  eg_class values[GLN_JOB_MAX_OPERANDS];
  gln_scalar_body body;
  gln_view *views[GLN_JOB_MAX_OPERANDS]; // owned: identities
  eg_allocator memory;
} gln_chosen;

// The job of node |apply|. EG_NOT_FOUND: its kernel is chosen as none, the host
// runs it. EG_LIMIT: a compose of more operands than a job has. EG_NO_MEMORY. On
// failure there is nothing to finish. About a composition of views per operand.
EG_NODISCARD
GLN_API eg_status gln_chosen_create(const gln_lang *lang,
                                    const eg_choice *choice, eg_node apply,
                                    const eg_allocator *memory, gln_chosen *out,
                                    eg_error *error);
GLN_API void gln_chosen_fini(gln_chosen *chosen);

#ifdef __cplusplus
}
#endif
#endif
