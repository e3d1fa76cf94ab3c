// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Proofs as s-expressions; eg.h has the grammar.
//
// The tree form goes through the chains in order. The flat form walks them with
// a stack of links, keeps the position it has come to, and puts each new subterm
// into the whole one.
#include "proof.h"
#include "text.h"

enum { MAX_STEPS = 1000000, MAX_NODES = 1000000 };

typedef struct open_term {
  uint32_t term, next;
} open_term;

// A chain that is being walked.
typedef struct open_chain {
  uint32_t link, step, child;
  bool inside; // it is about a child: the position is one longer
} open_chain;

typedef struct printer {
  eg_proof *proof;
  eg_graph *graph;
  egi_out out;
  EGI_ARRAY(open_term) terms;
  EGI_ARRAY(open_chain) chains;
  egi_words path;  // children from the root to where we are
  egi_words above; // terms on the way
  egi_words children;
  egi_words sizes; // of terms
} printer;

//===-- Terms -------------------------------------------------------------===//

// Sizes of all terms that are not sized yet, saturating.
static eg_status size_terms(printer *p) {
  const eg_proof *proof = p->proof;
  EG_TRY(EGI_RESERVE(p->graph, &p->sizes, proof->terms.num - p->sizes.num));
  for (size_t i = p->sizes.num; i < proof->terms.num; ++i) {
    const egi_pterm *t = &proof->terms.data[i];
    uint64_t size = 1;
    for (uint32_t k = 0; k < t->num && size <= MAX_NODES; ++k)
      size += p->sizes.data[proof->children.data[t->first + k]];
    p->sizes.data[i] = (uint32_t)(size <= MAX_NODES ? size : MAX_NODES + 1);
  }
  p->sizes.num = proof->terms.num;
  return EG_OK;
}

static eg_status put_node(printer *p, uint32_t term) {
  const egi_pterm *t = &p->proof->terms.data[term];
  egi_put_head(&p->out, p->graph, t->op, t->payload, t->num,
               p->terms.num ? EGI_INSIDE : EGI_WHOLE);
  if (t->num == 0)
    return EG_OK;
  EG_TRY(EGI_RESERVE(p->graph, &p->terms, 1));
  p->terms.data[p->terms.num++] = (open_term){term, 0};
  return EG_OK;
}

static eg_status put_term(printer *p, uint32_t term) {
  EG_TRY(size_terms(p));
  if (p->sizes.data[term] > MAX_NODES)
    return egi_fail_at(p->graph, EG_LIMIT, 0, "a term of more than %d nodes",
                       MAX_NODES);
  EG_TRY(put_node(p, term));
  while (p->terms.num && !p->out.failed) {
    open_term *top = &p->terms.data[p->terms.num - 1];
    const egi_pterm *t = &p->proof->terms.data[top->term];
    if (top->next == t->num) {
      egi_puts(&p->out, ")");
      --p->terms.num;
      continue;
    }
    egi_puts(&p->out, " ");
    EG_TRY(put_node(p, p->proof->children.data[t->first + top->next++]));
  }
  return EG_OK;
}

static eg_status put_after_space(printer *p, uint32_t term) {
  egi_puts(&p->out, " ");
  return put_term(p, term);
}

//===-- Steps -------------------------------------------------------------===//

static void put_use(printer *p, uint32_t link, const egi_words *numbers) {
  egi_puts(&p->out, " (lemma ");
  egi_put_number(&p->out, numbers->data[link >> 1]);
  egi_puts(&p->out, link & 1 ? " backward)" : " forward)");
}

// An argument of a guard: what it stood for, and what was known of it.
static eg_status put_argument(printer *p, uint32_t link,
                              const egi_words *numbers) {
  const egi_chain *c = &p->proof->chains.data[link >> 1];
  egi_puts(&p->out, " (is");
  EG_TRY(put_after_space(p, egi_link_end(p->proof, link, false)));
  if (c->from != c->to) {
    EG_TRY(put_after_space(p, egi_link_end(p->proof, link, true)));
    if (numbers)
      put_use(p, link, numbers);
  }
  egi_puts(&p->out, ")");
  return EG_OK;
}

static void put_name(printer *p, const char *name) {
  if (!name)
    return;
  egi_puts(&p->out, " ");
  egi_put_quoted(&p->out, name, strlen(name));
}

static eg_status put_guards(printer *p, const egi_pstep *step,
                            const egi_words *numbers) {
  const eg_proof *proof = p->proof;
  uint32_t at = step->first + egi_step_links(proof, step);
  for (uint32_t i = 0; i < step->num_guards; ++i) {
    egi_pguard guard = proof->guards.data[step->first_guard + i];
    egi_puts(&p->out, " (if");
    put_name(p, proof->names.data[guard.name]);
    for (uint32_t k = 0; k < guard.num; ++k)
      EG_TRY(put_argument(p, proof->links.data[at++], numbers));
    egi_puts(&p->out, ")");
  }
  return EG_OK;
}

