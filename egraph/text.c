// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rules from text: what the public calls make of the reader's sides.
//
//   rules := (head side (('=>' | '<=>') side guards? marks)?
//            | 'ruleset' name | 'schedule' schedule | 'scheduler' scheduler)*
//   head  := "name:" | "name;", the name a word or a string
//   guards := 'if' condition ?x* (',' condition ?x*)*
//   marks := ('subsume' | 'nonlocal' | 'budget' number)*
//
// Schedules are read by plan.c. A rule ends where the next head begins, so it may
// span lines. A rule with <=> is read twice, the second time from right to left:
// variables are numbered by their first appearance on the left, and each
// direction has its own mistakes. A pattern without an arrow is a term; terms are
// added when all is read, so that a mistake further on finds the graph untouched.
#include "text.h"
#include "rule.h"

//===-- One direction of a rule -------------------------------------------===//

typedef struct sides {
  egi_side lhs, rhs;
  egi_guards guards;
  bool subsume, nonlocal;
  uint64_t budget;
} sides;

static void sides_free(eg_graph *graph, sides *s) {
  egi_side_free(graph, &s->lhs);
  egi_side_free(graph, &s->rhs);
  egi_guards_free(graph, &s->guards);
}

static eg_status read_lhs(egi_reader *reader, sides *s) {
  reader->binds = reader->has_vars = true;
  reader->sort = EGI_UNKNOWN;
  return egi_read_side(reader, "left-hand side", &s->lhs);
}

// The sort of the first pattern of a side.
static uint32_t side_sort(const egi_reader *reader, const egi_side *side) {
  return egi_reader_sort(reader,
                         &side->pattern.nodes.data[side->roots.data[0]]);
}

static eg_status read_rhs(egi_reader *reader, sides *s) {
  uint32_t left = side_sort(reader, &s->lhs);
  reader->binds = false;
  reader->sort = s->lhs.ends.num == 1 ? left : EGI_UNKNOWN;
  EG_TRY(egi_read_side(reader, "right-hand side", &s->rhs));
  uint32_t right = side_sort(reader, &s->rhs);
  left = side_sort(reader, &s->lhs); // of a bare variable it may be news
  if (s->lhs.ends.num > 1 || s->rhs.roots.num > 1)
    return EG_OK;
  if (left == EGI_UNKNOWN)
    reader->var_sorts.data[0] = right;
  else if (left != right)
    return egi_reader_fail(
        reader, s->rhs.where,
        "the right-hand side is of sort '%.40s', the left of '%.40s'",
        eg_sort_name(reader->graph, (eg_sort){(uint8_t)right}),
        eg_sort_name(reader->graph, (eg_sort){(uint8_t)left}));
  return EG_OK;
}

// Makes the rule; the variables go from the reader to the set.
static eg_status append(eg_rules *rules, egi_reader *reader, sides *s,
                        const eg_rule_desc *desc) {
  EG_TRY(egi_settle_vars(reader, s->lhs.where));
  egi_rule_source source = {
      .name = reader->rule,
      .line = reader->in_rules ? egi_reader_line(reader, s->lhs.where) : 0,
      .var_sorts = reader->var_sorts.data,
      .ruleset = desc->ruleset,
      .budget = desc->budget ? desc->budget : s->budget,
      .subsume = desc->subsume || s->subsume,
      .nonlocal = desc->nonlocal || s->nonlocal,
      .lhs = &s->lhs,
      .rhs = desc->apply ? NULL : &s->rhs,
      .apply = desc->apply,
      .user = desc->user};
  return egi_rules_append(rules, &source, &reader->vars, &s->guards);
}

//===-- eg_rules_add ------------------------------------------------------===//

