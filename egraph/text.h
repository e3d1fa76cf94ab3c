// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How libeg reads and writes s-expressions. One grammar, stated once:
//
//   term  := word | string | '(' name payload? term* ')'
//   word  := bytes up to a space, a parenthesis, a quote, '#' or the end
//   name  := word | string           string := "..." with \\ \" \n \t \r \xHH
//
// '#' starts a comment that ends with the line. A word that begins with '?' is
// a variable; a string never is. x and (x) are the same leaf. Nothing here
// recurses: the nesting of a term lives in |frames|, on the heap.
#ifndef EG_TEXT_H
#define EG_TEXT_H

#include "internal.h"

//===-- Reading (token.c, reader.c) ---------------------------------------===//

typedef enum egi_token_kind {
  EGI_END,
  EGI_OPEN,
  EGI_CLOSE,
  EGI_COMMA, // outside parentheses, where a side of a rule is read
  EGI_WORD,
  EGI_STRING,
} egi_token_kind;

typedef struct egi_token {
  egi_token_kind kind;
  const char *text; // lent by the text; of a string what stands in the quotes
  size_t len;
} egi_token;

// A '(' that is not closed yet.
typedef struct egi_paren {
  egi_token head;
  uint32_t op;        // EGI_UNKNOWN: known only once its children are counted
  uint32_t payload;   // 0 = none seen
  bool wants_payload; // the next item is the payload
  size_t first;       // its children are pending[first …]
} egi_paren;

#define EGI_UNKNOWN UINT32_MAX // no operator, no sort

typedef struct egi_reader {
  eg_graph *graph;
  const char *text;    // all of it
  const char *at;      // the next byte
  const char *counted; // as far as here the lines were counted …
  uint32_t line;       // … and this is its line
  char comment;        // begins a comment
  const char *rule;    // names the rule in messages; NULL = none
  const char *what;    // what is read, for "missing ..."
  uint32_t sort;       // of the whole; EGI_UNKNOWN = any
  bool declare;        // as eg_text_options.declare
  bool in_rules;       // =>, <=>, if and "name:" end a pattern
  bool binds;          // a new variable is bound; otherwise it is a mistake
  bool any_class;      // a variable may stand in no pattern
  bool items;          // outside parentheses ',' and '=' end a pattern
  bool has_vars;       // false for a ground term
  egi_vars vars;
  egi_words var_sorts;
  EGI_ARRAY(egi_paren) frames;
  egi_words pending; // finished nodes that wait for their parent
  egi_chars scratch; // the name or payload at hand
} egi_reader;

void egi_reader_init(egi_reader *reader, eg_graph *graph, const char *text);
void egi_reader_free(egi_reader *reader);

// Forgets the variables.
void egi_reader_forget(egi_reader *reader);

// EG_INVALID with the rule's name, and line and column of |where| in the text
// (NULL = none). O(length of the text).
eg_status egi_reader_fail(egi_reader *reader, const char *where,
                          const char *format, ...)
    __attribute__((format(printf, 3, 4)));

EG_NODISCARD
eg_status egi_reader_next(egi_reader *reader, egi_token *out);

// Looks ahead.
EG_NODISCARD
eg_status egi_reader_peek(const egi_reader *reader, egi_token *out);

// Puts the bytes that a token stands for into |scratch|, with a zero behind.
EG_NODISCARD
eg_status egi_reader_decode(egi_reader *reader, const egi_token *token);

// Whether the token is the word |text|.
bool egi_token_is(const egi_token *token, const char *text);

// Whether the token begins a rule: "name:" or "name;".
bool egi_token_is_head(const egi_token *token);

// Appends one pattern or term to |out|, and gives its sort (EGI_UNKNOWN for a
// bare variable not seen before). O(length), plus a search of the variables for
// each that occurs.
EG_NODISCARD
eg_status egi_read_pattern(egi_reader *reader, egi_pattern *out,
                           uint32_t *out_sort);

// Gives a variable that is of any sort still the only one there is; EG_INVALID
// when there are several. For any_class, once all sides are read.
EG_NODISCARD
eg_status egi_settle_vars(egi_reader *reader, const char *where);

