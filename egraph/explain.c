// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// From the forest of equalities to a proof.
//
// The way between two nodes in their tree is a chain of facts. A fact of a rule
// says which nodes were matched and built; these may differ from the instance of
// the rule in children that were equal at that time, so on both sides of the
// rule's own step there may be a step of congruence, whose children are equal
// for reasons that are older than the fact. Hence the demand for chains ends.
//
// The way is then shortened greedily (O. Flatt et al., "Small proofs from
// congruence closure", 2022): two nodes on it of the same operator may be
// congruent by a way that costs less than what lies between them.
#include "choice.h"
#include "proof.h"
#include "record.h"

typedef struct lemma {
  uint32_t x, y; // nodes, x < y
  uint32_t chain;
} lemma;

typedef struct builder {
  eg_graph *graph;
  eg_proof *proof;
  bool shorten;
  EGI_ARRAY(lemma) lemmas;
  egi_words lemma_slots;
  EGI_ARRAY(egi_pair) node_terms; // open addressing: node, term
  size_t num_node_terms;
  egi_words todo, children;   // of term_of
  egi_words path;             // nodes of the lemma at hand
  EGI_ARRAY(egi_pstep) steps; // of the lemma at hand
  egi_words lhs, rhs;         // per pattern node: its node, term, link (bridge)
} builder;

//===-- Terms of nodes ----------------------------------------------------===//

static egi_pair *node_slot(const builder *b, uint32_t node) {
  size_t mask = b->node_terms.num - 1;
  size_t at = (node * UINT64_C(0x9e3779b97f4a7c15) >> 20) & mask;
  while (b->node_terms.data[at].a && b->node_terms.data[at].a != node)
    at = (at + 1) & mask;
  return &b->node_terms.data[at];
}

static eg_status grow_node_terms(builder *b) {
  size_t old = b->node_terms.num, num = old ? 2 * old : 64;
  if (2 * (b->num_node_terms + 1) <= old)
    return EG_OK;
  egi_pair *entries = b->node_terms.data;
  size_t old_cap = b->node_terms.cap;
  memset(&b->node_terms, 0, sizeof b->node_terms);
  eg_status status = EGI_RESERVE(b->graph, &b->node_terms, num);
  if (status != EG_OK) {
    b->node_terms.data = entries;
    b->node_terms.num = old;
    b->node_terms.cap = old_cap;
    return status;
  }
  b->node_terms.num = num;
  memset(b->node_terms.data, 0, num * sizeof *entries);
  for (size_t i = 0; i < old; ++i)
    if (entries[i].a)
      *node_slot(b, entries[i].a) = entries[i];
  egi_resize(b->graph, entries, old_cap * sizeof *entries, 0);
  return EG_OK;
}

static eg_status push(builder *b, egi_words *words, uint32_t word) {
  EG_TRY(EGI_RESERVE(b->graph, words, 1));
  words->data[words->num++] = word;
  return EG_OK;
}

// The term of |node| if all its origins have theirs; else they are put on the
// to-do list.
static eg_status try_term(builder *b, uint32_t node, uint32_t *out_term) {
  uint32_t num;
  const uint32_t *origins = egi_record_origins(b->graph, node, &num);
  bool ready = true;
  b->children.num = 0;
  *out_term = 0;
  EG_TRY(EGI_RESERVE(b->graph, &b->children, (size_t)num + 1));
  for (uint32_t k = 0; k < num; ++k) {
    uint32_t term = node_slot(b, origins[k])->b;
    b->children.data[k] = term;
    if (term)
      continue;
    ready = false;
    EG_TRY(push(b, &b->todo, origins[k]));
  }
  if (!ready)
    return EG_OK;
  eg_op op = eg_node_op(b->graph, (eg_node){node});
  uint32_t payload = egi_key_start(b->graph, op.id) ? origins[-1] : 0;
  EG_TRY(egi_proof_term(b->proof, op.id, payload, b->children.data, num,
                        out_term));
  EG_TRY(grow_node_terms(b));
  *node_slot(b, node) = (egi_pair){node, *out_term};
  ++b->num_node_terms;
  return EG_OK;
}

// The term that a node was made for.
static eg_status term_of(builder *b, uint32_t node, uint32_t *out_term) {
  EG_TRY(grow_node_terms(b));
  b->todo.num = 0;
  EG_TRY(push(b, &b->todo, node));
  while (b->todo.num) {
    size_t top = b->todo.num;
    uint32_t next = b->todo.data[top - 1], term = node_slot(b, next)->b;
    if (!term)
      EG_TRY(try_term(b, next, &term));
    if (term)
      --b->todo.num;
  }
  *out_term = node_slot(b, node)->b;
  return EG_OK;
}

