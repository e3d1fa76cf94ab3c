// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// glenside-run: runs a module, and compares what passes make of it.
#define _POSIX_C_SOURCE 200809L // isatty, sigaction, setitimer's siblings

#include "passes.h"
#include "run/npy.h"
#include "run/session.h"

#include "mlir-c/RegisterEverything.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

//===-- Options -----------------------------------------------------------===//

// X(name, value as help shows it or NULL, help)
#define RUN_OPTIONS(X)                                                         \
  X("target", "TARGET", "compile for this accelerator, run on its simulator")  \
  X("options", "TEXT", "of --glenside-compile, beside it: 'objective=dram'")   \
  X("compare", NULL, "compare with the module as it is in the file")           \
  X("form", "PIPELINE", "passes that go before each pipeline; repeatable")     \
  X("pipeline", "PIPELINE", "passes under test; repeatable")                   \
  X("against", "FILE", "transform this module instead, and compare it")        \
  X("entry", "NAME", "function to run, if there are several")                  \
  X("input", "FILE.npy", "the next argument, instead of a random one")         \
  X("output", "FILE.npy", "where the next result goes")                        \
  X("seed", "N", "of inputs and weights (default 1; 1,2,3 to compare)")        \
  X("seeds", "N,N,...", "several, which share what is compiled")               \
  X("randomize", NULL, "random weights for splat and elided ones")             \
  X("integers", "N", "integer inputs lie in [0, N) (default 2)")               \
  X("tolerance", "X", "largest error over largest value (default 0.001)")      \
  X("stats", NULL, "seconds and bytes of each program, and its commands")      \
  X("json", "FILE", "also one JSON object per result; - is standard output")   \
  X("emit", "object", "write --output=NET.o, NET.h, NET.weights; do not run")  \
  X("shared-lib", "FILE", "library with functions the module calls")           \
  X("opt-level", "N", "of LLVM: 0 compiles fast, 3 runs fast (default 2)")     \
  X("hoist-above", "BYTES", "larger constants become arguments (1024)")        \
  X("help", NULL, "this text")

static const struct {
  const char *name, *value, *help;
} options[] = {
#define X(name, value, help) {name, value, help},
    RUN_OPTIONS(X)
#undef X
};
enum { NUM_OPTIONS = sizeof options / sizeof *options, MAX_LIST = 64 };

typedef struct arguments {
  const char *file, *against, *entry, *json, *target, *options;
  char compile[600]; // the pipeline that --target stands for
  const char *forms[MAX_LIST], *pipelines[MAX_LIST], *libraries[MAX_LIST];
  const char *inputs[MAX_LIST], *outputs[MAX_LIST];
  size_t num_forms, num_pipelines, num_libraries, num_inputs, num_outputs;
  int64_t seeds[MAX_LIST];
  size_t num_seeds;
  bool compare, randomize, stats, help, object;
  double tolerance;
  int64_t opt_level, hoist_above, integers;
} arguments;

static void print_help(void) {
  printf(
      "usage: glenside-run FILE [options]\n\n"
      "Compiles a function on tensors by upstream's lowering to loops, calls "
      "it on\nseeded random inputs (floats N(0, 1), integers 0 or 1) and says "
      "what came out.\nWith --compare it also does so with what passes make of "
      "the module, and judges\nmax|ours - reference| <= tolerance * "
      "max|reference|, or equality for integers.\n\n");
  for (size_t i = 0; i < NUM_OPTIONS; ++i) {
    char left[40];
    snprintf(left, sizeof left, "--%s%s%s", options[i].name,
             options[i].value ? "=" : "",
             options[i].value ? options[i].value : "");
    printf("  %-22s %s\n", left, options[i].help);
  }
  printf(
      "\nA pipeline is text as in mlir-opt: 'canonicalize,cse' or "
      "'builtin.module(...)'.\n\n"
      "  glenside-run net.mlir --randomize\n"
      "  glenside-run net.mlir --randomize --compare --seeds=1,2,3 \\\n"
      "      --form= --form=linalg-generalize-named-ops \\\n"
      "      --pipeline=convert-linalg-to-access,convert-access-to-linalg\n"
      "  glenside-run before.mlir --compare --against=after.mlir\n"
      "  glenside-run net.mlir --target=gemmini16 --compare --stats\n"
      "  glenside-run net.mlir --target=gemmini16 --input=x.npy "
      "--output=y.npy\n\n"
      "Exit code: 0 all agree; 1 a result differs, or a reference is constant "
      "or not\nfinite and so proves nothing; 2 something could not be read, "
      "lowered or run.\n");
}

