// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The files of egglog's own suite that we run unmodified, in turn with egglog
// on one core: A B A B, processor seconds, the best of each. Without cargo
// there is no source to read them from, and nothing to compare with.
#define _DEFAULT_SOURCE // popen, chdir

#include "../egraph/peers.h"
#include "bench.h"
#include "eg_egglog.h"

#include <unistd.h>

enum { ROUNDS = 3, MAX_FILES = 256, MAX_TEXT = 1 << 24 };

typedef struct file {
  char path[256];
  double ours, theirs; // best seconds
  bool right;
} file;

static double processor_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static char *read_text(const char *path) {
  FILE *f = fopen(path, "rb");
  char *text = f ? calloc(1, MAX_TEXT) : NULL;
  if (text)
    text[fread(text, 1, MAX_TEXT - 1, f)] = '\0';
  if (f)
    fclose(f);
  return text;
}

static const char *include(void *user, const char *path) {
  char **kept = user;
  free(*kept);
  return *kept = read_text(path);
}

static bool drop(void *user, const char *text, size_t size) {
  (void)user;
  (void)text;
  (void)size;
  return true;
}

// Seconds, or a negative number when it goes wrong.
static double run_ours(const char *text) {
  char *included = NULL;
  eg_allocator memory = eg_allocator_default();
  eg_egglog_options options = {.limits = eg_limits_none(),
                               .output = {drop, NULL},
                               .include = include,
                               .user = &included};
  eg_egglog *program;
  double start = processor_seconds();
  if (eg_egglog_create(&memory, &options, &program) != EG_OK)
    return -1;
  bool right = eg_egglog_run(program, text) == EG_OK;
  double seconds = processor_seconds() - start;
  eg_egglog_destroy(program);
  free(included);
  return right ? seconds : -1;
}

static double best(double a, double b) {
  return a <= 0 || (b > 0 && b < a) ? b : a;
}

static void run_both(file *f) {
  const char *words[] = {"peers-egglog", f->path, NULL};
  char *text = read_text(f->path);
  f->right = text != NULL;
  for (int i = 0; i < ROUNDS && f->right; ++i) {
    peer_result theirs = peer_run(words);
    double ours = run_ours(text);
    f->right = ours >= 0 && theirs.ran;
    f->ours = best(f->ours, ours);
    f->theirs = best(f->theirs, theirs.seconds);
  }
  free(text);
}

static uint32_t read_list(file *files) {
  FILE *f = fopen(SUITE_FILE, "r");
  char line[200];
  uint32_t num = 0;
  while (f && num < MAX_FILES && fgets(line, sizeof line, f)) {
    line[strcspn(line, "*\n")] = '\0'; // a star is for egglog_suite.sh
    if (line[0] && line[0] != '#')
      snprintf(files[num++].path, sizeof files->path, "tests/%s", line);
  }
  if (f)
    fclose(f);
  return num;
}

// Goes to the folder of egglog's source.
static bool enter_source(void) {
  char folder[1024] = "";
  FILE *f = popen(PEERS_FOLDER "/peers-egglog --source", "r");
  if (!f)
    return false;
  if (!fgets(folder, sizeof folder, f))
    folder[0] = '\0';
  pclose(f);
  folder[strcspn(folder, "\n")] = '\0';
  return folder[0] && chdir(folder) == 0;
}

static void report(const char *name, const file *f, bool judged) {
  bench_report((bench_figure){.name = name,
                              .metric = "time",
                              .value = f->ours,
                              .unit = "s",
                              .reference = f->theirs,
                              .reference_source = "measured",
                              .bar = judged ? "faster than egglog" : NULL,
                              .pass = f->ours < f->theirs});
}

int main(int argc, char **argv) {
  static file files[MAX_FILES];
  file all = {.right = true};
  uint32_t num = read_list(files);
  bench_begin(argc, argv);
  if (!peers_are_there() || !enter_source()) {
    printf("egglog is not built: nothing to read and to compare with\n");
    return bench_end(true);
  }
  pin_to_one_core();
  for (uint32_t i = 0; i < num; ++i) {
    file *f = &files[i];
    run_both(f);
    all.ours += f->ours;
    all.theirs += f->theirs;
    all.right &= f->right;
    if (!f->right)
      printf("%s goes wrong\n", f->path);
    else if (f->theirs > 0.01)
      report(f->path + strlen("tests/"), f, f->theirs > 0.1);
  }
  char name[32];
  snprintf(name, sizeof name, "all %u files", (unsigned)num);
  report(name, &all, false);
  return bench_end(all.right);
}
