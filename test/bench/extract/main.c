// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Extraction on the serialized e-graphs of the extraction gym: the sum of DAG
// costs per set beside the best published, and the time without reading.
//
//   bench_extract [--json FILE] [--seconds N] [--method NAME] [--restarts N]
//                 [FILE.json…]
//
// |restarts| of 4294967295 let local use all of its seconds.
// Without files: data/extraction-gym.tar.xz of $GLN_DATA or ../shared/data,
// unpacked into build/bench; nothing to do when there is none.
#include "bench.h"
#include "eg_serial.h"

#include <glob.h>
#include <math.h>

enum { MAX_FILES = 4096, MAX_SETS = 64 };

// Best published totals (reference/egraphs.md 5.3), of the sets as shipped.
static const struct {
  const char *set;
  double dag;
} published[] = {
    {"constructed", 39990}, {"diospyros", 49.743},
    {"dummy_examples", 49}, {"egg", 86},
    {"flexc", 1181},        {"impress", 136680},
    {"set_covering", 2},    {"tensat", 20.1918},
};

typedef struct input {
  char set[64];
  eg_serial *serial;
  double dag_greedy; // of method dag
  bool negative;
} input;

static input inputs[MAX_FILES];
static int num_inputs;
static bool right = true;

static bool has_negative(const eg_problem *p) {
  for (uint32_t n = 0; n < p->num_nodes; ++n)
    if (p->costs[n] < 0)
      return true;
  return false;
}

static void set_of(const char *path, char *out, size_t size) {
  const char *end = strrchr(path, '/'), *start = end;
  while (start && start > path && start[-1] != '/')
    --start;
  snprintf(out, size, "%.*s", start ? (int)(end - start) : 0,
           start ? start : "");
}

// One thread does all, so its processor time is the time on a machine at rest.
static double cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double load_seconds;
static uint64_t load_bytes;

static void load(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file || num_inputs == MAX_FILES)
    return;
  fseek(file, 0, SEEK_END);
  size_t size = (size_t)ftell(file);
  rewind(file);
  char *text = malloc(size + 1);
  size = fread(text, 1, size, file);
  fclose(file);
  input *in = &inputs[num_inputs];
  eg_error error = {0};
  double start = cpu_seconds();
  eg_status status = eg_serial_parse(NULL, text, size, &in->serial, &error);
  load_seconds += cpu_seconds() - start;
  load_bytes += size;
  free(text);
  if (status != EG_OK) {
    printf("%s:%u: %s\n", path, error.line, error.text);
    return;
  }
  set_of(path, in->set, sizeof in->set);
  in->negative = has_negative(eg_serial_problem(in->serial));
  ++num_inputs;
}

static void load_pattern(const char *pattern) {
  glob_t found;
  if (glob(pattern, 0, NULL, &found) == 0)
    for (size_t i = 0; i < found.gl_pathc; ++i)
      load(found.gl_pathv[i]);
  globfree(&found);
}

static void load_shipped(void) {
  const char *data = getenv("GLN_DATA");
  char command[1024];
  snprintf(command, sizeof command,
           "test -f '%s/extraction-gym.tar.xz' && mkdir -p build/bench/gym && "
           "tar -C build/bench/gym -xf '%s/extraction-gym.tar.xz'",
           data ? data : "../shared/data", data ? data : "../shared/data");
  if (system(command) != 0) {
    printf("no extraction-gym.tar.xz in $GLN_DATA or ../shared/data: "
           "skipped\n");
    return;
  }
  load_pattern("build/bench/gym/*/*.json");
}

//===-- Running -----------------------------------------------------------===//

typedef struct sums {
  const char *set;
  int files, optimal;
  double dag, seconds;
} sums;

static sums *sums_of(sums *all, int *num, const char *set) {
  for (int i = 0; i < *num; ++i)
    if (strcmp(all[i].set, set) == 0)
      return &all[i];
  all[*num] = (sums){.set = set};
  return &all[(*num)++];
}

static uint32_t restarts; // of local

static double extract(const input *in, const char *method, double seconds,
                      sums *into) {
  const eg_problem *p = eg_serial_problem(in->serial);
  uint32_t *choice = malloc(((size_t)p->num_classes + 1) * sizeof *choice);
  eg_extract_options options = eg_extract_options_default();
  eg_extract_result result;
  options.method = method;
  options.seconds = seconds;
  options.restarts = restarts;
  double start = cpu_seconds();
  eg_status status = eg_extract(p, &options, choice, &result);
  into->seconds += cpu_seconds() - start;
  free(choice);
  if (status != EG_OK) {
    printf("%s: %s\n", method, result.error.text);
    right = false;
    return INFINITY;
  }
  ++into->files;
  into->optimal += result.optimal;
  into->dag += result.dag;
  return result.dag;
}

