// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Scalar functions: the one table of them, and straight-line programs over it.
//
// A row is polymorphic where the operand type decides: `add` is arith.addf on
// floats and arith.addi on integers. Where it does not, the row says signed
// (no suffix) or unsigned (suffix u). The evaluator is interp/scalar_eval.h;
// the meaning of the cases that MLIR leaves undefined is stated there.
#ifndef GLN_VIEW_SCALAR_H
#define GLN_VIEW_SCALAR_H

#include "view/type.h"

#ifdef __cplusplus
extern "C" {
#endif

//===-- The table ---------------------------------------------------------===//

// X(enumerator, name in text, arity, operand class, type rule, meaning)
//
// Class: which types T the operands may have: FLOAT, INT or ANY.
// Rule:  SAME     T…T → T
//        PRED     T…T → i1
//        SELECT   i1, T, T → T
//        CAST     T → any type, which the use names
//        BITCAST  T → a type of the same width
//        POWI     T, an integer type → T
#define GLN_SCALAR_TABLE(X)                                                    \
  X(ADD, "add", 2, ANY, SAME, "x + y; integers wrap")                          \
  X(SUB, "sub", 2, ANY, SAME, "x - y; integers wrap")                          \
  X(MUL, "mul", 2, ANY, SAME, "x * y; integers wrap")                          \
  X(DIV, "div", 2, ANY, SAME, "x / y; integers signed, towards zero")          \
  X(DIVU, "divu", 2, INT, SAME, "x / y unsigned")                              \
  X(CEILDIV, "ceildiv", 2, INT, SAME, "ceil(x / y) signed")                    \
  X(CEILDIVU, "ceildivu", 2, INT, SAME, "ceil(x / y) unsigned")                \
  X(FLOORDIV, "floordiv", 2, INT, SAME, "floor(x / y) signed")                 \
  X(REM, "rem", 2, ANY, SAME, "x - y * trunc(x / y); the sign of x")           \
  X(REMU, "remu", 2, INT, SAME, "x mod y unsigned")                            \
  X(MULH, "mulh", 2, INT, SAME, "high half of the signed product")             \
  X(MULHU, "mulhu", 2, INT, SAME, "high half of the unsigned product")         \
  X(ADDCARRY, "addcarry", 2, INT, PRED, "the carry of x + y unsigned")         \
  X(MAX, "max", 2, ANY, SAME, "maximumf: NaN if any is NaN, -0 < 0; signed")   \
  X(MIN, "min", 2, ANY, SAME, "minimumf: NaN if any is NaN, -0 < 0; signed")   \
  X(MAXU, "maxu", 2, INT, SAME, "unsigned maximum")                            \
  X(MINU, "minu", 2, INT, SAME, "unsigned minimum")                            \
  X(MAXNUM, "maxnum", 2, FLOAT, SAME, "maxnumf: the other one if one is NaN")  \
  X(MINNUM, "minnum", 2, FLOAT, SAME, "minnumf: the other one if one is NaN")  \
  X(AND, "and", 2, INT, SAME, "bitwise and")                                   \
  X(OR, "or", 2, INT, SAME, "bitwise or")                                      \
  X(XOR, "xor", 2, INT, SAME, "bitwise exclusive or")                          \
  X(SHL, "shl", 2, INT, SAME, "x * 2^y, y unsigned; 0 from y = width on")      \
  X(SHR, "shr", 2, INT, SAME, "arithmetic shift right, y unsigned")            \
  X(SHRU, "shru", 2, INT, SAME, "logical shift right, y unsigned")             \
  X(POW, "pow", 2, FLOAT, SAME, "x to the power y")                            \
  X(POWI, "powi", 2, FLOAT, POWI, "x to the power of a signed integer y")      \
  X(IPOW, "ipow", 2, INT, SAME, "integer power, wraps; y signed")              \
  X(ATAN2, "atan2", 2, FLOAT, SAME, "angle of the point (y: x, x: y)")         \
  X(COPYSIGN, "copysign", 2, FLOAT, SAME, "|x| with the sign of y")            \
  X(NEG, "neg", 1, ANY, SAME, "-x; integers wrap")                             \
  X(NOT, "not", 1, INT, SAME, "every bit flipped")                             \
  X(ABS, "abs", 1, ANY, SAME, "|x|; the least integer stays itself")           \
  X(RELU, "relu", 1, ANY, SAME, "max(x, 0), NaN stays NaN; signed")            \
  X(EXP, "exp", 1, FLOAT, SAME, "e^x")                                         \
  X(EXP2, "exp2", 1, FLOAT, SAME, "2^x")                                       \
  X(EXPM1, "expm1", 1, FLOAT, SAME, "e^x - 1")                                 \
  X(LOG, "log", 1, FLOAT, SAME, "natural logarithm")                           \
  X(LOG2, "log2", 1, FLOAT, SAME, "binary logarithm")                          \
  X(LOG10, "log10", 1, FLOAT, SAME, "decimal logarithm")                       \
  X(LOG1P, "log1p", 1, FLOAT, SAME, "log(1 + x)")                              \
  X(TANH, "tanh", 1, FLOAT, SAME, "hyperbolic tangent")                        \
  X(SIGMOID, "sigmoid", 1, FLOAT, SAME, "1 / (1 + e^-x)")                      \
  X(ERF, "erf", 1, FLOAT, SAME, "error function")                              \
  X(ERFC, "erfc", 1, FLOAT, SAME, "1 - erf(x)")                                \
  X(SQRT, "sqrt", 1, FLOAT, SAME, "square root")                               \
  X(RSQRT, "rsqrt", 1, FLOAT, SAME, "1 / sqrt(x)")                             \
  X(CBRT, "cbrt", 1, FLOAT, SAME, "cube root")                                 \
  X(SIN, "sin", 1, FLOAT, SAME, "sine")                                        \
  X(COS, "cos", 1, FLOAT, SAME, "cosine")                                      \
  X(TAN, "tan", 1, FLOAT, SAME, "tangent")                                     \
  X(ASIN, "asin", 1, FLOAT, SAME, "arc sine")                                  \
  X(ACOS, "acos", 1, FLOAT, SAME, "arc cosine")                                \
  X(ATAN, "atan", 1, FLOAT, SAME, "arc tangent")                               \
  X(SINH, "sinh", 1, FLOAT, SAME, "hyperbolic sine")                           \
  X(COSH, "cosh", 1, FLOAT, SAME, "hyperbolic cosine")                         \
  X(ASINH, "asinh", 1, FLOAT, SAME, "inverse hyperbolic sine")                 \
  X(ACOSH, "acosh", 1, FLOAT, SAME, "inverse hyperbolic cosine")               \
  X(ATANH, "atanh", 1, FLOAT, SAME, "inverse hyperbolic tangent")              \
  X(FLOOR, "floor", 1, FLOAT, SAME, "greatest integer <= x")                   \
  X(CEIL, "ceil", 1, FLOAT, SAME, "least integer >= x")                        \
  X(ROUND, "round", 1, FLOAT, SAME, "nearest integer, ties away from 0")       \
  X(ROUNDEVEN, "roundeven", 1, FLOAT, SAME, "nearest integer, ties to even")   \
  X(TRUNC, "trunc", 1, FLOAT, SAME, "integer part")                            \
  X(CTLZ, "ctlz", 1, INT, SAME, "number of leading zero bits")                 \
  X(CTTZ, "cttz", 1, INT, SAME, "number of trailing zero bits")                \
  X(CTPOP, "ctpop", 1, INT, SAME, "number of one bits")                        \
  X(ISNAN, "isnan", 1, FLOAT, PRED, "x is NaN")                                \
  X(ISINF, "isinf", 1, FLOAT, PRED, "x is infinite")                           \
  X(ISFINITE, "isfinite", 1, FLOAT, PRED, "x is neither infinite nor NaN")     \
  X(ISNORMAL, "isnormal", 1, FLOAT, PRED, "x is finite, not 0 or subnormal")   \
  X(CAST, "cast", 1, ANY, CAST, "extsi trunci sitofp fptosi extf truncf")      \
  X(CASTU, "castu", 1, ANY, CAST, "extui trunci uitofp fptoui extf truncf")    \
  X(BITCAST, "bitcast", 1, ANY, BITCAST, "the same bits")                      \
  X(FMA, "fma", 3, FLOAT, SAME, "x * y + z rounded once")                      \
  X(CLAMP, "clamp", 3, ANY, SAME, "min(max(x, y), z); signed")                 \
  X(CLAMPU, "clampu", 3, INT, SAME, "minu(maxu(x, y), z)")                     \
  X(SELECT, "select", 3, ANY, SELECT, "x ? y : z")                             \
  X(CMPI_EQ, "cmpi_eq", 2, INT, PRED, "x = y")                                 \
  X(CMPI_NE, "cmpi_ne", 2, INT, PRED, "x != y")                                \
  X(CMPI_SLT, "cmpi_slt", 2, INT, PRED, "x < y signed")                        \
  X(CMPI_SLE, "cmpi_sle", 2, INT, PRED, "x <= y signed")                       \
  X(CMPI_SGT, "cmpi_sgt", 2, INT, PRED, "x > y signed")                        \
  X(CMPI_SGE, "cmpi_sge", 2, INT, PRED, "x >= y signed")                       \
  X(CMPI_ULT, "cmpi_ult", 2, INT, PRED, "x < y unsigned")                      \
  X(CMPI_ULE, "cmpi_ule", 2, INT, PRED, "x <= y unsigned")                     \
  X(CMPI_UGT, "cmpi_ugt", 2, INT, PRED, "x > y unsigned")                      \
  X(CMPI_UGE, "cmpi_uge", 2, INT, PRED, "x >= y unsigned")                     \
  X(CMPF_FALSE, "cmpf_false", 2, FLOAT, PRED, "no")                            \
  X(CMPF_OEQ, "cmpf_oeq", 2, FLOAT, PRED, "x = y, no NaN")                     \
  X(CMPF_OGT, "cmpf_ogt", 2, FLOAT, PRED, "x > y, no NaN")                     \
  X(CMPF_OGE, "cmpf_oge", 2, FLOAT, PRED, "x >= y, no NaN")                    \
  X(CMPF_OLT, "cmpf_olt", 2, FLOAT, PRED, "x < y, no NaN")                     \
  X(CMPF_OLE, "cmpf_ole", 2, FLOAT, PRED, "x <= y, no NaN")                    \
  X(CMPF_ONE, "cmpf_one", 2, FLOAT, PRED, "x != y, no NaN")                    \
  X(CMPF_ORD, "cmpf_ord", 2, FLOAT, PRED, "no NaN")                            \
  X(CMPF_UEQ, "cmpf_ueq", 2, FLOAT, PRED, "x = y, or a NaN")                   \
  X(CMPF_UGT, "cmpf_ugt", 2, FLOAT, PRED, "x > y, or a NaN")                   \
  X(CMPF_UGE, "cmpf_uge", 2, FLOAT, PRED, "x >= y, or a NaN")                  \
  X(CMPF_ULT, "cmpf_ult", 2, FLOAT, PRED, "x < y, or a NaN")                   \
  X(CMPF_ULE, "cmpf_ule", 2, FLOAT, PRED, "x <= y, or a NaN")                  \
  X(CMPF_UNE, "cmpf_une", 2, FLOAT, PRED, "x != y, or a NaN")                  \
  X(CMPF_UNO, "cmpf_uno", 2, FLOAT, PRED, "a NaN")                             \
  X(CMPF_TRUE, "cmpf_true", 2, FLOAT, PRED, "yes")

// The predicates stand in the order of arith's enums: CMPI_EQ + p is cmpi with
// predicate p, CMPF_FALSE + p is cmpf.
typedef enum gln_scalar_op {
#define GLN_X(id, name, arity, kind, rule, doc) GLN_SCALAR_##id,
  GLN_SCALAR_TABLE(GLN_X)
#undef GLN_X
  // The two leaves of a body, which are no functions.
  GLN_SCALAR_CONST,
  GLN_SCALAR_INDEX,
} gln_scalar_op;

enum {
  GLN_NUM_SCALAR_OPS = GLN_SCALAR_CONST, // rows of the table
  GLN_SCALAR_MAX_ARITY = 3,
};

typedef enum gln_scalar_class {
  GLN_SCALAR_CLASS_FLOAT,
  GLN_SCALAR_CLASS_INT,
  GLN_SCALAR_CLASS_ANY,
} gln_scalar_class;

typedef enum gln_scalar_rule {
  GLN_SCALAR_RULE_SAME,
  GLN_SCALAR_RULE_PRED,
  GLN_SCALAR_RULE_SELECT,
  GLN_SCALAR_RULE_CAST,
  GLN_SCALAR_RULE_BITCAST,
  GLN_SCALAR_RULE_POWI,
} gln_scalar_rule;

// One row.
typedef struct gln_scalar_info {
  const char *name;            // in text, e.g. "max"
  unsigned arity;              // 1…3 operands
  gln_scalar_class type_class; // of T
  gln_scalar_rule rule;        // from operand types to the result's
  const char *doc;             // the function in plain mathematics
} gln_scalar_info;

// The row of |op|, which must be below GLN_NUM_SCALAR_OPS. Never NULL.
GLN_API const gln_scalar_info *gln_scalar_op_info(gln_scalar_op op);
// The function called |name| (|length| bytes); false when there is none.
GLN_API bool gln_scalar_op_parse(const char *name, size_t length,
                                 gln_scalar_op *out);

// The function that result number |result| of the MLIR op |name| computes:
// "arith.addf" 0 → add, "arith.mulsi_extended" 1 → mulh, "math.sincos" 1 → cos.
// |predicate| is the integer of arith.cmpi and arith.cmpf, 0 for others. False
// for an op that is not in the table. Fast-math flags are not looked at.
GLN_API bool gln_scalar_op_from_mlir(const char *name, unsigned result,
                                     int64_t predicate, gln_scalar_op *out);

// The result type of |op| on operands of types |args|. |wanted| is the type the
// use names: needed by CAST and BITCAST, compared with the result otherwise.
// EG_INVALID names the function, the operand and both types.
EG_NODISCARD
GLN_API eg_status gln_scalar_op_check(gln_scalar_op op, const gln_type *args,
                                      size_t num_args, gln_type wanted,
                                      eg_error *error);

//===-- Straight-line bodies ----------------------------------------------===//

enum {
  GLN_BODY_MAX_ARGS = 32,
  GLN_BODY_MAX_RESULTS = 16,
  GLN_BODY_MAX_INSTS = 4096,
  GLN_BODY_MAX_REGISTERS = GLN_BODY_MAX_ARGS + GLN_BODY_MAX_INSTS,
};

// One instruction; it writes the register of its own number.
typedef struct gln_scalar_inst {
  uint16_t op;                         // gln_scalar_op, or a leaf
  uint16_t type;                       // gln_type of the register it writes
  uint16_t args[GLN_SCALAR_MAX_ARITY]; // registers read; the unused ones 0
  uint64_t bits;                       // CONST: the value; INDEX: the dimension
} gln_scalar_inst;

// A pure scalar function as a straight-line program. Registers 0…num_args-1 are
// the arguments, register num_args + i is written by insts[i] and read only by
// later ones. INDEX d is the position along iteration dimension d, of type
// index. Text, one list of argument types, of instructions, of results:
//
//   (body (f32 f32) ((mul f32 %0 %1) (const f32 1e+00) (add f32 %2 %3)) (%4))
//
// Initialise with gln_scalar_body_init; a body of no arguments and no
// instructions is valid. Not thread-safe while being built.
typedef struct gln_scalar_body {
  uint16_t num_args;
  uint16_t num_insts;
  uint16_t num_results;
  uint16_t capacity;                      // of |insts|
  uint8_t arg_types[GLN_BODY_MAX_ARGS];   // gln_type each
  uint16_t results[GLN_BODY_MAX_RESULTS]; // registers
  gln_scalar_inst *insts;                 // owned
  eg_allocator allocator;
} gln_scalar_body;

// An empty body with these arguments. EG_LIMIT beyond GLN_BODY_MAX_ARGS. After
// a failure the body is empty and may be finished.
EG_NODISCARD
GLN_API eg_status gln_scalar_body_init(gln_scalar_body *body,
                                       const gln_type *arg_types,
                                       size_t num_args, eg_allocator allocator,
                                       eg_error *error);
GLN_API void gln_scalar_body_fini(gln_scalar_body *body);

// Append a constant, an iteration index, or a function of earlier registers,
// and give the register. An instruction that is already there is shared: O(n).
// |type| is the result's, as in gln_scalar_op_check. EG_LIMIT beyond
// GLN_BODY_MAX_INSTS; after a failure the body is as before.
EG_NODISCARD
GLN_API eg_status gln_scalar_body_const(gln_scalar_body *body, gln_scalar value,
                                        uint16_t *out_register,
                                        eg_error *error);
EG_NODISCARD
GLN_API eg_status gln_scalar_body_index(gln_scalar_body *body, uint32_t dim,
                                        uint16_t *out_register,
                                        eg_error *error);
EG_NODISCARD
GLN_API eg_status gln_scalar_body_op(gln_scalar_body *body, gln_scalar_op op,
                                     gln_type type, const uint16_t *args,
                                     size_t num_args, uint16_t *out_register,
                                     eg_error *error);
// Append the instructions of |from|, whose argument i is register |args|[i] of
// |body|, of the same type; |out_registers|, GLN_BODY_MAX_REGISTERS long, says which
// register each of |from|'s became. The results of |from| are not appended.
EG_NODISCARD
GLN_API eg_status gln_scalar_body_inline(gln_scalar_body *body,
                                         const gln_scalar_body *from,
                                         const uint16_t *args,
                                         uint16_t *out_registers,
                                         eg_error *error);
// Append a register to the results.
EG_NODISCARD
GLN_API eg_status gln_scalar_body_result(gln_scalar_body *body, uint16_t reg,
                                         eg_error *error);

// The type of a register, which must exist.
GLN_API gln_type gln_scalar_body_type(const gln_scalar_body *body,
                                      uint16_t reg);

// Checks every invariant above: types, order of registers, ranges. O(n).
EG_NODISCARD
GLN_API eg_status gln_scalar_body_verify(const gln_scalar_body *body,
                                         eg_error *error);

// Removes what no result needs, merges equal instructions and renumbers in the
// order of a depth-first walk from the results, operands left to right: two
// bodies that compute the same expressions become equal. Arguments stay. O(n^2)
// comparisons at worst. After a failure (EG_NO_MEMORY) the body is as before.
EG_NODISCARD
GLN_API eg_status gln_scalar_body_normalize(gln_scalar_body *body,
                                            eg_error *error);

// Same arguments, instructions and results, in the same order; O(n).
GLN_API bool gln_scalar_body_equal(const gln_scalar_body *a,
                                   const gln_scalar_body *b);
// Equal bodies hash equal, on every machine; O(n).
GLN_API uint64_t gln_scalar_body_hash(const gln_scalar_body *body);
// Copies |from| into the uninitialised |body|.
EG_NODISCARD
GLN_API eg_status gln_scalar_body_copy(gln_scalar_body *body,
                                       const gln_scalar_body *from,
                                       eg_allocator allocator, eg_error *error);

// Writes at most |size| bytes of the text with a terminator and returns the
// length of the whole text; call it with size 0 to measure.
GLN_API size_t gln_scalar_body_print(const gln_scalar_body *body, char *buffer,
                                     size_t size);
// Reads the text form into the uninitialised |body| and verifies it. Errors
// carry the line. |text| need not be terminated. An instruction that is written
// twice stays two registers, until gln_scalar_body_normalize merges them.
EG_NODISCARD
GLN_API eg_status gln_scalar_body_parse(gln_scalar_body *body, const char *text,
                                        size_t length, eg_allocator allocator,
                                        eg_error *error);

#ifdef __cplusplus
}
#endif
#endif
