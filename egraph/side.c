// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reading one side of a rule, and queries, which are a left side alone:
//
//   side := item (',' item)*      item := pattern ('=' pattern)*
//
// Outside parentheses ',' and '=' are separators; a leaf of that name is
// written in quotes or in parentheses.
#include "rule.h"
#include "text.h"

// Takes the separator if it is next.
static eg_status skip(egi_reader *reader, char separator, bool *out_found) {
  egi_token token;
  EG_TRY(egi_reader_peek(reader, &token));
  *out_found =
      separator == ',' ? token.kind == EGI_COMMA : egi_token_is(&token, "=");
  return *out_found ? egi_reader_next(reader, &token) : EG_OK;
}

static eg_status read_item(egi_reader *reader, egi_side *out) {
  bool more;
  do {
    uint32_t sort;
    EG_TRY(egi_read_pattern(reader, &out->pattern, &sort));
    EG_TRY(EGI_RESERVE(reader->graph, &out->roots, 1));
    out->roots.data[out->roots.num++] = (uint32_t)out->pattern.nodes.num - 1;
    if (sort != EGI_UNKNOWN)
      reader->sort = sort;
    EG_TRY(skip(reader, '=', &more));
  } while (more);
  EG_TRY(EGI_RESERVE(reader->graph, &out->ends, 1));
  out->ends.data[out->ends.num++] = (uint32_t)out->roots.num;
  reader->sort = EGI_UNKNOWN;
  return EG_OK;
}

//===-- Sorts over '=' ----------------------------------------------------===//

static const egi_pnode *root_of(const egi_side *side, size_t at) {
  return &side->pattern.nodes.data[side->roots.data[at]];
}

static const char *sort_name(const egi_reader *reader, uint32_t sort) {
  return eg_sort_name(reader->graph, (eg_sort){(uint8_t)sort});
}

// Gives the bare variables of an item the sort of its other patterns; there is
// but one. |*out_changed| is set when that is news.
static eg_status settle_item(egi_reader *reader, const egi_side *side,
                             size_t first, size_t end, bool *out_changed) {
  uint32_t sort = EGI_UNKNOWN;
  for (size_t i = first; i < end; ++i) {
    uint32_t have = egi_reader_sort(reader, root_of(side, i));
    if (have != EGI_UNKNOWN && sort != EGI_UNKNOWN && have != sort)
      return egi_reader_fail(
          reader, side->where,
          "'=' between a class of sort '%.40s' and one of '%.40s'",
          sort_name(reader, sort), sort_name(reader, have));
    sort = have == EGI_UNKNOWN ? sort : have;
  }
  for (size_t i = first; sort != EGI_UNKNOWN && i < end; ++i)
    if (egi_reader_sort(reader, root_of(side, i)) == EGI_UNKNOWN) {
      reader->var_sorts.data[root_of(side, i)->var] = sort;
      *out_changed = true;
    }
  return EG_OK;
}

static eg_status settle_sorts(egi_reader *reader, const egi_side *side) {
  bool changed;
  do {
    changed = false;
    for (size_t item = 0, at = 0; item < side->ends.num; ++item) {
      EG_TRY(settle_item(reader, side, at, side->ends.data[item], &changed));
      at = side->ends.data[item];
    }
  } while (changed);
  return EG_OK;
}

// A variable without a sort stands in no pattern: it would match every class.
static eg_status check_bound(egi_reader *reader, const egi_side *side) {
  for (size_t i = 0; i < reader->vars.names.num; ++i)
    if (reader->var_sorts.data[i] == EGI_UNKNOWN)
      return side->roots.num == 1
                 ? egi_reader_fail(reader, side->where,
                                   "the %s is the bare variable '%s'",
                                   reader->what, reader->vars.names.data[i])
                 : egi_reader_fail(reader, side->where,
                                   "variable '%s' stands in no pattern",
                                   reader->vars.names.data[i]);
  return EG_OK;
}

