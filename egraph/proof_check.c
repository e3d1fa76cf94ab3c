// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The checker of proofs. It knows terms and the sides of rules as they were
// read; classes, nodes, the hashcons and the forest it does not look at. What it
// shares with the rest is the reader of terms.
#include "proof.h"

typedef struct checker {
  const eg_proof *proof;
  const eg_axioms *axioms;
  eg_graph *graph;
  egi_words order;
  egi_words bindings;         // per variable: a term, 0 = none yet
  EGI_ARRAY(egi_pair) stack;  // pattern node, term
  EGI_ARRAY(egi_pair) givens; // left, right, 0 = a term the proof has not
  egi_words arguments;        // of a guard: terms, then what is known
} checker;

static eg_status refuse(const checker *c, const egi_pstep *step,
                        const char *what) {
  const char *name = "";
  if (step && step->name < c->proof->names.num && step->name)
    name = c->proof->names.data[step->name];
  return egi_fail_at(c->graph, EG_INVALID, 0, "the proof is wrong: %s%s%.60s",
                     what, *name ? ": " : "", name);
}

//===-- Terms -------------------------------------------------------------===//

// Children come before parents, and are as many as the operator takes.
static eg_status check_terms(const checker *c) {
  const eg_proof *p = c->proof;
  for (uint32_t i = 1; i < p->terms.num; ++i) {
    const egi_pterm *t = &p->terms.data[i];
    if (t->op >= c->graph->ops.num || t->first > p->children.num ||
        t->num > p->children.num - t->first)
      return refuse(c, NULL, "a term that is none");
    const egi_op *op = &c->graph->ops.data[t->op];
    bool fits = op->num_children == EG_VARIADIC ? t->num >= op->num_leading
                                                : t->num == op->num_children;
    if (!fits || op->has_payload != (t->payload != 0))
      return refuse(c, NULL, "a term that its operator does not allow");
    for (uint32_t k = 0; k < t->num; ++k)
      if (!p->children.data[t->first + k] ||
          p->children.data[t->first + k] >= i)
        return refuse(c, NULL, "a term inside itself");
  }
  return EG_OK;
}

// The number of the term that a text spells; 0 when the proof does not have it.
static eg_status find_term(checker *c, const char *text, uint32_t *out_term) {
  egi_pattern term = {0};
  egi_words ids = {0}, children = {0};
  *out_term = 0;
  eg_status status = egi_read_term(c->graph, text, false, &term);
  if (status == EG_OK)
    status = EGI_RESERVE(c->graph, &ids, term.nodes.num);
  if (status == EG_OK)
    status = EGI_RESERVE(c->graph, &children, term.args.num + 1);
  for (size_t i = 0; status == EG_OK && i < term.nodes.num; ++i) {
    const egi_pnode *n = &term.nodes.data[i];
    bool known = true;
    for (uint32_t k = 0; k < n->num; ++k) {
      children.data[k] = ids.data[term.args.data[n->first + k]];
      known &= children.data[k] != 0;
    }
    ids.data[i] = known ? egi_proof_find(c->proof, n->op, n->payload,
                                         children.data, n->num)
                        : 0;
    *out_term = ids.data[i];
  }
  egi_pattern_free(c->graph, &term);
  EGI_RELEASE(c->graph, &ids);
  EGI_RELEASE(c->graph, &children);
  return status;
}

//===-- Rules -------------------------------------------------------------===//

// Whether |term| is an instance of the pattern at |root|, with the variables as
// they are bound; binds those that are not.
static eg_status is_instance(checker *c, const egi_pattern *pattern,
                             uint32_t root, uint32_t term, bool *out_is) {
  const eg_proof *p = c->proof;
  *out_is = false;
  c->stack.num = 0;
  EG_TRY(EGI_RESERVE(c->graph, &c->stack, 1));
  c->stack.data[c->stack.num++] = (egi_pair){root, term};
  while (c->stack.num) {
    egi_pair top = c->stack.data[--c->stack.num];
    const egi_pnode *n = &pattern->nodes.data[top.a];
    const egi_pterm *t = &p->terms.data[top.b];
    if (n->var != EGI_NO_VAR) {
      uint32_t *bound = &c->bindings.data[n->var];
      if (*bound && *bound != top.b)
        return EG_OK;
      *bound = top.b;
      continue;
    }
    if (t->op != n->op || t->payload != n->payload || t->num != n->num)
      return EG_OK;
    EG_TRY(EGI_RESERVE(c->graph, &c->stack, n->num));
    for (uint32_t k = 0; k < n->num; ++k)
      c->stack.data[c->stack.num++] = (egi_pair){
          pattern->args.data[n->first + k], p->children.data[t->first + k]};
  }
  *out_is = true;
  return EG_OK;
}

