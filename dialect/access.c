// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The access dialect: its rules, its type, and one entry per op. The meaning in
// full, with every side condition, stands in view/shape.h.
#include "dialect/access.h"
#include "dialect/access_internal.h"

//===-- Rules -------------------------------------------------------------===//

static bool is_tensor(MlirType type) {
  return mlirTypeIsARankedTensor(type);
}

static bool is_i64(MlirAttribute attribute) {
  if (!mlirAttributeIsAInteger(attribute))
    return false;
  MlirType type = mlirAttributeGetType(attribute);
  return mlirTypeIsAInteger(type) && mlirIntegerTypeIsSignless(type) &&
         mlirIntegerTypeGetWidth(type) == 64;
}

// Integers, or names that a target description gives them.
static bool is_list(MlirAttribute attribute) {
  if (!mlirAttributeIsAArray(attribute))
    return false;
  intptr_t num = mlirArrayAttrGetNumElements(attribute);
  for (intptr_t i = 0; i < num; ++i) {
    MlirAttribute entry = mlirArrayAttrGetElement(attribute, i);
    if (!is_i64(entry) && !(mlirAttributeIsAString(entry) &&
                            mlirStringAttrGetValue(entry).length))
      return false;
  }
  return true;
}

static bool is_number(MlirAttribute attribute) {
  return mlirAttributeIsAInteger(attribute) || mlirAttributeIsAFloat(attribute);
}

static bool is_kind(MlirAttribute attribute) {
  if (!mlirAttributeIsAString(attribute))
    return false;
  MlirStringRef name = mlirStringAttrGetValue(attribute);
  int kind;
  return gln_kind_parse(name.data, name.length, &kind);
}

static bool is_element(MlirAttribute attribute) {
  gln_type type;
  return mlirAttributeIsAType(attribute) &&
         gln_element_parse(mlirTypeAttrGetValue(attribute), &type);
}

static const char *kind_option(size_t index) {
  return index < GLN_NUM_KINDS ? gln_kind_name((int)index) : NULL;
}

static const char *kind_doc(size_t index) {
  static const char *const docs[] = {
      [GLN_KIND_DOT] = "sum of products over the item, of two operands or of "
                       "one operand's pairs",
      [GLN_KIND_REDUCE_SUM] = "sum of the item",
      [GLN_KIND_REDUCE_PROD] = "product of the item",
      [GLN_KIND_REDUCE_MAX] = "greatest element of the item",
      [GLN_KIND_REDUCE_MIN] = "least element of the item",
      [GLN_KIND_REDUCE_MEAN] = "mean of the item",
      [GLN_KIND_SOFTMAX] = "exp(x - max) / sum of these, over the item",
      [GLN_KIND_ARGMAX] = "position of the greatest element of the item",
  };
  if (index < GLN_KIND_SCALAR)
    return docs[index];
  return gln_scalar_op_info((gln_scalar_op)(index - GLN_KIND_SCALAR))->doc;
}

static const char *element_option(size_t index) {
  return index < GLN_NUM_TYPES ? gln_type_name((gln_type)index) : NULL;
}

static const gln_rule pattern = {.what = "an access pattern",
                                 .irdl = "irdl.base @access::@pattern",
                                 .accepts_type = gln_is_pattern};
static const gln_rule tensor = {.what = "a ranked tensor",
                                .irdl = "irdl.base \"!builtin.tensor\"",
                                .accepts_type = is_tensor};
static const gln_rule integer = {.what = "an i64",
                                 .irdl = "irdl.base \"#builtin.integer\"",
                                 .accepts_attribute = is_i64};
static const gln_rule list = {.what = "a list of i64 or of names",
                              .irdl = "irdl.base \"#builtin.array\"",
                              .accepts_attribute = is_list};
// IRDL 22 may crash on any_of over two bases, so it lets everything pass.
static const gln_rule number = {
    .what = "a number", .irdl = "irdl.any", .accepts_attribute = is_number};
