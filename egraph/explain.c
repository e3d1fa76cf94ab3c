// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// From the forest of equalities to a proof.
//
// The way between two nodes in their tree (explain_way.c) is a chain of facts,
// each of which explain_fact.c turns into steps. What a step needs beside it is
// equal for reasons that are older than the fact, so the demand for chains ends.
#include "explain.h"
#include "choice.h"

//===-- Lemmas ------------------------------------------------------------===//

static eg_status walk_path(egi_builder *b, const uint32_t *nexts) {
  for (uint32_t i = 0; i + 1 < b->path.num;) {
    uint32_t next = nexts ? nexts[i] : i + 1;
    uint32_t x = b->path.data[i], y = b->path.data[next];
    EG_TRY(next == i + 1
               ? egi_explain_edge(b, x, y, egi_explain_place(b->graph, x, y))
               : egi_explain_congruence(b, x, y));
    i = next;
  }
  return EG_OK;
}

// Leaves out what lies between two visits of one term. |seen|: a word per term.
static void cut_loops(egi_builder *b, uint32_t *seen) {
  egi_pstep *steps = b->steps.data;
  size_t kept = 0;
  for (size_t i = 0; i < b->steps.num; ++i) {
    seen[steps[i].from] = (uint32_t)kept;
    steps[kept++] = steps[i];
    size_t at = seen[steps[kept - 1].to];
    if (at < kept && steps[at].from == steps[kept - 1].to)
      kept = at;
  }
  b->steps.num = kept;
}

// What |seen| holds is looked at with suspicion, so it need not be cleared.
static eg_status cut_all_loops(egi_builder *b) {
  egi_words *seen = &b->seen;
  size_t num = b->proof->terms.num;
  if (seen->num < num) {
    EG_TRY(EGI_RESERVE(b->graph, seen, num - seen->num));
    memset(seen->data + seen->num, 0, (num - seen->num) * sizeof(uint32_t));
    seen->num = num;
  }
  cut_loops(b, seen->data);
  return EG_OK;
}

static eg_status expand(egi_builder *b, size_t index) {
  egi_lemma l = b->lemmas.data[index];
  egi_words ways = {0};
  b->steps.num = 0;
  EG_TRY(egi_explain_way(b, l.x, l.y));
  eg_status status = b->shorten ? egi_explain_shorten(b, &ways) : EG_OK;
  if (status == EG_OK)
    status = walk_path(b, b->shorten ? ways.data + b->path.num : NULL);
  EGI_RELEASE(b->graph, &ways);
  EG_TRY(status);
  if (b->shorten)
    EG_TRY(cut_all_loops(b));
  return egi_explain_close(b, l.chain, b->steps.data, (uint32_t)b->steps.num);
}

static void free_builder(egi_builder *b) {
  EGI_RELEASE(b->graph, &b->lemmas);
  EGI_RELEASE(b->graph, &b->lemma_slots);
  EGI_RELEASE(b->graph, &b->node_terms);
  EGI_RELEASE(b->graph, &b->todo);
  EGI_RELEASE(b->graph, &b->children);
  EGI_RELEASE(b->graph, &b->path);
  EGI_RELEASE(b->graph, &b->seen);
  EGI_RELEASE(b->graph, &b->steps);
  EGI_RELEASE(b->graph, &b->lhs);
  EGI_RELEASE(b->graph, &b->rhs);
}

//===-- The whole proof ---------------------------------------------------===//

static eg_status count_steps(eg_proof *proof) {
  eg_graph *graph = proof->graph;
  egi_words order = {0};
  EGI_ARRAY(uint64_t) sizes = {0};
  eg_status status = egi_proof_order(proof, &order);
  if (status == EG_OK)
    status = EGI_RESERVE(graph, &sizes, proof->chains.num);
  for (size_t i = 0; status == EG_OK && i < order.num; ++i) {
    const egi_chain *c = &proof->chains.data[order.data[i]];
    uint64_t size = 0;
    for (uint32_t s = c->first; s < c->first + c->num; ++s) {
      const egi_pstep *step = &proof->steps.data[s];
      size += step->kind != EGI_STEP_CONGRUENCE && step->kind != EGI_STEP_USE;
      for (uint32_t k = 0; k < egi_step_links(proof, step); ++k) {
        uint32_t link = proof->links.data[step->first + k];
        size += link ? sizes.data[link >> 1] : 0;
      }
      size = size > UINT64_MAX / 4 ? UINT64_MAX / 4 : size;
    }
    sizes.data[order.data[i]] = size;
  }
  if (status == EG_OK)
    proof->num_steps = proof->link ? sizes.data[proof->link >> 1] : 0;
  EGI_RELEASE(graph, &sizes);
  EGI_RELEASE(graph, &order);
  return status;
}

// What is to be explained: two nodes, and terms that stand for them if they are
// not the nodes' own.
typedef struct question {
  uint32_t nodes[2];
  const egi_pattern *patterns[2]; // NULL, or a ground term with
  const uint32_t *witnesses[2];   // the node of each of its nodes
} question;

static eg_status ask_side(egi_builder *b, const question *q, int side,
                          uint32_t *out_term, uint32_t *out_bridge) {
  const egi_pattern *p = q->patterns[side];
  *out_bridge = 0;
  if (!p)
    return egi_explain_term(b, q->nodes[side], out_term);
  EG_TRY(egi_explain_table(b, p, &b->lhs));
  for (uint32_t i = 0; i < p->nodes.num; ++i)
    egi_explain_entry(&b->lhs, i)[EGI_NODE] = q->witnesses[side][i];
  EG_TRY(egi_explain_instances(b, p, &b->lhs));
  const uint32_t *root = egi_explain_entry(&b->lhs, (uint32_t)p->nodes.num - 1);
  *out_term = root[EGI_TERM];
  *out_bridge = root[EGI_BRIDGE];
  return EG_OK;
}

