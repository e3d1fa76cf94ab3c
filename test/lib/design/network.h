// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A small program with everything that rules rewrite, data for it, and designs sampled
// from its saturated graph: a node of each class, uniformly, top down.
#ifndef TEST_DESIGN_NETWORK_H
#define TEST_DESIGN_NETWORK_H

#include "design/job.h"
#include "design/saturate.h"
#include "interp/kernel_eval.h"
#include "lib/gln_test.h"

#include <math.h>

static eg_allocator memory;

enum { MAX_ARRAYS = 16 };

// A program with everything that rules rewrite, and data for it.
typedef struct fixture {
  eg_graph *graph;
  gln_lang lang;
  gln_target target;
  gln_array inputs[MAX_ARRAYS], constants[MAX_ARRAYS];
  size_t num_inputs, num_constants;
  uint64_t seed;
  eg_class root;
  int64_t side, channels,
      filters; // of the image, at least 4; of the first layer
} fixture;

static inline void begin(fixture *f, const char *override) {
  eg_error error = {0};
  *f = (fixture){.seed = 7, .side = 6, .channels = 3, .filters = 5};
  CHECK(eg_graph_create(&memory, &f->graph) == EG_OK);
  CHECK(gln_lang_init(&f->lang, f->graph) == EG_OK);
  CHECK(gln_target_builtin("gemmini16", &f->target, &error) == EG_OK);
  CHECK(gln_target_override(&f->target, override, &error) == EG_OK);
  CHECK_STR(error.text, "");
}

static inline void end(fixture *f) {
  for (size_t i = 0; i < f->num_inputs; ++i)
    gln_array_fini(&f->inputs[i]);
  for (size_t i = 0; i < f->num_constants; ++i)
    gln_array_fini(&f->constants[i]);
  eg_graph_destroy(f->graph);
}

//===-- Building ----------------------------------------------------------===//

// What a capital letter in a text of build_network stands for.
static inline int64_t extent_of(const fixture *f, char letter) {
  switch (letter) {
  case 'C':
    return f->channels;
  case 'K':
    return f->filters;
  case 'L':
    return f->filters - 1;
  case 'N':
    return f->side;
  case 'M':
    return f->side * f->side;
  case 'P': // padded
    return f->side + 2;
  case 'Q':
    return f->side - 1;
  case 'R':
    return f->side - 2;
  case 'D': // 3 × 3 windows in steps of 2, of one less
    return (f->side - 4) / 2 + 1;
  case 'H': // 2 × 2 windows in steps of 2
    return f->side / 2;
  default:
    return -1;
  }
}

// |text| with numbers for single capital letters.
static inline const char *sized(const fixture *f, const char *text) {
  static char out[512];
  size_t used = 0;
  for (; *text && used + 24 < sizeof out; ++text) {
    int64_t extent = extent_of(f, *text);
    if (extent < 0)
      out[used++] = *text;
    else
      used += (size_t)snprintf(out + used, 24, "%" PRId64, extent);
  }
  out[used] = 0;
  return out;
}

static inline eg_class leaf(fixture *f, bool constant, const char *shape) {
  gln_shape s = test_shape(sized(f, shape));
  size_t *num = constant ? &f->num_constants : &f->num_inputs;
  gln_array *array = constant ? &f->constants[*num] : &f->inputs[*num];
  eg_class id = {0};
  CHECK(*num < MAX_ARRAYS);
  CHECK(gln_array_init(array, &s, memory, NULL) == EG_OK);
  gln_array_fill_random(array, &f->seed, 2);
  CHECK((constant ? gln_add_const : gln_add_input)(&f->lang, (uint32_t)(*num)++,
                                                   &s, &id) == EG_OK);
  return id;
}

// Variances: positive.
static inline eg_class positive(fixture *f, const char *shape) {
  eg_class id = leaf(f, true, shape);
  gln_array *a = &f->constants[f->num_constants - 1];
  for (int64_t n = 0; n < gln_shape_num_elements(&a->shape); ++n)
    ((float *)a->data)[n] = fabsf(((float *)a->data)[n]) + 0.5f;
  return id;
}

static inline eg_class view(fixture *f, const char *text, eg_class of) {
  gln_view *v = NULL;
  eg_class id = {0};
  eg_error error = {0};
  text = sized(f, text);
  CHECK(gln_view_parse(&memory, text, strlen(text), &v, &error) == EG_OK);
  CHECK_STR(error.text, "");
  CHECK(gln_add_view(&f->lang, &memory, v, of, &id) == EG_OK);
  CHECK_STR(eg_graph_error(f->graph)->text, "");
  gln_view_destroy(&memory, v);
  return id;
}