//===-- Chains and links --------------------------------------------------===//

static uint32_t *lemma_slot(const builder *b, uint32_t x, uint32_t y) {
  size_t mask = b->lemma_slots.num - 1;
  uint64_t h = (x | (uint64_t)y << 32) * UINT64_C(0x9e3779b97f4a7c15);
  for (size_t at = (h ^ h >> 32) & mask;; at = (at + 1) & mask) {
    uint32_t *slot = &b->lemma_slots.data[at];
    if (!*slot ||
        (b->lemmas.data[*slot - 1].x == x && b->lemmas.data[*slot - 1].y == y))
      return slot;
  }
}

static eg_status grow_lemmas(builder *b) {
  size_t num = b->lemma_slots.num;
  if (2 * (b->lemmas.num + 1) <= num)
    return EG_OK;
  num = num ? 2 * num : 64;
  EG_TRY(EGI_RESERVE(b->graph, &b->lemma_slots, num - b->lemma_slots.num));
  b->lemma_slots.num = num;
  memset(b->lemma_slots.data, 0, num * sizeof(uint32_t));
  for (uint32_t i = 0; i < b->lemmas.num; ++i)
    *lemma_slot(b, b->lemmas.data[i].x, b->lemmas.data[i].y) = i + 1;
  return EG_OK;
}

static eg_status new_chain(builder *b, uint32_t from, uint32_t to,
                           uint32_t *out_chain) {
  EG_TRY(EGI_RESERVE(b->graph, &b->proof->chains, 1));
  *out_chain = (uint32_t)b->proof->chains.num;
  b->proof->chains.data[b->proof->chains.num++] =
      (egi_chain){.from = from, .to = to};
  return EG_OK;
}

// A link from the term of |x| to the term of |y|, which are in one tree.
static eg_status link_nodes(builder *b, uint32_t x, uint32_t y,
                            uint32_t *out_link) {
  uint32_t from, to;
  EG_TRY(term_of(b, x, &from));
  EG_TRY(term_of(b, y, &to));
  *out_link = 0;
  if (from == to)
    return EG_OK;
  bool backwards = x > y;
  EG_TRY(grow_lemmas(b));
  uint32_t *slot = lemma_slot(b, backwards ? y : x, backwards ? x : y), chain;
  if (!*slot) {
    EG_TRY(EGI_RESERVE(b->graph, &b->lemmas, 1));
    EG_TRY(new_chain(b, backwards ? to : from, backwards ? from : to, &chain));
    b->lemmas.data[b->lemmas.num++] =
        (lemma){backwards ? y : x, backwards ? x : y, chain};
    *slot = (uint32_t)b->lemmas.num;
  }
  *out_link = egi_link(b->lemmas.data[*slot - 1].chain, backwards);
  return EG_OK;
}

static eg_status new_links(builder *b, uint32_t num, uint32_t *out_first) {
  egi_words *links = &b->proof->links;
  EG_TRY(EGI_RESERVE(b->graph, links, (size_t)num + 1));
  *out_first = (uint32_t)links->num;
  memset(links->data + links->num, 0, num * sizeof(uint32_t));
  links->num += num;
  return EG_OK;
}

// A chain of the given steps.
static eg_status close_chain(builder *b, uint32_t chain, const egi_pstep *steps,
                             uint32_t num) {
  eg_proof *p = b->proof;
  EG_TRY(EGI_RESERVE(b->graph, &p->steps, num));
  p->chains.data[chain].first = (uint32_t)p->steps.num;
  p->chains.data[chain].num = num;
  memcpy(p->steps.data + p->steps.num, steps, num * sizeof *steps);
  p->steps.num += num;
  return EG_OK;
}

static eg_status use_step(builder *b, uint32_t link, egi_pstep *out) {
  eg_proof *p = b->proof;
  const egi_chain *c = &p->chains.data[link >> 1];
  if (c->num == 1 && !(link & 1)) { // no need to name it
    *out = p->steps.data[c->first];
    return EG_OK;
  }
  *out = (egi_pstep){.kind = EGI_STEP_USE,
                     .from = egi_link_end(p, link, false),
                     .to = egi_link_end(p, link, true),
                     .num = 1};
  EG_TRY(new_links(b, 1, &out->first));
  p->links.data[out->first] = link;
  return EG_OK;
}

