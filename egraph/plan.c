// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Schedules from text:
//
//   schedule  := name | '(' 'run' name? until* ')'
//              | '(' ('seq' | 'saturate' | 'repeat' number) schedule+ until* ')'
//   until     := ':until' side
//   scheduler := kind | '(' kind (option value)* ')'
//
// A name is that of a ruleset; (run) alone means all rules. A part is built when
// its ')' comes: its own parts and goals wait in |done| and |goals|.
#include "rule.h"
#include "text.h"

#include <math.h>
#include <stdlib.h>

// A '(' that is not closed yet.
typedef struct open_part {
  egi_token head;
  eg_schedule part;
  bool is_run;
  size_t first; // its parts are done[first …]
} open_part;

typedef struct plan_reader {
  egi_reader *reader;
  eg_graph *graph;
  eg_rules *rules;
  egi_plan *plan;
  EGI_ARRAY(open_part) open;
  EGI_ARRAY(eg_schedule) done;
  EGI_ARRAY(eg_goal) goals; // of the innermost part
} plan_reader;

static int clip(const egi_token *token) {
  return token->kind == EGI_END ? 3 : egi_clip(token->len);
}

static const char *spell(const egi_token *token) {
  return token->kind == EGI_END ? "end" : token->text;
}

//===-- Parts -------------------------------------------------------------===//

// A copy of |num| things that lives as long as the plan; NULL for none of them.
static eg_status keep(plan_reader *r, const void *data, size_t num, size_t size,
                      void *out) {
  void *copy = NULL;
  if (num) {
    EG_TRY(EGI_RESERVE(r->graph, &r->plan->blocks, 1));
    copy = egi_resize(r->graph, NULL, 0, num * size);
    if (!copy)
      return egi_fail_at(r->graph, EG_NO_MEMORY, 0, "no memory for a schedule");
    memcpy(copy, data, num * size);
    r->plan->blocks.data[r->plan->blocks.num++] = (egi_block){copy, num * size};
  }
  *(void **)out = copy;
  return EG_OK;
}

static eg_status find_ruleset(plan_reader *r, const egi_token *token,
                              const char **out_name) {
  egi_reader *reader = r->reader;
  if (token->kind < EGI_WORD)
    return egi_reader_fail(reader, token->text,
                           "a ruleset or a '(' is wanted, got '%.*s'",
                           clip(token), spell(token));
  EG_TRY(egi_reader_decode(reader, token));
  bool has_zero = memchr(reader->scratch.data, 0, reader->scratch.num) != NULL;
  uint32_t index = UINT32_MAX;
  if (reader->scratch.num == 0)
    EG_TRY(egi_ruleset_add(r->rules, "", &index));
  else if (!has_zero)
    index = egi_ruleset_find(r->rules, reader->scratch.data);
  if (index == UINT32_MAX)
    return egi_reader_fail(reader, token->text, "no ruleset '%.*s' above",
                           egi_clip(token->len), token->text);
  *out_name = r->rules->rulesets.data[index];
  return EG_OK;
}

static eg_status add_part(plan_reader *r, eg_schedule part) {
  EG_TRY(EGI_RESERVE(r->graph, &r->done, 1));
  r->done.data[r->done.num++] = part;
  return EG_OK;
}

static eg_status open_paren(plan_reader *r) {
  egi_reader *reader = r->reader;
  open_part p = {.first = r->done.num};
  EG_TRY(egi_reader_next(reader, &p.head));
  p.is_run = egi_token_is(&p.head, "run");
  if (egi_token_is(&p.head, "saturate"))
    p.part.times = EG_UNLIMITED;
  else if (egi_token_is(&p.head, "repeat"))
    EG_TRY(egi_reader_count(reader, "repeat", &p.part.times));
  else if (!p.is_run && !egi_token_is(&p.head, "seq"))
    return egi_reader_fail(
        reader, p.head.text,
        "'run', 'seq', 'repeat' or 'saturate' is wanted, got '%.*s'",
        clip(&p.head), spell(&p.head));
  if (p.is_run) {
    egi_token token;
    EG_TRY(egi_reader_peek(reader, &token));
    if (token.kind >= EGI_WORD && !egi_token_is(&token, ":until")) {
      EG_TRY(egi_reader_next(reader, &token));
      EG_TRY(find_ruleset(r, &token, &p.part.ruleset));
    }
  }
  EG_TRY(EGI_RESERVE(r->graph, &r->open, 1));
  r->open.data[r->open.num++] = p;
  return EG_OK;
}

