// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifdef __linux__
#define _GNU_SOURCE
#include <sched.h>
#endif
#include "peers.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_PATH = 1024 };

static void program_path(const char *name, char path[MAX_PATH]) {
  snprintf(path, MAX_PATH, "%s/%s", PEERS_FOLDER, name);
}

bool peers_are_there(void) {
  char egg[MAX_PATH], egglog[MAX_PATH];
  program_path("peers-egg", egg);
  program_path("peers-egglog", egglog);
  return access(egg, X_OK) == 0 && access(egglog, X_OK) == 0;
}

void pin_to_one_core(void) {
#ifdef __linux__
  int cpu = sched_getcpu();
  cpu_set_t set;
  CPU_ZERO(&set);
  if (cpu >= 0)
    CPU_SET((size_t)cpu, &set);
  if (cpu < 0 || sched_setaffinity(0, sizeof set, &set) != 0)
    fprintf(stderr, "bench: not pinned to a core\n");
#endif
}

static void read_figures(FILE *from, peer_result *out) {
  const struct {
    const char *name;
    double *into;
  } figures[] = {{"seconds", &out->seconds},
                 {"peak_mib", &out->peak_mib},
                 {"nodes", &out->nodes},
                 {"classes", &out->classes},
                 {"extract_seconds", &out->extract_seconds},
                 {"best", &out->best}};
  char line[256], name[32];
  double value;
  while (fgets(line, sizeof line, from))
    for (size_t i = 0; i < sizeof figures / sizeof *figures; ++i)
      if (sscanf(line, "%31s %lf", name, &value) == 2 &&
          strcmp(name, figures[i].name) == 0)
        *figures[i].into = value;
}

static void execute(const char *const *arguments, int out) {
  char path[MAX_PATH], *words[8] = {NULL};
  program_path(arguments[0], path);
  for (int i = 0; i < 7 && arguments[i]; ++i)
    words[i] = (char *)(size_t)arguments[i];
  dup2(out, STDOUT_FILENO);
  execv(path, words);
  _exit(127);
}

peer_result peer_run(const char *const *arguments) {
  peer_result result = {0};
  int ends[2], status = 1;
  fflush(NULL);
  if (pipe(ends) != 0)
    return result;
  pid_t child = fork();
  if (child == 0)
    execute(arguments, ends[1]);
  close(ends[1]);
  FILE *from = fdopen(ends[0], "r");
  if (from) {
    read_figures(from, &result);
    fclose(from);
  }
  result.ran = child > 0 && waitpid(child, &status, 0) == child && status == 0;
  return result;
}
