// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The text form of a scalar body, written and read.
//
//   body   = ( body ( type* ) ( inst* ) ( reg* ) )
//   inst   = ( const type number ) | ( index number ) | ( function type reg* )
//   reg    = % number
//
// Space separates; a semicolon starts a comment that ends with the line. The
// type of a function is its result's.
#include "view/scalar_internal.h"

#include "view/text.h"

#include <stdio.h>
#include <string.h>

//===-- Writing -----------------------------------------------------------===//

static void put_inst(glni_text *w, const gln_scalar_inst *inst) {
  gln_type type = (gln_type)inst->type;
  if (inst->op == GLN_SCALAR_CONST) {
    char number[64];
    gln_scalar_print((gln_scalar){type, inst->bits}, number, sizeof number);
    glni_put(w, "(const %s %s)", gln_type_name(type), number);
    return;
  }
  if (inst->op == GLN_SCALAR_INDEX) {
    glni_put(w, "(index %llu)", (unsigned long long)inst->bits);
    return;
  }
  const gln_scalar_info *info = gln_scalar_op_info((gln_scalar_op)inst->op);
  glni_put(w, "(%s %s", info->name, gln_type_name(type));
  for (unsigned i = 0; i < info->arity; ++i)
    glni_put(w, " %%%u", inst->args[i]);
  glni_put(w, ")");
}

size_t gln_scalar_body_print(const gln_scalar_body *body, char *buffer,
                             size_t size) {
  glni_text w = {buffer, size, 0};
  if (size)
    buffer[0] = '\0';
  glni_put(&w, "(body (");
  for (unsigned i = 0; i < body->num_args; ++i)
    glni_put(&w, "%s%s", i ? " " : "",
             gln_type_name((gln_type)body->arg_types[i]));
  glni_put(&w, ") (");
  for (unsigned i = 0; i < body->num_insts; ++i) {
    glni_put(&w, "%s", i ? " " : "");
    put_inst(&w, &body->insts[i]);
  }
  glni_put(&w, ") (");
  for (unsigned i = 0; i < body->num_results; ++i)
    glni_put(&w, "%s%%%u", i ? " " : "", body->results[i]);
  glni_put(&w, "))");
  return w.length;
}

//===-- Reading -----------------------------------------------------------===//

typedef struct {
  const char *at, *end;
  uint32_t line;
  const char *token; // the last one read
  size_t length;     // 0 at the end of the text
  eg_error *error;
} reader;

static void next(reader *r) {
  while (r->at < r->end && strchr(" \t\r\n;", *r->at) && *r->at) {
    if (*r->at == ';')
      while (r->at < r->end && *r->at != '\n')
        ++r->at;
    if (r->at < r->end && *r->at++ == '\n')
      ++r->line;
  }
  r->token = r->at;
  if (r->at < r->end && (*r->at == '(' || *r->at == ')'))
    ++r->at;
  else
    while (r->at < r->end && !(*r->at && strchr(" \t\r\n;()", *r->at)))
      ++r->at;
  r->length = (size_t)(r->at - r->token);
}

static bool is(const reader *r, const char *token) {
  return strlen(token) == r->length && memcmp(token, r->token, r->length) == 0;
}

// Gives |status|, with the line added to the message.
static eg_status at_line(const reader *r, eg_status status) {
  if (status && r->error && r->error->line == 0)
    r->error->line = r->line;
  return status;
}

static eg_status unexpected(const reader *r, const char *wanted) {
  int length = r->length > 40 ? 40 : (int)r->length;
  return at_line(r, gln_fail(r->error, EG_INVALID, "expected %s, found '%.*s'",
                             wanted, length, r->token));
}

static eg_status expect(reader *r, const char *token) {
  if (!is(r, token))
    return unexpected(r, token);
  next(r);
  return EG_OK;
}

static eg_status read_type(reader *r, gln_type *out) {
  if (!gln_type_parse(r->token, r->length, out))
    return unexpected(r, "a type");
  next(r);
  return EG_OK;
}