static inline eg_class map(fixture *f, const char *text,
                           const eg_class *operands) {
  gln_scalar_body body;
  eg_error error = {0};
  gln_signature type;
  eg_class kernel = {0}, id = {0};
  CHECK(gln_scalar_body_parse(&body, text, strlen(text), memory, &error) ==
        EG_OK);
  CHECK_STR(error.text, "");
  gln_lang_type(&f->lang, operands[0], &type);
  CHECK(gln_add_map(&f->lang, &type.results[0], &body, &kernel) == EG_OK);
  CHECK(gln_add_apply(&f->lang, kernel, operands, body.num_args, &id) == EG_OK);
  CHECK_STR(eg_graph_error(f->graph)->text, "");
  gln_scalar_body_fini(&body);
  return id;
}

static inline eg_class apply(fixture *f, const gln_spec *spec, eg_class a,
                             eg_class b) {
  eg_class kernel = {0}, id = {0}, operands[2] = {a, b};
  CHECK(gln_add_spec(&f->lang, spec, &kernel) == EG_OK);
  CHECK(gln_add_apply(&f->lang, kernel, operands, spec->num_operands, &id) ==
        EG_OK);
  CHECK_STR(eg_graph_error(f->graph)->text, "");
  return id;
}

// What torch emits: (x - mean) rsqrt(var + eps) gamma + beta, per channel.
static inline eg_class batch_norm(fixture *f, eg_class x, const char *channel,
                                  const char *shape) {
  eg_class operands[5] = {x};
  for (int i = 1; i < 5; ++i)
    operands[i] =
        view(f, channel, i == 4 ? positive(f, shape) : leaf(f, true, shape));
  return map(f,
             "(body (f32 f32 f32 f32 f32) ((const f32 1e-05) (add f32 %4 %5) "
             "(rsqrt f32 %6) (sub f32 %0 %3) (mul f32 %8 %7) (mul f32 %9 %1) "
             "(add f32 %10 %2)) (%11))",
             operands);
}

// Over the last dimension.
static inline eg_class softmax(fixture *f, const char *shape, eg_class x) {
  gln_shape s = test_shape(sized(f, shape));
  eg_class kernel = {0}, id = {0};
  CHECK(gln_add_softmax(&f->lang, &s, &kernel) == EG_OK);
  CHECK(gln_add_apply(&f->lang, kernel, &x, 1, &id) == EG_OK);
  CHECK_STR(eg_graph_error(f->graph)->text, "");
  return id;
}

static inline eg_class relu(fixture *f, eg_class x) {
  return map(f, "(body (f32) ((relu f32 %0)) (%1))", &x);
}

// The filters over a padded image.
static const gln_spec conv = {
    .combine = GLN_COMBINE_DOT,
    .num_operands = 2,
    .num_dims = 6,
    .num_parallel = 3,
    .dims = {6, 6, 5, 6, 3, 3},
    .operands = {
        {.rank = 3,
         .coef = {{[3] = 1}, {[0] = 1, [4] = 1}, {[1] = 1, [5] = 1}}},
        {.rank = 4, .coef = {{[2] = 1}, {[3] = 1}, {[4] = 1}, {[5] = 1}}}}};

// Per channel, 3 × 3 windows in steps of 2.
static const gln_spec depthwise = {
    .combine = GLN_COMBINE_DOT,
    .num_operands = 2,
    .num_dims = 5,
    .num_parallel = 3,
    .dims = {5, 2, 2, 3, 3},
    .operands = {{.rank = 3,
                  .coef = {{[0] = 1}, {[1] = 2, [3] = 1}, {[2] = 2, [4] = 1}}},
                 {.rank = 3, .coef = {{[0] = 1}, {[3] = 1}, {[4] = 1}}}}};

static const gln_spec pointwise = {
    .combine = GLN_COMBINE_DOT,
    .num_operands = 2,
    .num_dims = 3,
    .num_parallel = 2,
    .dims = {36, 5, 5},
    .operands = {{.rank = 2, .coef = {{[0] = 1}, {[2] = 1}}},
                 {.rank = 2, .coef = {{[1] = 1}, {[2] = 1}}}}};

