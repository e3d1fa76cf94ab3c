// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Devices: opening, memory, fences, errors and statistics.
#include "runtime_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void *libc_resize(void *user, void *block, size_t old_size,
                         size_t new_size) {
  (void)user, (void)old_size;
  if (new_size)
    return realloc(block, new_size);
  free(block);
  return NULL;
}

void *sai_resize(const sa_allocator *allocator, void *block, size_t old_size,
                 size_t new_size) {
  return allocator->resize(allocator->user, block, old_size, new_size);
}

static sa_status find_backend(const sa_config *config, const sa_backend **out,
                              sa_error *error) {
  static const sa_backend *const known[] = {&sa_backend_func};
  const char *name = config->backend ? config->backend : "func";
  *out = config->custom;
  for (size_t i = 0; !*out && i < sizeof known / sizeof *known; ++i)
    if (strcmp(known[i]->name, name) == 0)
      *out = known[i];
  if (!*out)
    return sai_fail(error, SA_NOT_FOUND, "open: no backend is called '%s'",
                    name);
  if ((*out)->abi != SA_ABI_VERSION)
    return sai_fail(error, SA_INVALID,
                    "open: backend '%s' is of version %u, this is %d",
                    (*out)->name, (*out)->abi, SA_ABI_VERSION);
  return SA_OK;
}

// The memories in rows; a message when one holds none.
static sa_status measure(sa_machine *m, sa_error *error) {
  const sa_hw *hw = &m->config.hw;
  const uint32_t bytes[] = {hw->abuf_bytes, hw->wbuf_bytes, hw->acc_bytes};
  const uint32_t elems[] = {hw->rows, hw->cols, hw->cols};
  const uint32_t type[] = {m->config.in, m->config.in, m->config.acc};
  for (uint32_t s = 0; s < SA_NUM_SPACES; ++s) {
    uint32_t row = elems[s] * sa_type_bytes(type[s]);
    m->type[s] = type[s];
    m->row_elems[s] = elems[s];
    m->num_rows[s] = bytes[s] / row;
    if (m->num_rows[s] == 0)
      return sai_fail(error, SA_INVALID,
                      "hw.%s_bytes is %u, less than a row of %u %s (%u bytes)",
                      sa_space_name(s), bytes[s], elems[s],
                      sa_type_name(type[s]), row);
  }
  return SA_OK;
}

static sa_status check_config(const sa_config *config, sa_error *error) {
  sa_status status = sa_hw_check(&config->hw, error);
  if (status != SA_OK)
    return status;
  uint32_t in = config->in, acc = config->acc;
  bool is_float = in == SA_BF16 || in == SA_F16 || in == SA_F32;
  if (!(in == SA_I8 && acc == SA_I32) && !(is_float && acc == SA_F32))
    return sai_fail(error, SA_TYPE,
                    "open: no device of %s and %s; there are i8 and i32, and "
                    "bf16, f16 or f32 and f32",
                    sa_type_name(in), sa_type_name(acc));
  if (config->flags & ~(uint32_t)SA_FLAG_STRICT_DRAM)
    return sai_fail(error, SA_INVALID, "open: unknown flags 0x%x",
                    config->flags);
  return SA_OK;
}

static size_t init_bytes(const sa_dev *dev, int space) {
  return (size_t)dev->machine.num_rows[space] * dev->init_words[space] *
         sizeof(uint64_t);
}

static sa_status open_halves(sa_dev *dev, sa_error *error) {
  for (int s = 0; s < SA_NUM_SPACES; ++s) {
    dev->init_words[s] = (dev->machine.row_elems[s] + 63) / 64;
    size_t bytes = init_bytes(dev, s);
    dev->init[s] = sai_resize(&dev->machine.config.allocator, NULL, 0, bytes);
    if (!dev->init[s])
      return sai_fail(error, SA_NO_MEMORY, "open: no memory for %zu bytes",
                      bytes);
    memset(dev->init[s], 0, bytes);
  }
  return dev->backend->open(&dev->machine, &dev->state, error);
}

sa_status sa_open(const sa_config *config, sa_dev **out, sa_error *error) {
  const sa_backend *backend;
  *out = NULL;
  sa_machine machine = {.config = *config};
  if (!machine.config.allocator.resize)
    machine.config.allocator.resize = libc_resize;
  sa_status status = check_config(config, error);
  if (status == SA_OK)
    status = measure(&machine, error);
  if (status == SA_OK)
    status = find_backend(config, &backend, error);
  if (status != SA_OK)
    return status;
  sa_dev *dev = sai_resize(&machine.config.allocator, NULL, 0, sizeof(sa_dev));
  if (!dev)
    return sai_fail(error, SA_NO_MEMORY, "open: no memory for a device");
  *dev = (sa_dev){.machine = machine, .backend = backend};
  status = open_halves(dev, error);
  if (status != SA_OK) {
    sa_close(dev);
    return status;
  }
  *out = dev;
  return SA_OK;
}

void sa_close(sa_dev *dev) {
  if (!dev)
    return;
  sa_allocator allocator = dev->machine.config.allocator;
  if (dev->state)
    dev->backend->close(dev->state);
  sa_prog_destroy(dev->recording);
  for (int s = 0; s < SA_NUM_SPACES; ++s)
    if (dev->init[s])
      sai_resize(&allocator, dev->init[s], init_bytes(dev, s), 0);
  for (size_t i = 0; i < dev->num_regions; ++i)
    if (dev->regions[i].block)
      sai_resize(&allocator, dev->regions[i].block, dev->regions[i].block_bytes,
                 0);
  if (dev->regions)
    sai_resize(&allocator, dev->regions,
               dev->regions_capacity * sizeof *dev->regions, 0);
  sai_resize(&allocator, dev, sizeof *dev, 0);
}

