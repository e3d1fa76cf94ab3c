// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Applying rules where the graph keeps proofs: the nodes behind the matches, and
// the facts that come of them.
#include "record.h"

//===-- Witnesses ---------------------------------------------------------===//

enum { ROWS = 64 };

// The nodes of ground terms; a match says that they are there.
static void find_grounds(const eg_graph *graph, const egi_query *q,
                         uint32_t *nodes, uint32_t *children) {
  const egi_pattern *p = &q->grounds;
  for (size_t i = 0; i < p->nodes.num; ++i) {
    const egi_pnode *n = &p->nodes.data[i];
    for (uint32_t k = 0; k < n->num; ++k)
      children[k] = egi_record(graph, nodes[p->args.data[n->first + k]])[0];
    nodes[i] = egi_table_find_stale(graph, n->op, n->payload, children, n->num);
  }
}

// Finds the node of one atom in each of |num| rows, whose slots are known but
// for the atom's own class.
static void find_atom(const eg_graph *graph, const egi_query *q, uint32_t a,
                      uint32_t *slots, uint32_t num, uint32_t *key,
                      uint32_t *out) {
  const egi_atom *atom = &q->atoms.data[a];
  uint32_t start = atom->payload != 0, length = start + atom->num;
  uint64_t hashes[ROWS];
  if (atom->op == EGI_ANY) { // then any term of the class will do
    for (uint32_t i = 0; i < num; ++i)
      out[i * q->atoms.num + a] =
          graph->proofs->founders.data[slots[i * q->num_slots + atom->home]];
    return;
  }
  for (uint32_t i = 0; i < num; ++i) {
    uint32_t *words = key + (size_t)i * length;
    if (start)
      words[0] = atom->payload;
    for (uint32_t k = 0; k < atom->num; ++k)
      words[start + k] =
          slots[i * q->num_slots + q->children.data[atom->first + k]];
    hashes[i] = egi_hash(atom->op, words, length);
    egi_table_prefetch(graph, hashes[i]);
  }
  for (uint32_t i = 0; i < num; ++i) {
    uint32_t node = egi_table_find(graph, hashes[i], atom->op,
                                   key + (size_t)i * length, length);
    out[i * q->atoms.num + a] = node;
    slots[i * q->num_slots + atom->home] = egi_record(graph, node)[0];
  }
}

static void find_rows(const eg_graph *graph, const egi_rule *rule,
                      const uint32_t *rows, uint32_t num,
                      const uint32_t *grounds, uint32_t *slots, uint32_t *key,
                      uint32_t *out) {
  const egi_query *q = &rule->query;
  uint32_t stride = egi_row_words(rule);
  for (uint32_t i = 0; i < num; ++i) {
    uint32_t *of = slots + (size_t)i * q->num_slots;
    of[q->root] = rows[i * stride];
    for (uint32_t v = 0; v < q->var_slots.num; ++v)
      of[q->var_slots.data[v]] = rows[i * stride + 1 + v];
    for (size_t g = 0; g < q->ground_slots.num; ++g)
      of[q->ground_slots.data[g].b] =
          egi_record(graph, grounds[q->ground_slots.data[g].a])[0];
  }
  for (uint32_t a = (uint32_t)q->atoms.num; a--;)
    find_atom(graph, q, a, slots, num, key, out);
}

static size_t longest_key(const egi_query *q) {
  size_t longest = q->grounds.args.num;
  for (size_t a = 0; a < q->atoms.num; ++a)
    if (q->atoms.data[a].num > longest)
      longest = q->atoms.data[a].num;
  return longest + 1;
}

static size_t count_rows(const egi_rule *rule, const egi_rows *rows) {
  size_t words = 0;
  for (size_t i = 0; i < rows->chunks.num; ++i)
    words += rows->chunks.data[i].num;
  return words / egi_row_words(rule);
}