static const gln_rule symbol = {.what = "a symbol name",
                                .irdl = "irdl.base \"#builtin.symbol_ref\"",
                                .accepts_attribute =
                                    mlirAttributeIsAFlatSymbolRef};
static const gln_rule kind = {.what = "the name of a kind",
                              .option = kind_option,
                              .option_doc = kind_doc,
                              .quote = true,
                              .accepts_attribute = is_kind};
static const gln_rule element = {.what = "an element type",
                                 .option = element_option,
                                 .accepts_attribute = is_element};

//===-- The type ----------------------------------------------------------===//

static eg_status verify_pattern(const MlirAttribute *params, size_t num,
                                eg_error *error) {
  (void)num;
  gln_shape shape;
  bool is_symbolic;
  return gln_access_params_shape(params, &shape, &is_symbolic, error);
}

static const gln_type_def types[] = {
    {.name = "pattern",
     .doc = "An array whose dimensions are split in two: access dimensions, "
            "iterated over, and item dimensions, what is handed to the "
            "computation at each position.",
     .params =
         (const gln_param[]){
             {"access", &list, "Extents of the access dimensions, each >= 1."},
             {"item", &list, "Extents of the item dimensions, each >= 1."},
             {"element", &element, "Type of an element."},
             {0}},
     .example = "!access.pattern<[32, 32], [3, 3], f32>",
     .verify = verify_pattern},
    {0}};

//===-- Ops ---------------------------------------------------------------===//

#define SLOTS(...) ((const gln_slot[]){__VA_ARGS__, {0}})
#define FIELDS(...) ((const gln_field[]){__VA_ARGS__, {0}})
#define ONE_PATTERN SLOTS({"in", &pattern, false})
#define TWO_PATTERNS SLOTS({"a", &pattern, false}, {"b", &pattern, false})
#define OUT SLOTS({"out", &pattern, false})
#define COMMON .pure = true, .verify = gln_access_verify