static bool usage(const char *format, const char *what) {
  fprintf(stderr, "glenside-run: ");
  fprintf(stderr, format, what);
  fprintf(stderr, "; see glenside-run --help\n");
  return false;
}

static bool read_integer(const char *text, int64_t *out) {
  char *end;
  errno = 0;
  *out = strtoll(text, &end, 10);
  return *text && !*end && !errno;
}

static bool read_seeds(const char *text, arguments *args) {
  char part[32];
  args->num_seeds = 0;
  for (;;) {
    size_t length = strcspn(text, ",");
    if (args->num_seeds == MAX_LIST || length >= sizeof part)
      return false;
    memcpy(part, text, length);
    part[length] = '\0';
    if (!read_integer(part, &args->seeds[args->num_seeds++]))
      return false;
    if (!text[length])
      return true;
    text += length + 1;
  }
}

static bool add(const char **list, size_t *count, const char *value) {
  if (*count == MAX_LIST)
    return false;
  list[(*count)++] = value;
  return true;
}

// One option of the table; |value| is NULL or what follows '='.
static bool set(arguments *args, const char *name, const char *value) {
  char *end = NULL;
  if (!strcmp(name, "compare"))
    return args->compare = true;
  if (!strcmp(name, "randomize"))
    return args->randomize = true;
  if (!strcmp(name, "stats"))
    return args->stats = true;
  if (!strcmp(name, "help"))
    return args->help = true;
  if (!strcmp(name, "form"))
    return add(args->forms, &args->num_forms, value);
  if (!strcmp(name, "pipeline"))
    return add(args->pipelines, &args->num_pipelines, value);
  if (!strcmp(name, "shared-lib"))
    return add(args->libraries, &args->num_libraries, value);
  if (!strcmp(name, "input"))
    return add(args->inputs, &args->num_inputs, value);
  if (!strcmp(name, "output"))
    return add(args->outputs, &args->num_outputs, value);
  if (!strcmp(name, "emit"))
    return args->object = !strcmp(value, "object");
  if (!strcmp(name, "target"))
    return *(args->target = value) != '\0';
  if (!strcmp(name, "options"))
    return *(args->options = value) != '\0';
  if (!strcmp(name, "against"))
    return *(args->against = value) != '\0';
  if (!strcmp(name, "entry"))
    return *(args->entry = value + (*value == '@')) != '\0';
  if (!strcmp(name, "json"))
    return *(args->json = value) != '\0';
  if (!strcmp(name, "seed") || !strcmp(name, "seeds"))
    return read_seeds(value, args);
  if (!strcmp(name, "opt-level"))
    return read_integer(value, &args->opt_level) && args->opt_level >= 0 &&
           args->opt_level <= 3;
  if (!strcmp(name, "hoist-above"))
    return read_integer(value, &args->hoist_above) && args->hoist_above >= 0;
  if (!strcmp(name, "integers"))
    return read_integer(value, &args->integers) && args->integers > 0 &&
           args->integers <= UINT32_MAX;
  args->tolerance = strtod(value, &end);
  return *value && !*end && args->tolerance >= 0;
}