// One link for two in a row; one chain more unless either is nothing, or they
// lead back to where they began.
static eg_status join_links(builder *b, uint32_t one, uint32_t two,
                            uint32_t *out_link) {
  egi_pstep steps[2];
  uint32_t chain;
  *out_link = one ? one : two;
  if (!one || !two)
    return EG_OK;
  *out_link = 0;
  if (egi_link_end(b->proof, one, false) == egi_link_end(b->proof, two, true))
    return EG_OK;
  EG_TRY(use_step(b, one, &steps[0]));
  EG_TRY(use_step(b, two, &steps[1]));
  EG_TRY(new_chain(b, steps[0].from, steps[1].to, &chain));
  *out_link = egi_link(chain, false);
  return close_chain(b, chain, steps, 2);
}

//===-- Instances of patterns ---------------------------------------------===//

// For each node of a pattern: the node that stands for it (0: not needed), then
// the term of the instance, and a link to it from the term of the node.
enum { NODE, TERM, BRIDGE, PER_NODE };

static uint32_t *entry(egi_words *table, uint32_t i) {
  return table->data + (size_t)PER_NODE * i;
}

static eg_status begin_table(builder *b, const egi_pattern *pattern,
                             egi_words *table) {
  table->num = 0;
  EG_TRY(EGI_RESERVE(b->graph, table, PER_NODE * pattern->nodes.num));
  table->num = PER_NODE * pattern->nodes.num;
  memset(table->data, 0, table->num * sizeof(uint32_t));
  return EG_OK;
}

// The node's origins lead to the instance's children, one by one.
static eg_status bridge(builder *b, const egi_pattern *pattern, uint32_t i,
                        egi_words *table) {
  const egi_pnode *n = &pattern->nodes.data[i];
  uint32_t node = entry(table, i)[NODE], num, first, from, chain;
  bool same = true;
  EG_TRY(new_links(b, n->num, &first));
  for (uint32_t k = 0; k < n->num; ++k) {
    const uint32_t *child = entry(table, pattern->args.data[n->first + k]);
    uint32_t origin = egi_record_origins(b->graph, node, &num)[k], link;
    EG_TRY(link_nodes(b, origin, child[NODE], &link));
    EG_TRY(join_links(b, link, child[BRIDGE], &link));
    b->proof->links.data[first + k] = link;
    same &= link == 0;
  }
  EG_TRY(term_of(b, node, &from));
  if (same || from == entry(table, i)[TERM])
    return EG_OK;
  egi_pstep step = {.kind = EGI_STEP_CONGRUENCE,
                    .from = from,
                    .to = entry(table, i)[TERM],
                    .first = first,
                    .num = n->num};
  EG_TRY(new_chain(b, step.from, step.to, &chain));
  entry(table, i)[BRIDGE] = egi_link(chain, false);
  return close_chain(b, chain, &step, 1);
}

static eg_status instantiate(builder *b, const egi_pattern *pattern,
                             egi_words *table) {
  for (uint32_t i = 0; i < pattern->nodes.num; ++i) {
    const egi_pnode *n = &pattern->nodes.data[i];
    uint32_t *e = entry(table, i);
    if (!e[NODE])
      continue;
    if (n->var != EGI_NO_VAR) {
      EG_TRY(term_of(b, e[NODE], &e[TERM]));
      continue;
    }
    b->children.num = 0;
    EG_TRY(EGI_RESERVE(b->graph, &b->children, (size_t)n->num + 1));
    for (uint32_t k = 0; k < n->num; ++k)
      b->children.data[k] =
          entry(table, pattern->args.data[n->first + k])[TERM];
    EG_TRY(egi_proof_term(b->proof, n->op, n->payload, b->children.data, n->num,
                          &e[TERM]));
    EG_TRY(bridge(b, pattern, i, table));
  }
  return EG_OK;
}

//===-- Steps of a fact ---------------------------------------------------===//

static eg_status add_step(builder *b, egi_pstep step) {
  EG_TRY(EGI_RESERVE(b->graph, &b->steps, 1));
  b->steps.data[b->steps.num++] = step;
  return EG_OK;
}

static eg_status add_use(builder *b, uint32_t link) {
  egi_pstep step;
  if (!link)
    return EG_OK;
  EG_TRY(use_step(b, link, &step));
  return add_step(b, step);
}

