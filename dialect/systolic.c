// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The systolic dialect: its rules and one entry per op. What a command does, to
// the bit, stands in lib/runtime/sa.h, at the call of its name.
#include "dialect/systolic.h"

#include "dialect/access.h"
#include "dialect/host.h"
#include "dialect/systolic_internal.h"

//===-- Rules -------------------------------------------------------------===//

static bool is_tensor(MlirType type) {
  return mlirTypeIsARankedTensor(type);
}

static bool is_memref(MlirType type) {
  return mlirTypeIsAMemRef(type);
}

static bool is_index(MlirType type) {
  return mlirTypeIsAIndex(type);
}

bool gln_systolic_is_int(MlirAttribute attribute) {
  if (!mlirAttributeIsAInteger(attribute))
    return false;
  MlirType type = mlirAttributeGetType(attribute);
  return mlirTypeIsAInteger(type) && mlirIntegerTypeIsSignless(type) &&
         mlirIntegerTypeGetWidth(type) == 64;
}

static bool is_list(MlirAttribute attribute,
                    bool (*accepts)(MlirAttribute entry)) {
  if (!mlirAttributeIsAArray(attribute))
    return false;
  intptr_t num = mlirArrayAttrGetNumElements(attribute);
  for (intptr_t i = 0; i < num; ++i)
    if (!accepts(mlirArrayAttrGetElement(attribute, i)))
      return false;
  return true;
}

static bool is_element(MlirAttribute attribute) {
  gln_type type;
  return mlirAttributeIsAType(attribute) &&
         gln_element_parse(mlirTypeAttrGetValue(attribute), &type);
}

static bool is_ints(MlirAttribute attribute) {
  return is_list(attribute, gln_systolic_is_int);
}

static bool is_matrix(MlirAttribute attribute) {
  return is_list(attribute, is_ints);
}

static bool is_matrices(MlirAttribute attribute) {
  return is_list(attribute, is_matrix);
}

static bool is_elements(MlirAttribute attribute) {
  return is_list(attribute, is_element);
}

static bool is_texts(MlirAttribute attribute) {
  return is_list(attribute, mlirAttributeIsAString);
}

static bool is_real(MlirAttribute attribute) {
  return mlirAttributeIsAFloat(attribute) &&
         mlirTypeIsAF64(mlirAttributeGetType(attribute));
}

static const gln_rule tensor = {.what = "a ranked tensor",
                                .irdl = "irdl.base \"!builtin.tensor\"",
                                .accepts_type = is_tensor};
static const gln_rule memref = {.what = "a memref",
                                .irdl = "irdl.base \"!builtin.memref\"",
                                .accepts_type = is_memref};
static const gln_rule index_value = {
    .what = "an index", .irdl = "irdl.is index", .accepts_type = is_index};
static bool is_device(MlirType type) {
  return gln_dynamic_type_is(type, "systolic", "device");
}
static const gln_rule device = {.what = "a device",
                                .irdl = "irdl.base @systolic::@device",
                                .accepts_type = is_device};
#define ARRAY .irdl = "irdl.base \"#builtin.array\""
static const gln_rule integer = {.what = "an i64",
                                 .irdl = "irdl.base \"#builtin.integer\"",
                                 .accepts_attribute = gln_systolic_is_int};
static const gln_rule ints = {
    .what = "a list of i64", ARRAY, .accepts_attribute = is_ints};
static const gln_rule matrix = {
    .what = "a list of lists of i64", ARRAY, .accepts_attribute = is_matrix};
static const gln_rule matrices = {.what = "a list of matrices of i64",
                                  ARRAY,
                                  .accepts_attribute = is_matrices};
static const gln_rule elements = {
    .what = "a list of element types", ARRAY, .accepts_attribute = is_elements};
static const gln_rule texts = {
    .what = "a list of strings", ARRAY, .accepts_attribute = is_texts};
static const gln_rule text = {.what = "a string",
                              .irdl = "irdl.base \"#builtin.string\"",
                              .accepts_attribute = mlirAttributeIsAString};