// Reads channels first what lies channels last.
static const gln_spec pool = {
    .combine = GLN_COMBINE_MAX,
    .num_operands = 1,
    .num_dims = 5,
    .num_parallel = 3,
    .dims = {3, 3, 5, 2, 2},
    .operands = {
        {.rank = 3,
         .coef = {{[2] = 1}, {[0] = 2, [3] = 1}, {[1] = 2, [4] = 1}}}}};

// |spec| with the extents that the letters stand for.
static inline gln_spec resized(const fixture *f, const gln_spec *spec,
                               const char *dims) {
  gln_spec s = *spec;
  for (size_t d = 0; dims[d]; ++d)
    s.dims[d] = dims[d] >= '0' && dims[d] <= '9' ? dims[d] - '0'
                                                 : extent_of(f, dims[d]);
  return s;
}

static inline eg_class shifts(fixture *f, const char *shape) {
  eg_class id = leaf(f, true, shape);
  gln_array *a = &f->constants[f->num_constants - 1];
  for (int64_t n = 0; n < gln_shape_num_elements(&a->shape); ++n)
    ((int8_t *)a->data)[n] = (int8_t)(n % 4);
  return id;
}

// A quantised layer: an image padded with its zero point, i8 weights, requantised
// by a factor per channel, pooled.
static inline eg_class quantised_layer(fixture *f) {
  gln_spec c = resized(f, &conv, "NNKC33"), q = resized(f, &pool, "HHK22");
  eg_class x = view(f,
                    "(d0, d1, d2) [C, P, P] -> (d0, d1 - 1, d2 - 1) [C, N, N] "
                    "if d1 >= 1, d1 <= N, d2 >= 1, d2 <= N fill 2 : i8",
                    leaf(f, false, "((),(C,N,N)) i8"));
  x = map(f, "(body (i8) ((cast i32 %0) (const i32 2) (sub i32 %1 %2)) (%3))",
          &x);
  c.result = c.operands[0].type = GLN_TYPE_I32;
  c.operands[1].type = GLN_TYPE_I8;
  q.result = q.operands[0].type = GLN_TYPE_I8;
  static const char channel[] = "(d0, d1, d2) [N, N, K] -> (d2) [K]";
  eg_class operands[3] = {apply(f, &c, x, leaf(f, true, "((),(K,C,3,3)) i8")),
                          view(f, channel, leaf(f, true, "((),(K)) i32")),
                          view(f, channel, shifts(f, "((),(K)) i8"))};
  eg_class y =
      map(f,
          "(body (i32 i32 i8) ((cast i64 %0) (cast i64 %1) (mul i64 %3 %4) "
          "(castu i64 %2) (const i64 1) (shl i64 %7 %6) (shru i64 %8 %7) "
          "(add i64 %5 %9) (shr i64 %10 %6) (cast i32 %11) (const i32 -3) "
          "(add i32 %12 %13) (const i32 -128) (const i32 127) "
          "(clamp i32 %14 %15 %16) (cast i8 %17)) (%18))",
          operands);
  y = view(f, "(d0, d1, d2) [K, N, N] -> (d1, d2, d0) [N, N, K]", y);
  return apply(f, &q, y, (eg_class){0});
}

// -2 to 2: few enough bits that a sum in bf16 rounds nothing.
static inline eg_class digits(fixture *f, bool constant, const char *shape) {
  eg_class id = leaf(f, constant, shape);
  gln_array *a = constant ? &f->constants[f->num_constants - 1]
                          : &f->inputs[f->num_inputs - 1];
  for (int64_t n = 0; n < gln_shape_num_elements(&a->shape); ++n)
    gln_array_set(a, n,
                  gln_scalar_from_double(
                      a->shape.type, (double)test_between(&f->seed, -2, 2)));
  return id;
}

// A product summed in 16 bits.
static inline eg_class narrow_product(fixture *f) {
  gln_spec w = resized(f, &pointwise, "MKK");
  w.result = w.operands[0].type = w.operands[1].type = GLN_TYPE_BF16;
  return apply(f, &w, digits(f, false, "((),(M,K)) bf16"),
               digits(f, true, "((),(K,K)) bf16"));
}