eg_status egi_settle_vars(egi_reader *reader, const char *where) {
  for (size_t i = 0; i < reader->vars.names.num; ++i) {
    if (reader->var_sorts.data[i] != EGI_UNKNOWN)
      continue;
    if (reader->graph->sorts.num > 1)
      return egi_reader_fail(reader, where,
                             "variable '%s' could be of any sort",
                             reader->vars.names.data[i]);
    reader->var_sorts.data[i] = 0;
  }
  return EG_OK;
}

eg_status egi_read_side(egi_reader *reader, const char *what, egi_side *out) {
  egi_token token;
  reader->what = what;
  EG_TRY(egi_reader_peek(reader, &token));
  out->where = token.text;
  bool more;
  do {
    EG_TRY(read_item(reader, out));
    EG_TRY(skip(reader, ',', &more));
  } while (more);
  EG_TRY(settle_sorts(reader, out));
  return reader->binds && !reader->any_class ? check_bound(reader, out) : EG_OK;
}

//===-- Queries -----------------------------------------------------------===//

// What the reader has read since its variables were cleared, as a query.
static eg_status compile_query(egi_reader *reader, eg_query *query) {
  egi_guards none = {0};
  reader->binds = reader->has_vars = true;
  reader->sort = EGI_UNKNOWN;
  EG_TRY(egi_read_side(reader, "query", &query->side));
  EG_TRY(egi_settle_vars(reader, query->side.where));
  return egi_query_init(reader->graph, &query->side, reader->var_sorts.data,
                        &reader->vars, &none, &query->compiled);
}

eg_status egi_read_query(egi_reader *reader, eg_query **out_query) {
  eg_graph *graph = reader->graph;
  eg_query *query = egi_resize(graph, NULL, 0, sizeof *query);
  *out_query = NULL;
  if (!query)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory for a query");
  *query = (eg_query){.graph = graph, .level = graph->undo.serial};
  egi_reader_forget(reader);
  eg_status status = compile_query(reader, query);
  if (status == EG_OK)
    *out_query = query;
  else
    eg_query_destroy(query);
  return status;
}

eg_status eg_query_parse(eg_graph *graph, const char *text,
                         eg_text_options options, eg_query **out_query) {
  *out_query = NULL;
  if (!text)
    return egi_fail_at(graph, EG_INVALID, 0, "no text");
  uint32_t num_ops = eg_num_ops(graph);
  egi_reader reader;
  egi_reader_init(&reader, graph, text);
  reader.declare = options.declare;
  reader.any_class = options.any_class;
  reader.items = true;
  eg_status status = egi_read_query(&reader, out_query);
  if (status == EG_OK) {
    reader.what = "query";
    status = egi_expect_end(&reader);
  }
  egi_reader_free(&reader);
  if (status == EG_OK)
    return EG_OK;
  eg_query_destroy(*out_query);
  *out_query = NULL;
  egi_ops_truncate(graph, num_ops);
  return status;
}

void eg_query_destroy(eg_query *query) {
  if (!query)
    return;
  egi_query_free(query->graph, &query->compiled);
  egi_side_free(query->graph, &query->side);
  egi_resize(query->graph, query, sizeof *query, 0);
}

uint32_t eg_query_num_vars(const eg_query *query) {
  return (uint32_t)query->compiled.vars.names.num;
}

const char *eg_query_var(const eg_query *query, uint32_t index) {
  return query->compiled.vars.names.data[index];
}

eg_status eg_query_search(const eg_query *query, eg_class root,
                          bool (*visit)(void *user, const eg_match *match),
                          void *user, uint64_t *out_num_matches) {
  eg_graph *graph = query->graph;
  *out_num_matches = 0;
  EG_TRY(egi_undo_need_open(graph, query->level, "the query was"));
  if (root.id && !egi_is_class(graph, root.id))
    return egi_fail_at(graph, EG_INVALID, 0, "no class %u", (unsigned)root.id);
  return egi_query_visit(graph, &query->compiled,
                         root.id ? egi_find(graph, root.id) : 0, visit, user,
                         out_num_matches);
}