// What an equality of a rule says: two patterns, each of one side.
typedef struct sides {
  const egi_pattern *first_of;
  uint32_t first, other; // |other| is of the right side
} sides;

// A rule with one item on the left and one pattern on the right says that the
// first pattern of the item equals the right side. Otherwise the patterns that
// '=' joins on the right are equal to the first of their item.
static bool find_sides(const egi_rule *rule, uint32_t equality, sides *out) {
  const egi_side *l = &rule->lhs, *r = &rule->rhs;
  if (r->roots.num == 0)
    return false;
  if (l->ends.num == 1 && r->roots.num == 1) {
    *out = (sides){&l->pattern, l->roots.data[0], r->roots.data[0]};
    return equality == 0;
  }
  uint32_t start = 0;
  for (size_t item = 0; item < r->ends.num; ++item) {
    for (uint32_t at = start + 1; at < r->ends.data[item]; ++at)
      if (equality-- == 0) {
        *out = (sides){&r->pattern, r->roots.data[start], r->roots.data[at]};
        return true;
      }
    start = r->ends.data[item];
  }
  return false;
}

// Link |k| must show that the first pattern of an item on the left equals
// another of the same item; they are numbered through. No link is no evidence:
// where both are one term, a lemma without steps says which.
static eg_status check_premises(checker *c, const egi_rule *rule,
                                const egi_pstep *step, bool *out_is) {
  const egi_side *l = &rule->lhs;
  uint32_t start = 0, k = 0;
  *out_is = egi_step_links(c->proof, step) == l->roots.num - l->ends.num;
  for (size_t item = 0; *out_is && item < l->ends.num; ++item) {
    for (uint32_t at = start + 1; *out_is && at < l->ends.data[item]; ++at) {
      uint32_t link = c->proof->links.data[step->first + k++];
      if (!link) {
        *out_is = false;
        break;
      }
      uint32_t from = egi_link_end(c->proof, link, false);
      uint32_t to = egi_link_end(c->proof, link, true);
      EG_TRY(is_instance(c, &l->pattern, l->roots.data[start], from, out_is));
      if (*out_is)
        EG_TRY(is_instance(c, &l->pattern, l->roots.data[at], to, out_is));
    }
    start = l->ends.data[item];
  }
  return EG_OK;
}

// Whether the guard is that of the rule, of the terms that are bound. Its links
// begin at |first|.
static eg_status is_guard(checker *c, const egi_rule *rule, size_t index,
                          const egi_pguard *guard, uint32_t first,
                          bool *out_is) {
  const egi_query *q = &rule->query;
  const egi_guard *g = &q->guards.guards.data[index];
  const char *name = guard->name ? c->proof->names.data[guard->name] : "";
  *out_is = false;
  if (strcmp(name, q->guards.names.names.data[index]) != 0 ||
      guard->num != egi_guard_num(q, g))
    return EG_OK;
  c->arguments.num = 0;
  EG_TRY(EGI_RESERVE(c->graph, &c->arguments, 2 * (size_t)guard->num + 1));
  for (uint32_t k = 0; k < guard->num; ++k) {
    uint32_t link = c->proof->links.data[first + k];
    uint32_t *bound = &c->bindings.data[egi_guard_var(q, g, k)];
    uint32_t term = egi_link_end(c->proof, link, false);
    if (!link || (*bound && *bound != term))
      return EG_OK;
    *bound = term;
    c->arguments.data[k] = term;
    c->arguments.data[guard->num + k] = egi_link_end(c->proof, link, true);
  }
  *out_is = true;
  return EG_OK;
}