// ((0.9 x - 0.9) 0.9 - 0.9) …: more operations than one program has.
static inline eg_class long_map(fixture *f, eg_class x) {
  enum { STEPS = 30 };
  char text[64 + STEPS * 48];
  int used = snprintf(text, sizeof text, "(body (f32) ((const f32 9e-01)");
  for (int i = 0, last = 0; i < STEPS; ++i, last = 2 * i + 1)
    used += snprintf(text + used, sizeof text - (size_t)used,
                     " (mul f32 %%%d %%1) (sub f32 %%%d %%1)", last, 2 * i + 2);
  snprintf(text + used, sizeof text - (size_t)used, ") (%%%d))", 2 * STEPS + 1);
  return map(f, text, &x);
}

// A residual block, a depthwise layer read backwards, pooling, a sum, softmax, a
// quantised layer, and a product in 16 bits.
static inline void build_network(fixture *f) {
  static const char add[] = "(body (f32 f32) ((add f32 %0 %1)) (%2))";
  gln_spec c = resized(f, &conv, "NNKC33"), w = resized(f, &pointwise, "MKK");
  gln_spec e = resized(f, &depthwise, "KDD33"), q = resized(f, &pool, "HHK22");
  eg_class x = view(f,
                    "(d0, d1, d2) [C, P, P] -> (d0, d1 - 1, d2 - 1) [C, N, N] "
                    "if d1 >= 1, d1 <= N, d2 >= 1, d2 <= N fill 0 : f32",
                    leaf(f, false, "((),(C,N,N)) f32"));
  eg_class y = relu(
      f, batch_norm(f, apply(f, &c, x, leaf(f, true, "((),(K,C,3,3)) f32")),
                    "(d0, d1, d2) [N, N, K] -> (d2) [K]", "((),(K)) f32"));
  eg_class flat =
      view(f, "(d0, d1) [M, K] -> (d0 floordiv N, d0 mod N, d1) [N, N, K]", y);
  eg_class z = apply(f, &w, flat, leaf(f, true, "((),(K,K)) f32"));
  eg_class bias =
      view(f, "(d0, d1) [M, K] -> (d1) [K]", leaf(f, true, "((),(K)) f32"));
  z = map(f, add, (eg_class[]){z, bias});
  // In another layout, so that the map is moved to that of the contraction.
  eg_class there =
      view(f, "(d0, d1, d2) [K, N, N] -> (d1 * N + d2, d0) [M, K]", z);
  eg_class skip =
      view(f, "(d0, d1, d2) [K, N, N] -> (d1, d2, d0) [N, N, K]", y);
  eg_class sum = relu(f, map(f, add, (eg_class[]){there, skip}));
  eg_class back = view(
      f, "(d0, d1, d2) [K, Q, Q] -> (L - d0, R - d1, Q - d2) [K, N, N]", sum);
  eg_class d =
      batch_norm(f, apply(f, &e, back, leaf(f, true, "((),(K,3,3)) f32")),
                 "(d0, d1, d2) [K, D, D] -> (d0) [K]", "((),(K)) f32");
  eg_class p = apply(f, &q, skip, (eg_class){0});
  p = view(f, "(d0, d1, d2, d3) [1, H, H, K] -> (d1, d2, d3) [H, H, K]", p);
  eg_class two[] = {p, leaf(f, false, "((),(1,H,H,K)) f32")};
  eg_class results[] = {
      d,
      map(f, "(body (f32 f32) ((sub f32 %0 %1) (abs f32 %2)) (%3))", two),
      sum,
      softmax(f, "((M),(K)) f32", leaf(f, false, "((),(M,K)) f32")),
      quantised_layer(f),
      long_map(f, leaf(f, false, "((),(M,K)) f32")),
      narrow_product(f)};
  CHECK(gln_add_results(&f->lang, results, 7, &f->root) == EG_OK);
}

//===-- Running -----------------------------------------------------------===//

static inline void run(const fixture *f, const eg_choice *choice,
                       gln_array *out, size_t *out_num) {
  const gln_array *inputs[MAX_ARRAYS], *constants[MAX_ARRAYS];
  for (size_t i = 0; i < MAX_ARRAYS; ++i) {
    inputs[i] = &f->inputs[i];
    constants[i] = &f->constants[i];
  }
  gln_environment e = {.inputs = inputs,
                       .num_inputs = f->num_inputs,
                       .constants = constants,
                       .num_constants = f->num_constants};
  eg_error error = {0};
  CHECK(gln_interp_value(&f->lang, choice, f->root, &e, memory, out, 8, out_num,
                         &error) == EG_OK);
  CHECK_STR(error.text, "");
}

