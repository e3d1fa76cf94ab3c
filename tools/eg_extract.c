// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// eg extract: one result per serialized e-graph, as the extraction gym prints
// it.
#include "eg_serial.h"
#include "eg_tool.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void list_methods(const eg_plugin *plugin) {
  for (uint32_t i = 0; i < eg_num_extractors(); ++i)
    printf("%-8s %s\n", eg_extractor_get(i)->name,
           eg_extractor_get(i)->summary);
  for (uint32_t i = 0; plugin && i < plugin->num_extractors; ++i)
    printf("%-8s %s\n", plugin->extractors[i].name,
           plugin->extractors[i].summary ? plugin->extractors[i].summary : "");
}

static void print_string(const char *text) {
  putchar('"');
  for (; *text; ++text) {
    if (*text == '"' || *text == '\\')
      printf("\\%c", *text);
    else if ((unsigned char)*text < ' ')
      printf("\\u%04x", (unsigned)*text);
    else
      putchar(*text);
  }
  putchar('"');
}

// JSON has no infinity: a number that is none is null.
static void print_number(const char *key, double value) {
  if (isfinite(value))
    printf(", \"%s\": %.15g", key, value);
  else
    printf(", \"%s\": null", key);
}

static void print_result(const tool_options *o, const char *path,
                         const eg_extract_result *r, int64_t micros) {
  static const char *const stops[] = {"done", "work", "time"};
  printf("{\"name\": ");
  print_string(path);
  printf(", \"extractor\": ");
  print_string(o->method);
  print_number("tree", r->tree);
  print_number("dag", r->dag);
  printf(", \"micros\": %" PRId64, micros);
  if (o->verbose) {
    print_number("bound", r->bound);
    printf(", \"optimal\": %s, \"stop\": \"%s\", \"classes\": %" PRIu64
           ", \"work\": %" PRIu64,
           r->optimal ? "true" : "false", stops[r->stop], r->classes, r->work);
  }
  printf("}\n");
}

static void print_choice(const eg_serial *serial, const uint32_t *choice) {
  const eg_problem *p = eg_serial_problem(serial);
  for (uint32_t c = 0; c < p->num_classes; ++c)
    if (choice[c] != EG_NO_NODE)
      printf("%s\t%s\t%s\n", eg_serial_class_id(serial, c),
             eg_serial_node_id(serial, choice[c]),
             eg_serial_op(serial, choice[c]));
}

