// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Methods and cost functions from shared objects. One data symbol is looked up,
// so that no object pointer need be turned into a function's.
#include "extract_internal.h"

#include <dlfcn.h>

eg_status eg_plugin_load(const char *path, const eg_plugin **out_plugin,
                         eg_error *error) {
  *out_plugin = NULL;
  void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!object)
    return egi_error(error, EG_NOT_FOUND, 0, "%.230s", dlerror());
  const eg_plugin *plugin = dlsym(object, "eg_plugin_symbol");
  eg_status status = EG_OK;
  if (!plugin)
    status = egi_error(error, EG_NOT_FOUND, 0,
                       "%.150s has no symbol eg_plugin_symbol", path);
  else if (plugin->abi != EG_PLUGIN_ABI)
    status = egi_error(error, EG_INVALID, 0,
                       "%.150s is for plugin ABI %u, this is %u", path,
                       plugin->abi, EG_PLUGIN_ABI);
  for (uint32_t i = 0; status == EG_OK && i < plugin->num_extractors; ++i)
    if (!plugin->extractors[i].name || !plugin->extractors[i].run)
      status =
          egi_error(error, EG_INVALID, 0,
                    "method %u of %.150s has no name or no function", i, path);
  if (status != EG_OK) {
    dlclose(object);
    return status;
  }
  *out_plugin = plugin;
  return EG_OK;
}

const eg_extractor *eg_plugin_extractor(const eg_plugin *plugin,
                                        const char *name) {
  for (uint32_t i = 0; i < plugin->num_extractors; ++i)
    if (strcmp(plugin->extractors[i].name, name) == 0)
      return &plugin->extractors[i];
  return NULL;
}
