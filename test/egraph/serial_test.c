// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The JSON of egraph-serialize: what is read, what is refused and where, and
// that what is written reads back the same.
#include "eg_serial.h"
#include "graphs.h"

#include <math.h>

static eg_serial *parse(const char *text) {
  eg_serial *serial;
  eg_error error = {0};
  CHECK_EQ(eg_serial_parse(NULL, text, strlen(text), &serial, &error), EG_OK);
  CHECK_STR(error.text, "");
  return serial;
}

CHECK_TEST(order_defaults_and_escapes) {
  eg_serial *serial = parse(
      "{\"comment\": [1, {\"a\": [true, null]}, \"x\"],\n"
      " \"root_eclasses\": [\"B\", \"A\"],\n"
      " \"class_data\": {\"A\": {\"type\": \"Math\", \"let\": \"e\"},\n"
      "                \"B\": {\"type\": null}},\n"
      " \"nodes\": {\n"
      "  \"n0\": {\"op\": \"+\", \"eclass\": \"B\", \"children\": [\"n2\","
      " \"n2\"], \"cost\": 2.5e1, \"extra\": {}},\n"
      "  \"n1\": {\"eclass\": \"A\", \"op\": \"\\u0041\\\"\\ud83d\\ude00\"},\n"
      "  \"n2\": {\"op\": \"x\", \"eclass\": \"A\", \"subsumed\": true,"
      " \"cost\": -0.125},\n"
      "  \"n3\": {\"op\": \"y\", \"eclass\": \"B\", \"cost\": 0}}}");
  const eg_problem *p = eg_serial_problem(serial);
  CHECK_EQ(p->num_classes, 2);
  CHECK_EQ(p->num_nodes, 4);
  CHECK_EQ(p->num_children, 2);
  CHECK_EQ(p->num_roots, 2);
  CHECK_EQ(p->roots[0], 0);
  CHECK_EQ(p->roots[1], 1);
  CHECK_STR(eg_serial_class_id(serial, 0), "B");
  CHECK_STR(eg_serial_class_type(serial, 1), "Math");
  CHECK(eg_serial_class_type(serial, 0) == NULL);
  CHECK_STR(eg_serial_node_id(serial, 0), "n0");
  CHECK_STR(eg_serial_node_id(serial, 1), "n3");
  CHECK_STR(eg_serial_op(serial, 2), "A\"\xf0\x9f\x98\x80");
  CHECK(p->costs[0] == 25);
  CHECK(p->costs[1] == 0);
  CHECK(p->costs[2] == 1);
  CHECK(p->costs[3] == -0.125);
  CHECK_EQ(p->children[0], 1);
  CHECK(eg_serial_is_subsumed(serial, 3));
  CHECK(!eg_serial_is_subsumed(serial, 2));
  CHECK_EQ(eg_serial_set_cost(serial, 0, 7), EG_OK);
  CHECK(p->costs[0] == 7);
  CHECK_EQ(eg_serial_set_cost(serial, 0, NAN), EG_INVALID);
  CHECK_EQ(eg_serial_set_cost(serial, 0, -INFINITY), EG_INVALID);
  CHECK_EQ(eg_serial_set_cost(serial, 0, INFINITY), EG_OK); // never
  text_buffer out = {0};
  CHECK_EQ(eg_serial_write(serial, buffer_writer(&out)), EG_INVALID);
  eg_serial_destroy(serial);
}

#define NODE(id, more) "\"" id "\": {\"op\": \"f\", \"eclass\": \"1\"" more "}"

