// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where the shipped targets are.
#define _GNU_SOURCE // dladdr, realpath, readlink
#include "bridge/target_internal.h"
#include "cxx/glenside-cxx.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_FOLDERS = 16, MAX_NAMES = 64, MAX_TEXT = 64 };

typedef struct search_path {
  size_t num;
  char folders[MAX_FOLDERS][GLN_TARGET_MAX_PATH];
} search_path;

static void push(search_path *path, const char *folder, size_t length) {
  if (length == 0 || length >= GLN_TARGET_MAX_PATH || path->num == MAX_FOLDERS)
    return;
  char *to = path->folders[path->num];
  memcpy(to, folder, length);
  to[length] = 0;
  for (size_t i = 0; i < path->num; ++i)
    if (strcmp(path->folders[i], to) == 0)
      return;
  ++path->num;
}

// ../share/glenside/targets from the folder of |binary|, an absolute path.
static void push_beside(search_path *path, const char *binary) {
  char folder[GLN_TARGET_MAX_PATH];
  const char *slash = strrchr(binary, '/');
  if (binary[0] != '/' || slash == binary)
    return;
  const char *parent = slash - 1;
  while (parent > binary && *parent != '/')
    --parent;
  int length = snprintf(folder, sizeof folder, "%.*s/share/glenside/targets",
                        (int)(parent - binary), binary);
  if (length > 0 && (size_t)length < sizeof folder)
    push(path, folder, (size_t)length);
}

// The plugin or the program that holds this code, then the program. A program
// that was found by PATH does not know its own path from the linker.
static void push_binaries(search_path *path) {
  Dl_info info;
  static const char here = 0;
  char *real = NULL;
  if (dladdr(&here, &info) && info.dli_fname && strchr(info.dli_fname, '/'))
    real = realpath(info.dli_fname, NULL);
  if (real)
    push_beside(path, real);
  free(real);
  char program[GLN_TARGET_MAX_PATH];
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length <= 0)
    return;
  program[length] = 0;
  push_beside(path, program);
}

static search_path *make_path(const char *folder) {
  search_path *path = calloc(1, sizeof *path);
  if (!path)
    return NULL;
  if (folder)
    push(path, folder, strlen(folder));
  const char *list = getenv("GLENSIDE_TARGETS");
  while (list && *list) {
    size_t length = strcspn(list, ":");
    push(path, list, length);
    list += length + (list[length] == ':');
  }
  push_binaries(path);
  return path;
}

//===-- What there is -----------------------------------------------------===//

static int compare(const void *a, const void *b) {
  return strcmp(a, b);
}

// The names of all targets of the path, in order: "edge, gemmini16".
static void list_names(const search_path *path, char *out, size_t size) {
  char (*names)[MAX_TEXT] = calloc(MAX_NAMES, sizeof *names);
  size_t num = 0, used = 0;
  for (size_t f = 0; names && f < path->num; ++f) {
    DIR *folder = opendir(path->folders[f]);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
      size_t length = strlen(entry->d_name);
      if (num == MAX_NAMES || length < 6 || length - 5 >= MAX_TEXT ||
          strcmp(entry->d_name + length - 5, ".mlir") != 0)
        continue;
      memcpy(names[num], entry->d_name, length - 5);
      names[num++][length - 5] = 0;
    }
    if (folder)
      closedir(folder);
  }
  if (names)
    qsort(names, num, sizeof *names, compare);
  out[0] = 0;
  for (size_t i = 0; i < num; ++i) {
    if (i && strcmp(names[i], names[i - 1]) == 0)
      continue;
    int n =
        snprintf(out + used, size - used, "%s%s", used ? ", " : "", names[i]);
    used += n > 0 && (size_t)n < size - used ? (size_t)n : 0;
  }
  free(names);
}

static bool refuse(MlirLocation where, const char *name,
                   const search_path *path) {
  char names[1024];
  list_names(path, names, sizeof names);
  char text[2048];
  size_t used = 0;
  text[0] = 0;
  for (size_t i = 0; i < path->num; ++i) {
    int n = snprintf(text + used, sizeof text - used, "%s%s", used ? ":" : "",
                     path->folders[i]);
    used += n > 0 && (size_t)n < sizeof text - used ? (size_t)n : 0;
  }
  return gln_error(where,
                   "there is no target called '%s'; there are %s in %s (set "
                   "GLENSIDE_TARGETS to look elsewhere)",
                   name, names[0] ? names : "none", text);
}

bool gln_target_locate(MlirLocation where, const char *text, const char *folder,
                       char out[GLN_TARGET_MAX_PATH]) {
  size_t length = strlen(text);
  bool is_path = strchr(text, '/') ||
                 (length > 5 && strcmp(text + length - 5, ".mlir") == 0);
  if (length == 0 || length + 16 >= GLN_TARGET_MAX_PATH)
    return gln_error(where, "a target needs a name of at most %d bytes",
                     GLN_TARGET_MAX_PATH - 16);
  if (is_path) {
    memcpy(out, text, length + 1);
    return access(out, R_OK) == 0 ||
           gln_error(where, "cannot read the target '%s': %s", text,
                     strerror(errno));
  }
  search_path *path = make_path(folder);
  if (!path)
    return gln_error(where, "out of memory");
  bool found = false;
  for (size_t i = 0; i < path->num && !found; ++i) {
    int n = snprintf(out, GLN_TARGET_MAX_PATH, "%s/%s.mlir", path->folders[i],
                     text);
    found = n > 0 && n < GLN_TARGET_MAX_PATH && access(out, R_OK) == 0;
  }
  if (!found)
    refuse(where, text, path);
  free(path);
  return found;
}