static eg_status add_name(builder *b, const char *bytes, size_t size,
                          uint32_t *out_name) {
  eg_proof *p = b->proof;
  for (uint32_t i = 1; i < p->names.num; ++i)
    if (strlen(p->names.data[i]) == size &&
        memcmp(p->names.data[i], bytes, size) == 0) {
      *out_name = i;
      return EG_OK;
    }
  EG_TRY(EGI_RESERVE(b->graph, &p->names, 1));
  char *name = egi_resize(b->graph, NULL, 0, size + 1);
  if (!name)
    return egi_fail_at(b->graph, EG_NO_MEMORY, 0, "no memory for a proof");
  memcpy(name, bytes, size);
  name[size] = '\0';
  *out_name = (uint32_t)p->names.num;
  p->names.data[p->names.num++] = name;
  return EG_OK;
}

static eg_status explain_congruence(builder *b, uint32_t x, uint32_t y) {
  uint32_t num, link;
  egi_record_origins(b->graph, x, &num);
  egi_pstep step = {.kind = EGI_STEP_CONGRUENCE, .num = num};
  EG_TRY(term_of(b, x, &step.from));
  EG_TRY(term_of(b, y, &step.to));
  if (step.from == step.to)
    return EG_OK;
  EG_TRY(new_links(b, num, &step.first));
  for (uint32_t k = 0; k < num; ++k) {
    EG_TRY(link_nodes(b, egi_record_origins(b->graph, x, &num)[k],
                      egi_record_origins(b->graph, y, &num)[k], &link));
    b->proof->links.data[step.first + k] = link;
  }
  return add_step(b, step);
}

static eg_status explain_stated(builder *b, const egi_cause *cause,
                                const uint32_t *fact, uint32_t x, uint32_t y) {
  eg_graph *graph = b->graph;
  egi_pstep step = {.kind = EGI_STEP_GIVEN, .backwards = fact[1] != x};
  EG_TRY(term_of(b, x, &step.from));
  EG_TRY(term_of(b, y, &step.to));
  if (cause->kind == EGI_CALLBACK) {
    step.kind = EGI_STEP_CALLBACK;
    EG_TRY(add_name(b, cause->name, strlen(cause->name), &step.name));
  } else if (fact[2]) {
    size_t size;
    const char *label = eg_payload_bytes(graph, (eg_payload){fact[2]}, &size);
    EG_TRY(add_name(b, label, size, &step.name));
  }
  return add_step(b, step);
}

// A fact of a rule, taken apart.
typedef struct applied {
  const egi_rule *rule;
  const egi_source *sources;
  const uint32_t *atoms, *lhs_wide, *steps, *rhs_wide; // into the fact
  uint32_t num_steps;
} applied;

static uint32_t count_wide(const egi_pattern *grounds) {
  uint32_t num = 0;
  for (size_t i = 0; i < grounds->nodes.num; ++i)
    num += grounds->nodes.data[i].num > 0;
  return num;
}

static applied take_apart(const eg_graph *graph, const egi_cause *cause,
                          const uint32_t *fact) {
  const egi_cause *first = &graph->proofs->causes.data[cause->first];
  applied a = {.rule = first->rule, .sources = first->sources};
  egi_arg last = a.rule->unions.data[cause->equality].b;
  a.num_steps = last.kind == EGI_ARG_STEP ? last.index : 0;
  a.atoms = fact + 1;
  a.lhs_wide = a.atoms + a.rule->query.atoms.num;
  a.steps = a.lhs_wide + count_wide(&a.rule->query.grounds);
  a.rhs_wide = a.steps + a.num_steps;
  return a;
}

// The node of a ground term: leaves are looked up, for theirs never changes.
static uint32_t ground_node(const eg_graph *graph, const egi_pattern *grounds,
                            const uint32_t *wide, uint32_t index) {
  const egi_pnode *n = &grounds->nodes.data[index];
  uint32_t before = 0;
  if (n->num == 0)
    return egi_table_find_stale(graph, n->op, n->payload, NULL, 0);
  for (uint32_t i = 0; i < index; ++i)
    before += grounds->nodes.data[i].num > 0;
  return wide[before];
}

static uint32_t source_node(const eg_graph *graph, const applied *a,
                            egi_source source) {
  uint32_t num;
  if (source.atom == EGI_NONE)
    return ground_node(graph, &a->rule->query.grounds, a->lhs_wide,
                       source.child);
  uint32_t node = a->atoms[source.atom];
  return source.child == EGI_NONE
             ? node
             : egi_record_origins(graph, node, &num)[source.child];
}