static eg_status read_number(reader *r, size_t skip, uint32_t *out,
                             const char *wanted) {
  uint32_t value = 0;
  if (r->length <= skip || r->length > skip + 9)
    return unexpected(r, wanted);
  for (size_t i = skip; i < r->length; ++i) {
    if (r->token[i] < '0' || r->token[i] > '9')
      return unexpected(r, wanted);
    value = 10 * value + (uint32_t)(r->token[i] - '0');
  }
  *out = value;
  next(r);
  return EG_OK;
}

static eg_status read_register(reader *r, uint16_t *out) {
  uint32_t number = 0;
  if (r->length == 0 || r->token[0] != '%')
    return unexpected(r, "a register");
  GLN_TRY(read_number(r, 1, &number, "a register"));
  if (number > UINT16_MAX)
    return at_line(r, gln_fail(r->error, EG_INVALID, "no register %%%u",
                               (unsigned)number));
  *out = (uint16_t)number;
  return EG_OK;
}

// Reads one instruction after its opening parenthesis.
static eg_status read_inst(reader *r, gln_scalar_inst *inst) {
  *inst = (gln_scalar_inst){0, GLN_TYPE_INDEX, {0}, 0};
  gln_type type;
  if (is(r, "index")) {
    uint32_t dim = 0;
    inst->op = GLN_SCALAR_INDEX;
    next(r);
    GLN_TRY(read_number(r, 0, &dim, "a dimension"));
    inst->bits = dim;
    return expect(r, ")");
  }
  if (is(r, "const")) {
    gln_scalar value;
    inst->op = GLN_SCALAR_CONST;
    next(r);
    GLN_TRY(read_type(r, &type));
    GLN_TRY(at_line(
        r, gln_scalar_parse(type, r->token, r->length, &value, r->error)));
    next(r);
    inst->type = (uint16_t)type;
    inst->bits = value.bits;
    return expect(r, ")");
  }
  gln_scalar_op op;
  if (!gln_scalar_op_parse(r->token, r->length, &op))
    return unexpected(r, "a scalar function");
  next(r);
  GLN_TRY(read_type(r, &type));
  inst->op = (uint16_t)op;
  inst->type = (uint16_t)type;
  for (unsigned i = 0; i < gln_scalar_op_info(op)->arity; ++i)
    GLN_TRY(read_register(r, &inst->args[i]));
  return expect(r, ")");
}

static eg_status read_body(reader *r, gln_scalar_body *body) {
  next(r);
  GLN_TRY(expect(r, "("));
  GLN_TRY(expect(r, "body"));
  GLN_TRY(expect(r, "("));
  while (!is(r, ")")) {
    gln_type type;
    GLN_TRY(read_type(r, &type));
    if (body->num_args == GLN_BODY_MAX_ARGS)
      return at_line(r, gln_fail(r->error, EG_LIMIT,
                                 "body: more than %d arguments",
                                 GLN_BODY_MAX_ARGS));
    body->arg_types[body->num_args++] = (uint8_t)type;
  }
  next(r);
  GLN_TRY(expect(r, "("));
  while (!is(r, ")")) {
    gln_scalar_inst inst;
    GLN_TRY(expect(r, "("));
    GLN_TRY(read_inst(r, &inst));
    GLN_TRY(at_line(r, glni_scalar_body_push(body, inst, r->error)));
  }
  next(r);
  GLN_TRY(expect(r, "("));
  while (!is(r, ")")) {
    uint16_t reg = 0;
    GLN_TRY(read_register(r, &reg));
    GLN_TRY(at_line(r, gln_scalar_body_result(body, reg, r->error)));
  }
  next(r);
  GLN_TRY(expect(r, ")"));
  if (r->length)
    return unexpected(r, "the end of the text");
  return at_line(r, gln_scalar_body_verify(body, r->error));
}

eg_status gln_scalar_body_parse(gln_scalar_body *body, const char *text,
                                size_t length, eg_allocator allocator,
                                eg_error *error) {
  GLN_TRY(gln_scalar_body_init(body, NULL, 0, allocator, error));
  reader r = {text, text + length, 1, text, 0, error};
  eg_status status = read_body(&r, body);
  if (status)
    gln_scalar_body_fini(body);
  return status;
}
