// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Building right-hand sides, in batches of 4,096 matches.
//
// A batch goes step by step of the right-hand side. Applying is cache misses and
// little else: the classes of the variables, a group of the hashcons, the parent
// lists. So one thread goes through a step in blocks of 64: canonicalise the
// children of all matches, hash all, prefetch all, and only then look up and
// insert. Several threads share the whole step (apply_shared.c). Unions come
// after the last step, so that nothing moves under the batch.
//
// A new node that the rule says equals a class of the match joins it directly.
#include "apply_batch.h"
#include "record.h"

typedef egi_batch block;

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

void egi_batch_keys(const block *b, const egi_step *step, uint32_t first,
                    uint32_t num, uint32_t (*keys)[EGI_MAX_INLINE]) {
  uint32_t start = step->payload != 0;
  for (uint32_t i = 0; start && i < num; ++i)
    keys[i][0] = step->payload;
  for (uint32_t k = 0; k < step->num; ++k) {
    egi_arg arg = b->rule->args.data[step->first + k];
    for (uint32_t i = 0; i < num; ++i)
      keys[i][start + k] =
          egi_find(b->graph, egi_batch_operand(b, arg, first + i));
  }
}

// How many matches a step does at once from |at| on. For the first step, asks for
// the classes of as many after them.
static uint32_t next_block(const block *b, uint32_t s, uint32_t at) {
  uint32_t left = b->num - at, num = left < EGI_BLOCK ? left : EGI_BLOCK;
  uint32_t next = left - num < EGI_BLOCK ? left - num : EGI_BLOCK;
  if (s == 0)
    egi_apply_prefetch(b->graph, b->rows + (size_t)(at + num) * b->stride,
                       (size_t)next * b->stride);
  return num;
}

// The keys of a step and their hashes. Asks for what comes first: the groups
// and the heads of the parent lists.
static void hash_keys(const block *b, const egi_step *step, uint32_t first,
                      uint32_t n, uint32_t (*keys)[EGI_MAX_INLINE],
                      uint64_t *hashes) {
  uint32_t num = egi_key_words(step), start = num - step->num;
  egi_batch_keys(b, step, first, n, keys);
  for (uint32_t i = 0; i < n; ++i) {
    hashes[i] = egi_hash(step->op, keys[i], num);
    egi_table_prefetch(b->graph, hashes[i]);
    for (uint32_t k = start; k < num; ++k)
      egi_prefetch_list(b->graph, keys[i][k], true);
  }
}

// Then for what those lead to: nodes that may be equal, the ends of the lists.
static void prefetch_ends(const block *b, const egi_step *step, uint32_t first,
                          uint32_t n, uint32_t s,
                          uint32_t (*keys)[EGI_MAX_INLINE],
                          const uint64_t *hashes) {
  uint32_t num = egi_key_words(step), start = num - step->num;
  for (uint32_t i = 0; i < n; ++i) {
    if (egi_table_prefetch_nodes(b->graph, hashes[i]))
      continue;
    for (uint32_t k = start; k < num; ++k)
      egi_prefetch_list_end(b->graph, keys[i][k], true);
    uint32_t home = egi_batch_home(b, s, first + i);
    if (home)
      egi_prefetch_list(b->graph, home, false);
  }
}

static eg_status narrow_step(block *b, uint32_t s, uint32_t first, uint32_t n) {
  const egi_step *step = &b->rule->steps.data[s];
  uint32_t num = egi_key_words(step);
  uint32_t keys[EGI_BLOCK][EGI_MAX_INLINE];
  uint64_t hashes[EGI_BLOCK];
  hash_keys(b, step, first, n, keys, hashes);
  prefetch_ends(b, step, first, n, s, keys, hashes);
  for (uint32_t i = 0; i < n; ++i) {
    uint32_t *result = &b->results[s * b->num + first + i];
    EG_TRY(insert(b, step, first + i, hashes[i], keys[i], num,
                  egi_batch_home(b, s, first + i), result));
    egi_prefetch_class(b->graph, *result);
  }
  return EG_OK;
}

static eg_status wide_step(block *b, uint32_t s) {
  const egi_step *step = &b->rule->steps.data[s];
  uint32_t num = egi_key_words(step), start = num - step->num;
  for (uint32_t i = 0; i < b->num; ++i) {
    egi_words *key = &b->graph->key_scratch;
    key->num = 0;
    EG_TRY(EGI_RESERVE(b->graph, key, num));
    key->data[0] = step->payload;
    for (uint32_t k = 0; k < step->num; ++k)
      key->data[start + k] = egi_find_halving(
          b->graph,
          egi_batch_operand(b, b->rule->args.data[step->first + k], i));
    uint64_t hash = egi_hash(step->op, key->data, num);
    EG_TRY(insert(b, step, i, hash, key->data, num, egi_batch_home(b, s, i),
                  &b->results[s * b->num + i]));
  }
  return EG_OK;
}