// Sums in another order differ in the last places.
static inline bool close_to(const gln_array *a, const gln_array *b) {
  if (!gln_shape_equal(&a->shape, &b->shape))
    return false;
  for (int64_t n = 0; n < gln_shape_num_elements(&a->shape); ++n) {
    double x = gln_scalar_to_double(gln_array_get(a, n));
    double y = gln_scalar_to_double(gln_array_get(b, n));
    if (!(fabs(x - y) <= 1e-4 * (1 + fabs(y))))
      return false;
  }
  return true;
}

static inline gln_saturate_report saturate(fixture *f, const char *rules,
                                           const char *without) {
  gln_saturate_options options = {.limits = eg_limits_default()};
  gln_blocking_options blocking = {.max_kept = 12};
  gln_saturate_report report;
  eg_error error = {0};
  options.blocking = &blocking;
  CHECK(gln_rules_select(rules, without, "approximate", &options.rules,
                         &error) == EG_OK);
  CHECK(gln_saturate(&f->lang, &f->target, &options, &report, &error) == EG_OK);
  CHECK_STR(error.text, "");
  CHECK(eg_check(f->graph) == EG_OK);
  return report;
}

// A node of each class, uniformly.
static inline void sample(const fixture *f, eg_choice *choice, uint64_t *seed) {
  for (eg_class id = {0}; (id = eg_class_next(f->graph, id)).id;) {
    uint32_t num;
    const eg_node *nodes = eg_class_nodes(f->graph, id, &num);
    eg_choice_set(choice, id, nodes[test_random(seed) % num]);
  }
}

typedef struct legality {
  const fixture *f;
  const eg_choice *choice;
  int blocks, fused;  // met in all designs
  int illegal, wrong; // blocks; results
} legality;

static inline void check_legal(void *user, const gln_mapped *mapped) {
  legality *l = user;
  const gln_lang *lang = &l->f->lang;
  eg_node node = mapped->chosen;
  uint32_t num;
  gln_block block;
  gln_cost cost;
  if (gln_lang_node(lang, node) == GLN_NODE_COMPOSE) {
    ++l->fused;
    node =
        eg_choice_node(l->choice, eg_node_children(lang->graph, node, &num)[0]);
  }
  if (!gln_node_block(lang, node, &block))
    return;
  ++l->blocks;
  CHECK(gln_block_cost(&l->f->target, &block, &cost, NULL) == EG_OK);
  const double have[] = {l->f->target.abuf_bytes.value,
                         l->f->target.wbuf_bytes.value,
                         l->f->target.acc_bytes.value};
  for (int m = 0; m < GLN_NUM_MEMORIES; ++m)
    l->illegal += cost.held_bytes[m] > have[m];
}

// Samples designs; every one is checked and executed, none is left out.
static inline legality check_designs(fixture *f, const gln_array *want,
                                     size_t num, int designs) {
  legality all = {.f = f};
  gln_pricing pricing = {
      &f->lang, &f->target, {.kind = GLN_OBJECTIVE_LATENCY}, NULL};
  uint64_t seed = 11;
  int wrong = 0;
  for (int i = 0; i < designs; ++i) {
    eg_choice *choice;
    eg_choice_totals totals;
    gln_array got[8];
    gln_mapped total;
    size_t found = 0;
    CHECK(eg_choice_create(f->graph, &choice) == EG_OK);
    sample(f, choice, &seed);
    CHECK(eg_choice_check(f->graph, choice, &f->root, 1, NULL, &totals) ==
          EG_OK);
    all.choice = choice;
    CHECK(gln_mapping_walk(&pricing, choice, &f->root, 1, check_legal, &all,
                           &total, NULL) == EG_OK);
    run(f, choice, got, &found);
    CHECK_EQ(found, num);
    for (size_t k = 0; k < found; ++k) {
      wrong += !close_to(&got[k], &want[k]);
      gln_array_fini(&got[k]);
    }
    eg_choice_destroy(choice);
  }
  all.wrong = wrong;
  return all;
}

// The program as it is, before any rule.
static inline size_t reference(fixture *f, gln_array *out) {
  eg_choice *choice;
  eg_cost size = eg_cost_size();
  size_t num = 0;
  CHECK(eg_rebuild(f->graph) == EG_OK);
  CHECK(eg_extract_tree(f->graph, &size, &choice) == EG_OK);
  run(f, choice, out, &num);
  eg_choice_destroy(choice);
  return num;
}

static const char small[] =
    "rows=4,cols=4,lanes=4,abuf_bytes=1024,wbuf_bytes=1024,acc_bytes=2048";

#endif