static bool parse_option(arguments *args, const char *text) {
  size_t length = strcspn(text, "=");
  for (size_t i = 0; i < NUM_OPTIONS; ++i) {
    if (strlen(options[i].name) != length ||
        strncmp(options[i].name, text, length) != 0)
      continue;
    const char *value = text[length] ? text + length + 1 : NULL;
    if (options[i].value && !value)
      return usage("--%s needs a value, as in --name=value", options[i].name);
    if (!options[i].value && value)
      return usage("--%s takes no value", options[i].name);
    return set(args, options[i].name, value) ||
           usage("'--%s' has a value that is not usable", text);
  }
  return usage("there is no option '--%s'", text);
}

// --target is the last pipeline; comparing means random weights, three times.
static bool compile_for(arguments *args) {
  const char *more = args->options ? args->options : "";
  int length = snprintf(args->compile, sizeof args->compile,
                        "glenside-compile{emit=commands target=%s%s%s}",
                        args->target, *more ? " " : "", more);
  if (strpbrk(args->target, " {}"))
    return usage("'%s' cannot be the text of a target", args->target);
  if (length < 0 || (size_t)length >= sizeof args->compile ||
      strpbrk(more, "{}"))
    return usage("'%s' cannot be options of --glenside-compile", more);
  if (args->compare && !args->num_seeds)
    for (int64_t seed = 1; seed <= 3; ++seed)
      args->seeds[args->num_seeds++] = seed;
  args->randomize |= args->compare;
  return add(args->pipelines, &args->num_pipelines, args->compile);
}

static bool parse(int argc, char **argv, arguments *args) {
  *args = (arguments){
      .tolerance = 1e-3, .opt_level = 2, .hoist_above = 1024, .integers = 2};
  for (int i = 1; i < argc; ++i) {
    if (!strncmp(argv[i], "--", 2)) {
      if (!parse_option(args, argv[i] + 2))
        return false;
    } else if (argv[i][0] == '-' && argv[i][1]) {
      return usage("options have two dashes, unlike '%s'", argv[i]);
    } else if (args->file) {
      return usage("one file is run at a time, and '%s' is a second", argv[i]);
    } else {
      args->file = argv[i];
    }
  }
  if (args->help)
    return true;
  if (args->target && !compile_for(args))
    return false;
  if (args->options && !args->target)
    return usage("--options=%s goes with --target", args->options);
  if (!args->num_seeds)
    args->seeds[args->num_seeds++] = 1;
  if (args->object && (args->compare || args->num_outputs != 1))
    return usage("--emit=object writes one --output=NET.o and %s",
                 "compares nothing");
  if (!args->file)
    return usage("name a file with a module%s", "");
  if (args->compare && !args->against && !args->num_forms &&
      !args->num_pipelines)
    return usage("--compare needs something to compare with: --target=, "
                 "--pipeline=, --form= or --against=%s",
                 "");
  if (args->against && !args->compare)
    return usage("--against=%s goes with --compare", args->against);
  return true;
}

//===-- Progress ----------------------------------------------------------===//

// What goes on, written by a timer's handler once it has lasted two seconds.
static char progress[200];
static volatile sig_atomic_t progress_shown;

static void show_progress(int signal_number) {
  (void)signal_number;
  progress_shown = 1;
  if (write(STDERR_FILENO, progress, strlen(progress)) < 0)
    progress_shown = 0;
}

static void clear_progress(void) {
  alarm(0);
  if (progress_shown)
    fputs("\r\033[K", stderr);
  progress_shown = 0;
}

static void on_stage(void *user, int64_t seed, const char *what,
                     const char *form, const char *pipeline) {
  (void)user;
  if (!isatty(STDERR_FILENO))
    return;
  clear_progress();
  snprintf(progress, sizeof progress,
           "\rglenside-run: %s %.60s%s%.60s, seed %" PRId64 " ...", what,
           form ? form : "the reference", pipeline && *pipeline ? " | " : "",
           pipeline ? pipeline : "", seed);
  struct sigaction action = {.sa_handler = show_progress,
                             .sa_flags = SA_RESTART};
  sigaction(SIGALRM, &action, NULL);
  alarm(2);
}

