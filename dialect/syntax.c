// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Readable syntax, derived from the table:
//
//   dialect.name [keyword|@symbol] [%a, %b] [{attributes}] : T, U -> R
#include "dialect/host.h"

#include <string.h>

enum { MAX_OPERANDS = 64 };

// The field that stands before the operands, or NULL.
static const gln_field *lead_of(const gln_op_def *def) {
  const gln_field *field = def->fields;
  return field && field->name && field->place != GLN_PLACE_DICTIONARY ? field
                                                                      : NULL;
}

static const gln_field *find_field(const gln_op_def *def, MlirStringRef name) {
  for (const gln_field *field = def->fields; field && field->name; ++field)
    if (mlirStringRefEqual(gln_string(field->name), name))
      return field;
  return NULL;
}

//===-- Parsing -----------------------------------------------------------===//

static bool parse_lead(const gln_field *lead, gln_parser *parser) {
  MlirStringRef word;
  MlirContext context = gln_parser_context(parser);
  if (lead->place == GLN_PLACE_SYMBOL) {
    if (!gln_parse_symbol(parser, &word))
      return false;
    gln_parse_set(parser, lead->name, mlirFlatSymbolRefAttrGet(context, word));
    return true;
  }
  if (!gln_parse_keyword(parser, &word))
    return false;
  gln_parse_set(parser, lead->name, mlirStringAttrGet(context, word));
  return true;
}

// T, U -> R, or the results alone when there are no operands.
static bool parse_types(const gln_op_def *def, gln_parser *parser,
                        size_t num_operands) {
  MlirType types[MAX_OPERANDS];
  size_t num = 0;
  size_t num_results = gln_op_num_results(def);
  if (num_operands == 0 && num_results == 0)
    return true;
  if (!gln_parse_colon(parser))
    return false;
  while (num < num_operands) {
    if (num && !gln_parse_comma_if_any(parser))
      return gln_parse_error(parser, "expected one type for each operand");
    if (!gln_parse_type(parser, &types[num++]))
      return false;
  }
  if (!gln_parse_resolve(parser, types, num))
    return false;
  if (num_operands && num_results && !gln_parse_arrow(parser))
    return false;
  for (size_t i = 0; i < num_results; ++i) {
    MlirType type;
    if (i && !gln_parse_comma_if_any(parser))
      return gln_parse_error(parser, "expected one type for each result");
    if (!gln_parse_type(parser, &type))
      return false;
    gln_parse_add_result(parser, type);
  }
  return true;
}

static void add_defaults(const gln_op_def *def, gln_parser *parser) {
  for (const gln_field *field = def->fields; field && field->name; ++field) {
    if (!field->fallback ||
        !mlirAttributeIsNull(gln_parse_get(parser, field->name)))
      continue;
    const char *like = gln_field_like(field);
    MlirAttribute value = gln_field_default(field, gln_parser_context(parser),
                                            like ? gln_parse_get(parser, like)
                                                 : mlirAttributeGetNull());
    if (!mlirAttributeIsNull(value))
      gln_parse_set(parser, field->name, value);
  }
}

bool gln_op_parse_syntax(const gln_op_def *def, gln_parser *parser) {
  size_t num = 0;
  const gln_field *lead = lead_of(def);
  if (lead && !parse_lead(lead, parser))
    return false;
  if (!gln_parse_operands(parser, &num))
    return false;
  if (num > MAX_OPERANDS)
    return gln_parse_error(parser, "too many operands");
  if (!gln_parse_attributes(parser))
    return false;
  add_defaults(def, parser);
  if (gln_op_has_segments(def))
    gln_parse_set(parser, "operandSegmentSizes",
                  gln_op_segments(def, gln_parser_context(parser), num));
  return parse_types(def, parser, num);
}

//===-- Printing ----------------------------------------------------------===//

static void print_lead(const gln_field *lead, MlirOperation op,
                       gln_printer *printer) {
  MlirAttribute value = gln_op_attribute(op, lead->name);
  gln_print_text(printer, " ");
  if (lead->place == GLN_PLACE_SYMBOL)
    gln_print_symbol(printer, mlirFlatSymbolRefAttrGetValue(value));
  else
    gln_print_bare(printer, mlirStringAttrGetValue(value));
}

bool gln_op_has_syntax(const gln_op_def *def, MlirOperation op) {
  const gln_field *lead = lead_of(def);
  if (!lead)
    return true;
  MlirAttribute value = gln_op_attribute(op, lead->name);
  return !mlirAttributeIsNull(value) && lead->rule->accepts_attribute(value);
}

static bool is_default(const gln_field *field, MlirOperation op,
                       MlirAttribute value) {
  const char *like = gln_field_like(field);
  return field->fallback &&
         mlirAttributeEqual(
             value, gln_field_default(field, mlirOperationGetContext(op),
                                      like ? gln_op_attribute(op, like)
                                           : mlirAttributeGetNull()));
}

static void print_entry(gln_printer *printer, MlirNamedAttribute entry,
                        bool elide_type, bool *first) {
  gln_print_text(printer, *first ? " {" : ", ");
  *first = false;
  gln_print_named(printer, entry, elide_type);
}

// The table's attributes in the table's order, then all others in MLIR's.
static void print_attributes(const gln_op_def *def, MlirOperation op,
                             gln_printer *printer) {
  MlirContext context = mlirOperationGetContext(op);
  bool first = true;
  for (const gln_field *field = def->fields; field && field->name; ++field) {
    MlirAttribute value = gln_op_attribute(op, field->name);
    if (field->place != GLN_PLACE_DICTIONARY || mlirAttributeIsNull(value) ||
        is_default(field, op, value))
      continue;
    MlirIdentifier name = mlirIdentifierGet(context, gln_string(field->name));
    print_entry(printer, mlirNamedAttributeGet(name, value), true, &first);
  }
  intptr_t num = mlirOperationGetNumDiscardableAttributes(op);
  for (intptr_t i = 0; i < num; ++i) {
    MlirNamedAttribute entry = mlirOperationGetDiscardableAttribute(op, i);
    MlirStringRef name = mlirIdentifierStr(entry.name);
    if (find_field(def, name) ||
        (gln_op_has_segments(def) &&
         mlirStringRefEqual(name, gln_string("operandSegmentSizes"))))
      continue;
    print_entry(printer, entry, false, &first);
  }
  if (!first)
    gln_print_text(printer, "}");
}

void gln_op_print_syntax(const gln_op_def *def, MlirOperation op,
                         gln_printer *printer) {
  intptr_t num = mlirOperationGetNumOperands(op);
  intptr_t num_results = mlirOperationGetNumResults(op);
  const gln_field *lead = lead_of(def);
  if (lead)
    print_lead(lead, op, printer);
  for (intptr_t i = 0; i < num; ++i) {
    gln_print_text(printer, i ? ", " : " ");
    gln_print_value(printer, mlirOperationGetOperand(op, i));
  }
  print_attributes(def, op, printer);
  if (num || num_results)
    gln_print_text(printer, " : ");
  for (intptr_t i = 0; i < num; ++i) {
    gln_print_text(printer, i ? ", " : "");
    gln_print_type(printer, mlirValueGetType(mlirOperationGetOperand(op, i)));
  }
  for (intptr_t i = 0; i < num_results; ++i) {
    gln_print_text(printer, i ? ", " : num ? " -> " : "");
    gln_print_type(printer, mlirValueGetType(mlirOperationGetResult(op, i)));
  }
}