const sa_error *sa_last_error(const sa_dev *dev) {
  return &dev->last;
}

const sa_hw *sa_hw_of(const sa_dev *dev) {
  return &dev->machine.config.hw;
}

uint32_t sa_num_rows(const sa_dev *dev, uint32_t space) {
  return space < SA_NUM_SPACES ? dev->machine.num_rows[space] : 0;
}

uint32_t sa_row_elems(const sa_dev *dev, uint32_t space) {
  return space < SA_NUM_SPACES ? dev->machine.row_elems[space] : 0;
}

//===-- DRAM --------------------------------------------------------------===//

static sa_status add_region(sa_dev *dev, sai_region region) {
  if (dev->num_regions == dev->regions_capacity) {
    size_t capacity = dev->regions_capacity * 2 + 8;
    sai_region *grown = sai_resize(&dev->machine.config.allocator, dev->regions,
                                   dev->regions_capacity * sizeof *grown,
                                   capacity * sizeof *grown);
    if (!grown)
      return sai_fail(&dev->last, SA_NO_MEMORY, "no memory for %zu regions",
                      capacity);
    dev->regions = grown;
    dev->regions_capacity = capacity;
  }
  dev->regions[dev->num_regions++] = region;
  return SA_OK;
}

void *sa_alloc(sa_dev *dev, size_t bytes) {
  const sa_allocator *allocator = &dev->machine.config.allocator;
  size_t size = bytes + 64;
  char *block =
      bytes <= SIZE_MAX / 2 ? sai_resize(allocator, NULL, 0, size) : NULL;
  if (!block) {
    sai_fail(&dev->last, SA_NO_MEMORY, "alloc: no memory for %zu bytes", bytes);
    return NULL;
  }
  char *start = block + (64 - (uintptr_t)block % 64);
  if (add_region(dev, (sai_region){start, bytes, block, size}) != SA_OK) {
    sai_resize(allocator, block, size, 0);
    return NULL;
  }
  return start;
}

static sa_status drop_region(sa_dev *dev, const void *start, bool owned,
                             const char *what) {
  for (size_t i = 0; start && i < dev->num_regions; ++i) {
    sai_region region = dev->regions[i];
    if (region.start != start || (region.block != NULL) != owned)
      continue;
    if (owned)
      sai_resize(&dev->machine.config.allocator, region.block,
                 region.block_bytes, 0);
    dev->regions[i] = dev->regions[--dev->num_regions];
    return SA_OK;
  }
  return start ? sai_fail(&dev->last, SA_INVALID,
                          "%s: the pointer is not from sa_%s", what,
                          owned ? "alloc" : "map")
               : SA_OK;
}

sa_status sa_free(sa_dev *dev, void *block) {
  return drop_region(dev, block, true, "free");
}

sa_status sa_map(sa_dev *dev, const void *block, size_t bytes) {
  if (!block || bytes > PTRDIFF_MAX)
    return sai_fail(&dev->last, SA_INVALID, "map: %zu bytes at %s", bytes,
                    block ? "a pointer" : "NULL");
  return add_region(dev, (sai_region){block, bytes, NULL, 0});
}

sa_status sa_unmap(sa_dev *dev, const void *block) {
  return drop_region(dev, block, false, "unmap");
}

//===-- Fences and statistics ---------------------------------------------===//

static void keep_first(sa_dev *dev) {
  if (dev->first.status == SA_OK)
    dev->first = dev->last;
}

sa_status sa_submit(sa_dev *dev, sa_fence *fence) {
  if (!dev)
    return SA_INVALID;
  sa_status status =
      dev->backend->submit(dev->state, dev->fence + 1, &dev->last);
  if (status != SA_OK) {
    keep_first(dev);
    return status;
  }
  ++dev->fence;
  if (fence)
    *fence = dev->fence;
  return SA_OK;
}

sa_status sa_wait(sa_dev *dev, sa_fence fence) {
  if (!dev)
    return SA_INVALID;
  if (fence != SA_ALL && fence > dev->fence)
    return sai_fail(&dev->last, SA_INVALID,
                    "wait: fence %" PRIu64 " of %" PRIu64 " submitted", fence,
                    dev->fence);
  sa_status status = SA_OK;
  if (fence == SA_ALL)
    status = sa_submit(dev, &fence);
  if (status == SA_OK &&
      dev->backend->wait(dev->state, fence, &dev->last) != SA_OK)
    keep_first(dev);
  if (dev->first.status == SA_OK)
    return status;
  dev->last = dev->first;
  dev->first.status = SA_OK;
  return dev->last.status;
}

sa_status sa_stats(sa_dev *dev, sa_counters *out) {
  *out = dev->counters;
  if (dev->backend->stats)
    dev->backend->stats(dev->state, out);
  return SA_OK;
}

void sa_stats_reset(sa_dev *dev) {
  dev->counters = (sa_counters){.macs = 0};
  if (dev->backend->stats_reset)
    dev->backend->stats_reset(dev->state);
}