//===-- Reports -----------------------------------------------------------===//

typedef struct message {
  struct message *next;
  char text[];
} message;

typedef struct printer {
  const arguments *args;
  FILE *json;
  size_t compared, agreed;
  bool failed;   // an output could not be written
  message *said; // the last first
} printer;

// Every seed is compiled, and has the same to say: once is enough.
static void on_message(void *user, const char *text) {
  printer *p = user;
  for (const message *m = p->said; m; m = m->next)
    if (strcmp(m->text, text) == 0)
      return;
  clear_progress();
  fputs(text, stderr);
  message *m = malloc(sizeof *m + strlen(text) + 1);
  if (!m)
    return;
  strcpy(m->text, text);
  m->next = p->said;
  p->said = m;
}

static void forget_messages(printer *p) {
  for (message *m = p->said, *next; m; m = next) {
    next = m->next;
    free(m);
  }
}

static void print_stats(const gln_run_report *r) {
  const gln_run_stats *s = r->stats;
  printf("    pipeline %.3f s, compile ", s->pipeline_seconds);
  if (s->is_shared)
    printf("shared%s", s->is_same ? " with the reference" : "");
  else
    printf("%.3f s", s->compile_seconds);
  printf(", run %.3f s, %zu constants of %zu bytes as arguments\n",
         s->run_seconds, s->num_hoisted, s->hoisted_bytes);
}

static double kib(uint64_t bytes) {
  return (double)bytes / 1024;
}

static void print_layer(const char *number, const char *name,
                        const sa_counters *c) {
  const sa_level *dram = &c->level[SA_LEVEL_DRAM];
  printf("%5s %9" PRIu64 " %12.3f %10.3f %10.1f %10.1f  %s\n", number,
         gln_layer_commands(c), (double)c->macs * 1e-6,
         (double)c->vector_elements * 1e-6, kib(dram->read_bytes),
         kib(dram->written_bytes), name);
}

// What the accelerator did: a line per layer, and the sum.
static void print_layers(const gln_layers *layers) {
  if (!layers->num)
    return;
  printf("layer  commands array Mmacs vector Mel   read KiB  write KiB\n");
  for (size_t i = 0; i < layers->num; ++i) {
    char number[24];
    snprintf(number, sizeof number, "%zu", i + 1);
    print_layer(number, layers->items[i].name, &layers->items[i].counters);
  }
  sa_counters total = gln_layers_total(layers);
  print_layer("total", "", &total);
}

static void print_values(const gln_tensor *result) {
  gln_range s = gln_tensor_get_range(result);
  size_t width = gln_type_bytes(result->type);
  printf("min %.6g max %.6g mean %.6g", s.min, s.max, s.mean);
  if (s.num_not_finite)
    printf(", %zu not finite", s.num_not_finite);
  printf(" [");
  for (size_t i = 0; i < result->count && i < 6; ++i) {
    char text[40];
    gln_scalar_print(
        gln_scalar_load(result->type, (const char *)result->data + i * width),
        text, sizeof text);
    printf("%s%s", i ? ", " : "", text);
  }
  printf("%s]\n", result->count > 6 ? ", ..." : "");
}

static void print_comparison(const gln_comparison *c) {
  printf("max error %.3g, bound %.3g, max %.3g: %s", c->max_error, c->bound,
         c->max_reference, gln_verdict_text(c->verdict));
  if (c->verdict != GLN_AGREE)
    printf(" (at element %zu: %.9g, reference %.9g)", c->worst, c->ours,
           c->reference);
  printf("\n");
}