static eg_status read_desc(egi_reader *reader, const eg_rule_desc *desc,
                           sides *s) {
  EG_TRY(read_lhs(reader, s));
  EG_TRY(egi_expect_end(reader));
  if (desc->rhs) {
    reader->text = reader->at = desc->rhs;
    EG_TRY(read_rhs(reader, s));
    EG_TRY(egi_expect_end(reader));
  }
  if (!desc->condition)
    return EG_OK;
  const char *name = desc->condition_name ? desc->condition_name : "";
  egi_guard guard = {
      .condition = desc->condition, .user = desc->user, .num = UINT32_MAX};
  return egi_guard_add(reader->graph, &s->guards, guard, name, strlen(name));
}

eg_status eg_rules_add(eg_rules *rules, const eg_rule_desc *desc) {
  eg_graph *graph = egi_rules_graph(rules);
  if (!desc->name || !*desc->name)
    return egi_fail_at(graph, EG_INVALID, 0, "a rule needs a name");
  egi_reader reader;
  egi_reader_init(&reader, graph, desc->lhs);
  reader.rule = desc->name;
  reader.items = true;
  reader.any_class = desc->any_class;
  if (egi_rules_has(rules, desc->name, strlen(desc->name)))
    return egi_reader_fail(&reader, NULL, "the name is taken");
  if (!desc->lhs)
    return egi_reader_fail(&reader, NULL, "the left-hand side is missing");
  if (!desc->rhs == !desc->apply)
    return egi_reader_fail(&reader, NULL, "%s",
                           desc->rhs ? "a right-hand side and an applier"
                                     : "no right-hand side and no applier");
  sides s = {0};
  eg_status status = read_desc(&reader, desc, &s);
  if (status == EG_OK)
    status = append(rules, &reader, &s, desc);
  sides_free(graph, &s);
  egi_reader_free(&reader);
  return status;
}

//===-- eg_rules_parse ----------------------------------------------------===//

// A term of the text, not added yet.
typedef struct named_term {
  size_t name; // its offset in names
  egi_pattern pattern;
} named_term;

typedef struct parser {
  egi_reader reader;
  eg_rules *rules;
  const eg_text_options *options;
  egi_chars name, ruleset;
  EGI_ARRAY(named_term) terms;
  egi_chars names; // of the terms, each with its zero
} parser;

static eg_status find_condition(parser *p, const egi_token *token,
                                egi_guard *out) {
  if (token->kind != EGI_WORD || egi_token_is_head(token))
    return egi_reader_fail(&p->reader, token->text,
                           "a condition is missing behind 'if' or ','");
  for (uint32_t i = 0; i < p->options->num_conditions; ++i) {
    const eg_named_condition *named = &p->options->conditions[i];
    if (!egi_token_is(token, named->name))
      continue;
    out->condition = named->condition;
    out->user = named->user;
    return EG_OK;
  }
  return egi_reader_fail(&p->reader, token->text, "unknown condition '%.*s'",
                         egi_clip(token->len), token->text);
}

// Reads the variables behind a condition's name; |next| is what follows them.
static eg_status read_arguments(parser *p, egi_guards *guards,
                                egi_token *next) {
  egi_reader *reader = &p->reader;
  for (;;) {
    const char *before = reader->at;
    EG_TRY(egi_reader_next(reader, next));
    if (next->kind != EGI_WORD || next->text[0] != '?' ||
        egi_token_is_head(next)) {
      if (next->kind != EGI_COMMA)
        reader->at = before;
      return EG_OK;
    }
    uint32_t var = egi_reader_var(reader, next);
    if (var == EGI_UNKNOWN)
      return egi_reader_fail(
          reader, next->text,
          "variable '%.*s' is not bound by the left-hand side",
          egi_clip(next->len), next->text);
    EG_TRY(EGI_RESERVE(reader->graph, &guards->vars, 1));
    guards->vars.data[guards->vars.num++] = var;
  }
}

