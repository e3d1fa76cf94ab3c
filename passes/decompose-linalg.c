// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// --decompose-linalg: softmax, pack, unpack and Winograd transforms as plainer
// ops.
#include "passes.h"

#include <string.h>

static const struct {
  const char *name;
  unsigned kind;
} kinds[] = {{"softmax", GLN_DECOMPOSE_SOFTMAX},
             {"pack", GLN_DECOMPOSE_PACK},
             {"winograd", GLN_DECOMPOSE_WINOGRAD}};

static unsigned kind_of(const char *name) {
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; ++i)
    if (!strcmp(kinds[i].name, name))
      return kinds[i].kind;
  return 0;
}

static bool run(MlirOperation module, gln_pass_context *pass) {
  unsigned chosen = 0;
  for (size_t i = 0; i < gln_pass_list_size(pass, "ops"); ++i) {
    const char *name = gln_pass_list_string(pass, "ops", i);
    unsigned kind = kind_of(name);
    if (!kind)
      return gln_error(mlirOperationGetLocation(module),
                       "ops are softmax, pack and winograd, not '%s'", name);
    chosen |= kind;
  }
  return gln_decompose_linalg(module, chosen);
}

static const gln_option options[] = {
    {"ops", "Which: softmax, pack (and unpack), winograd",
     GLN_OPTION_STRING_LIST, "softmax,pack,winograd"},
    {0}};

const gln_pass gln_pass_decompose_linalg = {
    .flag = "decompose-linalg",
    .summary = "Takes softmax, pack, unpack and Winograd transforms apart",
    .description =
        "Upstream's loops do not know `linalg.softmax`, `linalg.pack`, "
        "`linalg.unpack` and the Winograd transforms; upstream's patterns turn "
        "them into what loops know. `--glenside-compile` starts with "
        "`ops=pack,winograd`: softmax it knows itself.",
    .anchor = "builtin.module",
    .options = options,
    .dialects = (const char *const[]){"affine", "arith", "linalg", "math", "scf",
                                      "tensor", NULL},
    .run = run,
};
