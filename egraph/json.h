// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A pull reader for JSON (RFC 8259) that decodes strings where they stand.
#ifndef EG_JSON_H
#define EG_JSON_H

#include "arena.h"

typedef struct egi_json {
  char *start, *at; // a writable copy; a zero byte follows the last one
  char *end;
  eg_error *error;
} egi_json;

// Fails at the place where the reader stands.
eg_status egi_json_fail(const egi_json *json, eg_status status,
                        const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// Fails at a place of the text. O(size).
eg_status egi_json_fail_at(const egi_json *json, const char *at,
                           eg_status status, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// The next character that is no white space; 0 at the end.
char egi_json_peek(egi_json *json);
// Reads over |c|, or fails.
EG_NODISCARD
eg_status egi_json_expect(egi_json *json, char c);
// Steps through "{…}" or "[…]" after its opening: |*first| is true before the
// first item. |*out_more| says whether an item stands there.
EG_NODISCARD
eg_status egi_json_item(egi_json *json, char close, bool *first,
                        bool *out_more);

// A string, decoded, terminated, lent for the life of the text. One with a zero
// character is refused: it would not be what its terminator says.
EG_NODISCARD
eg_status egi_json_string(egi_json *json, char **out_text, size_t *out_size);
// The key of an item of an object, and the colon.
EG_NODISCARD
eg_status egi_json_key(egi_json *json, char **out_text, size_t *out_size);
// A finite number.
EG_NODISCARD
eg_status egi_json_number(egi_json *json, double *out_value);
EG_NODISCARD
eg_status egi_json_bool(egi_json *json, bool *out_value);
// Reads over "null" if it stands there.
bool egi_json_null(egi_json *json);
// Reads over any value. Nesting is bounded, not recursive.
EG_NODISCARD
eg_status egi_json_skip(egi_json *json);

#endif
