// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Between the files export*.c.
#ifndef GLN_BRIDGE_EXPORT_INTERNAL_H
#define GLN_BRIDGE_EXPORT_INTERNAL_H

#include "bridge/convert.h"
#include "bridge/export.h"
#include "design/chosen.h"

// What a class is in the block at hand.
typedef struct glni_slot {
  uint32_t block;                         // 1 + the block it is built in
  MlirValue values[GLN_LANG_MAX_RESULTS]; // tensors or patterns
  MlirValue tensor;                       // values[0], once it was asked for
} glni_slot;

typedef struct glni_export {
  const gln_import *import;
  const eg_choice *choice;
  const gln_target *target; // of kernels; NULL: none are made
  const char *target_name;  // what it was loaded as
  gln_convert convert;      // its |build| is where ops go; no loops
  glni_slot *slots;         // by class id
  size_t num_slots;
  size_t number;   // of the block
  size_t position; // of the anchor that ops go in front of
  gln_export_counts *counts;
} glni_export;

// The arrays that kernel class |kernel| makes of |args|. False: build.error.
bool glni_export_kernel(glni_export *export, eg_class kernel,
                        const MlirValue *args, MlirValue *out);
// |value|, of |type|, read through |view|.
MlirValue glni_export_view(glni_export *export, const gln_view *view,
                           MlirValue value, gln_type type);
// The same element by element.
MlirValue glni_export_gather(glni_export *export, const gln_view *view,
                             MlirValue tensor, gln_type type);
// What runs |apply| on a unit; false: nothing does, or not with these operands, and
// it becomes access ops. The caller finishes *out.
bool glni_export_job(glni_export *export, eg_node apply, gln_chosen *out);
// The kernel op of a job whose operands are |tensors|.
MlirValue glni_export_run(glni_export *export, const gln_chosen *chosen,
                          const MlirValue *tensors);

// |value| as a tensor.
MlirValue glni_export_tensor(gln_build *build, MlirValue value);

#endif
