// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a fact of the forest amounts to: steps from the term of one node to the
// term of the other.
//
// A fact of a rule says which nodes were matched and built. These may differ
// from the instance of the rule in children that were equal at that time, so on
// both sides of the rule's own step there may be a step of congruence.
#include "explain.h"

//===-- Steps of a fact ---------------------------------------------------===//

static eg_status add_step(egi_builder *b, egi_pstep step) {
  EG_TRY(EGI_RESERVE(b->graph, &b->steps, 1));
  b->steps.data[b->steps.num++] = step;
  return EG_OK;
}

static eg_status add_use(egi_builder *b, uint32_t link) {
  egi_pstep step;
  if (!link)
    return EG_OK;
  EG_TRY(egi_explain_use(b, link, &step));
  return add_step(b, step);
}

eg_status egi_explain_name(egi_builder *b, const char *bytes, size_t size,
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

eg_status egi_explain_congruence(egi_builder *b, uint32_t x, uint32_t y) {
  uint32_t num, link;
  egi_record_origins(b->graph, x, &num);
  egi_pstep step = {.kind = EGI_STEP_CONGRUENCE, .num = num};
  EG_TRY(egi_explain_term(b, x, &step.from));
  EG_TRY(egi_explain_term(b, y, &step.to));
  if (step.from == step.to)
    return EG_OK;
  EG_TRY(egi_explain_new_links(b, num, &step.first));
  for (uint32_t k = 0; k < num; ++k) {
    EG_TRY(egi_explain_link(b, egi_record_origins(b->graph, x, &num)[k],
                            egi_record_origins(b->graph, y, &num)[k], &link));
    b->proof->links.data[step.first + k] = link;
  }
  return add_step(b, step);
}

static eg_status explain_stated(egi_builder *b, const egi_cause *cause,
                                const uint32_t *fact, uint32_t x, uint32_t y) {
  eg_graph *graph = b->graph;
  egi_pstep step = {.kind = EGI_STEP_GIVEN, .backwards = fact[1] != x};
  EG_TRY(egi_explain_term(b, x, &step.from));
  EG_TRY(egi_explain_term(b, y, &step.to));
  if (cause->kind == EGI_CALLBACK) {
    step.kind = EGI_STEP_CALLBACK;
    EG_TRY(egi_explain_name(b, cause->name, strlen(cause->name), &step.name));
  } else if (fact[2]) {
    size_t size;
    const char *label = eg_payload_bytes(graph, (eg_payload){fact[2]}, &size);
    EG_TRY(egi_explain_name(b, label, size, &step.name));
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
static void place_lhs(egi_builder *b, const applied *a,
                      const egi_words *ground) {
  const egi_side *side = &a->rule->lhs;
  uint32_t atom = 0, num_grounds = 0;
  for (uint32_t i = 0; i < side->pattern.nodes.num; ++i) {
    uint16_t var = side->pattern.nodes.data[i].var;
    if (var != EGI_NO_VAR)
      egi_explain_entry(&b->lhs, i)[EGI_NODE] =
          source_node(b->graph, a, a->sources[1 + var]);
    else if (ground->data[i])
      egi_explain_entry(&b->lhs, i)[EGI_NODE] = ground_node(
          b->graph, &a->rule->query.grounds, a->lhs_wide, num_grounds++);
  }
  for (uint32_t tree = 0, first = 0; tree < side->roots.num; ++tree) {
    uint32_t root = side->roots.data[tree];
    for (uint32_t i = root + 1; i-- > first;)
      if (!egi_explain_entry(&b->lhs, i)[EGI_NODE])
        egi_explain_entry(&b->lhs, i)[EGI_NODE] = a->atoms[atom++];
    first = root + 1;
  }
}

// The right side, up to the step that is the other end of the edge (|last|, 0 =
// none is).
static void place_rhs(egi_builder *b, const applied *a, const egi_words *ground,
                      uint32_t last) {
  const egi_pattern *p = &a->rule->rhs.pattern;
  uint32_t step = 0, num_grounds = 0;
  for (uint32_t i = 0; i < p->nodes.num; ++i) {
    uint16_t var = p->nodes.data[i].var;
    uint32_t *e = egi_explain_entry(&b->rhs, i);
    if (var != EGI_NO_VAR)
      e[EGI_NODE] = source_node(b->graph, a, a->sources[1 + var]);
    else if (ground->data[i])
      e[EGI_NODE] = ground_node(b->graph, &a->rule->rhs_grounds, a->rhs_wide,
                                num_grounds++);
    else {
      uint32_t s = step++;
      e[EGI_NODE] = s < a->num_steps    ? a->steps[s]
                    : s == a->num_steps ? last
                                        : 0;
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

static uint32_t count_premises(const egi_rule *rule) {
  return (uint32_t)(rule->lhs.roots.num - rule->lhs.ends.num);
}

// One link for premises and arguments of guards each, to be filled in.
static eg_status add_links(egi_builder *b, const egi_rule *rule,
                           egi_pstep *step) {
  const egi_query *q = &rule->query;
  step->num = count_premises(rule);
  for (size_t i = 0; i < q->guards.guards.num; ++i)
    step->num += egi_guard_num(q, &q->guards.guards.data[i]);
  return egi_explain_new_links(b, step->num, &step->first);
}

static eg_status add_premises(egi_builder *b, const applied *a,
                              const egi_pstep *step) {
  const egi_side *side = &a->rule->lhs;
  uint32_t num = step->first, at = 0, link;
  for (size_t item = 0; item < side->ends.num; ++item) {
    const uint32_t *one = egi_explain_entry(&b->lhs, side->roots.data[at++]);
    for (; at < side->ends.data[item]; ++at) {
      const uint32_t *two = egi_explain_entry(&b->lhs, side->roots.data[at]);
      EG_TRY(egi_explain_link(b, one[EGI_NODE], two[EGI_NODE], &link));
      EG_TRY(egi_explain_join(b, one[EGI_BRIDGE] ^ (one[EGI_BRIDGE] != 0), link,
                              &link));
      EG_TRY(egi_explain_join(b, link, two[EGI_BRIDGE], &link));
      EG_TRY(egi_explain_spell(b, one[EGI_TERM], &link));
      b->proof->links.data[num++] = link;
    }
  }
  return EG_OK;
}

// The guards, and for each of their arguments what was known of it.
static eg_status add_guards_with(egi_builder *b, const applied *a,
                                 uint32_t place, egi_pstep *step,
                                 egi_words *nodes) {
  const egi_query *q = &a->rule->query;
  uint32_t at = step->first + count_premises(a->rule);
  step->first_guard = (uint32_t)b->proof->guards.num;
  for (size_t i = 0; i < q->guards.guards.num; ++i) {
    const egi_guard *g = &q->guards.guards.data[i];
    uint32_t num = egi_guard_num(q, g);
    nodes->num = 0;
    EG_TRY(EGI_RESERVE(b->graph, nodes, 2 * (size_t)num + 1));
    for (uint32_t k = 0; k < num; ++k)
      nodes->data[nodes->num++] =
          source_node(b->graph, a, a->sources[1 + egi_guard_var(q, g, k)]);
    EG_TRY(
        egi_explain_guard(b, q->guards.names.names.data[i], nodes, place, at));
    ++step->num_guards;
    at += num;
  }
  return EG_OK;
}

static eg_status add_guards(egi_builder *b, const applied *a,
                            const uint32_t *fact, egi_pstep *step) {
  uint32_t place = (uint32_t)(fact - b->graph->proofs->facts.data);
  egi_words nodes = {0};
  eg_status status = add_guards_with(b, a, place, step, &nodes);
  EGI_RELEASE(b->graph, &nodes);
  return status;
}

// From |node| to the instance that |e| stands for, or back.
static eg_status add_way(egi_builder *b, uint32_t node, const uint32_t *e,
                         bool back) {
  uint32_t link;
  EG_TRY(egi_explain_link(b, back ? e[EGI_NODE] : node,
                          back ? node : e[EGI_NODE], &link));
  if (!back)
    EG_TRY(add_use(b, link));
  EG_TRY(add_use(b, e[EGI_BRIDGE] ? e[EGI_BRIDGE] ^ (uint32_t)back : 0));
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

static eg_status explain_rule_with(egi_builder *b, const egi_cause *cause,
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
  EG_TRY(egi_explain_table(b, &rule->lhs.pattern, &b->lhs));
  EG_TRY(egi_explain_table(b, &rule->rhs.pattern, &b->rhs));
  place_lhs(b, &a, lhs_ground);
  bool is_last = rule->unions.data[cause->equality].b.kind == EGI_ARG_STEP;
  place_rhs(b, &a, rhs_ground, !is_last ? 0 : one == x ? y : x);
  EG_TRY(egi_explain_instances(b, &rule->lhs.pattern, &b->lhs));
  EG_TRY(egi_explain_instances(b, &rule->rhs.pattern, &b->rhs));
  const uint32_t *first =
      egi_explain_entry(eq.first_is_left ? &b->lhs : &b->rhs, eq.first);
  const uint32_t *other = egi_explain_entry(&b->rhs, eq.other);
  bool forwards = e.first == x;
  egi_pstep step = {.kind = EGI_STEP_RULE,
                    .backwards = !forwards,
                    .from = forwards ? first[EGI_TERM] : other[EGI_TERM],
                    .to = forwards ? other[EGI_TERM] : first[EGI_TERM],
                    .equality = cause->equality};
  EG_TRY(egi_explain_name(b, rule->name, strlen(rule->name), &step.name));
  EG_TRY(add_links(b, rule, &step));
  EG_TRY(add_premises(b, &a, &step));
  EG_TRY(add_guards(b, &a, fact, &step));
  EG_TRY(add_way(b, x, forwards ? first : other, false));
  if (step.from != step.to)
    EG_TRY(add_step(b, step));
  return add_way(b, y, forwards ? other : first, true);
}

static eg_status explain_rule(egi_builder *b, const egi_cause *cause,
                              const uint32_t *fact, uint32_t x, uint32_t y) {
  egi_words lhs_ground = {0}, rhs_ground = {0};
  eg_status status =
      explain_rule_with(b, cause, fact, x, y, &lhs_ground, &rhs_ground);
  EGI_RELEASE(b->graph, &lhs_ground);
  EGI_RELEASE(b->graph, &rhs_ground);
  return status;
}

eg_status egi_explain_edge(egi_builder *b, uint32_t x, uint32_t y,
                           uint32_t place) {
  const egi_proofs *p = b->graph->proofs;
  const uint32_t *fact = p->facts.data + place;
  const egi_cause *cause = &p->causes.data[*fact];
  if (cause->kind == EGI_CONGRUENT)
    return egi_explain_congruence(b, x, y);
  if (cause->kind == EGI_RULE)
    return explain_rule(b, cause, fact, x, y);
  return explain_stated(b, cause, fact, x, y);
}