static eg_status build(egi_builder *b, const question *q) {
  uint32_t before, after, link;
  EG_TRY(ask_side(b, q, 0, &b->proof->from, &before));
  EG_TRY(ask_side(b, q, 1, &b->proof->to, &after));
  EG_TRY(egi_explain_link(b, q->nodes[0], q->nodes[1], &link));
  for (size_t i = 0; i < b->lemmas.num; ++i)
    EG_TRY(expand(b, i));
  EG_TRY(egi_explain_join(b, before ^ (before != 0), link, &link));
  EG_TRY(egi_explain_join(b, link, after, &link));
  b->proof->link = b->proof->from == b->proof->to ? 0 : link;
  return count_steps(b->proof);
}

static eg_status build_proof(eg_graph *graph, const question *q, bool shorten,
                             eg_proof **out_proof) {
  egi_builder b = {.graph = graph, .shorten = shorten};
  EG_TRY(egi_explain_begin(graph));
  EG_TRY(egi_proof_new(graph, &b.proof));
  eg_status status = build(&b, q);
  free_builder(&b);
  if (status != EG_OK)
    eg_proof_destroy(b.proof);
  else
    *out_proof = b.proof;
  return status;
}

// Shortening guesses at costs, so the shorter proof of the two is kept.
static eg_status answer(eg_graph *graph, const question *q,
                        eg_proof **out_proof) {
  eg_proof *plain;
  EG_TRY(build_proof(graph, q, true, out_proof));
  eg_status status = build_proof(graph, q, false, &plain);
  if (status != EG_OK) {
    eg_proof_destroy(*out_proof);
    *out_proof = NULL;
    return status;
  }
  eg_proof *longer = plain;
  if (plain->num_steps < (*out_proof)->num_steps) {
    longer = *out_proof;
    *out_proof = plain;
  }
  eg_proof_destroy(longer);
  return EG_OK;
}

static eg_status check_question(eg_graph *graph, eg_class a, eg_class b) {
  if (!graph->proofs)
    return egi_fail_at(graph, EG_INVALID, 0,
                       "the graph keeps no proofs: eg_proofs_enable");
  if (!egi_is_class(graph, a.id) || !egi_is_class(graph, b.id))
    return egi_fail_at(graph, EG_INVALID, 0, "ids %u and %u: no class",
                       (unsigned)a.id, (unsigned)b.id);
  if (egi_find(graph, a.id) != egi_find(graph, b.id))
    return egi_fail_at(graph, EG_NOT_FOUND, 0, "the two are not equal");
  return EG_OK;
}

eg_status eg_explain(eg_graph *graph, eg_class a, eg_class b,
                     eg_proof **out_proof) {
  *out_proof = NULL;
  EG_TRY(check_question(graph, a, b));
  const uint32_t *founders = graph->proofs->founders.data;
  question q = {.nodes = {founders[a.id], founders[b.id]}};
  return answer(graph, &q, out_proof);
}

// The node of each node of a ground term.
static eg_status find_witnesses(eg_graph *graph, const egi_pattern *term,
                                egi_words *children, uint32_t *out_nodes) {
  for (size_t i = 0; i < term->nodes.num; ++i) {
    const egi_pnode *n = &term->nodes.data[i];
    children->num = 0;
    EG_TRY(EGI_RESERVE(graph, children, (size_t)n->num + 1));
    for (uint32_t k = 0; k < n->num; ++k)
      children->data[k] =
          egi_record(graph, out_nodes[term->args.data[n->first + k]])[0];
    out_nodes[i] =
        egi_table_find_stale(graph, n->op, n->payload, children->data, n->num);
    if (!out_nodes[i])
      return egi_fail_at(graph, EG_NOT_FOUND, 0,
                         "a term with '%.60s' is not in the graph",
                         graph->ops.data[n->op].name);
  }
  return EG_OK;
}

static eg_status ask(eg_graph *graph, const egi_pattern *terms,
                     egi_words *nodes, eg_proof **out_proof) {
  question q = {0};
  egi_words children = {0};
  eg_status status = EG_OK;
  for (int i = 0; i < 2 && status == EG_OK; ++i) {
    size_t num = terms[i].nodes.num;
    status = EGI_RESERVE(graph, &nodes[i], num);
    if (status == EG_OK)
      status = find_witnesses(graph, &terms[i], &children, nodes[i].data);
    if (status != EG_OK)
      break;
    q.patterns[i] = &terms[i];
    q.witnesses[i] = nodes[i].data;
    q.nodes[i] = nodes[i].data[num - 1];
  }
  EGI_RELEASE(graph, &children);
  EG_TRY(status);
  EG_TRY(check_question(graph, eg_node_class(graph, (eg_node){q.nodes[0]}),
                        eg_node_class(graph, (eg_node){q.nodes[1]})));
  return answer(graph, &q, out_proof);
}

eg_status eg_explain_terms(eg_graph *graph, const char *a, const char *b,
                           eg_proof **out_proof) {
  egi_pattern terms[2] = {0};
  egi_words nodes[2] = {0};
  *out_proof = NULL;
  if (!graph->proofs)
    return check_question(graph, (eg_class){0}, (eg_class){0});
  EG_TRY(egi_need_clean(graph));
  eg_status status = egi_read_term(graph, a, false, &terms[0]);
  if (status == EG_OK)
    status = egi_read_term(graph, b, false, &terms[1]);
  if (status == EG_OK)
    status = ask(graph, terms, nodes, out_proof);
  for (int i = 0; i < 2; ++i) {
    egi_pattern_free(graph, &terms[i]);
    EGI_RELEASE(graph, &nodes[i]);
  }
  return status;
}