// Asks whether the guard holds whose arguments are at hand.
static eg_status judge(const checker *c, const egi_pstep *step,
                       const egi_pguard *guard) {
  const char *const *names = (const char *const *)c->proof->names.data;
  const eg_proof_term *terms = (const eg_proof_term *)c->arguments.data;
  eg_guard ask = {.rule = names[step->name],
                  .condition = guard->name ? names[guard->name] : "",
                  .terms = terms,
                  .known = terms + guard->num,
                  .num = guard->num};
  eg_verdict verdict = c->axioms->judge
                           ? c->axioms->judge(c->axioms->user, c->proof, &ask)
                           : EG_UNDECIDED;
  if (verdict == EG_HOLDS)
    return EG_OK;
  if (verdict == EG_FAILS || !c->axioms->assumed)
    return egi_fail_at(c->graph, EG_INVALID, 0,
                       "the proof is wrong: condition '%.60s' of rule '%.60s' "
                       "%s",
                       ask.condition, ask.rule,
                       verdict == EG_FAILS ? "fails" : "cannot be decided");
  ++*c->axioms->assumed;
  return EG_OK;
}

// All guards of the rule must be there, and then hold.
static eg_status check_guards(checker *c, const egi_rule *rule,
                              const egi_pstep *step, bool *out_is) {
  uint32_t first = step->first + egi_step_links(c->proof, step);
  *out_is = step->num_guards == rule->query.guards.guards.num;
  for (uint32_t i = 0; *out_is && i < step->num_guards; ++i) {
    const egi_pguard *guard = &c->proof->guards.data[step->first_guard + i];
    EG_TRY(is_guard(c, rule, i, guard, first, out_is));
    if (*out_is)
      EG_TRY(judge(c, step, guard));
    first += guard->num;
  }
  return EG_OK;
}

static eg_status follows_from(checker *c, const egi_rule *rule,
                              const egi_pstep *step, bool *out_is) {
  sides s;
  *out_is = false;
  size_t num_vars = rule->query.vars.names.num;
  if (!find_sides(rule, step->equality, &s))
    return EG_OK;
  c->bindings.num = 0;
  EG_TRY(EGI_RESERVE(c->graph, &c->bindings, num_vars + 1));
  memset(c->bindings.data, 0, (num_vars + 1) * sizeof(uint32_t));
  uint32_t first = step->backwards ? step->to : step->from;
  uint32_t other = step->backwards ? step->from : step->to;
  EG_TRY(is_instance(c, s.first_of, s.first, first, out_is));
  if (*out_is)
    EG_TRY(is_instance(c, &rule->rhs.pattern, s.other, other, out_is));
  if (*out_is)
    EG_TRY(check_premises(c, rule, step, out_is));
  return *out_is ? check_guards(c, rule, step, out_is) : EG_OK;
}

static eg_status check_rule(checker *c, const egi_pstep *step) {
  bool named = false;
  for (uint32_t set = 0; set < c->axioms->num_rules; ++set) {
    const eg_rules *rules = c->axioms->rules[set];
    for (size_t i = 0; i < rules->rules.num; ++i) {
      const egi_rule *rule = &rules->rules.data[i];
      bool follows;
      if (strcmp(rule->name, c->proof->names.data[step->name]) != 0)
        continue;
      named = true;
      EG_TRY(follows_from(c, rule, step, &follows));
      if (follows)
        return EG_OK;
    }
  }
  return refuse(c, step, named ? "no instance of the rule" : "an unknown rule");
}

//===-- Steps -------------------------------------------------------------===//

static bool same_label(const checker *c, const egi_pstep *step,
                       const char *label) {
  const char *own = c->proof->names.data[step->name];
  return own && label ? strcmp(own, label) == 0 : !own && !label;
}

static eg_status check_given(const checker *c, const egi_pstep *step) {
  uint32_t left = step->backwards ? step->to : step->from;
  uint32_t right = step->backwards ? step->from : step->to;
  for (uint32_t i = 0; i < c->axioms->num_givens; ++i)
    if (c->givens.data[i].a == left && c->givens.data[i].b == right &&
        same_label(c, step, c->axioms->givens[i].label))
      return EG_OK;
  return refuse(c, step, "not among the stated equalities");
}

// That a link leads from one term to the other.
static bool leads(const checker *c, uint32_t link, uint32_t from, uint32_t to) {
  if (!link)
    return from == to;
  return egi_link_end(c->proof, link, false) == from &&
         egi_link_end(c->proof, link, true) == to;
}

static eg_status check_congruence(const checker *c, const egi_pstep *step) {
  const eg_proof *p = c->proof;
  const egi_pterm *a = &p->terms.data[step->from];
  const egi_pterm *b = &p->terms.data[step->to];
  if (a->op != b->op || a->payload != b->payload || a->num != b->num ||
      step->num != a->num)
    return refuse(c, step, "no congruence: the operators differ");
  for (uint32_t k = 0; k < a->num; ++k)
    if (!leads(c, p->links.data[step->first + k],
               p->children.data[a->first + k], p->children.data[b->first + k]))
      return refuse(c, step, "no congruence: a child is not proved");
  return EG_OK;
}