eg_status egi_record_witnesses(eg_graph *graph, const egi_rule *rule,
                               const egi_rows *rows, egi_words *out) {
  const egi_query *q = &rule->query;
  egi_words *scratch = &graph->proofs->scratch;
  size_t num_rows = count_rows(rule, rows), stride = egi_row_words(rule);
  if (rule->apply || num_rows == 0)
    return EG_OK;
  scratch->num = 0;
  EG_TRY(EGI_RESERVE(graph, scratch, ROWS * (longest_key(q) + q->num_slots)));
  EG_TRY(
      EGI_RESERVE(graph, out, q->grounds.nodes.num + num_rows * q->atoms.num));
  uint32_t *slots = scratch->data, *key = slots + (size_t)ROWS * q->num_slots;
  uint32_t *grounds = out->data + out->num;
  find_grounds(graph, q, grounds, key);
  out->num += q->grounds.nodes.num;
  for (size_t i = 0; i < rows->chunks.num; ++i) {
    const egi_chunk *chunk = &rows->chunks.data[i];
    for (size_t at = 0; at < chunk->num; at += ROWS * stride) {
      size_t left = (chunk->num - at) / stride;
      uint32_t num = left < ROWS ? (uint32_t)left : ROWS;
      find_rows(graph, rule, chunk->words + at, num, grounds, slots, key,
                out->data + out->num);
      out->num += num * q->atoms.num;
    }
  }
  return EG_OK;
}

//===-- Applying ----------------------------------------------------------===//

// A block of matches of one rule, as in apply.c, with nodes for classes.
typedef struct block {
  eg_graph *graph;
  egi_rule *rule;
  const egi_source *sources;
  const uint32_t *rows, *grounds, *lhs_grounds, *witnesses;
  uint32_t num, stride, num_atoms, cause;
  uint32_t *results; // node of step s for match i: results[s * EGI_BLOCK + i]
  uint32_t *fact, *origins;
  bool *changed;
} block;

// The node that stands for an operand.
static uint32_t node_of(const block *b, egi_arg arg, uint32_t i) {
  const egi_rule *rule = b->rule;
  if (arg.kind == EGI_ARG_STEP)
    return b->results[arg.index * EGI_BLOCK + i];
  if (arg.kind == EGI_ARG_GROUND)
    return b->grounds[rule->rhs_ground_roots.num +
                      rule->rhs_ground_roots.data[arg.index]];
  egi_source source = b->sources[arg.index];
  if (source.atom == EGI_NONE)
    return b->lhs_grounds[source.child];
  uint32_t num, node = b->witnesses[i * b->num_atoms + source.atom];
  return source.child == EGI_NONE
             ? node
             : egi_record_origins(b->graph, node, &num)[source.child];
}

static uint32_t class_of(const block *b, egi_arg arg, uint32_t i) {
  if (arg.kind == EGI_ARG_ROW)
    return egi_find_halving(b->graph, b->rows[i * b->stride + arg.index]);
  return egi_find_halving(b->graph,
                          egi_record(b->graph, node_of(b, arg, i))[0]);
}

static uint32_t copy_wide_grounds(const egi_pattern *grounds,
                                  const uint32_t *nodes, uint32_t *out) {
  uint32_t num = 0;
  for (size_t i = 0; i < grounds->nodes.num; ++i)
    if (grounds->nodes.data[i].num)
      out[num++] = nodes[i];
  return num;
}

// What is known of match |i| when equality |u| is stated; its length.
static uint32_t fill_fact(const block *b, uint32_t u, uint32_t i) {
  egi_arg last = b->rule->unions.data[u].b;
  uint32_t num = 0, steps = last.kind == EGI_ARG_STEP ? last.index : 0;
  b->fact[num++] = b->cause + u;
  for (uint32_t a = 0; a < b->num_atoms; ++a)
    b->fact[num++] = b->witnesses[i * b->num_atoms + a];
  num +=
      copy_wide_grounds(&b->rule->query.grounds, b->lhs_grounds, b->fact + num);
  for (uint32_t s = 0; s < steps; ++s)
    b->fact[num++] = b->results[s * EGI_BLOCK + i];
  return num + copy_wide_grounds(&b->rule->rhs_grounds,
                                 b->grounds + b->rule->rhs_ground_roots.num,
                                 b->fact + num);
}

// A new node, in the class that the rule says it equals if there is one.
static eg_status add_node(block *b, uint32_t s, uint32_t i, uint64_t hash,
                          const uint32_t *key, uint32_t num,
                          uint32_t *out_node) {
  eg_graph *graph = b->graph;
  const egi_step *step = &b->rule->steps.data[s];
  bool joins = step->home.kind != EGI_ARG_NONE;
  uint32_t home = joins ? class_of(b, step->home, i) : 0, fact_num = 0;
  if (joins) {
    fact_num = fill_fact(b, step->equality, i);
    EG_TRY(EGI_RESERVE(graph, &graph->proofs->facts, fact_num));
  }
  EG_TRY(egi_record_reserve(graph, num));
  EG_TRY(egi_node_new(graph, hash, step->op, key, num, home, out_node));
  for (uint32_t k = 0; k < step->num; ++k)
    b->origins[k] = node_of(b, b->rule->args.data[step->first + k], i);
  egi_record_node(graph, *out_node, step->payload, b->origins, step->num);
  if (joins)
    egi_record_relink(graph, *out_node, node_of(b, step->home, i),
                      egi_record_fact(graph, b->fact, fact_num));
  ++b->rule->stats.new_nodes;
  b->changed[i] = true;
  return EG_OK;
}

