// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Drawings: one small graph to the letter, hostile names, and on random graphs
// that clusters, nodes and edges are those of the graph.
#include "graphs.h"

static char *draw(eg_graph *graph, const eg_choice *choice) {
  text_buffer buffer = {0};
  CHECK_EQ(eg_write_dot(graph, choice, buffer_writer(&buffer)), EG_OK);
  return buffer.data;
}

CHECK_TEST(a_small_graph) {
  eg_graph *g = new_graph();
  eg_class x = term(g, "x"), fx = term(g, "(f x)");
  term(g, "(g x y (f x))");
  unite(g, x, fx);
  rebuild(g);
  eg_cost cost = eg_cost_size();
  eg_choice *choice = NULL;
  CHECK_EQ(eg_extract_tree(g, &cost, &choice), EG_OK);
  char *text = draw(g, choice);
  CHECK_STR(text, "digraph egraph {\n"
                  "  compound=true;\n"
                  "  node [shape=ellipse];\n"
                  "  subgraph cluster_1 {\n"
                  "    label=\"1 term\"; style=rounded;\n"
                  "    n256 [label=\"x\", style=filled, fillcolor=gold];\n"
                  "    n512 [label=\"f\"];\n"
                  "  }\n"
                  "  subgraph cluster_3 {\n"
                  "    label=\"3 term\"; style=rounded;\n"
                  "    n768 [label=\"y\", style=filled, fillcolor=gold];\n"
                  "  }\n"
                  "  subgraph cluster_4 {\n"
                  "    label=\"4 term\"; style=rounded;\n"
                  "    n1024 [label=\"g\", style=filled, fillcolor=gold];\n"
                  "  }\n"
                  "  n512:s -> n256 [];\n"
                  "  n1024:sw -> n256 [lhead=cluster_1];\n"
                  "  n1024:s -> n768 [lhead=cluster_3];\n"
                  "  n1024:se -> n256 [lhead=cluster_1];\n"
                  "}\n");
  free(text);
  eg_choice_destroy(choice);
  eg_graph_destroy(g);
}

CHECK_TEST(labels_are_escaped) {
  static const struct {
    const char *name, *payload;
    size_t size;
    const char *label;
  } rows[] = {
      {"a\"b", NULL, 0, "label=\"a\\\"b\""},
      {"a\\n", NULL, 0, "label=\"a\\\\n\""},
      {"p", "two words", 9, "label=\"p two words\""},
      {"p", "\"];evil", 7, "label=\"p \\\"];evil\""},
      {"p", "tail\\", 5, "label=\"p tail\\\\\""},
      {"p", "1\n2", 3, "label=\"p 1\\\\n2\""},
      {"p", "\0\xff", 2, "label=\"p \\\\x00\\\\xff\""},
      {"\xe2\x88\x88", "\xc3\x97", 2, "label=\"\xe2\x88\x88 \xc3\x97\""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    eg_graph *g = new_graph();
    eg_op_desc desc = {.name = rows[i].name,
                       .has_payload = rows[i].payload != NULL};
    eg_op op = {0};
    eg_payload payload = {0};
    eg_class id;
    CHECK_EQ(eg_op_add(g, &desc, &op), EG_OK);
    if (rows[i].payload)
      CHECK_EQ(eg_payload_intern(g, rows[i].payload, rows[i].size, &payload),
               EG_OK);
    CHECK_EQ(eg_add(g, op, payload, NULL, 0, &id), EG_OK);
    rebuild(g);
    char *text = draw(g, NULL);
    if (!strstr(text, rows[i].label))
      CHECK_STR(text, rows[i].label);
    free(text);
    eg_graph_destroy(g);
  }
}

//===-- Random graphs, read back ------------------------------------------===//

enum { MAX_NODES = 1 << 16 };

// What a drawing says: the cluster of each node, and how much there is of what.
typedef struct drawing {
  uint32_t cluster[MAX_NODES]; // by node id, 0 = none
  uint32_t clusters, nodes, edges, chosen;
} drawing;

static void read_edge(drawing *d, const char *line) {
  uint32_t from = 0, to = 0, head = 0;
  const char *arrow = strstr(line, " -> n"), *lhead = strstr(line, "lhead=");
  CHECK(sscanf(line, " n%" SCNu32, &from) == 1);
  CHECK(arrow && sscanf(arrow, " -> n%" SCNu32, &to) == 1);
  if (from >= MAX_NODES || to >= MAX_NODES) {
    CHECK(false);
    return;
  }
  CHECK(d->cluster[from] && d->cluster[to]);
  if (lhead) {
    CHECK(sscanf(lhead, "lhead=cluster_%" SCNu32, &head) == 1);
    CHECK_EQ(head, d->cluster[to]);
    CHECK(head != d->cluster[from]); // Graphviz would warn and not clip.
  } else {
    CHECK_EQ(d->cluster[from], d->cluster[to]);
  }
  ++d->edges;
}

static void read_drawing(char *text, drawing *d) {
  memset(d, 0, sizeof *d);
  uint32_t cluster = 0, id;
  for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
    if (sscanf(line, " subgraph cluster_%" SCNu32, &id) == 1) {
      cluster = id;
      ++d->clusters;
    } else if (strstr(line, " -> ")) {
      read_edge(d, line);
    } else if (sscanf(line, " n%" SCNu32 " [", &id) == 1 && id < MAX_NODES) {
      CHECK(cluster != 0 && d->cluster[id] == 0);
      d->cluster[id] = cluster;
      ++d->nodes;
      d->chosen += strstr(line, "filled") != NULL;
    }
  }
}