static const gln_op_def ops[] = {
    [GLN_OP_VIEW] = {.name = "view",
                     .doc = "Views a tensor as a pattern: its first `at` "
                            "dimensions become access dimensions.",
                     .math = "out[i] = in[i]",
                     .operands = SLOTS({"in", &tensor, false}),
                     .results = OUT,
                     .fields =
                         FIELDS({"at", &integer, "Number of access dimensions.",
                                 GLN_PLACE_DICTIONARY, NULL}),
                     .example = {NULL,
                                 "{at = 1}",
                                 {"tensor<4x8xf32>"},
                                 "!access.pattern<[4], [8], f32>"},
                     COMMON},
    [GLN_OP_TENSOR] = {.name = "tensor",
                       .doc = "Gives a pattern back as a tensor of all its "
                              "dimensions, access dimensions first.",
                       .math = "out[i] = in[i]",
                       .operands = ONE_PATTERN,
                       .results = SLOTS({"out", &tensor, false}),
                       .example = {NULL,
                                   NULL,
                                   {"!access.pattern<[4], [8], f32>"},
                                   "tensor<4x8xf32>"},
                       COMMON},
    [GLN_OP_SHIFT] = {.name = "shift",
                      .doc = "Moves the split between access and item "
                             "dimensions by `by`, to the right if positive.",
                      .math = "out[i] = in[i]",
                      .operands = ONE_PATTERN,
                      .results = OUT,
                      .fields = FIELDS({"by", &integer,
                                        "How many dimensions change sides.",
                                        GLN_PLACE_DICTIONARY, NULL}),
                      .example = {NULL,
                                  "{by = -1}",
                                  {"!access.pattern<[4, 8], [], f32>"},
                                  "!access.pattern<[4], [8], f32>"},
                      COMMON},
    [GLN_OP_TRANSPOSE] =
        {.name = "transpose",
         .doc = "Permutes all dimensions; the number of access dimensions "
                "stays.",
         .math = "out[i] = in[j] with j[perm[d]] = i[d]",
         .operands = ONE_PATTERN,
         .results = OUT,
         .fields =
             FIELDS({"perm", &list, "For each result dimension the operand's.",
                     GLN_PLACE_DICTIONARY, NULL}),
         .example = {NULL,
                     "{perm = [2, 0, 1]}",
                     {"!access.pattern<[4], [8, 3], f32>"},
                     "!access.pattern<[3], [4, 8], f32>"},
         COMMON},
    [GLN_OP_RESHAPE] = {.name = "reshape",
                        .doc = "Lists the elements of each half in row-major "
                               "order under new extents of the same product, "
                               "those of the result type.",
                        .operands = ONE_PATTERN,
                        .results = OUT,
                        .example = {NULL,
                                    NULL,
                                    {"!access.pattern<[6], [2, 4], f32>"},
                                    "!access.pattern<[3, 2], [8], f32>"},
                        COMMON},
    [GLN_OP_FLATTEN] = {.name = "flatten",
                        .doc = "Reshapes each half to one dimension.",
                        .operands = ONE_PATTERN,
                        .results = OUT,
                        .example = {NULL,
                                    NULL,
                                    {"!access.pattern<[3, 2], [2, 4], f32>"},
                                    "!access.pattern<[6], [8], f32>"},
                        COMMON},
    [GLN_OP_SQUEEZE] = {.name = "squeeze",
                        .doc = "Drops dimension `dim`, which has extent 1.",
                        .operands = ONE_PATTERN,
                        .results = OUT,
                        .fields = FIELDS({"dim", &integer,
                                          "Dimension, access ones first.",
                                          GLN_PLACE_DICTIONARY, NULL}),
                        .example = {NULL,
                                    "{dim = 1}",
                                    {"!access.pattern<[3, 1], [4], f32>"},
                                    "!access.pattern<[3], [4], f32>"},
                        COMMON},
    [GLN_OP_INSERT_AXIS] =
        {.name = "insert_axis",
         .doc = "Inserts a dimension of extent 1 before dimension `dim`, an "
                "access dimension if `dim` is at most their number.",
         .operands = ONE_PATTERN,
         .results = OUT,
         .fields = FIELDS({"dim", &integer, "Where, 0 to the rank.",
                           GLN_PLACE_DICTIONARY, NULL}),
         .example = {NULL,
                     "{dim = 0}",
                     {"!access.pattern<[3], [4], f32>"},
                     "!access.pattern<[1, 3], [4], f32>"},
         COMMON},
    [GLN_OP_BROADCAST] =
        {.name = "broadcast",
         .doc = "Repeats along dimensions of extent 1 and along missing ones; "
                "each half is aligned at its right end with the result type.",
         .math = "out[i] = in[j], j[d] = 0 where in has extent 1, else the "
                 "aligned i",
         .operands = ONE_PATTERN,
         .results = OUT,
         .example = {NULL,
                     NULL,
                     {"!access.pattern<[1], [8], f32>"},
                     "!access.pattern<[5, 4], [8], f32>"},
         COMMON},
    [GLN_OP_SLICE] =
        {.name = "slice",
         .doc = "Takes a regular box of positions over all dimensions; "
                "strides may be negative.",
         .math = "out[i] = in[offsets + i * strides]",
         .operands = ONE_PATTERN,
         .results = OUT,
         .fields = FIELDS({"offsets", &list, "Position of the first element.",
                           GLN_PLACE_DICTIONARY, NULL},
                          {"sizes", &list, "Extents of the result.",
                           GLN_PLACE_DICTIONARY, NULL},
                          {"strides", &list, "Distance of elements, not 0.",
                           GLN_PLACE_DICTIONARY, "like sizes"}),
         .example = {NULL,
                     "{offsets = [0, 7], sizes = [2, 4], strides = [2, -2]}",
                     {"!access.pattern<[4], [8], f32>"},
                     "!access.pattern<[2], [4], f32>"},
         COMMON},
    [GLN_OP_PAD] =
        {.name = "pad",
         .doc = "Surrounds the array with `value`.",
         .math = "out[i] = in[i - low] where that is inside, else value",
         .operands = ONE_PATTERN,
         .results = OUT,
         .fields = FIELDS({"low", &list, "Elements before, per dimension.",
                           GLN_PLACE_DICTIONARY, NULL},
                          {"high", &list, "Elements after, per dimension.",
                           GLN_PLACE_DICTIONARY, NULL},
                          {"value", &number, "The filler, of the element type.",
                           GLN_PLACE_DICTIONARY, NULL}),
         .example = {NULL,
                     "{low = [0, 1], high = [0, 1], value = 0.0 : f32}",
                     {"!access.pattern<[4], [8], f32>"},
                     "!access.pattern<[4], [10], f32>"},
         COMMON},
    [GLN_OP_WINDOWS] =
        {.name = "windows",
         .doc = "Slides a window over all item dimensions: its positions "
                "become access dimensions, its contents the item.",
         .math = "out[a ++ o ++ w] = in[a ++ (o * strides + w * dilations)]",
         .operands = ONE_PATTERN,
         .results = OUT,
         .fields = FIELDS({"shape", &list, "Extents of one window.",
                           GLN_PLACE_DICTIONARY, NULL},
                          {"strides", &list, "Distance of windows.",
                           GLN_PLACE_DICTIONARY, "like shape"},
                          {"dilations",
                           &list, "Distance of elements within a window.",
                           GLN_PLACE_DICTIONARY, "like shape"}),
         .example = {NULL,
                     "{shape = [3, 3], strides = [2, 2]}",
                     {"!access.pattern<[16], [9, 9], f32>"},
                     "!access.pattern<[16, 4, 4], [3, 3], f32>"},
         COMMON},
    [GLN_OP_CONCAT] = {.name = "concat",
                       .doc = "Joins two patterns that differ only in "
                              "dimension `dim`.",
                       .operands = TWO_PATTERNS,
                       .results = OUT,
                       .fields = FIELDS({"dim", &integer,
                                         "Dimension, access ones first.",
                                         GLN_PLACE_DICTIONARY, NULL}),
                       .example = {NULL,
                                   "{dim = 0}",
                                   {"!access.pattern<[3], [4], f32>",
                                    "!access.pattern<[2], [4], f32>"},
                                   "!access.pattern<[5], [4], f32>"},
                       COMMON},
    [GLN_OP_IOTA] = {.name = "iota",
                     .doc = "Gives each position its index along `dim`.",
                     .math = "out[i] = i[dim]",
                     .results = OUT,
                     .fields = FIELDS({"dim", &integer,
                                       "Dimension, access ones first.",
                                       GLN_PLACE_DICTIONARY, NULL}),
                     .example = {NULL,
                                 "{dim = 1}",
                                 {NULL},
                                 "!access.pattern<[3], [4], i32>"},
                     COMMON},
    [GLN_OP_PAIR] = {.name = "pair",
                     .doc = "Lays the items of two patterns side by side.",
                     .math = "out[a ++ s ++ c] = in_s[a ++ c], s in {0, 1}",
                     .operands = TWO_PATTERNS,
                     .results = OUT,
                     .example = {NULL,
                                 NULL,
                                 {"!access.pattern<[3], [4], f32>",
                                  "!access.pattern<[3], [4], f32>"},
                                 "!access.pattern<[3], [2, 4], f32>"},
                     COMMON},
    [GLN_OP_CARTESIAN_PRODUCT] =
        {.name = "cartesian_product",
         .doc = "Pairs every item of one pattern with every item of the other.",
         .math = "out[a ++ b ++ 0 ++ c] = in_0[a ++ c], out[a ++ b ++ 1 ++ c] "
                 "= in_1[b ++ c]",
         .operands = TWO_PATTERNS,
         .results = OUT,
         .example = {NULL,
                     NULL,
                     {"!access.pattern<[3], [8], f32>",
                      "!access.pattern<[5], [8], f32>"},
                     "!access.pattern<[3, 5], [2, 8], f32>"},
         COMMON},
    [GLN_OP_COMPUTE] =
        {.name = "compute",
         .doc = "Applies the function `kind` to every item; the result type "
                "names the type it is computed in.",
         .operands = SLOTS({"a", &pattern, false}, {"b", &pattern, true},
                           {"c", &pattern, true}, {"d", &pattern, true}),
         .results = OUT,
         .fields = FIELDS(
             {"kind", &kind, "See the list below.", GLN_PLACE_KEYWORD, NULL}),
         .example = {"dot",
                     NULL,
                     {"!access.pattern<[3, 5], [8], i8>",
                      "!access.pattern<[3, 5], [8], i8>"},
                     "!access.pattern<[3, 5], [], i32>"},
         COMMON},
    [GLN_OP_CALL] =
        {.name = "call",
         .doc = "Applies a pure scalar function to every position of operands "
                "of equal dimensions.",
         .math = "out[i] = body(in_0[i], in_1[i], ...)",
         .operands = SLOTS({"a", &pattern, false}, {"b", &pattern, true},
                           {"c", &pattern, true}, {"d", &pattern, true},
                           {"e", &pattern, true}, {"f", &pattern, true},
                           {"g", &pattern, true}, {"h", &pattern, true}),
         .results = OUT,
         .fields = FIELDS({"body", &symbol,
                           "A function of one scalar per operand with one "
                           "result.",
                           GLN_PLACE_SYMBOL, NULL}),
         .example = {"@hypot",
                     NULL,
                     {"!access.pattern<[3], [8], f32>",
                      "!access.pattern<[3], [8], f32>"},
                     "!access.pattern<[3], [8], f32>"},
         .verify_symbol = gln_access_verify_body,
         COMMON},
    [GLN_NUM_OPS] = {0}};