static void json_text(FILE *out, const char *key, const char *text) {
  fprintf(out, ", \"%s\": \"", key);
  for (; *text; ++text) {
    if (*text == '"' || *text == '\\')
      fputc('\\', out);
    if ((unsigned char)*text < ' ')
      fprintf(out, "\\u%04x", *text);
    else
      fputc(*text, out);
  }
  fputc('"', out);
}

static void json_number(FILE *out, const char *key, double value) {
  if (isfinite(value))
    fprintf(out, ", \"%s\": %.9g", key, value);
  else
    fprintf(out, ", \"%s\": null", key);
}

static void print_json(FILE *out, const gln_run_report *r, const char *type) {
  const gln_run_stats *s = r->stats;
  fprintf(out, "{\"seed\": %" PRId64 ", \"result\": %zu", r->seed, r->index);
  json_text(out, "form", r->form ? r->form : "");
  json_text(out, "pipeline", r->pipeline ? r->pipeline : "");
  json_text(out, "type", type);
  if (r->comparison) {
    json_text(out, "verdict", gln_verdict_text(r->comparison->verdict));
    json_number(out, "max_error", r->comparison->max_error);
    json_number(out, "max_reference", r->comparison->max_reference);
    json_number(out, "bound", r->comparison->bound);
  }
  json_number(out, "pipeline_seconds", s->pipeline_seconds);
  json_number(out, "compile_seconds", s->compile_seconds);
  json_number(out, "run_seconds", s->run_seconds);
  fprintf(out, ", \"shared\": %s, \"same\": %s, \"reference\": %s",
          s->is_shared ? "true" : "false", s->is_same ? "true" : "false",
          r->form ? "false" : "true");
  fprintf(out, ", \"hoisted\": %zu, \"hoisted_bytes\": %zu", s->num_hoisted,
          s->hoisted_bytes);
  if (r->layers->num) {
    sa_counters total = gln_layers_total(r->layers);
    const sa_level *dram = &total.level[SA_LEVEL_DRAM];
    fprintf(out,
            ", \"layers\": %zu, \"commands\": %" PRIu64 ", \"macs\": %" PRIu64
            ", \"vector_elements\": %" PRIu64 ", \"dram_read_bytes\": %" PRIu64
            ", \"dram_write_bytes\": %" PRIu64,
            r->layers->num, gln_layer_commands(&total), total.macs,
            total.vector_elements, dram->read_bytes, dram->written_bytes);
  }
  fprintf(out, "}\n");
}

// The results of the first seed's program that is no reference.
static void write_output(printer *p, const gln_run_report *r) {
  const arguments *args = p->args;
  char why[700];
  if (!args->num_outputs || r->seed != args->seeds[0] || !r->form)
    return;
  if (args->num_outputs > r->num_results) {
    if (r->index == 0)
      fprintf(stderr, "glenside-run: %zu outputs, but there are %zu results\n",
              args->num_outputs, r->num_results);
    p->failed = true;
  } else if (r->index < args->num_outputs &&
             !gln_npy_write(args->outputs[r->index], r->result, why,
                            sizeof why)) {
    fprintf(stderr, "glenside-run: result %zu: %s\n", r->index, why);
    p->failed = true;
  }
}

static void on_report(void *user, const gln_run_report *r) {
  printer *p = user;
  char type[300];
  clear_progress();
  write_output(p, r);
  gln_tensor_print_type(r->result, type, sizeof type);
  if (p->json)
    print_json(p->json, r, type);
  if (p->json == stdout)
    goto count;
  if (r->comparison || !p->args->compare || p->args->stats) {
    printf("seed %" PRId64 ", %s", r->seed, r->form ? r->form : "reference");
    if (r->form && !*r->form)
      printf("as given");
    if (r->pipeline && *r->pipeline)
      printf(" | %s", r->pipeline);
    printf(": result %zu, %s: ", r->index, type);
    if (r->comparison)
      print_comparison(r->comparison);
    else
      print_values(r->result);
    if (p->args->stats && r->index + 1 == r->num_results) {
      print_stats(r);
      print_layers(r->layers);
    }
  }
count:
  p->compared += r->comparison != NULL;
  p->agreed += r->comparison && r->comparison->verdict == GLN_AGREE;
  fflush(stdout);
}