CHECK_TEST(bad_json_is_refused_with_its_line) {
  static const struct {
    const char *text;
    eg_status status;
    uint32_t line;
    const char *message;
  } cases[] = {
      {"", EG_INVALID, 1, "the text ends where '{' is due"},
      {"[]", EG_INVALID, 1, "'[' where '{' is due"},
      {"{}", EG_INVALID, 1, "there is no \"nodes\""},
      {"{\"nodes\": {}} x", EG_INVALID, 1, "more text behind the e-graph"},
      {"{\"nodes\": {},\n}", EG_INVALID, 2, "'}' where another item is due"},
      {"{\"nodes\": {} \"x\": 1}", EG_INVALID, 1, "',' or '}'"},
      {"{\"nodes\": {}, \"nodes\": {}}", EG_INVALID, 1, "a second \"nodes\""},
      {"{\"nodes\": {" NODE("a", "") ",\n" NODE("a", "") "}}", EG_INVALID, 2,
       "a second node \"a\""},
      {"{\"nodes\": {" NODE("a", ", \"op\": \"g\"") "}}", EG_INVALID, 1,
       "a second \"op\" of node \"a\""},
      {"{\"nodes\": {\"a\": {\"op\": \"f\"}}}", EG_INVALID, 1,
       "node \"a\" has no \"eclass\""},
      {"{\"nodes\": {\"a\": {\"eclass\": \"f\"}}}", EG_INVALID, 1,
       "node \"a\" has no \"op\""},
      {"{\"nodes\": {" NODE("a", ", \"cost\": NaN") "}}", EG_INVALID, 1,
       "'N' where a number is due"},
      {"{\"nodes\": {" NODE("a", ",\n\"cost\": 1e999") "}}", EG_INVALID, 2,
       "a number that is not finite"},
      {"{\"nodes\": {" NODE("a", ", \"cost\": 01") "}}", EG_INVALID, 1,
       "leading zero"},
      {"{\"nodes\": {" NODE("a", ", \"cost\": 1.") "}}", EG_INVALID, 1,
       "a number without a digit"},
      {"{\"nodes\": {" NODE("a", ", \"cost\": \"1\"") "}}", EG_INVALID, 1,
       "where a number is due"},
      {"{\"nodes\": {" NODE("a", ", \"subsumed\": 1") "}}", EG_INVALID, 1,
       "where true or false is due"},
      {"{\"nodes\": {" NODE("a", ", \"children\": [\n\"b\"]") "}}",
       EG_NOT_FOUND, 2, "child \"b\" of node \"a\" names no node"},
      {"{\"nodes\": {" NODE("a", "") "},\n\"root_eclasses\": [\"1\", \"2\"]}",
       EG_NOT_FOUND, 2, "root_eclasses[1] \"2\" names no class"},
      {"{\"nodes\": {" NODE("a", "") "}, \"class_data\": {\"2\": {}}}",
       EG_NOT_FOUND, 1, "class_data \"2\" names no class"},
      {"{\"nodes\": {" NODE("a", ", \"x\": \"\\ud800\"") "}}", EG_INVALID, 1,
       "half of a surrogate pair"},
      {"{\"nodes\": {" NODE("a", ", \"x\": \"\\q\"") "}}", EG_INVALID, 1,
       "an unknown escape"},
      {"{\"nodes\": {" NODE("a", ", \"x\": \"\\u0000\"") "}}", EG_INVALID, 1,
       "a zero character"},
      {"{\"nodes\": {" NODE("a", ", \"x\": \"\n\"") "}}", EG_INVALID, 1,
       "a control character"},
      {"{\"nodes\": {" NODE("a", ", \"x\": \"b"), EG_INVALID, 1,
       "the end of a string"},
      {"{\"nodes\": {\"a", EG_INVALID, 1, "the text ends where the end of a"},
      {"{\"x\": [1, {\"a\": [tru]}]}", EG_INVALID, 1, "true or false"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    eg_serial *serial;
    eg_error error = {0};
    eg_status status = eg_serial_parse(NULL, cases[i].text,
                                       strlen(cases[i].text), &serial, &error);
    CHECK(serial == NULL);
    CHECK_EQ(status, cases[i].status);
    CHECK_EQ(error.line, cases[i].line);
    if (!strstr(error.text, cases[i].message)) {
      CHECK_STR(error.text, cases[i].message);
      printf("  of %s\n", cases[i].text);
    }
  }
}

CHECK_TEST(nesting_is_bounded) {
  enum { DEEP = 100000 };
  char *text = malloc(2 * DEEP + 64);
  strcpy(text, "{\"nodes\": {}, \"x\": ");
  size_t size = strlen(text);
  memset(text + size, '[', DEEP);
  memset(text + size + DEEP, ']', DEEP);
  strcpy(text + size + 2 * DEEP, "}");
  eg_serial *serial;
  eg_error error = {0};
  CHECK_EQ(eg_serial_parse(NULL, text, strlen(text), &serial, &error),
           EG_LIMIT);
  CHECK_STR(error.text, "nested deeper than 1024");
  free(text);
}

//===-- Writing -----------------------------------------------------------===//

static char *written(const eg_serial *serial) {
  text_buffer b = {0};
  CHECK_EQ(eg_serial_write(serial, buffer_writer(&b)), EG_OK);
  return b.data;
}

CHECK_TEST(what_is_written_reads_back) {
  eg_serial *first = parse(
      "{\"nodes\": {\"b\\\"\": {\"op\": \"\\u0001f\", \"eclass\": \"2\","
      " \"children\": [\"a1\", \"a0\"], \"cost\": 0.1},"
      "\"a0\": {\"op\": \"x\", \"eclass\": \"1\", \"cost\": 1e-300},"
      "\"c\": {\"op\": \"g\", \"eclass\": \"2\", \"subsumed\": true,"
      " \"cost\": 12345678901234567},"
      "\"a1\": {\"op\": \"y\", \"eclass\": \"1\"}},"
      "\"root_eclasses\": [\"1\", \"2\"],"
      "\"class_data\": {\"2\": {}, \"1\": {\"k\": \"v\", \"type\": null}}}");
  char *one = written(first);
  eg_serial *second = parse(one);
  char *two = written(second);
  CHECK_STR(one, two);
  const eg_problem *p = eg_serial_problem(first),
                   *q = eg_serial_problem(second);
  CHECK_EQ(p->num_nodes, q->num_nodes);
  for (uint32_t n = 0; n < p->num_nodes; ++n) {
    CHECK_STR(eg_serial_node_id(first, n), eg_serial_node_id(second, n));
    CHECK(p->costs[n] == q->costs[n]);
  }
  CHECK(strstr(one, "[\"a1\", \"a0\"]") != NULL);
  text_buffer full = {.refuse_at = 1};
  CHECK_EQ(eg_serial_write(first, buffer_writer(&full)), EG_INVALID);
  eg_serial_destroy(first);
  eg_serial_destroy(second);
  free(one);
  free(two);
}

CHECK_TEST(a_graph_becomes_json) {
  eg_graph *graph = new_graph();
  eg_class a = term(graph, "(+ x x)");
  unite(graph, a, term(graph, "(twice x)"));
  eg_serial *serial;
  eg_error error;
  CHECK_EQ(eg_serial_from_graph(graph, NULL, &a, 1, &serial, &error),
           EG_INVALID);
  rebuild(graph);
  CHECK_EQ(eg_serial_from_graph(graph, NULL, &a, 1, &serial, &error), EG_OK);
  char *text = written(serial);
  eg_serial *again = parse(text);
  const eg_problem *p = eg_serial_problem(again);
  CHECK_EQ(p->num_classes, 2);
  CHECK_EQ(p->num_nodes, 3);
  CHECK_EQ(p->num_children, 3);
  CHECK_EQ(p->num_roots, 1);
  CHECK(strstr(text, "\"op\": \"twice\"") != NULL);
  eg_serial_destroy(serial);
  eg_serial_destroy(again);
  free(text);
  eg_graph_destroy(graph);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}
