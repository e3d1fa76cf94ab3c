// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A cost function and an extractor of one's own, in one program.
//
// Two terms for 4·x + 4·x are in the graph: one multiplies twice, the other
// shifts once and uses the result twice. Under our prices a multiplication costs
// 10. Our extractor tries every node in every class, once, and keeps what is
// cheaper; the engine checks each offer.
#include <eg_extract.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double price(void *user, const eg_graph *graph, eg_node node) {
  (void)user;
  const char *name = eg_op_name(graph, eg_node_op(graph, node));
  return strcmp(name, "*") == 0 ? 10 : strcmp(name, "<<") == 0 ? 2 : 1;
}

static eg_status try_all(void *user, eg_extraction *x) {
  (void)user;
  const eg_problem *p = eg_extraction_problem(x);
  uint32_t *choice = malloc(p->num_classes * sizeof *choice);
  if (!choice)
    return EG_NO_MEMORY;
  for (uint32_t c = 0; c < p->num_classes; ++c)
    for (uint32_t n = p->first_node[c]; n < p->first_node[c + 1]; ++n) {
      if (!eg_extraction_work(x, p->num_children)) // the budget is out
        break;
      for (uint32_t d = 0; d < p->num_classes; ++d)
        choice[d] = p->first_node[d]; // any node of classes not chosen so far
      for (uint32_t d = 0; d < p->num_classes; ++d)
        if (eg_extraction_best(x)[d] != EG_NO_NODE)
          choice[d] = eg_extraction_best(x)[d];
      choice[c] = n;
      eg_status status = eg_extraction_offer(x, choice);
      if (status != EG_OK && status != EG_INFEASIBLE) {
        free(choice);
        return status;
      }
    }
  free(choice);
  return EG_OK;
}

static const eg_extractor own = {"try-all", "each node once", true,
                                 false,     try_all,          NULL};

static int fail(const char *what) {
  fprintf(stderr, "%s\n", what);
  return 1;
}

static bool print(void *user, const char *text, size_t size) {
  return fwrite(text, 1, size, user) == size;
}

static int extract(eg_graph *graph, eg_class root) {
  eg_prices prices = {price, NULL};
  eg_flat *flat;
  if (eg_flat_create(graph, &prices, &root, 1, &flat) != EG_OK)
    return fail(eg_graph_error(graph)->text);
  eg_extract_options options = eg_extract_options_default();
  options.extractor = &own;
  eg_extract_result result;
  eg_choice *choice;
  uint32_t *picked = malloc(flat->problem.num_classes * sizeof *picked);
  if (!picked ||
      eg_extract(&flat->problem, &options, picked, &result) != EG_OK ||
      eg_choice_create(graph, &choice) != EG_OK)
    return fail("no extraction");
  eg_flat_choose(flat, picked, choice);
  printf("dag %g, tree %g: ", result.dag, result.tree);
  eg_status status =
      eg_write_term(graph, choice, root, (eg_writer){print, stdout});
  printf("\n");
  free(picked);
  eg_choice_destroy(choice);
  eg_flat_destroy(flat);
  return status != EG_OK;
}

int main(void) {
  eg_allocator memory = eg_allocator_default();
  eg_text_options declare = {.declare = true};
  eg_graph *graph;
  eg_class a, b;
  if (eg_graph_create(&memory, &graph) != EG_OK ||
      eg_term_parse(graph, "(+ (* 4 x) (* x 4))", declare, &a) != EG_OK ||
      eg_term_parse(graph, "(+ (<< x 2) (<< x 2))", declare, &b) != EG_OK ||
      eg_union(graph, a, b, NULL) != EG_OK || eg_rebuild(graph) != EG_OK)
    return fail("no graph");
  int failed = extract(graph, a);
  eg_graph_destroy(graph);
  return failed;
}