// Fills in the nodes behind the left side: query.c numbers atoms tree by tree,
// from the root of each down.
static void place_lhs(builder *b, const applied *a, const egi_words *ground) {
  const egi_side *side = &a->rule->lhs;
  uint32_t atom = 0, num_grounds = 0;
  for (uint32_t i = 0; i < side->pattern.nodes.num; ++i) {
    uint16_t var = side->pattern.nodes.data[i].var;
    if (var != EGI_NO_VAR)
      entry(&b->lhs, i)[NODE] = source_node(b->graph, a, a->sources[1 + var]);
    else if (ground->data[i])
      entry(&b->lhs, i)[NODE] = ground_node(b->graph, &a->rule->query.grounds,
                                            a->lhs_wide, num_grounds++);
  }
  for (uint32_t tree = 0, first = 0; tree < side->roots.num; ++tree) {
    uint32_t root = side->roots.data[tree];
    for (uint32_t i = root + 1; i-- > first;)
      if (!entry(&b->lhs, i)[NODE])
        entry(&b->lhs, i)[NODE] = a->atoms[atom++];
    first = root + 1;
  }
}

// The right side, up to the step that is the other end of the edge (|last|, 0 =
// none is).
static void place_rhs(builder *b, const applied *a, const egi_words *ground,
                      uint32_t last) {
  const egi_pattern *p = &a->rule->rhs.pattern;
  uint32_t step = 0, num_grounds = 0;
  for (uint32_t i = 0; i < p->nodes.num; ++i) {
    uint16_t var = p->nodes.data[i].var;
    uint32_t *e = entry(&b->rhs, i);
    if (var != EGI_NO_VAR)
      e[NODE] = source_node(b->graph, a, a->sources[1 + var]);
    else if (ground->data[i])
      e[NODE] = ground_node(b->graph, &a->rule->rhs_grounds, a->rhs_wide,
                            num_grounds++);
    else {
      uint32_t s = step++;
      e[NODE] = s < a->num_steps ? a->steps[s] : s == a->num_steps ? last : 0;
    }
  }
}

// What equality |u| of a rule says: the pattern nodes on either side of it, as
// rule.c reads them. A rewrite says that its left side equals its right side.
typedef struct equation {
  bool first_is_left;
  uint32_t first, other;
} equation;

static equation find_equation(const egi_rule *rule, uint32_t u) {
  const egi_words *roots = &rule->rhs.roots, *ends = &rule->rhs.ends;
  bool rewrite = rule->lhs.ends.num == 1 && roots->num == 1;
  if (rewrite)
    return (equation){true, rule->lhs.roots.data[0], roots->data[0]};
  uint32_t at = 0, item = 0;
  while (u >= ends->data[item] - at - 1) {
    u -= ends->data[item] - at - 1;
    at = ends->data[item++];
  }
  return (equation){false, roots->data[at], roots->data[at + 1 + u]};
}

static eg_status add_premises(builder *b, const applied *a, egi_pstep *step) {
  const egi_side *side = &a->rule->lhs;
  uint32_t num = (uint32_t)(side->roots.num - side->ends.num), at = 0, link;
  EG_TRY(new_links(b, num, &step->first));
  step->num = num;
  num = 0;
  for (size_t item = 0; item < side->ends.num; ++item) {
    const uint32_t *one = entry(&b->lhs, side->roots.data[at++]);
    for (; at < side->ends.data[item]; ++at) {
      const uint32_t *two = entry(&b->lhs, side->roots.data[at]);
      EG_TRY(link_nodes(b, one[NODE], two[NODE], &link));
      EG_TRY(join_links(b, one[BRIDGE] ^ (one[BRIDGE] != 0), link, &link));
      EG_TRY(join_links(b, link, two[BRIDGE], &link));
      if (!link) {
        uint32_t chain;
        EG_TRY(new_chain(b, one[TERM], one[TERM], &chain));
        link = egi_link(chain, false);
      }
      b->proof->links.data[step->first + num++] = link;
    }
  }
  return EG_OK;
}

// From |node| to the instance that |e| stands for, or back.
static eg_status add_way(builder *b, uint32_t node, const uint32_t *e,
                         bool back) {
  uint32_t link;
  EG_TRY(link_nodes(b, back ? e[NODE] : node, back ? node : e[NODE], &link));
  if (!back)
    EG_TRY(add_use(b, link));
  EG_TRY(add_use(b, e[BRIDGE] ? e[BRIDGE] ^ (uint32_t)back : 0));
  return back ? add_use(b, link) : EG_OK;
}