static int64_t micros_now(void) {
  struct timespec t;
  timespec_get(&t, TIME_UTC);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int extract(const tool_options *o, const char *path,
                   const eg_extract_options *options, const eg_serial *serial) {
  const eg_problem *p = eg_serial_problem(serial);
  uint32_t *choice = malloc(((size_t)p->num_classes + 1) * sizeof *choice);
  if (!choice) {
    fputs("eg: out of memory\n", stderr);
    return TOOL_FAILED;
  }
  eg_extract_result result;
  int64_t start = micros_now();
  eg_status status = eg_extract(p, options, choice, &result);
  int64_t micros = micros_now() - start;
  if (status == EG_OK || isfinite(result.dag)) {
    print_result(o, path, &result, micros);
    if (o->choice)
      print_choice(serial, choice);
  }
  free(choice);
  return status == EG_OK ? TOOL_OK : tool_fail(path, &result.error);
}

static const char *op_name(void *user, uint32_t node) {
  return eg_serial_op(user, node);
}

static int print_terms(const tool_options *o, const char *path,
                       eg_serial *serial) {
  const eg_problem *p = eg_serial_problem(serial);
  uint32_t num = o->terms < UINT32_MAX ? (uint32_t)o->terms : UINT32_MAX;
  for (uint32_t r = 0; r < p->num_roots; ++r) {
    eg_terms *terms;
    eg_error error = {0};
    if (eg_terms_create(NULL, p, p->roots[r], num, &terms, &error) != EG_OK)
      return tool_fail(path, &error);
    for (uint32_t i = 0; i < eg_terms_count(terms); ++i) {
      printf("%s\t%.15g\t", eg_serial_class_id(serial, p->roots[r]),
             eg_terms_cost(terms, i));
      if (eg_terms_write(terms, i, op_name, serial,
                         (eg_writer){tool_write, stdout}) != EG_OK)
        return TOOL_FAILED;
      printf("\n");
    }
    eg_terms_destroy(terms);
  }
  return TOOL_OK;
}

// The file's cost against the plugin's, or against the number of nodes.
static int print_front(const tool_options *o, const char *path,
                       const eg_extract_options *options,
                       const eg_plugin *plugin, const eg_serial *serial) {
  const eg_problem *p = eg_serial_problem(serial);
  double *costs = malloc((2 * (size_t)p->num_nodes + 1) * sizeof *costs);
  uint32_t runs = o->pareto < 100000 ? (uint32_t)o->pareto : 100000;
  eg_pareto *front = NULL;
  eg_error error = {.text = "out of memory"};
  for (uint32_t n = 0; costs && n < p->num_nodes; ++n) {
    eg_node_view view = {eg_serial_op(serial, n),
                         p->first_child[n + 1] - p->first_child[n],
                         p->costs[n]};
    costs[2 * n] = p->costs[n];
    costs[2 * n + 1] =
        plugin && plugin->cost ? plugin->cost(plugin->user, &view) : 1;
  }
  eg_vectors vectors = {2, costs};
  eg_status status =
      costs ? eg_pareto_create(p, &vectors, options, runs, &front, &error)
            : EG_NO_MEMORY;
  for (uint32_t k = 0; status == EG_OK && k < front->num_points; ++k)
    printf("%.15g\t%.15g\n", front->totals[2 * k], front->totals[2 * k + 1]);
  eg_pareto_destroy(front);
  free(costs);
  return status == EG_OK ? TOOL_OK : tool_fail(path, &error);
}

static int extract_file(const tool_options *o, const char *path,
                        const eg_extract_options *options,
                        const eg_plugin *plugin) {
  size_t size;
  char *text = tool_read(path, &size);
  if (!text)
    return TOOL_FAILED;
  eg_serial *serial;
  eg_error error = {0};
  eg_status status = eg_serial_parse(NULL, text, size, &serial, &error);
  free(text);
  if (status != EG_OK)
    return tool_fail(path, &error);
  if (plugin && !o->pareto)
    status = eg_serial_reprice(serial, plugin, &error);
  int code = status != EG_OK ? tool_fail(path, &error)
             : o->terms      ? print_terms(o, path, serial)
             : o->pareto     ? print_front(o, path, options, plugin, serial)
                             : extract(o, path, options, serial);
  eg_serial_destroy(serial);
  return code;
}

int tool_extract(const tool_options *o) {
  const eg_plugin *plugin = NULL;
  eg_error error = {0};
  if (o->plugin && eg_plugin_load(o->plugin, &plugin, &error) != EG_OK)
    return tool_fail(o->plugin, &error);
  if (o->list_methods) {
    list_methods(plugin);
    return TOOL_OK;
  }
  eg_extract_options options = eg_extract_options_default();
  options.extractor = plugin ? eg_plugin_extractor(plugin, o->method) : NULL;
  if (!options.extractor)
    options.extractor = eg_extractor_find(o->method);
  if (!options.extractor) {
    fprintf(stderr, "eg: no method '%s'; --list-methods shows them\n",
            o->method);
    return TOOL_USAGE;
  }
  options.seed = o->seed;
  options.restarts =
      o->restarts < UINT32_MAX ? (uint32_t)o->restarts : UINT32_MAX;
  options.work = o->work;
  options.seconds = o->time;
  int code = TOOL_OK;
  for (uint32_t i = 0; i < o->num_files; ++i) {
    int one = extract_file(o, o->files[i], &options, plugin);
    code = one > code ? one : code;
    fflush(stdout);
  }
  return code;
}
