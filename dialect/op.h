// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A dialect as a C table: one gln_op_def per op says everything about it.
//
//   table ──► dynamic dialect (passes/cxx): structure and shape checks, syntax
//         ──► dialect/<name>.irdl.mlir: the same dialect for stock mlir-opt
//         ──► docs/<name>.md
//
// Readable syntax is derived, never written by hand (| is a choice, [] may be
// left out):
//
//   dialect.name [keyword|@symbol] [%a, %b] [{attributes}] : T, U -> R
//
// Attributes that equal their default are left out; the parser puts them back,
// since IRDL knows no optional attribute. Attributes that the table does not
// list are kept, e.g. `glenside.device`.
//
// All tables are constant and live as long as the process.
#ifndef GLN_DIALECT_OP_H
#define GLN_DIALECT_OP_H

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"
#include "mlir-c/IR.h"
#include "view/type.h" // gln_fail, eg_error

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

//===-- Rules -------------------------------------------------------------===//

// What a type, an attribute or a type parameter may be. |accepts| is the truth;
// |irdl| or |option| say as much of it as IRDL can.
typedef struct gln_rule {
  const char *what; // completes "must be …", e.g. "an access pattern"
  const char *irdl; // one constraint op, e.g. `irdl.base @access::@pattern`;
                    // NULL: |option| lists the choices
  const char *(*option)(size_t index);     // NULL beyond the last one
  const char *(*option_doc)(size_t index); // meaning of each; may be NULL
  bool quote;                              // options are strings
  bool (*accepts_type)(MlirType type);     // one of these two is set
  bool (*accepts_attribute)(MlirAttribute attribute);
} gln_rule;

//===-- Ops ---------------------------------------------------------------===//

// An operand or a result. A table of them ends with a zero entry.
typedef struct gln_slot {
  const char *name;
  const gln_rule *rule;
  bool optional; // may be absent; only optional ones may follow. More than one
                 // adds the attribute operandSegmentSizes = array<i32: 1, …, 0>
} gln_slot;

// Where the readable syntax has an attribute.
typedef enum gln_place {
  GLN_PLACE_DICTIONARY, // in {…}
  GLN_PLACE_KEYWORD,    // first, a string written as a bare word
  GLN_PLACE_SYMBOL,     // first, a symbol reference @name
} gln_place;

// An attribute. A table of them ends with a zero entry.
typedef struct gln_field {
  const char *name;
  const gln_rule *rule;
  const char *doc;       // one sentence
  gln_place place;       // only field 0 may stand outside the dictionary
  // The default: "like f", a list of ones as long as the list in field f, or an
  // attribute as text, e.g. "0" or "[0, 0]". NULL = no default.
  const char *fallback;
} gln_field;

// A use for the documentation; `glenside-opt --glenside-print-examples` prints
// them all as a module that must verify.
typedef struct gln_example {
  const char *lead;        // keyword or @symbol, or NULL
  const char *attributes;  // "{at = 1}", or NULL
  const char *operands[24]; // types, ends with NULL
  const char *result;      // type
} gln_example;

typedef struct gln_op_def gln_op_def;
struct gln_op_def {
  const char *name;         // without the dialect's prefix
  const char *doc;          // one sentence
  const char *math;         // the meaning as a formula, or NULL
  const gln_slot *operands; // may be NULL
  const gln_slot *results;  // may be NULL; none optional
  const gln_field *fields;  // may be NULL
  bool pure;                // no effects, may be speculated
  bool reads; // reads its tensors, and is gone once they are buffers
  gln_example example;
  // Checks what the table cannot say, after all that it says. May be NULL.
  eg_status (*verify)(const gln_op_def *def, MlirOperation op, eg_error *error);
  // Checks |target|, what the GLN_PLACE_SYMBOL field refers to. May be NULL.
  eg_status (*verify_symbol)(const gln_op_def *def, MlirOperation op,
                             MlirOperation target, eg_error *error);
};

// A type parameter. A table of them ends with a zero entry.
typedef struct gln_param {
  const char *name;
  const gln_rule *rule;
  const char *doc;
} gln_param;

// A parametric type !dialect.name<p, q, …>.
typedef struct gln_type_def {
  const char *name;
  const char *doc;
  const gln_param *params; // may be NULL
  const char *example;
  // Checks |num| parameters that satisfy their rules. May be NULL.
  eg_status (*verify)(const MlirAttribute *params, size_t num, eg_error *error);
} gln_type_def;

typedef struct gln_dialect_def {
  const char *name;
  const char *doc;           // Markdown, the start of docs/<name>.md
  const char *prelude;       // text before the examples: functions they call
  const gln_type_def *types; // end with a zero entry
  const gln_op_def *ops;
} gln_dialect_def;

// All dialects of Glenside, ends with NULL.
extern const gln_dialect_def *const gln_dialects[];
// The one called |name|, or NULL.
const gln_dialect_def *gln_dialect_find(const char *name);

//===-- What follows from a table -----------------------------------------===//

// Bounds of the number of operands, the number of results and of parameters.
size_t gln_op_min_operands(const gln_op_def *def);
size_t gln_op_max_operands(const gln_op_def *def);
size_t gln_op_num_results(const gln_op_def *def);
size_t gln_type_num_params(const gln_type_def *def);
// Whether the op carries operandSegmentSizes.
bool gln_op_has_segments(const gln_op_def *def);
// That attribute for |num| operands.
MlirAttribute gln_op_segments(const gln_op_def *def, MlirContext context,
                              size_t num);
// The field whose list sets the length of the default of |field|, or NULL.
const char *gln_field_like(const gln_field *field);
// The default of |field|, or null if it has none or |list| (the value of
// gln_field_like) is no list.
MlirAttribute gln_field_default(const gln_field *field, MlirContext context,
                                MlirAttribute list);

// Structure first (counts, types, attributes), then def->verify. EG_INVALID
// with a message that completes "'dialect.name' op …".
EG_NODISCARD
eg_status gln_op_verify(const gln_op_def *def, MlirOperation op,
                        eg_error *error);
// The same for a type's parameters.
EG_NODISCARD
eg_status gln_type_verify(const gln_type_def *def, const MlirAttribute *params,
                          size_t num, eg_error *error);

// The IRDL module, the Markdown page, the module of examples.
void gln_dialect_print_irdl(const gln_dialect_def *def, FILE *out);
void gln_dialect_print_docs(const gln_dialect_def *def, FILE *out);
void gln_dialect_print_examples(const gln_dialect_def *def, FILE *out);

//===-- Small helpers over the C API --------------------------------------===//

// Text of a type or an attribute, cut to the buffer.
typedef char gln_text[120];
const char *gln_type_text(MlirType type, gln_text buffer);
const char *gln_attribute_text(MlirAttribute attribute, gln_text buffer);
// Attribute |name| of |op|, null if absent. Ops of dynamic dialects have no
// properties, so this sees all there is.
MlirAttribute gln_op_attribute(MlirOperation op, const char *name);
MlirStringRef gln_string(const char *text);
// A list of integers as the dialects write it: `[1, 2]`, each an i64.
MlirAttribute gln_ints_attribute(MlirContext context, const int64_t *values,
                                 size_t num);

#ifdef __cplusplus
}
#endif
#endif