// The nodes at the two ends of an edge: of what is said first, of the other.
typedef struct ends {
  uint32_t first, other;
} ends;

static uint32_t arg_node(const eg_graph *graph, const applied *a, egi_arg arg) {
  if (arg.kind == EGI_ARG_STEP)
    return a->steps[arg.index];
  if (arg.kind == EGI_ARG_GROUND)
    return ground_node(graph, &a->rule->rhs_grounds, a->rhs_wide,
                       a->rule->rhs_ground_roots.data[arg.index]);
  return source_node(graph, a, a->sources[arg.index]);
}

static bool is_step(const egi_rule *rule, const egi_words *ground,
                    uint32_t node) {
  return rule->rhs.pattern.nodes.data[node].var == EGI_NO_VAR &&
         !ground->data[node];
}

// rule.c puts the later of two steps, or a step beside something else, second.
static ends find_ends(const eg_graph *graph, const applied *a,
                      const egi_words *ground, equation eq, uint32_t u,
                      uint32_t x, uint32_t y) {
  uint32_t one = arg_node(graph, a, a->rule->unions.data[u].a);
  uint32_t two = one == x ? y : x;
  bool swapped = !eq.first_is_left && is_step(a->rule, ground, eq.first) &&
                 (!is_step(a->rule, ground, eq.other) || eq.other < eq.first);
  return swapped ? (ends){two, one} : (ends){one, two};
}

static eg_status explain_rule_with(builder *b, const egi_cause *cause,
                                   const uint32_t *fact, uint32_t x, uint32_t y,
                                   egi_words *lhs_ground,
                                   egi_words *rhs_ground) {
  applied a = take_apart(b->graph, cause, fact);
  const egi_rule *rule = a.rule;
  EG_TRY(egi_mark_ground(b->graph, &rule->lhs.pattern, lhs_ground));
  EG_TRY(egi_mark_ground(b->graph, &rule->rhs.pattern, rhs_ground));
  equation eq = find_equation(rule, cause->equality);
  ends e = find_ends(b->graph, &a, rhs_ground, eq, cause->equality, x, y);
  uint32_t one = arg_node(b->graph, &a, rule->unions.data[cause->equality].a);
  EG_TRY(begin_table(b, &rule->lhs.pattern, &b->lhs));
  EG_TRY(begin_table(b, &rule->rhs.pattern, &b->rhs));
  place_lhs(b, &a, lhs_ground);
  bool is_last = rule->unions.data[cause->equality].b.kind == EGI_ARG_STEP;
  place_rhs(b, &a, rhs_ground, !is_last ? 0 : one == x ? y : x);
  EG_TRY(instantiate(b, &rule->lhs.pattern, &b->lhs));
  EG_TRY(instantiate(b, &rule->rhs.pattern, &b->rhs));
  const uint32_t *first = entry(eq.first_is_left ? &b->lhs : &b->rhs, eq.first);
  const uint32_t *other = entry(&b->rhs, eq.other);
  bool forwards = e.first == x;
  egi_pstep step = {.kind = EGI_STEP_RULE,
                    .backwards = !forwards,
                    .from = forwards ? first[TERM] : other[TERM],
                    .to = forwards ? other[TERM] : first[TERM],
                    .equality = cause->equality};
  EG_TRY(add_name(b, rule->name, strlen(rule->name), &step.name));
  EG_TRY(add_premises(b, &a, &step));
  EG_TRY(add_way(b, x, forwards ? first : other, false));
  if (step.from != step.to)
    EG_TRY(add_step(b, step));
  return add_way(b, y, forwards ? other : first, true);
}

static eg_status explain_rule(builder *b, const egi_cause *cause,
                              const uint32_t *fact, uint32_t x, uint32_t y) {
  egi_words lhs_ground = {0}, rhs_ground = {0};
  eg_status status =
      explain_rule_with(b, cause, fact, x, y, &lhs_ground, &rhs_ground);
  EGI_RELEASE(b->graph, &lhs_ground);
  EGI_RELEASE(b->graph, &rhs_ground);
  return status;
}

static eg_status explain_edge(builder *b, uint32_t x, uint32_t y,
                              uint32_t place) {
  const egi_proofs *p = b->graph->proofs;
  const uint32_t *fact = p->facts.data + place;
  const egi_cause *cause = &p->causes.data[*fact];
  if (cause->kind == EGI_CONGRUENT)
    return explain_congruence(b, x, y);
  if (cause->kind == EGI_RULE)
    return explain_rule(b, cause, fact, x, y);
  return explain_stated(b, cause, fact, x, y);
}