//===-- Files -------------------------------------------------------------===//

// Every seed reads its module anew, so standard input is kept.
static bool read_stream(FILE *file, gln_source *out) {
  size_t room = 1 << 16, size = 0, got;
  char *bytes = malloc(room);
  while (bytes && (got = fread(bytes + size, 1, room - size - 1, file)) > 0) {
    size += got;
    if (room - size > 1)
      continue;
    char *grown = realloc(bytes, room *= 2);
    if (!grown)
      free(bytes);
    bytes = grown;
  }
  if (!bytes || ferror(file)) {
    free(bytes);
    return false;
  }
  bytes[size] = '\0';
  out->bytes = bytes;
  out->num_bytes = size;
  return true;
}

// The file |name|, which must be readable, or standard input for "-".
static bool find_source(const char *name, gln_source *out) {
  bool ok =
      strcmp(name, "-") ? access(name, R_OK) == 0 : read_stream(stdin, out);
  if (!ok)
    fprintf(stderr, "glenside-run: cannot read '%s': %s\n", name,
            strerror(errno));
  out->name = name;
  return ok;
}

//===-- Main --------------------------------------------------------------===//

static int run(const arguments *args, const gln_source *module,
               const gln_source *against, FILE *json) {
  printer p = {.args = args, .json = json};
  gln_session session = {
      .module = module,
      .against = against,
      .entry = args->entry,
      .forms = args->forms,
      .num_forms = args->num_forms,
      .pipelines = args->pipelines,
      .num_pipelines = args->num_pipelines,
      .seeds = args->seeds,
      .num_seeds = args->object ? 1 : args->num_seeds,
      .compare = args->compare,
      .randomize = args->randomize,
      .inputs = args->inputs,
      .num_inputs = args->num_inputs,
      .object = args->object ? args->outputs[0] : NULL,
      .tolerance = args->tolerance,
      .integers = (uint32_t)args->integers,
      .hoist_bytes = (size_t)args->hoist_above,
      .engine = {.opt_level = (int)args->opt_level,
                 .libraries = args->libraries,
                 .num_libraries = args->num_libraries},
      .allocator = eg_allocator_default(),
      .on_stage = on_stage,
      .on_report = on_report,
      .on_message = on_message,
      .user = &p,
  };
  mlirRegisterAllPasses();
  gln_passes_register(gln_passes);
  gln_session_status status = gln_session_run(&session);
  clear_progress();
  forget_messages(&p);
  if (status == GLN_SESSION_FAILED || p.failed)
    return 2;
  if (args->compare && json != stdout)
    printf("%zu of %zu comparisons agree\n", p.agreed, p.compared);
  return (int)status;
}

int main(int argc, char **argv) {
  arguments args;
  gln_source module = {0}, against = {0};
  if (!parse(argc, argv, &args))
    return 2;
  if (args.help) {
    print_help();
    return 0;
  }
  FILE *json = NULL;
  if (args.json &&
      !(json = strcmp(args.json, "-") ? fopen(args.json, "w") : stdout)) {
    fprintf(stderr, "glenside-run: cannot write '%s': %s\n", args.json,
            strerror(errno));
    return 2;
  }
  int code = 2;
  if (find_source(args.file, &module) &&
      (!args.against || find_source(args.against, &against)))
    code = run(&args, &module, args.against ? &against : NULL, json);
  free((void *)(uintptr_t)module.bytes);
  free((void *)(uintptr_t)against.bytes);
  if (json && json != stdout && fclose(json)) {
    fprintf(stderr, "glenside-run: cannot write '%s': %s\n", args.json,
            strerror(errno));
    return 2;
  }
  return code;
}
