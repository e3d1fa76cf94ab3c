// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Building right-hand sides, in blocks of 64 matches.
//
// Applying is cache misses and little else: the classes of the variables, a
// group of the hashcons, the parent lists. So a block goes step by step of the
// right-hand side: canonicalise the children of all matches, hash all, prefetch
// all, and only then look up and insert. Unions come after the last step, so
// that nothing moves under the block.
//
// A new node that the rule says equals a class of the match joins it directly.
#include "apply.h"
#include "record.h"

typedef struct block {
  eg_graph *graph;
  egi_rule *rule;
  const uint32_t *rows;
  const uint32_t *grounds;
  uint32_t num, stride;
  uint32_t *results; // class of step s for match i: results[s * EGI_BLOCK + i]
  bool changed[EGI_BLOCK];
} block;

static uint32_t operand(const block *b, egi_arg arg, uint32_t i) {
  switch (arg.kind) {
  case EGI_ARG_ROW:
    return b->rows[i * b->stride + arg.index];
  case EGI_ARG_GROUND:
    return b->grounds[arg.index];
  default:
    return b->results[arg.index * EGI_BLOCK + i];
  }
}

static eg_status insert(block *b, const egi_step *step, uint32_t i,
                        uint64_t hash, const uint32_t *key, uint32_t num,
                        uint32_t home, uint32_t *out_class) {
  eg_graph *graph = b->graph;
  uint32_t node = egi_table_find(graph, hash, step->op, key, num);
  if (!node) {
    EG_TRY(egi_node_new(graph, hash, step->op, key, num, home, &node));
    ++b->rule->stats.new_nodes;
    b->changed[i] = true;
  }
  *out_class = egi_record(graph, node)[0];
  return EG_OK;
}

// The class that a new node of a step joins: what the rule says it equals.
static uint32_t home_of(const block *b, uint32_t s, uint32_t i) {
  egi_arg home = b->rule->steps.data[s].home;
  return home.kind == EGI_ARG_NONE ? 0
                                   : egi_find(b->graph, operand(b, home, i));
}

// Child |k| of the step's node for every match, canonical, into |keys|.
static void fill_column(const block *b, const egi_step *step, uint32_t k,
                        uint32_t *keys, uint32_t stride) {
  egi_arg arg = b->rule->args.data[step->first + k];
  for (uint32_t i = 0; i < b->num; ++i)
    keys[i * stride] = egi_find_halving(b->graph, operand(b, arg, i));
}

// The keys of a step and their hashes. Asks for what comes first: the groups
// and the heads of the parent lists.
static void hash_keys(const block *b, const egi_step *step,
                      uint32_t (*keys)[EGI_MAX_INLINE], uint64_t *hashes) {
  uint32_t start = step->payload != 0, num = start + step->num;
  for (uint32_t i = 0; start && i < b->num; ++i)
    keys[i][0] = step->payload;
  for (uint32_t k = 0; k < step->num; ++k)
    fill_column(b, step, k, &keys[0][start + k], EGI_MAX_INLINE);
  for (uint32_t i = 0; i < b->num; ++i) {
    hashes[i] = egi_hash(step->op, keys[i], num);
    egi_table_prefetch(b->graph, hashes[i]);
    for (uint32_t k = start; k < num; ++k)
      egi_prefetch_list(b->graph, keys[i][k], true);
  }
}

// Then for what those lead to: nodes that may be equal, the ends of the lists.
static void prefetch_ends(const block *b, const egi_step *step, uint32_t s,
                          uint32_t (*keys)[EGI_MAX_INLINE],
                          const uint64_t *hashes) {
  uint32_t start = step->payload != 0, num = start + step->num;
  for (uint32_t i = 0; i < b->num; ++i) {
    if (egi_table_prefetch_nodes(b->graph, hashes[i]))
      continue;
    for (uint32_t k = start; k < num; ++k)
      egi_prefetch_list_end(b->graph, keys[i][k], true);
    uint32_t home = home_of(b, s, i);
    if (home)
      egi_prefetch_list(b->graph, home, false);
  }
}

static eg_status narrow_step(block *b, uint32_t s) {
  const egi_step *step = &b->rule->steps.data[s];
  uint32_t num = step->num + (step->payload != 0);
  uint32_t keys[EGI_BLOCK][EGI_MAX_INLINE];
  uint64_t hashes[EGI_BLOCK];
  hash_keys(b, step, keys, hashes);
  prefetch_ends(b, step, s, keys, hashes);
  for (uint32_t i = 0; i < b->num; ++i) {
    uint32_t *result = &b->results[s * EGI_BLOCK + i];
    EG_TRY(
        insert(b, step, i, hashes[i], keys[i], num, home_of(b, s, i), result));
    EGI_PREFETCH(&b->graph->classes.data[*result]);
  }
  return EG_OK;
}

static eg_status wide_step(block *b, uint32_t s) {
  const egi_step *step = &b->rule->steps.data[s];
  uint32_t start = step->payload != 0, num = start + step->num;
  for (uint32_t i = 0; i < b->num; ++i) {
    egi_words *key = &b->graph->key_scratch;
    key->num = 0;
    EG_TRY(EGI_RESERVE(b->graph, key, num));
    key->data[0] = step->payload;
    for (uint32_t k = 0; k < step->num; ++k)
      key->data[start + k] = egi_find_halving(
          b->graph, operand(b, b->rule->args.data[step->first + k], i));
    uint64_t hash = egi_hash(step->op, key->data, num);
    EG_TRY(insert(b, step, i, hash, key->data, num, home_of(b, s, i),
                  &b->results[s * EGI_BLOCK + i]));
  }
  return EG_OK;
}