// A part of one round is that round.
static eg_schedule simplify(eg_schedule part) {
  if (part.num_parts != 1)
    return part;
  eg_schedule only = part.parts[0];
  if (only.num_parts || only.times > 1 || only.num_until)
    return part;
  part.ruleset = only.ruleset;
  part.parts = NULL;
  part.num_parts = 0;
  return part;
}

static eg_status close_paren(plan_reader *r) {
  open_part p = r->open.data[--r->open.num];
  size_t num = r->done.num - p.first;
  if (num == 0 && !p.is_run)
    return egi_reader_fail(r->reader, p.head.text, "'%.*s' of no schedule",
                           clip(&p.head), p.head.text);
  EG_TRY(keep(r, r->done.data + p.first, num, sizeof *r->done.data,
              &p.part.parts));
  EG_TRY(keep(r, r->goals.data, r->goals.num, sizeof *r->goals.data,
              &p.part.until));
  p.part.num_parts = (uint32_t)num;
  p.part.num_until = (uint32_t)r->goals.num;
  r->done.num = p.first;
  r->goals.num = 0;
  return add_part(r, simplify(p.part));
}

static eg_status read_until(plan_reader *r) {
  eg_query *query;
  EG_TRY(EGI_RESERVE(r->graph, &r->goals, 1));
  EG_TRY(EGI_RESERVE(r->graph, &r->plan->queries, 1));
  EG_TRY(egi_read_query(r->reader, &query));
  r->plan->queries.data[r->plan->queries.num++] = query;
  r->goals.data[r->goals.num++] = (eg_goal){.query = query};
  return EG_OK;
}

static eg_status read_token(plan_reader *r, const egi_token *token) {
  egi_reader *reader = r->reader;
  const open_part *top = r->open.num ? &r->open.data[r->open.num - 1] : NULL;
  if (top && egi_token_is(token, ":until"))
    return read_until(r);
  if (top && token->kind == EGI_CLOSE)
    return close_paren(r);
  if (top && token->kind == EGI_END)
    return egi_reader_fail(reader, top->head.text, "'(%.*s' is not closed",
                           clip(&top->head), top->head.text);
  if (top && (top->is_run || r->goals.num))
    return egi_reader_fail(reader, token->text,
                           "':until' or ')' is wanted, got '%.*s'", clip(token),
                           spell(token));
  if (token->kind == EGI_OPEN)
    return open_paren(r);
  eg_schedule part = {0};
  EG_TRY(find_ruleset(r, token, &part.ruleset));
  return add_part(r, part);
}

static eg_status read_schedule(plan_reader *r, const char *where) {
  if (r->plan->has_schedule)
    return egi_reader_fail(r->reader, where, "a second schedule");
  r->plan->has_schedule = true;
  do {
    egi_token token;
    EG_TRY(egi_reader_next(r->reader, &token));
    EG_TRY(read_token(r, &token));
  } while (r->open.num);
  r->plan->schedule = r->done.data[0];
  return EG_OK;
}

//===-- Schedulers --------------------------------------------------------===//

static eg_status read_share(egi_reader *reader, double *out) {
  egi_token token;
  char *end = NULL;
  EG_TRY(egi_reader_next(reader, &token));
  EG_TRY(egi_reader_decode(reader, &token));
  *out = strtod(reader->scratch.data, &end);
  if (token.kind == EGI_WORD && !*end && *out > 0 && isfinite(*out))
    return EG_OK;
  return egi_reader_fail(reader, token.text,
                         "':share' needs a number above 0, got '%.*s'",
                         clip(&token), spell(&token));
}

static eg_status read_kind(egi_reader *reader, const egi_token *token,
                           eg_scheduler_kind *out) {
  for (int i = 0; i < EGI_NUM_SCHEDULERS; ++i)
    if (egi_token_is(token, egi_schedulers[i])) {
      *out = (eg_scheduler_kind)i;
      return EG_OK;
    }
  return egi_reader_fail(
      reader, token->text,
      "'simple', 'backoff' or 'size-aware' is wanted, got '%.*s'", clip(token),
      spell(token));
}