static eg_status do_step(block *b, uint32_t s, uint32_t *keys) {
  eg_graph *graph = b->graph;
  const egi_step *step = &b->rule->steps.data[s];
  uint32_t start = step->payload != 0, num = step->num + start;
  uint64_t hashes[EGI_BLOCK];
  EG_TRY(egi_table_reserve(graph, b->num));
  for (uint32_t i = 0; i < b->num; ++i) {
    uint32_t *key = keys + (size_t)i * num;
    if (start)
      key[0] = step->payload;
    for (uint32_t k = 0; k < step->num; ++k)
      key[start + k] = class_of(b, b->rule->args.data[step->first + k], i);
    hashes[i] = egi_hash(step->op, key, num);
    egi_table_prefetch(graph, hashes[i]);
    for (uint32_t k = start; k < num; ++k)
      egi_prefetch_list(graph, key[k], true);
  }
  for (uint32_t i = 0; i < b->num; ++i)
    if (!egi_table_prefetch_nodes(graph, hashes[i]))
      for (uint32_t k = start; k < num; ++k)
        egi_prefetch_list_end(graph, keys[(size_t)i * num + k], true);
  for (uint32_t i = 0; i < b->num; ++i) {
    const uint32_t *key = keys + (size_t)i * num;
    uint32_t node = egi_table_find(graph, hashes[i], step->op, key, num);
    if (!node)
      EG_TRY(add_node(b, s, i, hashes[i], key, num, &node));
    b->results[s * EGI_BLOCK + i] = node;
  }
  return EG_OK;
}

static eg_status state(block *b, uint32_t u, uint32_t i) {
  egi_equality e = b->rule->unions.data[u];
  if (class_of(b, e.a, i) == class_of(b, e.b, i))
    return EG_OK;
  uint32_t num = fill_fact(b, u, i);
  EG_TRY(egi_record_merge(b->graph, node_of(b, e.a, i), node_of(b, e.b, i),
                          b->fact, num));
  b->changed[i] = true;
  return EG_OK;
}

static void prefetch_witnesses(const block *b) {
  for (uint32_t i = 0; i < b->num * b->num_atoms; ++i)
    EGI_PREFETCH(egi_record_next(b->graph, b->witnesses[i]));
}

static eg_status apply(block *b, uint32_t *keys) {
  prefetch_witnesses(b);
  for (uint32_t s = 0; s < b->rule->steps.num; ++s)
    EG_TRY(do_step(b, s, keys));
  for (uint32_t i = 0; i < b->num; ++i)
    for (uint32_t u = 0; u < b->rule->unions.num; ++u)
      EG_TRY(state(b, u, i));
  return EG_OK;
}

eg_status egi_record_apply(eg_graph *graph, egi_rule *rule,
                           const uint32_t *rows, uint32_t num,
                           const uint32_t *grounds,
                           const egi_witnesses *witnesses, bool *out_changed) {
  uint32_t cause;
  EG_TRY(egi_record_rule(graph, rule, &cause));
  block b = {.graph = graph,
             .rule = rule,
             .sources = graph->proofs->causes.data[cause].sources,
             .rows = rows,
             .grounds = grounds,
             .lhs_grounds = witnesses->grounds,
             .witnesses = witnesses->rows,
             .num = num,
             .stride = egi_row_words(rule),
             .num_atoms = (uint32_t)rule->query.atoms.num,
             .cause = cause,
             .changed = out_changed};
  size_t longest = 1, steps = rule->steps.num;
  for (size_t s = 0; s < steps; ++s)
    if (rule->steps.data[s].num + 1 > longest)
      longest = rule->steps.data[s].num + 1;
  size_t results = steps * EGI_BLOCK, keys = longest * EGI_BLOCK;
  size_t fact = 1 + b.num_atoms + steps + rule->query.grounds.nodes.num +
                rule->rhs_grounds.nodes.num;
  egi_words *scratch = &graph->proofs->scratch;
  scratch->num = 0;
  EG_TRY(EGI_RESERVE(graph, scratch, results + keys + fact + longest));
  b.results = scratch->data;
  b.fact = b.results + results + keys;
  b.origins = b.fact + fact;
  return apply(&b, b.results + results);
}