static eg_status read_guard_list(parser *p, egi_guards *guards) {
  egi_token name, next;
  do {
    egi_guard guard = {.first = (uint32_t)guards->vars.num};
    EG_TRY(egi_reader_next(&p->reader, &name));
    EG_TRY(find_condition(p, &name, &guard));
    EG_TRY(read_arguments(p, guards, &next));
    guard.num = (uint32_t)guards->vars.num - guard.first;
    EG_TRY(egi_guard_add(p->reader.graph, guards, guard, name.text, name.len));
  } while (next.kind == EGI_COMMA);
  return EG_OK;
}

// Reads what may stand behind conditions, if it is next.
static eg_status read_mark(parser *p, sides *s, int directions,
                           bool *out_found) {
  egi_reader *reader = &p->reader;
  egi_token token;
  EG_TRY(egi_reader_peek(reader, &token));
  bool subsume = egi_token_is(&token, "subsume");
  bool budget = egi_token_is(&token, "budget");
  *out_found = subsume || budget || egi_token_is(&token, "nonlocal");
  if (!*out_found)
    return EG_OK;
  EG_TRY(egi_reader_next(reader, &token));
  if (subsume && directions == 2)
    return egi_reader_fail(reader, token.text,
                           "'subsume' wants '=>', not '<=>'");
  s->subsume |= subsume;
  s->nonlocal |= !subsume && !budget;
  return budget ? egi_reader_count(reader, "budget", &s->budget) : EG_OK;
}

// Whether the token begins something else than what is being read. The name of a
// rule may be a string.
static bool begins_statement(const egi_token *token) {
  return token->kind == EGI_END || token->kind == EGI_STRING ||
         egi_token_is_head(token) || egi_token_is(token, "ruleset") ||
         egi_token_is(token, "schedule") || egi_token_is(token, "scheduler");
}

static eg_status read_guards(parser *p, sides *s, int directions) {
  egi_reader *reader = &p->reader;
  egi_token token;
  bool more;
  EG_TRY(egi_reader_peek(reader, &token));
  if (egi_token_is(&token, "if")) {
    EG_TRY(egi_reader_next(reader, &token));
    EG_TRY(read_guard_list(p, &s->guards));
  }
  do
    EG_TRY(read_mark(p, s, directions, &more));
  while (more);
  EG_TRY(egi_reader_peek(reader, &token));
  if (begins_statement(&token))
    return EG_OK;
  return egi_reader_fail(reader, token.text,
                         "expected 'if', a rule or the end, got '%.*s'",
                         egi_clip(token.len), token.text);
}

// The arrow between the sides: 1 for =>, 2 for <=>.
static eg_status read_arrow(egi_reader *reader, int *out_directions) {
  egi_token token;
  EG_TRY(egi_reader_next(reader, &token));
  *out_directions = egi_token_is(&token, "=>")    ? 1
                    : egi_token_is(&token, "<=>") ? 2
                                                  : 0;
  if (*out_directions)
    return EG_OK;
  return egi_reader_fail(reader, token.text,
                         "expected '=>' or '<=>', got '%.*s'",
                         token.kind == EGI_END ? 3 : egi_clip(token.len),
                         token.kind == EGI_END ? "end" : token.text);
}

// Whether what was read is followed by no arrow, and terms are wanted.
static eg_status is_term(parser *p, const sides *s, bool *out_is) {
  egi_token token;
  EG_TRY(egi_reader_peek(&p->reader, &token));
  *out_is =
      p->options->term && s->lhs.roots.num == 1 && begins_statement(&token);
  return EG_OK;
}

// Keeps the pattern, which must be ground, and the name at hand.
static eg_status keep_term(parser *p, egi_pattern *pattern, const char *where) {
  eg_graph *graph = p->reader.graph;
  if (p->reader.vars.names.num > 0)
    return egi_reader_fail(&p->reader, where,
                           "a term holds no variables, got '%.*s'",
                           egi_clip(strlen(p->reader.vars.names.data[0])),
                           p->reader.vars.names.data[0]);
  size_t size = strlen(p->name.data) + 1;
  EG_TRY(EGI_RESERVE(graph, &p->terms, 1));
  EG_TRY(EGI_RESERVE(graph, &p->names, size));
  memcpy(p->names.data + p->names.num, p->name.data, size);
  p->terms.data[p->terms.num++] = (named_term){p->names.num, *pattern};
  p->names.num += size;
  *pattern = (egi_pattern){0};
  return EG_OK;
}

