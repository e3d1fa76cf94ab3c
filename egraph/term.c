// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Terms from text.
#include "text.h"

void egi_undo_ops(eg_graph *graph, uint32_t num) {
  uint32_t end = eg_num_ops(graph);
  while (end > num && graph->ops.data[end - 1].num_live == 0)
    --end;
  egi_ops_truncate(graph, end);
}

eg_status egi_expect_end(egi_reader *reader) {
  egi_token token;
  EG_TRY(egi_reader_next(reader, &token));
  if (token.kind == EGI_END)
    return EG_OK;
  return egi_reader_fail(reader, token.text, "'%.*s' behind the end of the %s",
                         egi_clip(token.len), token.text, reader->what);
}

eg_status egi_add_term(eg_graph *graph, const egi_pattern *term,
                       eg_class *out_class) {
  egi_words nodes = {0};
  eg_status status = EGI_RESERVE(graph, &nodes, term->nodes.num);
  if (status == EG_OK)
    status = egi_add_pattern(graph, term, nodes.data);
  if (status == EG_OK)
    *out_class =
        eg_node_class(graph, (eg_node){nodes.data[term->nodes.num - 1]});
  EGI_RELEASE(graph, &nodes);
  return status;
}

eg_status egi_read_term(eg_graph *graph, const char *text, bool declare,
                        egi_pattern *out) {
  if (!text)
    return egi_fail_at(graph, EG_INVALID, 0, "no text");
  uint32_t sort;
  egi_reader reader;
  egi_reader_init(&reader, graph, text);
  reader.declare = declare;
  eg_status status = egi_read_pattern(&reader, out, &sort);
  if (status == EG_OK)
    status = egi_expect_end(&reader);
  egi_reader_free(&reader);
  return status;
}

eg_status eg_term_parse(eg_graph *graph, const char *text,
                        eg_text_options options, eg_class *out_class) {
  *out_class = (eg_class){0};
  uint32_t num_ops = eg_num_ops(graph);
  egi_pattern term = {0};
  eg_status status = egi_read_term(graph, text, options.declare, &term);
  if (status == EG_OK)
    status = egi_add_term(graph, &term, out_class);
  egi_pattern_free(graph, &term);
  if (status != EG_OK)
    egi_undo_ops(graph, num_ops);
  return status;
}