const gln_op_def *gln_access_def(gln_op op) {
  return &ops[op];
}

const gln_dialect_def gln_access_dialect = {
    .name = "access",
    .doc =
        "An access pattern is an array whose dimensions are split in two: "
        "*access*\ndimensions, which are iterated over, and *item* dimensions, "
        "what is handed to\nthe computation at each position. Views rearrange "
        "positions and never copy;\n`compute` applies a function to every "
        "item. A matrix product is\n\n```mlir\n"
        "%a = access.view %A {at = 1} : tensor<3x8xf32> -> "
        "!access.pattern<[3], [8], f32>\n"
        "%t = access.view %B {at = 1} : tensor<8x5xf32> -> "
        "!access.pattern<[8], [5], f32>\n"
        "%b = access.transpose %t {perm = [1, 0]} : "
        "!access.pattern<[8], [5], f32> -> !access.pattern<[5], [8], f32>\n"
        "%p = access.cartesian_product %a, %b : "
        "!access.pattern<[3], [8], f32>, !access.pattern<[5], [8], f32> -> "
        "!access.pattern<[3, 5], [2, 8], f32>\n"
        "%c = access.compute dot %p : !access.pattern<[3, 5], [2, 8], f32> -> "
        "!access.pattern<[3, 5], [], f32>\n"
        "```\n\nShapes are static, every op is pure. In a target description "
        "an extent may be a\nname, `!access.pattern<[\"m\"], [\"k\"], i8>`; "
        "such ops are checked when the\ntarget is loaded.\n",
    .prelude = "func.func private @hypot(%x: f32, %y: f32) -> f32 {\n"
               "  %xx = arith.mulf %x, %x : f32\n"
               "  %yy = arith.mulf %y, %y : f32\n"
               "  %s = arith.addf %xx, %yy : f32\n"
               "  %r = math.sqrt %s : f32\n"
               "  return %r : f32\n"
               "}\n",
    .types = types,
    .ops = ops,
};