// Forwards: lhs, arrow, rhs, guards, as the text has them. A term has no
// direction.
static eg_status read_forwards(parser *p, sides *s, int *out_directions,
                               const char **out_rhs, const char **out_guards) {
  const char *where = p->reader.at;
  bool term;
  EG_TRY(read_lhs(&p->reader, s));
  EG_TRY(is_term(p, s, &term));
  *out_directions = 0;
  if (term)
    return keep_term(p, &s->lhs.pattern, where);
  if (egi_rules_has(p->rules, p->name.data, strlen(p->name.data)))
    return egi_reader_fail(&p->reader, where, "the name is taken");
  EG_TRY(read_arrow(&p->reader, out_directions));
  *out_rhs = p->reader.at;
  EG_TRY(read_rhs(&p->reader, s));
  *out_guards = p->reader.at;
  EG_TRY(read_guards(p, s, *out_directions));
  return append(p->rules, &p->reader, s,
                &(eg_rule_desc){.ruleset = p->ruleset.data});
}

static eg_status read_backwards(parser *p, sides *s, const char *lhs,
                                const char *rhs, const char *guards) {
  p->reader.at = rhs;
  EG_TRY(read_lhs(&p->reader, s));
  p->reader.at = lhs;
  EG_TRY(read_rhs(&p->reader, s));
  p->reader.at = guards;
  EG_TRY(read_guards(p, s, 2));
  return append(p->rules, &p->reader, s,
                &(eg_rule_desc){.ruleset = p->ruleset.data});
}

// Keeps the rule's or term's name, with |suffix|.
static eg_status set_name(parser *p, const char *name, size_t len,
                          const char *suffix) {
  size_t more = strlen(suffix);
  p->reader.rule = NULL;
  p->name.num = 0;
  EG_TRY(EGI_RESERVE(p->reader.graph, &p->name, len + more + 1));
  memcpy(p->name.data, name, len);
  memcpy(p->name.data + len, suffix, more + 1);
  p->reader.rule = p->name.data;
  return EG_OK;
}

static eg_status read_rule(parser *p, const char *where, const char *name,
                           size_t len) {
  eg_graph *graph = p->reader.graph;
  const char *lhs = p->reader.at, *rhs, *guards;
  int directions;
  EG_TRY(set_name(p, name, len, ""));
  if (len == 0)
    return egi_reader_fail(&p->reader, where, "the name is empty");
  egi_reader_forget(&p->reader);
  sides s = {0};
  eg_status status = read_forwards(p, &s, &directions, &rhs, &guards);
  sides_free(graph, &s);
  if (status != EG_OK || directions < 2)
    return status;
  EG_TRY(set_name(p, name, len, "-rev"));
  if (egi_rules_has(p->rules, p->name.data, strlen(p->name.data)))
    return egi_reader_fail(&p->reader, where, "the name is taken");
  egi_reader_forget(&p->reader);
  s = (sides){0};
  status = read_backwards(p, &s, lhs, rhs, guards);
  sides_free(graph, &s);
  return status;
}