// |numbers|: of the lemmas; NULL in the flat form.
static eg_status put_why(printer *p, const egi_pstep *step, bool backwards,
                         const egi_words *numbers) {
  static const char *const kinds[] = {[EGI_STEP_GIVEN] = "given",
                                      [EGI_STEP_CALLBACK] = "callback",
                                      [EGI_STEP_RULE] = "rule"};
  egi_puts(&p->out, "(");
  egi_puts(&p->out, kinds[step->kind]);
  put_name(p, p->proof->names.data[step->name]);
  if (step->kind == EGI_STEP_RULE)
    egi_puts(&p->out, backwards ? " backward" : " forward");
  EG_TRY(put_guards(p, step, numbers));
  egi_puts(&p->out, ")");
  return EG_OK;
}

static void put_children(printer *p, const egi_pstep *step,
                         const egi_words *numbers) {
  for (uint32_t k = 0; k < step->num; ++k) {
    uint32_t link = p->proof->links.data[step->first + k];
    if (!link)
      continue;
    egi_puts(&p->out, " (child ");
    egi_put_number(&p->out, k + 1);
    put_use(p, link, numbers);
    egi_puts(&p->out, ")");
  }
}

static eg_status put_step(printer *p, const egi_pstep *step,
                          const egi_words *numbers) {
  egi_puts(&p->out, "\n   ");
  if (step->kind == EGI_STEP_USE) {
    put_use(p, p->proof->links.data[step->first], numbers);
    return EG_OK;
  }
  egi_puts(&p->out, " (");
  if (step->kind == EGI_STEP_CONGRUENCE)
    egi_puts(&p->out, "congruence");
  else
    EG_TRY(put_why(p, step, step->backwards, numbers));
  EG_TRY(put_after_space(p, step->from));
  EG_TRY(put_after_space(p, step->to));
  if (step->kind == EGI_STEP_CONGRUENCE)
    put_children(p, step, numbers);
  uint32_t premises = egi_step_links(p->proof, step);
  for (uint32_t k = 0; step->kind == EGI_STEP_RULE && k < premises; ++k)
    put_use(p, p->proof->links.data[step->first + k], numbers);
  egi_puts(&p->out, ")");
  return EG_OK;
}

static eg_status put_chain(printer *p, uint32_t number, const egi_chain *chain,
                           const egi_words *numbers) {
  egi_puts(&p->out, "\n  (lemma ");
  egi_put_number(&p->out, number);
  EG_TRY(put_after_space(p, chain->from));
  EG_TRY(put_after_space(p, chain->to));
  for (uint32_t i = chain->first; i < chain->first + chain->num; ++i)
    EG_TRY(put_step(p, &p->proof->steps.data[i], numbers));
  egi_puts(&p->out, ")");
  return EG_OK;
}

static eg_status put_tree(printer *p, egi_words *order, egi_words *numbers) {
  const eg_proof *proof = p->proof;
  EG_TRY(egi_proof_order(proof, order));
  EG_TRY(EGI_RESERVE(p->graph, numbers, proof->chains.num));
  egi_puts(&p->out, "(proof");
  for (uint32_t i = 0; i < order->num; ++i) {
    numbers->data[order->data[i]] = i + 1;
    EG_TRY(put_chain(p, i + 1, &proof->chains.data[order->data[i]], numbers));
  }
  egi_puts(&p->out, "\n  (goal");
  EG_TRY(put_after_space(p, proof->from));
  EG_TRY(put_after_space(p, proof->to));
  if (proof->link)
    put_use(p, proof->link, numbers);
  egi_puts(&p->out, "))\n");
  return EG_OK;
}

//===-- Flat --------------------------------------------------------------===//

static eg_status enter(printer *p, uint32_t link, bool inside) {
  EG_TRY(EGI_RESERVE(p->graph, &p->chains, 1));
  p->chains.data[p->chains.num++] = (open_chain){link, 0, 0, inside};
  return EG_OK;
}

// Puts |term| where we are in |*whole|.
static eg_status replace(printer *p, uint32_t *whole, uint32_t term) {
  eg_proof *proof = p->proof;
  uint32_t at = *whole;
  p->above.num = 0;
  EG_TRY(EGI_RESERVE(p->graph, &p->above, p->path.num));
  for (size_t i = 0; i < p->path.num; ++i) {
    p->above.data[i] = at;
    at = egi_proof_children(proof, at)[p->path.data[i]];
  }
  for (size_t i = p->path.num; i--;) {
    egi_pterm t = proof->terms.data[p->above.data[i]];
    EG_TRY(EGI_RESERVE(p->graph, &p->children, (size_t)t.num + 1));
    memcpy(p->children.data, egi_proof_children(proof, p->above.data[i]),
           t.num * 4u);
    p->children.data[p->path.data[i]] = term;
    EG_TRY(
        egi_proof_term(proof, t.op, t.payload, p->children.data, t.num, &term));
  }
  *whole = term;
  return EG_OK;
}