//===-- Ways in the forest ------------------------------------------------===//

static uint32_t next_of(const eg_graph *graph, uint32_t node) {
  return graph->proofs->reasons.data[node] ? *egi_record_next(graph, node) : 0;
}

static uint32_t depth_of(const eg_graph *graph, uint32_t node) {
  uint32_t depth = 0;
  while ((node = next_of(graph, node)))
    ++depth;
  return depth;
}

// The place where the ways from |x| and |y| to the root meet; 0 when they are
// in two trees. |*out_latest|: the latest fact on the way between them.
static uint32_t meet(const eg_graph *graph, uint32_t x, uint32_t y,
                     uint32_t *out_length, uint32_t *out_latest) {
  const uint32_t *reasons = graph->proofs->reasons.data;
  uint32_t dx = depth_of(graph, x), dy = depth_of(graph, y);
  *out_length = *out_latest = 0;
  while (x != y) {
    uint32_t *deeper = dx >= dy ? &x : &y;
    if (!reasons[*deeper])
      return 0;
    if (reasons[*deeper] > *out_latest)
      *out_latest = reasons[*deeper];
    *deeper = *egi_record_next(graph, *deeper);
    dx -= dx >= dy ? 1 : 0;
    dy = deeper == &y ? dy - 1 : dy;
    ++*out_length;
  }
  return x;
}

static eg_status find_path(builder *b, uint32_t x, uint32_t y) {
  uint32_t length, latest, top = meet(b->graph, x, y, &length, &latest);
  if (!top)
    return egi_fail_at(b->graph, EG_INVALID, 0,
                       "the proofs do not connect two nodes of a class");
  b->path.num = 0;
  EG_TRY(EGI_RESERVE(b->graph, &b->path, (size_t)length + 1));
  b->path.num = (size_t)length + 1;
  uint32_t at = 0, back = length;
  for (; x != top; x = next_of(b->graph, x))
    b->path.data[at++] = x;
  for (; y != top; y = next_of(b->graph, y))
    b->path.data[back--] = y;
  b->path.data[at] = top;
  return EG_OK;
}

static uint32_t edge_place(const eg_graph *graph, uint32_t x, uint32_t y) {
  const uint32_t *reasons = graph->proofs->reasons.data;
  return next_of(graph, x) == y ? reasons[x] : reasons[y];
}

//===-- Shortening --------------------------------------------------------===//

enum { REACH = 24 }; // how far apart two nodes may be that are compared

// What it costs to go from |x| to |y| by congruence, in edges of the forest;
// UINT32_MAX where that is impossible, or would rest on facts that are not
// older than |latest|.
static uint32_t jump_cost(const eg_graph *graph, uint32_t x, uint32_t y,
                          uint32_t latest) {
  uint32_t num_x, num_y, cost = 0, length, newest;
  const uint32_t *a = egi_record_origins(graph, x, &num_x);
  const uint32_t *c = egi_record_origins(graph, y, &num_y);
  uint16_t op = egi_op_of(graph, x);
  if (op != egi_op_of(graph, y) || num_x != num_y ||
      (egi_key_start(graph, op) && a[-1] != c[-1]))
    return UINT32_MAX;
  for (uint32_t k = 0; k < num_x; ++k) {
    if (a[k] == c[k])
      continue;
    if (!meet(graph, a[k], c[k], &length, &newest) || newest >= latest)
      return UINT32_MAX;
    cost += length;
  }
  return cost;
}

static uint32_t edge_cost(const eg_graph *graph, uint32_t x, uint32_t y,
                          uint32_t place) {
  if (graph->proofs->facts.data[place] != EGI_CONGRUENT)
    return 1;
  return jump_cost(graph, x, y, UINT32_MAX);
}

// The cheapest way over the nodes of b->path, by edges and by jumps between
// them; |best| has a cost and a next position for each.
static void relax(const builder *b, uint32_t i, uint32_t *costs,
                  uint32_t *nexts) {
  const eg_graph *graph = b->graph;
  const uint32_t *path = b->path.data;
  uint32_t length = (uint32_t)b->path.num, latest = 0;
  for (uint32_t k = i + 1; k < length && k <= i + REACH; ++k) {
    uint32_t place = edge_place(graph, path[k - 1], path[k]);
    latest = place > latest ? place : latest;
    uint32_t cost = k == i + 1 ? edge_cost(graph, path[i], path[k], place)
                               : jump_cost(graph, path[i], path[k], latest);
    if (cost == UINT32_MAX || costs[k] > UINT32_MAX - 1 - cost)
      continue;
    if (k == i + 1 || costs[k] + cost < costs[i]) {
      costs[i] = costs[k] + cost;
      nexts[i] = k;
    }
  }
}

