// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What every benchmark shares: the table on standard output and one JSON object
// per figure (case, metric, value, unit, reference, reference_source, bar, pass)
// in the file named by --json.
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

// One measured number. Zero |reference_source| means there is no reference.
typedef struct bench_figure {
  const char *name; // the case
  const char *metric;
  double value;
  const char *unit;
  double reference;
  const char *reference_source; // "measured" in this run, or "recorded"
  const char *bar;              // in words; NULL = not judged
  bool pass;
} bench_figure;

static FILE *bench_json;
static int bench_failures;

static inline double bench_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

// The most memory this process ever held, in MiB.
static inline double bench_peak_mib(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)usage.ru_maxrss / 1024;
}

static inline void bench_print_machine(void) {
  char line[256], model[256] = "unknown processor";
  FILE *file = fopen("/proc/cpuinfo", "r");
  while (file && fgets(line, sizeof line, file))
    if (strncmp(line, "model name", 10) == 0 && strchr(line, ':')) {
      snprintf(model, sizeof model, "%s", strchr(line, ':') + 2);
      model[strcspn(model, "\n")] = 0;
      break;
    }
  if (file)
    fclose(file);
  printf("machine: %s\n", model);
}

static inline void bench_begin(int argc, char **argv) {
  for (int i = 1; i + 1 < argc; ++i)
    if (strcmp(argv[i], "--json") == 0)
      bench_json = fopen(argv[i + 1], "w");
  bench_print_machine();
  printf("%-28s %-10s %12s %-6s %12s %-9s %-22s %s\n", "case", "metric",
         "value", "unit", "reference", "source", "bar", "pass");
}

static inline void bench_report(bench_figure f) {
  char reference[32] = "-";
  if (f.reference_source)
    snprintf(reference, sizeof reference, "%.6g", f.reference);
  printf("%-28s %-10s %12.6g %-6s %12s %-9s %-22s %s\n", f.name, f.metric,
         f.value, f.unit, reference,
         f.reference_source ? f.reference_source : "-", f.bar ? f.bar : "-",
         !f.bar   ? "-"
         : f.pass ? "yes"
                  : "NO");
  fflush(stdout);
  bench_failures += f.bar && !f.pass;
  if (!bench_json)
    return;
  fprintf(bench_json,
          "{\"case\": \"%s\", \"metric\": \"%s\", \"value\": %.9g, "
          "\"unit\": \"%s\", \"reference\": %s, \"reference_source\": %s%s%s, "
          "\"bar\": %s%s%s, \"pass\": %s}\n",
          f.name, f.metric, f.value, f.unit,
          f.reference_source ? reference : "null",
          f.reference_source ? "\"" : "",
          f.reference_source ? f.reference_source : "null",
          f.reference_source ? "\"" : "", f.bar ? "\"" : "",
          f.bar ? f.bar : "null", f.bar ? "\"" : "",
          !f.bar   ? "null"
          : f.pass ? "true"
                   : "false");
}

// Exit status of a benchmark: timings never gate, so only a wrong answer fails.
static inline int bench_end(bool right) {
  if (bench_json)
    fclose(bench_json);
  if (bench_failures)
    printf("%d of the bars above are missed\n", bench_failures);
  if (!right)
    printf("WRONG ANSWER: the sizes are not the recorded ones\n");
  return !right;
}

#endif
