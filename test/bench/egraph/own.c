// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "own.h"
#include "egg_lambda.h"
#include "egg_math.h"

#include <time.h>

static double timed(const egg_language *language, const egg_case *c,
                    bool incremental) {
  struct timespec start, end;
  eg_run_options options = {.scheduler = {.kind = EG_BACKOFF},
                            .incremental = incremental};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
  egg_result r = egg_run(language, c, options, NULL);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
  if (r.status != EG_OK || !r.proved)
    return -1;
  return (double)(end.tv_sec - start.tv_sec) +
         (double)(end.tv_nsec - start.tv_nsec) * 1e-9;
}

static double run_lambda(const egg_case *c, bool incremental) {
  egg_lambda l;
  eg_named_condition conditions[EGG_LAMBDA_CONDITIONS];
  egg_language language = egg_lambda_language(EGG_LAMBDA, &l, conditions);
  double seconds = timed(&language, c, incremental);
  egg_lambda_free(&l);
  return seconds;
}

static double run_math(const egg_case *c, bool incremental) {
  egg_math m;
  eg_named_condition conditions[EGG_MATH_CONDITIONS];
  egg_language language = egg_math_language(EGG_MATH, &m, conditions);
  return timed(&language, c, incremental);
}

double own_run(const char *name, bool incremental) {
  for (size_t i = 0; i < EGG_NUM_LAMBDA_CASES; ++i)
    if (strcmp(egg_lambda_cases[i].name, name) == 0)
      return run_lambda(&egg_lambda_cases[i], incremental);
  for (size_t i = 0; i < EGG_NUM_MATH_CASES; ++i)
    if (strcmp(egg_math_cases[i].name, name) == 0)
      return run_math(&egg_math_cases[i], incremental);
  return -1;
}