// The options of a kind: rules with a budget pause under all of them.
static eg_status read_options(egi_reader *reader, eg_scheduler *out) {
  for (;;) {
    egi_token token;
    EG_TRY(egi_reader_next(reader, &token));
    if (token.kind == EGI_CLOSE)
      return EG_OK;
    if (egi_token_is(&token, ":rounds"))
      EG_TRY(egi_reader_count(reader, ":rounds", &out->rounds));
    else if (egi_token_is(&token, ":matches") && out->kind == EG_BACKOFF)
      EG_TRY(egi_reader_count(reader, ":matches", &out->matches));
    else if (egi_token_is(&token, ":share") && out->kind == EG_SIZE_AWARE)
      EG_TRY(read_share(reader, &out->share));
    else
      return egi_reader_fail(reader, token.text, "'%s' has no option '%.*s'",
                             egi_schedulers[out->kind], clip(&token),
                             spell(&token));
  }
}

static eg_status read_scheduler(egi_reader *reader, const char *where,
                                egi_plan *plan) {
  egi_token token;
  if (plan->has_scheduler)
    return egi_reader_fail(reader, where, "a second scheduler");
  plan->has_scheduler = true;
  EG_TRY(egi_reader_next(reader, &token));
  bool is_list = token.kind == EGI_OPEN;
  if (is_list)
    EG_TRY(egi_reader_next(reader, &token));
  EG_TRY(read_kind(reader, &token, &plan->scheduler.kind));
  return is_list ? read_options(reader, &plan->scheduler) : EG_OK;
}

//===-- Plans -------------------------------------------------------------===//

const char *const egi_schedulers[EGI_NUM_SCHEDULERS] = {
    [EG_SIMPLE] = "simple",
    [EG_BACKOFF] = "backoff",
    [EG_SIZE_AWARE] = "size-aware",
};

eg_status egi_plan_read(egi_reader *reader, eg_rules *rules,
                        const egi_token *token, egi_plan *plan,
                        bool *out_found) {
  bool schedule = egi_token_is(token, "schedule");
  *out_found = schedule || egi_token_is(token, "scheduler");
  if (!*out_found)
    return EG_OK;
  if (!schedule)
    return read_scheduler(reader, token->text, plan);
  plan_reader r = {
      .reader = reader, .graph = reader->graph, .rules = rules, .plan = plan};
  eg_status status = read_schedule(&r, token->text);
  EGI_RELEASE(r.graph, &r.open);
  EGI_RELEASE(r.graph, &r.done);
  EGI_RELEASE(r.graph, &r.goals);
  return status;
}

void egi_plan_free(eg_graph *graph, egi_plan *plan) {
  for (size_t i = 0; i < plan->blocks.num; ++i)
    egi_resize(graph, plan->blocks.data[i].data, plan->blocks.data[i].size, 0);
  EGI_RELEASE(graph, &plan->blocks);
  for (size_t i = 0; i < plan->queries.num; ++i)
    eg_query_destroy(plan->queries.data[i]);
  EGI_RELEASE(graph, &plan->queries);
}

static eg_status read_plan(egi_reader *reader, eg_rules *rules,
                           egi_plan *plan) {
  for (;;) {
    egi_token token;
    bool found;
    EG_TRY(egi_reader_next(reader, &token));
    if (token.kind == EGI_END)
      return EG_OK;
    EG_TRY(egi_plan_read(reader, rules, &token, plan, &found));
    if (!found)
      return egi_reader_fail(reader, token.text,
                             "'schedule' or 'scheduler' is wanted, got '%.*s'",
                             clip(&token), token.text);
  }
}

eg_status eg_schedule_parse(eg_rules *rules, const char *text,
                            eg_text_options options) {
  eg_graph *graph = rules->graph;
  if (!text)
    return egi_fail_at(graph, EG_INVALID, 0, "no text");
  uint32_t num_ops = eg_num_ops(graph);
  egi_plan plan = {0};
  egi_reader reader;
  egi_reader_init(&reader, graph, text);
  reader.declare = options.declare;
  reader.any_class = options.any_class;
  reader.items = true;
  eg_status status = read_plan(&reader, rules, &plan);
  egi_reader_free(&reader);
  if (status != EG_OK) {
    egi_plan_free(graph, &plan);
    egi_undo_ops(graph, num_ops);
    return status;
  }
  egi_plan_free(graph, &rules->plan);
  rules->plan = plan;
  return EG_OK;
}

const eg_schedule *eg_rules_schedule(const eg_rules *rules) {
  return rules->plan.has_schedule ? &rules->plan.schedule : NULL;
}

eg_scheduler eg_rules_scheduler(const eg_rules *rules) {
  return rules->plan.scheduler;
}