CHECK_TEST(random_graphs) {
  static drawing d;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    uint64_t rng = seed;
    eg_graph *g = new_graph();
    eg_op ops[] = {new_op(g, "x", 0), new_op(g, "f", 1), new_op(g, "g", 2),
                   new_op(g, "h", 4), new_op(g, "y", 0)};
    static const uint32_t arity[] = {0, 1, 2, 4, 0};
    eg_class ids[60];
    uint32_t num = 0;
    while (num < 60) {
      uint32_t op = num == 0 ? 0 : random_below(&rng, 5);
      eg_class children[4];
      for (int i = 0; i < 4; ++i)
        children[i] = num ? ids[random_below(&rng, num)] : (eg_class){0};
      CHECK_EQ(
          eg_add(g, ops[op], (eg_payload){0}, children, arity[op], &ids[num++]),
          EG_OK);
    }
    for (int i = 0; i < 12; ++i)
      unite(g, ids[random_below(&rng, num)], ids[random_below(&rng, num)]);
    rebuild(g);
    eg_cost cost = eg_cost_size();
    eg_choice *choice = NULL;
    CHECK_EQ(eg_extract_tree(g, &cost, &choice), EG_OK);
    char *text = draw(g, choice);
    read_drawing(text, &d);
    uint64_t edges = 0, chosen = 0;
    eg_class id = {0};
    while ((id = eg_class_next(g, id)).id) {
      uint32_t num_nodes, num_children;
      const eg_node *nodes = eg_class_nodes(g, id, &num_nodes);
      for (uint32_t i = 0; i < num_nodes; ++i) {
        eg_node_children(g, nodes[i], &num_children);
        edges += num_children;
        CHECK_EQ(d.cluster[nodes[i].id], id.id);
      }
      chosen += eg_choice_node(choice, id).id != 0;
    }
    CHECK_EQ(d.clusters, eg_num_classes(g));
    CHECK_EQ(d.nodes, eg_num_nodes(g));
    CHECK_EQ(d.edges, edges);
    CHECK_EQ(d.chosen, chosen);
    free(text);
    eg_choice_destroy(choice);
    eg_graph_destroy(g);
  }
}

CHECK_TEST(what_cannot_be_drawn) {
  eg_graph *g = new_graph(), *other = new_graph();
  eg_class x = term(g, "x"), y = term(g, "y");
  text_buffer buffer = {0};
  eg_choice *choice = NULL;
  CHECK_EQ(eg_choice_create(other, &choice), EG_OK);
  rebuild(g);
  CHECK_EQ(eg_write_dot(g, choice, buffer_writer(&buffer)), EG_INVALID);
  CHECK_STR(eg_graph_error(g)->text, "the choice is of another graph");
  unite(g, x, y);
  CHECK_EQ(eg_write_dot(g, NULL, buffer_writer(&buffer)), EG_INVALID);
  CHECK_STR(eg_graph_error(g)->text, "the graph needs eg_rebuild first");
  rebuild(g);
  buffer.refuse_at = 5;
  CHECK_EQ(eg_write_dot(g, NULL, buffer_writer(&buffer)), EG_INVALID);
  CHECK_EQ(buffer.num, 0);
  eg_choice_destroy(choice);
  eg_graph_destroy(g);
  eg_graph_destroy(other);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}