void egi_apply_prefetch(const eg_graph *graph, const uint32_t *rows,
                        size_t num_words) {
  for (size_t i = 0; i < num_words; ++i)
    EGI_PREFETCH(&graph->classes.data[rows[i]]);
}

static eg_status unite(block *b, uint32_t i, uint32_t x, uint32_t y) {
  bool changed;
  EG_TRY(eg_union(b->graph, (eg_class){x}, (eg_class){y}, &changed));
  b->changed[i] |= changed;
  return EG_OK;
}

static eg_status apply_steps(block *b) {
  for (uint32_t s = 0; s < b->rule->steps.num; ++s) {
    EG_TRY(egi_table_reserve(b->graph, b->num));
    bool wide = b->graph->ops.data[b->rule->steps.data[s].op].wide;
    EG_TRY(wide ? wide_step(b, s) : narrow_step(b, s));
  }
  for (uint32_t i = 0; i < b->num; ++i)
    for (uint32_t u = 0; u < b->rule->unions.num; ++u) {
      egi_equality e = b->rule->unions.data[u];
      EG_TRY(unite(b, i, operand(b, e.a, i), operand(b, e.b, i)));
    }
  return EG_OK;
}

static eg_status call_all(block *b) {
  for (uint32_t i = 0; i < b->num; ++i) {
    const uint32_t *row = b->rows + i * b->stride;
    uint64_t nodes = b->graph->num_nodes, classes = b->graph->num_classes;
    eg_match match = {{row[0]},
                      (const eg_class *)(row + 1),
                      (uint32_t)b->rule->query.vars.names.num};
    eg_class equal = {0};
    EG_TRY(b->rule->apply(b->rule->user, b->graph, &match, &equal));
    if (equal.id)
      EG_TRY(unite(b, i, row[0], equal.id));
    b->rule->stats.new_nodes += b->graph->num_nodes - nodes;
    b->changed[i] |=
        b->graph->num_nodes != nodes || b->graph->num_classes != classes;
  }
  return EG_OK;
}

static eg_status apply_callback(block *b) {
  EG_TRY(egi_record_callback(b->graph, b->rule->name));
  eg_status status = call_all(b);
  eg_status none = egi_record_callback(b->graph, "");
  return status == EG_OK ? none : status;
}

// The node is the last word of the row.
static eg_status subsume_match(block *b, uint32_t i) {
  eg_node node = {b->rows[(i + 1) * b->stride - 1]};
  b->changed[i] |= !egi_is_subsumed(b->graph, node.id);
  return eg_subsume(b->graph, node);
}

// A refusal names the rule and its line.
static eg_status blame(eg_graph *graph, const egi_rule *rule,
                       eg_status status) {
  char text[sizeof graph->error.text];
  if (status == EG_OK || status == EG_NO_MEMORY)
    return status;
  memcpy(text, graph->error.text, sizeof text);
  return egi_fail_at(graph, status, rule->line, "rule '%.60s': %.150s",
                     rule->name, text);
}

eg_status egi_apply_block(eg_graph *graph, egi_rule *rule, const uint32_t *rows,
                          uint32_t num, const uint32_t *grounds,
                          const egi_witnesses *witnesses) {
  block b = {.graph = graph,
             .rule = rule,
             .rows = rows,
             .grounds = grounds,
             .num = num,
             .stride = egi_row_words(rule)};
  eg_status status;
  if (rule->apply) {
    status = apply_callback(&b);
  } else if (graph->proofs) {
    status =
        egi_record_apply(graph, rule, rows, num, grounds, witnesses, b.changed);
  } else {
    size_t size = rule->steps.num * EGI_BLOCK * sizeof(uint32_t);
    b.results = egi_resize(graph, NULL, 0, size);
    if (size && !b.results)
      return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory to apply rule '%s'",
                         rule->name);
    status = apply_steps(&b);
    egi_resize(graph, b.results, size, 0);
  }
  for (uint32_t i = 0; status == EG_OK && rule->subsume && i < num; ++i)
    status = subsume_match(&b, i);
  for (uint32_t i = 0; i < num; ++i)
    rule->stats.applied += b.changed[i];
  return blame(graph, rule, status);
}

eg_status egi_apply_grounds(eg_graph *graph, const egi_rule *rule,
                            egi_words *grounds) {
  const egi_pattern *p = &rule->rhs_grounds;
  const egi_words *roots = &rule->rhs_ground_roots;
  grounds->num = 0;
  EG_TRY(EGI_RESERVE(graph, grounds, roots->num + p->nodes.num + 1));
  uint32_t *nodes = grounds->data + roots->num;
  EG_TRY(egi_add_pattern(graph, p, nodes));
  for (size_t i = 0; i < roots->num; ++i)
    grounds->data[i] = egi_record(graph, nodes[roots->data[i]])[0];
  grounds->num = roots->num + p->nodes.num;
  return EG_OK;
}