static void report_sets(const char *method, const sums *all, int num,
                        double factor) {
  for (int i = 0; i < num; ++i) {
    bench_figure f = {.name = all[i].set,
                      .metric = method,
                      .value = all[i].dag,
                      .unit = "dag"};
    for (size_t k = 0; k < sizeof published / sizeof *published; ++k)
      if (factor > 0 && strcmp(published[k].set, all[i].set) == 0) {
        f.reference = published[k].dag;
        f.reference_source = "recorded";
        f.bar = factor > 1 ? "<= 1.002 x reference" : "<= reference";
        f.pass = f.value <= factor * f.reference + 1e-6;
      }
    bench_report(f);
  }
}

// Sets with negative costs have no published answer, and a place of their own.
static void run_method(const char *method, double seconds, double factor) {
  sums all[MAX_SETS], total = {0};
  int num = 0, beaten = 0, usable = 0;
  const eg_extractor *known = eg_extractor_find(method);
  if (!known) {
    printf("%s: not in this build\n", method);
    return;
  }
  for (int i = 0; i < num_inputs; ++i) {
    input *in = &inputs[i];
    if (in->negative && !known->negative)
      continue;
    sums *one = sums_of(all, &num, in->set);
    double before = one->seconds;
    int optimal = one->optimal;
    double dag = extract(in, method, seconds, one);
    total.seconds += one->seconds - before;
    if (strcmp(method, "dag") == 0)
      in->dag_greedy = dag;
    if (in->negative)
      continue;
    ++usable;
    total.dag += dag;
    total.optimal += one->optimal - optimal;
    beaten += dag > in->dag_greedy + 1e-9;
  }
  report_sets(method, all, num, factor);
  bench_report((bench_figure){.name = "all, costs >= 0",
                              .metric = method,
                              .value = total.dag,
                              .unit = "dag"});
  bench_figure time = {.name = "all, costs >= 0",
                       .metric = method,
                       .value = total.seconds,
                       .unit = "s"};
  if (strcmp(method, "local") == 0) {
    time.bar = "<= 0.3 s";
    time.pass = time.value <= 0.3;
  }
  bench_report(time);
  if (known->exact)
    bench_report((bench_figure){.name = "not proved optimal",
                                .metric = method,
                                .value = usable - total.optimal,
                                .unit = "files",
                                .bar = "<= 3",
                                .pass = usable - total.optimal <= 3});
  if (factor == 0)
    bench_report((bench_figure){.name = "files worse than dag",
                                .metric = method,
                                .value = beaten,
                                .unit = "files",
                                .bar = "0",
                                .pass = beaten == 0});
}

int main(int argc, char **argv) {
  double seconds = 10;
  const char *only = NULL;
  bool given = false;
  for (int i = 1; i < argc; ++i) {
    if (strncmp(argv[i], "--", 2) != 0) {
      load(argv[i]);
      given = true;
    } else if (i + 1 < argc) {
      if (strcmp(argv[i], "--seconds") == 0)
        seconds = atof(argv[i + 1]);
      if (strcmp(argv[i], "--method") == 0)
        only = argv[i + 1];
      if (strcmp(argv[i], "--restarts") == 0)
        restarts = (uint32_t)strtoul(argv[i + 1], NULL, 10);
      ++i;
    }
  }
  bench_begin(argc, argv);
  if (!given)
    load_shipped();
  if (num_inputs) {
    double rate = (double)load_bytes * 1e-6 / load_seconds;
    bench_report((bench_figure){.name = "JSON",
                                .metric = "read",
                                .value = rate,
                                .unit = "MB/s",
                                .bar = ">= 120",
                                .pass = rate >= 120});
    static const struct {
      const char *method;
      double factor;
    } runs[] = {{"tree", -1},   {"dag", -1}, {"local", 1.002}, {"anneal", 0},
                {"genetic", 0}, {"beam", 0}, {"branch", 1},    {"ilp", 1}};
    for (size_t i = 0; i < sizeof runs / sizeof *runs; ++i)
      if (!only || strcmp(only, runs[i].method) == 0)
        run_method(runs[i].method, seconds, runs[i].factor);
  }
  for (int i = 0; i < num_inputs; ++i)
    eg_serial_destroy(inputs[i].serial);
  return bench_end(right);
}
