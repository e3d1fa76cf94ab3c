// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The DRAM side of loads and stores: boxes that can be addressed without
// overflow, and accesses that stay in the memory they start in.
#include "runtime_internal.h"

#include <inttypes.h>
#include <stdlib.h>

sa_status sai_check_box(sa_dev *dev, const sa_cmd *cmd, const sa_box *box) {
  for (int a = 0; a < 5; ++a) {
    int64_t origin = cmd->origin[a], extent = box->extent[a];
    if (extent < 0 || extent > SAI_MAX_EXTENT)
      return sai_reject(dev, cmd, SA_INVALID,
                        "extent[%d] of the box is %" PRId64, a, extent);
    if (origin < -SAI_MAX_EXTENT || origin > SAI_MAX_EXTENT)
      return sai_reject(dev, cmd, SA_INVALID, "origin[%d] is %" PRId64, a,
                        origin);
    if (box->step[a] > SAI_MAX_STEP)
      return sai_reject(dev, cmd, SA_INVALID, "step[%d] of the box is %u", a,
                        box->step[a]);
    // The furthest byte of five such axes is less than 2^63 away.
    int64_t most = (INT64_C(1) << 59) / (extent > 1 ? extent - 1 : 1);
    if (extent > 1 && (box->stride[a] > most || box->stride[a] < -most))
      return sai_reject(dev, cmd, SA_INVALID,
                        "stride[%d] of the box is %" PRId64
                        " bytes with extent %" PRId64,
                        a, box->stride[a], extent);
  }
  return SA_OK;
}

// Whether |tensor| starts in |region|; its end counts, for tensors of no bytes
// and reversed ones.
static bool starts_in(const sai_region *region, const char *tensor) {
  return (uintptr_t)tensor - (uintptr_t)region->start <= region->bytes;
}

static bool lies_in(const sai_region *region, const char *tensor, int64_t least,
                    int64_t most) {
  int64_t at = (int64_t)((uintptr_t)tensor - (uintptr_t)region->start);
  return at + least >= 0 && at + most <= (int64_t)region->bytes;
}

sa_status sai_check_dram(sa_dev *dev, const sa_cmd *cmd) {
  bool store = cmd->op == SA_OP_STORE;
  const sa_box *box = store ? &cmd->u.store.box : &cmd->u.load.box;
  const char *tensor = store ? cmd->target : cmd->tensor;
  int64_t least = 0, most = sa_type_bytes(box->type);
  for (int a = 0; a < 5; ++a) {
    int64_t step = sai_or_one(box->step[a]), stride = box->stride[a];
    sa_span span = sa_clip(cmd->origin[a], step, box->extent[a], box->n[a]);
    if (span.first == span.last)
      return SA_OK; // touches no DRAM
    int64_t first = (cmd->origin[a] + span.first * step) * stride;
    int64_t last = (cmd->origin[a] + (span.last - 1) * step) * stride;
    least += first < last ? first : last;
    most += first < last ? last : first;
  }
  if (!tensor)
    return sai_reject(dev, cmd, SA_INVALID, "the tensor is NULL");
  bool starts = false;
  for (size_t i = 0; i < dev->num_regions; ++i) {
    if (lies_in(&dev->regions[i], tensor, least, most))
      return SA_OK;
    starts |= starts_in(&dev->regions[i], tensor);
  }
  if (starts)
    return sai_reject(dev, cmd, SA_RANGE,
                      "bytes %" PRId64 " to %" PRId64 " of the tensor leave "
                      "the memory it lies in",
                      least, most - 1);
  if (dev->machine.config.flags & SA_FLAG_STRICT_DRAM)
    return sai_reject(dev, cmd, SA_RANGE,
                      "the tensor is in no memory of sa_alloc or sa_map");
  return SA_OK;
}
