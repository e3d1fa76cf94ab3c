// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The shipped targets by name, and the defaults of energy, area and host. Every
// constant stands in targets/*.mlir, once, beside its source.
#include "target/shipped_internal.h"

#include <stdio.h>
#include <string.h>

// What a target may leave out: numbers of a technology, not of a design.
static bool has_default(const char *key) {
  return strncmp(key, "energy_", 7) == 0 || strncmp(key, "area_", 5) == 0 ||
         strncmp(key, "host_", 5) == 0;
}

void gln_target_init(gln_target *target, const char *name) {
  static const char *const keys[] = {
#define GLN_X(member, key, ...) key,
      GLN_TARGET_TABLE(GLN_X)
#undef GLN_X
  };
  memset(target, 0, sizeof *target);
  snprintf(target->name, sizeof target->name, "%s", name);
  for (size_t i = 0; i < GLN_NUM_TARGET_NUMBERS; ++i)
    if (has_default(keys[i]))
      target->numbers[i] = glni_shipped_targets[0].numbers[i];
}

static size_t find(const char *name) {
  size_t i = 0;
  while (i < glni_num_shipped &&
         strcmp(glni_shipped_targets[i].name, name) != 0)
    ++i;
  return i;
}

eg_status gln_target_builtin(const char *name, gln_target *out_target,
                             eg_error *error) {
  size_t index = find(name);
  if (index < glni_num_shipped) {
    *out_target = glni_shipped_targets[index];
    out_target->instrs = &glni_shipped_instrs[index];
    return EG_OK;
  }
  char names[128] = "";
  for (size_t i = 0; i < glni_num_shipped; ++i) {
    size_t used = strlen(names);
    snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "",
             glni_shipped_targets[i].name);
  }
  return gln_fail(error, EG_NOT_FOUND,
                  "there is no target called '%s'; shipped are %s", name,
                  names);
}

const char *gln_target_builtin_name(size_t index) {
  return index < glni_num_shipped ? glni_shipped_targets[index].name : NULL;
}
