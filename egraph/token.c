// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tokens: words, strings and parentheses.
#include "text.h"

//===-- Tokens ------------------------------------------------------------===//

static bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_space(egi_reader *reader) {
  for (;; ++reader->at) {
    if (*reader->at == reader->comment)
      while (*reader->at && *reader->at != '\n')
        ++reader->at;
    if (!is_space(*reader->at))
      return;
  }
}

static eg_status next_string(egi_reader *reader, egi_token *out) {
  out->kind = EGI_STRING;
  out->text = ++reader->at;
  for (; *reader->at != '"'; ++reader->at) {
    if (*reader->at == '\\' && reader->at[1])
      ++reader->at;
    if (!*reader->at)
      return egi_reader_fail(reader, out->text, "a string is not closed");
  }
  out->len = (size_t)(reader->at++ - out->text);
  return EG_OK;
}

static bool ends_word(const egi_reader *reader, char c) {
  return c == '\0' || is_space(c) || c == '(' || c == ')' || c == '"' ||
         c == reader->comment ||
         (c == ',' && reader->items && reader->frames.num == 0);
}

eg_status egi_reader_next(egi_reader *reader, egi_token *out) {
  skip_space(reader);
  *out = (egi_token){EGI_END, reader->at, 1};
  switch (*reader->at) {
  case '\0':
    out->len = 0;
    return EG_OK;
  case '"':
    return next_string(reader, out);
  case '(':
    out->kind = EGI_OPEN;
    ++reader->at;
    return EG_OK;
  case ')':
    out->kind = EGI_CLOSE;
    ++reader->at;
    return EG_OK;
  case ',':
    if (reader->items && reader->frames.num == 0) {
      out->kind = EGI_COMMA;
      ++reader->at;
      return EG_OK;
    }
  }
  out->kind = EGI_WORD;
  while (!ends_word(reader, *reader->at))
    ++reader->at;
  out->len = (size_t)(reader->at - out->text);
  return EG_OK;
}

eg_status egi_reader_peek(const egi_reader *reader, egi_token *out) {
  egi_reader copy = *reader;
  return egi_reader_next(&copy, out);
}

bool egi_token_is(const egi_token *token, const char *text) {
  return token->kind == EGI_WORD && token->len == strlen(text) &&
         memcmp(token->text, text, token->len) == 0;
}

bool egi_read_count(const char *text, size_t len, uint64_t *out) {
  *out = 0;
  for (size_t i = 0; i < len; ++i) {
    uint64_t digit = (uint64_t)text[i] - '0';
    if (text[i] < '0' || text[i] > '9' || *out > (UINT64_MAX - digit) / 10)
      return false;
    *out = *out * 10 + digit;
  }
  return len > 0;
}

eg_status egi_reader_count(egi_reader *reader, const char *what,
                           uint64_t *out) {
  egi_token token;
  EG_TRY(egi_reader_next(reader, &token));
  if (token.kind == EGI_WORD && egi_read_count(token.text, token.len, out) &&
      *out > 0)
    return EG_OK;
  return egi_reader_fail(reader, token.text,
                         "'%s' needs a number of 1 or more, got '%.*s'", what,
                         token.kind == EGI_END ? 3 : egi_clip(token.len),
                         token.kind == EGI_END ? "end" : token.text);
}

bool egi_token_is_head(const egi_token *token) {
  if (token->kind != EGI_WORD)
    return false;
  char last = token->text[token->len - 1];
  return last == ':' || last == ';';
}

//===-- Strings -----------------------------------------------------------===//

static int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// The byte that the escape at |*at| (behind the backslash) stands for; -1 for
// no escape of ours.
static int read_escape(const char **at) {
  switch (*(*at)++) {
  case 'n':
    return '\n';
  case 't':
    return '\t';
  case 'r':
    return '\r';
  case '"':
    return '"';
  case '\\':
    return '\\';
  case 'x': {
    int high = hex_digit((*at)[0]);
    int low = high < 0 ? -1 : hex_digit((*at)[1]);
    *at += 2;
    return low < 0 ? -1 : high * 16 + low;
  }
  }
  return -1;
}

eg_status egi_reader_decode(egi_reader *reader, const egi_token *token) {
  egi_chars *scratch = &reader->scratch;
  scratch->num = 0;
  EG_TRY(EGI_RESERVE(reader->graph, scratch, token->len + 1));
  const char *at = token->text, *end = at + token->len;
  while (at < end) {
    int byte = (unsigned char)*at++;
    if (byte == '\\' && token->kind == EGI_STRING) {
      const char *from = at;
      byte = read_escape(&at);
      if (byte < 0)
        return egi_reader_fail(
            reader, token->text, "unknown escape '\\%.*s'",
            *from == 'x' ? egi_clip((size_t)(end - from)) : 1, from);
    }
    scratch->data[scratch->num++] = (char)byte;
  }
  scratch->data[scratch->num] = '\0';
  return EG_OK;
}