// A head and what follows it. A string is a name when it stands right before a
// ':' or ';'.
static eg_status read_named(parser *p, const egi_token *head) {
  egi_reader *reader = &p->reader;
  if (egi_token_is_head(head))
    return read_rule(p, head->text, head->text, head->len - 1);
  char colon = head->kind == EGI_STRING ? *reader->at : '\0';
  if (colon != ':' && colon != ';')
    return egi_reader_fail(reader, head->text,
                           "expected a rule's 'name:', got '%.*s'",
                           egi_clip(head->len), head->text);
  ++reader->at;
  EG_TRY(egi_reader_decode(reader, head));
  if (memchr(reader->scratch.data, 0, reader->scratch.num))
    return egi_reader_fail(reader, head->text, "a name holds a zero byte");
  // The reader's own copy will hold other things.
  char *name = reader->scratch.data;
  size_t len = reader->scratch.num, size = reader->scratch.cap;
  reader->scratch = (egi_chars){0};
  eg_status status = read_rule(p, head->text, name, len);
  egi_resize(reader->graph, name, size, 0);
  return status;
}

// Behind "ruleset": its name.
static eg_status read_ruleset(parser *p) {
  egi_reader *reader = &p->reader;
  egi_token token;
  uint32_t index;
  EG_TRY(egi_reader_next(reader, &token));
  if (token.kind < EGI_WORD || egi_token_is_head(&token))
    return egi_reader_fail(reader, token.text, "'ruleset' needs a name");
  EG_TRY(egi_reader_decode(reader, &token));
  p->ruleset.num = 0;
  EG_TRY(EGI_RESERVE(reader->graph, &p->ruleset, reader->scratch.num + 1));
  memcpy(p->ruleset.data, reader->scratch.data, reader->scratch.num + 1);
  return egi_ruleset_add(p->rules, p->ruleset.data, &index);
}

static eg_status read_statement(parser *p, const egi_token *token) {
  bool found;
  p->reader.rule = NULL;
  if (egi_token_is(token, "ruleset"))
    return read_ruleset(p);
  EG_TRY(egi_plan_read(&p->reader, p->rules, token, &p->rules->plan, &found));
  return found ? EG_OK : read_named(p, token);
}

static eg_status read_rules(parser *p) {
  for (;;) {
    egi_token token;
    EG_TRY(egi_reader_next(&p->reader, &token));
    if (token.kind == EGI_END)
      return EG_OK;
    EG_TRY(read_statement(p, &token));
  }
}

// Adds the terms; those of a failed call may stay, as eg_term_parse says.
static eg_status add_terms(parser *p) {
  for (size_t i = 0; i < p->terms.num; ++i) {
    const named_term *t = &p->terms.data[i];
    eg_class id;
    EG_TRY(egi_add_term(p->reader.graph, &t->pattern, &id));
    p->options->term(p->options->user, p->names.data + t->name, id);
  }
  return EG_OK;
}

static void parser_free(parser *p) {
  eg_graph *graph = p->reader.graph;
  egi_reader_free(&p->reader);
  EGI_RELEASE(graph, &p->name);
  EGI_RELEASE(graph, &p->ruleset);
  for (size_t i = 0; i < p->terms.num; ++i)
    egi_pattern_free(graph, &p->terms.data[i].pattern);
  EGI_RELEASE(graph, &p->terms);
  EGI_RELEASE(graph, &p->names);
}

eg_status eg_rules_parse(eg_graph *graph, const char *text,
                         eg_text_options options, eg_rules **out_rules) {
  *out_rules = NULL;
  if (!text)
    return egi_fail_at(graph, EG_INVALID, 0, "no text");
  uint32_t num_ops = eg_num_ops(graph);
  parser p = {.options = &options};
  EG_TRY(eg_rules_create(graph, &p.rules));
  egi_reader_init(&p.reader, graph, text);
  p.reader.declare = options.declare;
  p.reader.any_class = options.any_class;
  p.reader.in_rules = p.reader.items = true;
  eg_status status = read_rules(&p);
  if (status == EG_OK)
    status = add_terms(&p);
  parser_free(&p);
  if (status == EG_OK) {
    *out_rules = p.rules;
    return EG_OK;
  }
  eg_rules_destroy(p.rules);
  egi_undo_ops(graph, num_ops);
  return status;
}