// The line of a place in the text. Places that come in order cost O(length) in
// all.
uint32_t egi_reader_line(egi_reader *reader, const char *where);

// EG_INVALID unless the text ends here.
EG_NODISCARD
eg_status egi_expect_end(egi_reader *reader);

// The number of 1 or more that is next; EG_INVALID with |what| needs one.
EG_NODISCARD
eg_status egi_reader_count(egi_reader *reader, const char *what, uint64_t *out);

// Whether the bytes are digits of a number that fits.
bool egi_read_count(const char *text, size_t len, uint64_t *out);

// Adds a ground pattern (term.c).
EG_NODISCARD
eg_status egi_add_term(eg_graph *graph, const egi_pattern *term,
                       eg_class *out_class);

// Drops the operators from |num| on that have no nodes: after a failure, all
// that the text had declared, unless memory ran out among the nodes.
void egi_undo_ops(eg_graph *graph, uint32_t num);

// Reads a query that ends where its side does, with the reader's variables.
EG_NODISCARD
eg_status egi_read_query(egi_reader *reader, eg_query **out_query);

// Reads a side of a rule (side.c), items and '=' included, into |out|, which
// must be empty. |what| names it in messages; reader->sort is the sort of a
// literal that the side begins with.
EG_NODISCARD
eg_status egi_read_side(egi_reader *reader, const char *what, egi_side *out);

// The sort of a node of a pattern; EGI_UNKNOWN for a variable not seen before.
uint32_t egi_reader_sort(const egi_reader *reader, const egi_pnode *node);

// The index of a variable, or EGI_UNKNOWN.
uint32_t egi_reader_var(const egi_reader *reader, const egi_token *token);

// The operator that a bare word stands for when it names none: the first
// literal operator of |sort|, of any sort when that is EGI_UNKNOWN.
// EGI_UNKNOWN: none.
uint32_t egi_literal_op(const eg_graph *graph, uint32_t sort);

// For "%.*s": as much of a token as a message has room for.
static inline int egi_clip(size_t len) {
  return len < 60 ? (int)len : 60;
}

//===-- Writing (print.c) -------------------------------------------------===//

// Collects text for an eg_writer, so that it is called seldom.
typedef struct egi_out {
  eg_writer writer;
  size_t num;
  bool failed; // the writer has refused
  char buffer[512];
} egi_out;

void egi_put(egi_out *out, const char *text, size_t size);
void egi_puts(egi_out *out, const char *text);
void egi_put_number(egi_out *out, uint64_t number);

// A name or payload that the reader takes back as it is: bare where that is
// unambiguous, else a string.
void egi_put_quoted(egi_out *out, const void *bytes, size_t size);

// The same outside parentheses, where ',' and '=' mean something, and where a
// word behind ':' may be an option.
void egi_put_item(egi_out *out, const void *bytes, size_t size);
bool egi_is_plain_item(const char *text, size_t size);

// An operator with its payload, and what it opens: all of a leaf, of others the
// '(' that the caller closes behind the children.
typedef enum egi_place {
  EGI_WHOLE,  // of a term that is read for itself
  EGI_INSIDE, // other parentheses
  EGI_ITEM,   // of a rule's side: literals are written out
} egi_place;
void egi_put_head(egi_out *out, const eg_graph *graph, uint16_t op,
                  uint32_t payload, uint32_t num_children, egi_place place);

// The bytes with everything escaped that cannot stand inside quotes. A byte
// that is not printable becomes |backslash| and n or xHH.
void egi_put_escaped(egi_out *out, const void *bytes, size_t size,
                     const char *backslash);

// Whether a payload alone is read back as a leaf of |op|: that is the literal
// that the reader falls back to there (|inside| a term, or as the whole), and no
// operator has that name.
bool egi_is_bare_literal(const eg_graph *graph, uint16_t op, bool inside,
                         const char *payload, size_t size);

// Hands over the rest. EG_INVALID if the writer has ever refused.
EG_NODISCARD
eg_status egi_out_finish(egi_out *out, eg_graph *graph);

#endif