void egi_apply_prefetch(const eg_graph *graph, const uint32_t *rows,
                        size_t num_words) {
  for (size_t i = 0; i < num_words; ++i)
    egi_prefetch_class(graph, rows[i]);
}

static eg_status unite(block *b, uint32_t i, uint32_t x, uint32_t y) {
  bool changed;
  EG_TRY(eg_union(b->graph, (eg_class){x}, (eg_class){y}, &changed));
  b->changed[i] |= changed;
  return EG_OK;
}

// By one thread. The classes of the first block of rows were asked for.
static eg_status narrow_blocks(block *b, uint32_t s) {
  for (uint32_t at = 0, num; at < b->num; at += num) {
    num = next_block(b, s, at);
    EG_TRY(narrow_step(b, s, at, num));
  }
  return EG_OK;
}

static bool is_wide(const eg_graph *graph, const egi_step *step) {
  return graph->ops.data[step->op].wide;
}

// Room for what a step of a large batch makes, whoever makes it: so much is there
// before the first node, and grows as the nodes come if it is too little.
static eg_status reserve(block *b, const egi_step *step) {
  eg_graph *graph = b->graph;
  EG_TRY(egi_table_reserve(graph, b->num));
  if (b->num < EGI_SHARE)
    return EG_OK;
  EG_TRY(egi_lists_stock(graph, b->num / 4 * 2));
  EG_TRY(EGI_RESERVE(graph, &graph->dirty, b->num));
  EG_TRY(EGI_RESERVE(graph, &graph->analysis_queue, 1));
  if (step->home.kind == EGI_ARG_NONE)
    EG_TRY(egi_classes_reserve(graph, b->num));
  return EG_OK;
}

static eg_status apply_steps(block *b) {
  egi_sharing *sharing = b->graph->sharing;
  bool share = egi_sharing_has_team(sharing) && b->num >= EGI_SHARE;
  for (uint32_t s = 0; s < b->rule->steps.num; ++s) {
    const egi_step *step = &b->rule->steps.data[s];
    EG_TRY(reserve(b, step));
    if (is_wide(b->graph, step))
      EG_TRY(wide_step(b, s));
    else if (share)
      EG_TRY(egi_share_step(sharing, b, s));
    else
      EG_TRY(narrow_blocks(b, s));
  }
  if (share && b->rule->unions.num <= EGI_SHARED_UNIONS)
    return egi_share_unions(sharing, b);
  for (uint32_t i = 0; i < b->num; ++i)
    for (uint32_t u = 0; u < b->rule->unions.num; ++u) {
      egi_equality e = b->rule->unions.data[u];
      EG_TRY(unite(b, i, egi_batch_operand(b, e.a, i),
                   egi_batch_operand(b, e.b, i)));
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

bool egi_apply_is_plain(const eg_graph *graph, const egi_rule *rule) {
  bool plain = !rule->apply && !graph->proofs && !graph->num_analyses &&
               !graph->undo.serial;
  for (size_t i = 0; plain && i < rule->steps.num; ++i)
    plain = !is_wide(graph, &rule->steps.data[i]);
  return plain;
}

static eg_status apply_all(block *b, const egi_witnesses *witnesses) {
  egi_rule *rule = b->rule;
  eg_status status;
  if (rule->apply)
    status = apply_callback(b);
  else if (b->graph->proofs)
    status = egi_record_apply(b->graph, rule, b->rows, b->num, b->grounds,
                              witnesses, b->changed);
  else
    status = apply_steps(b);
  for (uint32_t i = 0; status == EG_OK && rule->subsume && i < b->num; ++i)
    status = subsume_match(b, i);
  for (uint32_t i = 0; i < b->num; ++i)
    rule->stats.applied += b->changed[i];
  return status;
}

eg_status egi_apply_batch(eg_graph *graph, egi_rule *rule, const uint32_t *rows,
                          uint32_t num, const uint32_t *grounds,
                          const egi_witnesses *witnesses) {
  block b = {.graph = graph,
             .rule = rule,
             .rows = rows,
             .grounds = grounds,
             .num = num,
             .stride = egi_row_words(rule)};
  size_t results = rule->steps.num * num * sizeof *b.results;
  size_t size = results + num * sizeof *b.changed;
  if (!num)
    return EG_OK;
  b.results = egi_resize(graph, NULL, 0, size);
  if (!b.results)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory to apply rule '%s'",
                       rule->name);
  b.changed = (bool *)((char *)b.results + results);
  memset(b.changed, 0, num * sizeof *b.changed);
  eg_status status = apply_all(&b, witnesses);
  egi_resize(graph, b.results, size, 0);
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