static eg_status shortest(builder *b, egi_words *out) {
  uint32_t length = (uint32_t)b->path.num;
  EG_TRY(EGI_RESERVE(b->graph, out, 2 * (size_t)length));
  uint32_t *costs = out->data, *nexts = out->data + length;
  costs[length - 1] = 0;
  for (uint32_t i = length - 1; i--;)
    relax(b, i, costs, nexts);
  return EG_OK;
}

//===-- Lemmas ------------------------------------------------------------===//

static eg_status walk_path(builder *b, const uint32_t *nexts) {
  for (uint32_t i = 0; i + 1 < b->path.num;) {
    uint32_t next = nexts ? nexts[i] : i + 1;
    uint32_t x = b->path.data[i], y = b->path.data[next];
    EG_TRY(next == i + 1 ? explain_edge(b, x, y, edge_place(b->graph, x, y))
                         : explain_congruence(b, x, y));
    i = next;
  }
  return EG_OK;
}

// Leaves out what lies between two visits of one term.
static void cut_loops(builder *b) {
  size_t kept = 0;
  for (size_t i = 0; i < b->steps.num; ++i) {
    uint32_t to = b->steps.data[i].to;
    b->steps.data[kept++] = b->steps.data[i];
    for (size_t k = 0; k < kept; ++k)
      if (b->steps.data[k].from == to) {
        kept = k;
        break;
      }
  }
  b->steps.num = kept;
}

static eg_status expand(builder *b, size_t index) {
  lemma l = b->lemmas.data[index];
  egi_words ways = {0};
  b->steps.num = 0;
  EG_TRY(find_path(b, l.x, l.y));
  eg_status status = b->shorten ? shortest(b, &ways) : EG_OK;
  if (status == EG_OK)
    status = walk_path(b, b->shorten ? ways.data + b->path.num : NULL);
  EGI_RELEASE(b->graph, &ways);
  EG_TRY(status);
  if (b->shorten)
    cut_loops(b);
  return close_chain(b, l.chain, b->steps.data, (uint32_t)b->steps.num);
}

static void free_builder(builder *b) {
  EGI_RELEASE(b->graph, &b->lemmas);
  EGI_RELEASE(b->graph, &b->lemma_slots);
  EGI_RELEASE(b->graph, &b->node_terms);
  EGI_RELEASE(b->graph, &b->todo);
  EGI_RELEASE(b->graph, &b->children);
  EGI_RELEASE(b->graph, &b->path);
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
      for (uint32_t k = 0; k < step->num; ++k) {
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

static eg_status ask_side(builder *b, const question *q, int side,
                          uint32_t *out_term, uint32_t *out_bridge) {
  const egi_pattern *p = q->patterns[side];
  *out_bridge = 0;
  if (!p)
    return term_of(b, q->nodes[side], out_term);
  EG_TRY(begin_table(b, p, &b->lhs));
  for (uint32_t i = 0; i < p->nodes.num; ++i)
    entry(&b->lhs, i)[NODE] = q->witnesses[side][i];
  EG_TRY(instantiate(b, p, &b->lhs));
  const uint32_t *root = entry(&b->lhs, (uint32_t)p->nodes.num - 1);
  *out_term = root[TERM];
  *out_bridge = root[BRIDGE];
  return EG_OK;
}

static eg_status build(builder *b, const question *q) {
  uint32_t before, after, link;
  EG_TRY(ask_side(b, q, 0, &b->proof->from, &before));
  EG_TRY(ask_side(b, q, 1, &b->proof->to, &after));
  EG_TRY(link_nodes(b, q->nodes[0], q->nodes[1], &link));
  for (size_t i = 0; i < b->lemmas.num; ++i)
    EG_TRY(expand(b, i));
  EG_TRY(join_links(b, before ^ (before != 0), link, &link));
  EG_TRY(join_links(b, link, after, &link));
  b->proof->link = b->proof->from == b->proof->to ? 0 : link;
  return count_steps(b->proof);
}

static eg_status build_proof(eg_graph *graph, const question *q, bool shorten,
                             eg_proof **out_proof) {
  builder b = {.graph = graph, .shorten = shorten};
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
