// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the tables need from MLIR beyond its C API. passes/cxx implements it.
#ifndef GLN_DIALECT_HOST_H
#define GLN_DIALECT_HOST_H

#include "dialect/op.h"

#ifdef __cplusplus
extern "C" {
#endif

//===-- Registration ------------------------------------------------------===//

// Adds the dynamic dialect that |def| describes; it is made when first used.
void gln_dialect_insert(MlirDialectRegistry registry,
                        const gln_dialect_def *def);

//===-- Types of dynamic dialects -----------------------------------------===//

// !dialect.name<params…>, or a null type and a message if the dialect is not in
// |context| or the parameters are wrong.
MlirType gln_dynamic_type_get(MlirContext context, const char *dialect,
                              const char *name, const MlirAttribute *params,
                              size_t num, eg_error *error);
bool gln_dynamic_type_is(MlirType type, const char *dialect, const char *name);
// Parameter |index| of such a type.
MlirAttribute gln_dynamic_type_param(MlirType type, size_t index);

//===-- Parsing one op ----------------------------------------------------===//

// The parser behind the op's name. Each function returns false after having
// emitted an error.
typedef struct gln_parser gln_parser;

MlirContext gln_parser_context(gln_parser *parser);
bool gln_parse_error(gln_parser *parser, const char *message);
// A bare word or a string.
bool gln_parse_keyword(gln_parser *parser, MlirStringRef *out);
bool gln_parse_symbol(gln_parser *parser, MlirStringRef *out);
// A comma-separated list of %names, perhaps empty; kept for resolve.
bool gln_parse_operands(gln_parser *parser, size_t *out_num);
// {name = value, …}, perhaps absent; added to the op.
bool gln_parse_attributes(gln_parser *parser);
bool gln_parse_colon(gln_parser *parser);
bool gln_parse_arrow(gln_parser *parser);
bool gln_parse_comma_if_any(gln_parser *parser);
bool gln_parse_type(gln_parser *parser, MlirType *out);
// Gives the parsed operands their types, one each.
bool gln_parse_resolve(gln_parser *parser, const MlirType *types, size_t num);
void gln_parse_add_result(gln_parser *parser, MlirType type);
void gln_parse_set(gln_parser *parser, const char *name, MlirAttribute value);
MlirAttribute gln_parse_get(gln_parser *parser, const char *name);

//===-- Printing one op ---------------------------------------------------===//

typedef struct gln_printer gln_printer;

void gln_print_text(gln_printer *printer, const char *text);
void gln_print_value(gln_printer *printer, MlirValue value);
void gln_print_type(gln_printer *printer, MlirType type);
// A word, quoted where it is none.
void gln_print_bare(gln_printer *printer, MlirStringRef word);
// `name` or `name = value`; with |elide_type| an i64 is written without type.
void gln_print_named(gln_printer *printer, MlirNamedAttribute attribute,
                     bool elide_type);
void gln_print_symbol(gln_printer *printer, MlirStringRef name);

//===-- Called back by the host -------------------------------------------===//

// Whether |op| can be written in readable syntax: an op that was not verified
// may lack what stands first.
bool gln_op_has_syntax(const gln_op_def *def, MlirOperation op);
// The readable syntax after the op's name.
bool gln_op_parse_syntax(const gln_op_def *def, gln_parser *parser);
void gln_op_print_syntax(const gln_op_def *def, MlirOperation op,
                         gln_printer *printer);

#ifdef __cplusplus
}
#endif
#endif