static eg_status put_flat_step(printer *p, const egi_pstep *step,
                               bool backwards, uint32_t *whole) {
  EG_TRY(replace(p, whole, backwards ? step->from : step->to));
  egi_puts(&p->out, "\n  (step ");
  EG_TRY(put_why(p, step, step->backwards != backwards, NULL));
  egi_puts(&p->out, " (at");
  for (size_t i = 0; i < p->path.num; ++i) {
    egi_puts(&p->out, " ");
    egi_put_number(&p->out, (uint64_t)p->path.data[i] + 1);
  }
  egi_puts(&p->out, ")");
  EG_TRY(put_after_space(p, *whole));
  egi_puts(&p->out, ")");
  return EG_OK;
}

// Goes down into the next child of a congruence, or into what a step uses;
// |*out_done|: there is none left.
static eg_status descend(printer *p, open_chain *top, const egi_pstep *step,
                         bool *out_done) {
  bool inside = step->kind == EGI_STEP_CONGRUENCE;
  uint32_t back = top->link & 1, link = 0, child = 0;
  while (!link && top->child < step->num) {
    child = top->child++;
    link = p->proof->links.data[step->first + child];
  }
  *out_done = link == 0;
  if (!link)
    return EG_OK;
  if (inside) {
    EG_TRY(EGI_RESERVE(p->graph, &p->path, 1));
    p->path.data[p->path.num++] = child;
  }
  return enter(p, link ^ back, inside);
}

static eg_status walk_step(printer *p, uint32_t *whole) {
  open_chain *top = &p->chains.data[p->chains.num - 1];
  const egi_chain *c = &p->proof->chains.data[top->link >> 1];
  bool backwards = top->link & 1, done = true;
  if (top->step == c->num) {
    p->path.num -= top->inside;
    --p->chains.num;
    return EG_OK;
  }
  uint32_t index = backwards ? c->num - 1 - top->step : top->step;
  egi_pstep step = p->proof->steps.data[c->first + index];
  if (step.kind == EGI_STEP_CONGRUENCE || step.kind == EGI_STEP_USE)
    EG_TRY(descend(p, top, &step, &done));
  else
    EG_TRY(put_flat_step(p, &step, backwards, whole));
  if (done) { // |top| stays where it is: nothing was entered
    ++top->step;
    top->child = 0;
  }
  return EG_OK;
}

static eg_status put_flat(printer *p) {
  uint32_t whole = p->proof->from;
  if (p->proof->num_steps > MAX_STEPS)
    return egi_fail_at(p->graph, EG_LIMIT, 0,
                       "a flat proof of more than %d steps", MAX_STEPS);
  egi_puts(&p->out, "(proof\n  (start");
  EG_TRY(put_after_space(p, whole));
  egi_puts(&p->out, ")");
  if (p->proof->link)
    EG_TRY(enter(p, p->proof->link, false));
  while (p->chains.num && !p->out.failed)
    EG_TRY(walk_step(p, &whole));
  egi_puts(&p->out, ")\n");
  return EG_OK;
}

static void free_printer(printer *p) {
  EGI_RELEASE(p->graph, &p->terms);
  EGI_RELEASE(p->graph, &p->chains);
  EGI_RELEASE(p->graph, &p->path);
  EGI_RELEASE(p->graph, &p->above);
  EGI_RELEASE(p->graph, &p->children);
  EGI_RELEASE(p->graph, &p->sizes);
}

eg_status eg_write_origin(eg_graph *graph, eg_class id, eg_writer writer) {
  eg_proof *proof; // that the term equals itself
  EG_TRY(eg_explain(graph, id, id, &proof));
  printer p = {.proof = proof, .graph = graph, .out = {.writer = writer}};
  eg_status status = put_term(&p, proof->from);
  if (status == EG_OK)
    status = egi_out_finish(&p.out, graph);
  free_printer(&p);
  eg_proof_destroy(proof);
  return status;
}

eg_status eg_write_proof(eg_proof *proof, eg_proof_form form,
                         eg_writer writer) {
  eg_graph *graph = proof->graph;
  printer p = {.proof = proof, .graph = graph, .out = {.writer = writer}};
  egi_words order = {0}, numbers = {0};
  eg_status status =
      form == EG_PROOF_FLAT ? put_flat(&p) : put_tree(&p, &order, &numbers);
  if (status == EG_OK)
    status = egi_out_finish(&p.out, graph);
  EGI_RELEASE(graph, &order);
  EGI_RELEASE(graph, &numbers);
  free_printer(&p);
  return status;
}
