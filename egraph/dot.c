// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The graph for Graphviz: a cluster per class, an ellipse per node, an edge per
// child, which ends at the border of the child's cluster (lhead with compound).
//
// Graphviz draws edges between nodes only, so an edge goes to the first member
// of the child class and is clipped at the cluster. An edge into the node's own
// class cannot be clipped (it never leaves the cluster) and goes to the member.
#include "choice.h"
#include "text.h"

static void put_id(egi_out *out, const char *prefix, uint32_t id) {
  egi_puts(out, prefix);
  egi_put_number(out, id);
}

// Text inside a label, where Graphviz takes a backslash for its own: what is
// not printable shows as the reader's escape.
static void put_label(egi_out *out, const void *bytes, size_t size) {
  egi_put_escaped(out, bytes, size, "\\\\");
}

static void put_node(egi_out *out, const eg_graph *graph, eg_node node,
                     bool chosen) {
  eg_op op = eg_node_op(graph, node);
  const char *name = eg_op_name(graph, op);
  put_id(out, "    n", node.id);
  egi_puts(out, " [label=\"");
  put_label(out, name, strlen(name));
  if (eg_op_has_payload(graph, op)) {
    size_t size;
    const void *bytes =
        eg_payload_bytes(graph, eg_node_payload(graph, node), &size);
    egi_puts(out, " ");
    put_label(out, bytes, size);
  }
  egi_puts(out, chosen ? "\", style=filled, fillcolor=gold];\n" : "\"];\n");
}

// Where the edge of child |index| leaves the ellipse.
static const char *port(uint32_t index, uint32_t num) {
  static const char *const ports[3][3] = {
      {":s"}, {":sw", ":se"}, {":sw", ":s", ":se"}};
  return num <= 3 ? ports[num - 1][index] : "";
}

static void put_edges(egi_out *out, const eg_graph *graph, eg_node node,
                      uint32_t home) {
  uint32_t num;
  const eg_class *children = eg_node_children(graph, node, &num);
  for (uint32_t i = 0; i < num && !out->failed; ++i) {
    uint32_t child = egi_find(graph, children[i].id), num_members;
    const uint32_t *members = egi_members(graph, child, &num_members);
    put_id(out, "  n", node.id);
    egi_puts(out, port(i, num));
    put_id(out, " -> n", members[0]);
    if (child != home)
      put_id(out, " [lhead=cluster_", child);
    egi_puts(out, child != home ? "" : " [");
    if (num > 3)
      put_id(out, child != home ? ", label=" : "label=", i);
    egi_puts(out, "];\n");
  }
}

static void put_class(egi_out *out, const eg_graph *graph,
                      const eg_choice *choice, eg_class id) {
  uint32_t num;
  const eg_node *nodes = eg_class_nodes(graph, id, &num);
  eg_node chosen = choice ? eg_choice_node(choice, id) : (eg_node){0};
  const char *sort = eg_sort_name(graph, eg_class_sort(graph, id));
  put_id(out, "  subgraph cluster_", id.id);
  put_id(out, " {\n    label=\"", id.id);
  egi_puts(out, " ");
  put_label(out, sort, strlen(sort));
  egi_puts(out, "\"; style=rounded;\n");
  for (uint32_t i = 0; i < num && !out->failed; ++i)
    put_node(out, graph, nodes[i], nodes[i].id == chosen.id);
  egi_puts(out, "  }\n");
}

eg_status eg_write_dot(eg_graph *graph, const eg_choice *choice,
                       eg_writer writer) {
  EG_TRY(egi_need_clean(graph));
  if (choice && choice->graph != graph)
    return egi_fail_at(graph, EG_INVALID, 0, "the choice is of another graph");
  egi_out out = {.writer = writer};
  egi_puts(&out,
           "digraph egraph {\n  compound=true;\n  node [shape=ellipse];\n");
  eg_class id = {0};
  while ((id = eg_class_next(graph, id)).id && !out.failed)
    put_class(&out, graph, choice, id);
  id = (eg_class){0};
  while ((id = eg_class_next(graph, id)).id && !out.failed) {
    uint32_t num;
    const eg_node *nodes = eg_class_nodes(graph, id, &num);
    for (uint32_t i = 0; i < num; ++i)
      put_edges(&out, graph, nodes[i], id.id);
  }
  egi_puts(&out, "}\n");
  return egi_out_finish(&out, graph);
}