// Whether the guards of a step are in the proof, and their arguments among its
// links.
static bool has_guards(const eg_proof *p, const egi_pstep *step) {
  uint64_t num = 0;
  if (step->num_guards && step->kind != EGI_STEP_RULE)
    return false;
  if (step->first_guard > p->guards.num ||
      step->num_guards > p->guards.num - step->first_guard)
    return false;
  for (uint32_t i = 0; i < step->num_guards; ++i) {
    const egi_pguard *guard = &p->guards.data[step->first_guard + i];
    if (guard->name >= p->names.num)
      return false;
    num += guard->num;
  }
  return num <= step->num;
}

static eg_status check_step(checker *c, const egi_pstep *step) {
  const eg_proof *p = c->proof;
  if (!step->from || step->from >= p->terms.num || !step->to ||
      step->to >= p->terms.num || step->name >= p->names.num)
    return refuse(c, NULL, "a step between terms that are not there");
  if (!has_guards(p, step))
    return refuse(c, step, "a condition that is not there");
  switch (step->kind) {
  case EGI_STEP_GIVEN:
    return check_given(c, step);
  case EGI_STEP_CALLBACK:
    return c->axioms->callbacks ? EG_OK : refuse(c, step, "a callback");
  case EGI_STEP_RULE:
    return step->name ? check_rule(c, step) : refuse(c, step, "no rule");
  case EGI_STEP_CONGRUENCE:
    return check_congruence(c, step);
  case EGI_STEP_USE:
    if (step->num == 1 &&
        leads(c, p->links.data[step->first], step->from, step->to))
      return EG_OK;
    return refuse(c, step, "a lemma that shows something else");
  }
  return refuse(c, step, "a step of no kind");
}

static eg_status check_chain(checker *c, const egi_chain *chain) {
  uint32_t at = chain->from;
  if (!at || at >= c->proof->terms.num)
    return refuse(c, NULL, "a lemma about a term that is not there");
  for (uint32_t i = chain->first; i < chain->first + chain->num; ++i) {
    const egi_pstep *step = &c->proof->steps.data[i];
    if (step->from != at)
      return refuse(c, step, "a step begins where the one before did not end");
    EG_TRY(check_step(c, step));
    at = step->to;
  }
  return at == chain->to ? EG_OK
                         : refuse(c, NULL, "a lemma ends somewhere else");
}

//===-- The whole proof ---------------------------------------------------===//

static eg_status check_goal(checker *c, const char *from, const char *to) {
  const eg_proof *p = c->proof;
  uint32_t a = p->from, b = p->to;
  if (from)
    EG_TRY(find_term(c, from, &a));
  if (to)
    EG_TRY(find_term(c, to, &b));
  if (!a || !b || a != p->from || b != p->to || !leads(c, p->link, a, b))
    return refuse(c, NULL, "it shows something else");
  return EG_OK;
}

static eg_status check(checker *c, const char *from, const char *to) {
  const eg_proof *p = c->proof;
  EG_TRY(check_terms(c));
  EG_TRY(egi_proof_order(p, &c->order));
  EG_TRY(EGI_RESERVE(c->graph, &c->givens, c->axioms->num_givens));
  for (uint32_t i = 0; i < c->axioms->num_givens; ++i) {
    const eg_given *given = &c->axioms->givens[i];
    EG_TRY(find_term(c, given->left, &c->givens.data[i].a));
    EG_TRY(find_term(c, given->right, &c->givens.data[i].b));
  }
  for (size_t i = 0; i < c->order.num; ++i)
    EG_TRY(check_chain(c, &p->chains.data[c->order.data[i]]));
  return check_goal(c, from, to);
}

eg_status eg_proof_check(const eg_proof *proof, const eg_axioms *axioms,
                         const char *from, const char *to) {
  checker c = {.proof = proof, .axioms = axioms, .graph = proof->graph};
  eg_status status = check(&c, from, to);
  EGI_RELEASE(c.graph, &c.order);
  EGI_RELEASE(c.graph, &c.bindings);
  EGI_RELEASE(c.graph, &c.stack);
  EGI_RELEASE(c.graph, &c.givens);
  EGI_RELEASE(c.graph, &c.arguments);
  return status;
}