static const gln_rule real = {.what = "an f64",
                              .irdl = "irdl.base \"#builtin.float\"",
                              .accepts_attribute = is_real};

static const char *element_option(size_t index) {
  return index < GLN_NUM_TYPES ? gln_type_name((gln_type)index) : NULL;
}
static const gln_rule element = {.what = "an element type",
                                 .option = element_option,
                                 .accepts_attribute = is_element};

static const char *const combines[] = {"dot", "sum", "prod",
                                       "max", "min", NULL};
static const char *combine_option(size_t index) {
  return index < 5 ? combines[index] : NULL;
}
static bool is_combine(MlirAttribute attribute) {
  return gln_systolic_is_word(attribute, combine_option);
}
static const gln_rule combine = {.what = "dot, sum, prod, max or min",
                                 .option = combine_option,
                                 .quote = true,
                                 .accepts_attribute = is_combine};

// One rule per kind of word.
#define WORD(kind, lower, says)                                                \
  static const char *lower##_option(size_t index) {                            \
    return gln_entry_word(GLN_ENTRY_##kind, index);                            \
  }                                                                            \
  static bool is_##lower(MlirAttribute attribute) {                            \
    return gln_systolic_is_word(attribute, lower##_option);                    \
  }                                                                            \
  static const gln_rule lower = {.what = says,                                 \
                                 .option = lower##_option,                     \
                                 .quote = true,                                \
                                 .accepts_attribute = is_##lower}
WORD(SPACE, space, "abuf, wbuf or acc");
WORD(TYPE, type, "i8, i32, bf16, f32 or f16");
WORD(ALU, alu, "an operation of the vector unit");
WORD(FROM, from, "rows, lane or imm");
WORD(ACT, act, "none, relu or clamp");
WORD(QUEUE, queue, "load, loadw, exec, vector or store");

//===-- Ops ---------------------------------------------------------------===//

#define SLOTS(...) ((const gln_slot[]){__VA_ARGS__, {0}})
#define DICTIONARY GLN_PLACE_DICTIONARY

// The rule of an attribute by kind and number of entries.
#define RULE_INT(num) ((num) == 1 ? &integer : &ints)
#define RULE_LONG(num) ((num) == 1 ? &integer : &ints)
#define RULE_REQUANT(num) &ints
#define RULE_REAL(num) &real
#define RULE_BASE(num) &integer
#define RULE_SCALE(num) &real
#define RULE_SPACE(num) &space
#define RULE_TYPE(num) &type
#define RULE_ALU(num) &alu
#define RULE_FROM(num) &from
#define RULE_ACT(num) &act
#define RULE_QUEUE(num) &queue
// The operation of the vector unit stands in front, as a bare word.
#define FIELD(op, name, num, kind, fallback, member, doc)                      \
  {#name, RULE_##kind(num), doc,                                               \
   GLN_ENTRY_##kind == GLN_ENTRY_ALU ? GLN_PLACE_KEYWORD : DICTIONARY,         \
   fallback},

#define VARYING                                                                \
  {"varying", &texts, "What the trailing operands set, as `n[3]` or `k`.",     \
   DICTIONARY, "[]"}

// Trailing operands of every command with a descriptor.
#define V(n) {"v" #n, &index_value, true}
#define TRAILING                                                               \
  V(0), V(1), V(2), V(3), V(4), V(5), V(6), V(7), V(8), V(9), V(10), V(11),    \
      V(12), V(13), V(14), V(15)
#define INDEX(name) {name, &index_value, false}
#define ORIGIN INDEX("o0"), INDEX("o1"), INDEX("o2"), INDEX("o3"), INDEX("o4")

#define DEV {"dev", &device, false}
#define OPERANDS_LOAD                                                          \
  SLOTS(DEV, {"tensor", &memref, false}, ORIGIN, INDEX("row"), TRAILING)
#define OPERANDS_LOADW OPERANDS_LOAD
#define OPERANDS_STORE OPERANDS_LOAD
#define OPERANDS_PRELOAD SLOTS(DEV, INDEX("wrow"), TRAILING)
#define OPERANDS_GEMM SLOTS(DEV, INDEX("arow"), INDEX("crow"), TRAILING)
#define OPERANDS_GEMM_OS                                                       \
  SLOTS(DEV, INDEX("arow"), INDEX("wrow"), INDEX("crow"), TRAILING)
#define OPERANDS_ALU                                                           \
  SLOTS(DEV, INDEX("drow"), INDEX("lrow"), INDEX("rrow"), TRAILING)
#define OPERANDS_MOVE SLOTS(DEV, INDEX("drow"), INDEX("srow"), ORIGIN, TRAILING)
#define OPERANDS_SIGNAL SLOTS(DEV)
#define OPERANDS_AWAIT OPERANDS_SIGNAL
#define OPERANDS_SUBMIT OPERANDS_SIGNAL
#define OPERANDS_WAIT OPERANDS_SIGNAL

#define FIELDS(op)                                                             \
  ((const gln_field[]){GLN_##op##_TABLE(FIELD, op) VARYING, {0}})
#define FIELDS_LOAD FIELDS(LOAD)
#define FIELDS_LOADW FIELDS(LOADW)
#define FIELDS_PRELOAD FIELDS(PRELOAD)
#define FIELDS_GEMM FIELDS(GEMM)
#define FIELDS_GEMM_OS FIELDS(GEMM_OS)
#define FIELDS_ALU FIELDS(ALU)
#define FIELDS_STORE FIELDS(STORE)
#define FIELDS_MOVE FIELDS(MOVE)
#define FIELDS_SIGNAL ((const gln_field[]){GLN_SIGNAL_TABLE(FIELD, SIGNAL){0}})
#define FIELDS_AWAIT ((const gln_field[]){GLN_AWAIT_TABLE(FIELD, AWAIT){0}})
#define FIELDS_SUBMIT NULL
#define FIELDS_WAIT                                                            \
  ((const gln_field[]){{"layer", &text, "What has been done, for statistics.", \
                        DICTIONARY, "\"\""},                                   \
                       {0}})

#define DEVICE "!systolic.device"
#define X6 "index", "index", "index", "index", "index", "index"
#define BOX                                                                    \
  "type = \"f32\", n = [1, 1, 1, 16, 16], extent = [1, 1, 1, 49, 64], "        \
  "stride = [0, 0, 0, 256, 4], rows = [0, 0, 0, 1]"
#define EXAMPLE_LOAD                                                           \
  {NULL, "{space = \"abuf\", " BOX "}", {DEVICE, "memref<49x64xf32>", X6}, NULL}
#define EXAMPLE_LOADW                                                          \
  {NULL, "{" BOX "}", {DEVICE, "memref<49x64xf32>", X6}, NULL}
#define EXAMPLE_STORE                                                          \
  {NULL,                                                                       \
   "{space = \"acc\", " BOX ", act = \"relu\"}",                               \
   {DEVICE, "memref<49x64xf32>", X6},                                          \
   NULL}
#define EXAMPLE_PRELOAD {NULL, "{k = 16, cols = 16}", {DEVICE, "index"}, NULL}
#define EXAMPLE_GEMM                                                           \
  {NULL,                                                                       \
   "{n = [1, 1, 1, 49], a = [0, 0, 0, 1], c = [0, 0, 0, 1], k = 16, "          \
   "cols = 16, varying = [\"n[3]\", \"accumulate\"]}",                         \
   {DEVICE, "index", "index", "index", "index"},                               \
   NULL}
#define EXAMPLE_GEMM_OS                                                        \
  {NULL,                                                                       \
   "{n = [1, 1, 1, 16], a = [0, 0, 0, 4], c = [0, 0, 0, 1], r = [1, 1, 4], "   \
   "a_step = [0, 0, 1], w_step = [0, 0, 16], k = 16, cols = 16}",              \
   {DEVICE, "index", "index", "index"},                                        \
   NULL}
#define EXAMPLE_ALU                                                            \
  {"max",                                                                      \
   "{n = [1, 1, 3, 3], cols = 16, lhs = [0, 0, 9, 1], rhs = [0, 0, 9, 1]}",    \
   {DEVICE, "index", "index", "index"},                                        \
   NULL}
#define EXAMPLE_MOVE                                                           \
  {NULL,                                                                       \
   "{from = \"acc\", to = \"abuf\", n = [1, 1, 1, 49, 16], "                   \
   "src = [0, 0, 0, 1], dst = [0, 0, 0, 1]}",                                  \
   {DEVICE, "index", X6},                                                      \
   NULL}
#define EXAMPLE_SIGNAL                                                         \
  {NULL, "{from = \"load\", to = \"exec\"}", {DEVICE}, NULL}
#define EXAMPLE_AWAIT {NULL, "{to = \"exec\", from = \"load\"}", {DEVICE}, NULL}
#define EXAMPLE_SUBMIT {NULL, NULL, {DEVICE}, NULL}
#define EXAMPLE_WAIT {NULL, "{layer = \"conv1\"}", {DEVICE}, NULL}

#define K(n) {"x" #n, &tensor, true}

static const gln_op_def ops[] = {
#define GLN_X(id, text, memrefs, indices, what)                                \
  [GLN_SYSTOLIC_##id] = {.name = text,                                         \
                         .doc = what,                                          \
                         .operands = OPERANDS_##id,                            \
                         .fields = FIELDS_##id,                                \
                         .example = EXAMPLE_##id,                              \
                         .verify = gln_systolic_verify_command},
    GLN_SYSTOLIC_TABLE(GLN_X)
#undef GLN_X
        [GLN_NUM_SYSTOLIC_OPS] =
            {.name = "kernel",
             .doc =
                 "A job of an accelerator: a reduction of one or two arrays, "
                 "cut into tiles, and a scalar function of what comes out.",
             .math = "out[p] = body(combine over r of a[A (p, r)] * b[B (p, "
                     "r)], x2[p], x3[p], ...), each array read through its "
                     "view",
             .operands = SLOTS({"x0", &tensor, false}, K(1), K(2), K(3), K(4),
                               K(5), K(6), K(7), K(8), K(9), K(10), K(11)),
             .results = SLOTS({"out", &tensor, false}),
             .fields =
                 (const gln_field[]){
                     {"combine", &combine,
                      "What reduces; `dot` has two operands.",
                      GLN_PLACE_KEYWORD, NULL},
                     {"sum", &element,
                      "Type in which products and sums are formed.", DICTIONARY,
                      NULL},
                     {"dims", &ints, "Iteration extents, parallel ones first.",
                      DICTIONARY, NULL},
                     {"parallel", &integer, "How many are parallel.",
                      DICTIONARY, NULL},
                     {"maps", &matrices,
                      "For each array that is reduced, per dimension of it, "
                      "the "
                      "coefficients of `dims`.",
                      DICTIONARY, NULL},
                     {"types", &elements, "Their element types.", DICTIONARY,
                      NULL},
                     {"tile", &ints, "Extents of a tile.", DICTIONARY, NULL},
                     {"order", &ints,
                      "Dimensions with more than one tile, outermost first.",
                      DICTIONARY, NULL},
                     {"staging", &matrix,
                      "For each of these arrays and the result: [loops outside "
                      "the tile, buffers, 1 to keep the halo, 1 to gather].",
                      DICTIONARY, NULL},
                     {"array", &integer, "Which array of the target.",
                      DICTIONARY, "0"},
                     {"epilogue", &integer,
                      "0, or 1 and the tiles that the body takes beside the "
                      "result's.",
                      DICTIONARY, "0"},
                     {"strategy", &texts, "How the unit runs a tile.",
                      DICTIONARY, NULL},
                     {"instruction", &text,
                      "Of the target, that runs a tile on an array; empty: the "
                      "first of its dataflow.",
                      DICTIONARY, "\"\""},
                     {"views", &texts,
                      "From each operand to the array that the job reads.",
                      DICTIONARY, NULL},
                     {"body", &text,
                      "Scalar function of the reduction's result and the other "
                      "operands; empty for none.",
                      DICTIONARY, "\"\""},
                     {"target", &text, "For which the tiles were chosen.",
                      DICTIONARY, NULL},
                     {0}},
             .pure = true,
             .example =
                 {"dot",
                  "{sum = f32, dims = [49, 64, 576], parallel = 2, maps = "
                  "[[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], types = "
                  "[f32, f32], tile = [49, 16, 576], order = [1], staging = "
                  "[[0, 1, 0, 0], [1, 2, 0, 0], [1, 1, 0, 0]], strategy = "
                  "[\"weight_stationary\", \"natural\", \"im2col\"], views = "
                  "[\"(d0, d1) [49, 576] -> (d0, d1) [49, 576]\", \"(d0, d1) "
                  "[576, 64] -> (d0, d1) [576, 64]\", \"(d0, d1) [49, 64] -> "
                  "(d1) [64]\"], body = \"(body (f32 f32) ((add f32 %0 %1) "
                  "(relu f32 %2)) (%3))\", target = \"gemmini16\"}",
                  {"tensor<49x576xf32>", "tensor<576x64xf32>",
                   "tensor<64xf32>"},
                  "tensor<49x64xf32>"},
             .verify = gln_systolic_verify_kernel},
    [GLN_NUM_SYSTOLIC_OPS +
     1] = {.name = "open",
           .doc = "The accelerator that a program was compiled for; the "
                  "runtime refuses another one.",
           .results = SLOTS({"dev", &device, false}),
           .fields =
               (const gln_field[]){
                   {"target", &text, "Its name, for messages.", DICTIONARY,
                    NULL},
                   {"in", &type, "Element type of ABUF and WBUF.", DICTIONARY,
                    NULL},
                   {"acc", &type, "Element type of ACC.", DICTIONARY, NULL},
#define GLN_X(name, what) {#name, &integer, what, DICTIONARY, NULL},
                   GLN_SYSTOLIC_HW_TABLE(GLN_X)
#undef GLN_X
                       {0}},
           .pure = true,
           .example = {NULL,
                       "{target = \"gemmini16\", in = \"f32\", acc = "
                       "\"f32\", rows = 16, cols = 16, abuf_bytes = 131072, "
                       "wbuf_bytes = 131072, acc_bytes = 65536, lanes = 16, "
                       "dram_bytes_per_cycle = 8, dram_burst_bytes = 64, "
                       "dram_request_cycles = 10, dram_latency_cycles = 100, "
                       "caps = 251}",
                       {NULL},
                       DEVICE}},
    [GLN_NUM_SYSTOLIC_OPS +
     2] = {.name = "read",
           .doc = "Commands have read the tensor, through "
                  "`bufferization.to_buffer`, up to here: until then nothing "
                  "is written where it lies. Gone once tensors are buffers.",
           .operands = SLOTS({"tensor", &tensor, false}),
           .reads = true,
           .example = {NULL, NULL, {"tensor<49x64xf32>"}, NULL}},
    [GLN_NUM_SYSTOLIC_OPS + 3] = {0}};

static const gln_type_def types[] = {
    {.name = "device",
     .doc = "A device of the runtime, with the types it was opened with.",
     .example = "!systolic.device"},
    {0}};

const gln_op_def *gln_systolic_def(size_t index) {
  return &ops[index];
}

const gln_dialect_def gln_systolic_dialect = {
    .name = "systolic",
    .doc =
        "Programs of a systolic-array accelerator, at two levels. A *kernel* "
        "is a job on\ntensors as the search chose it: what to reduce, in which "
        "tiles, by which unit,\nand what is done with the result on its way "
        "out. *Commands* mirror the calls of\nthe runtime "
        "(`lib/runtime/sa.h`) one to one inside ordinary loops; a descriptor "
        "is\nthe attributes, and what differs from one execution to the next "
        "is an operand.\n",
    .types = types,
    .ops = ops,
};
