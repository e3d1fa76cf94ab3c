// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The matcher: runs the program of a left-hand side over a frozen graph with an
// explicit stack, one match at a time.
//
// Candidates for the root are the pages of its operator, read in order.
// Branching on the nodes of a class first asks the operator bits of its class
// record, which turn away nine in ten without touching the members.
#include "rule.h"

static uint32_t lookup_node(const eg_graph *graph, const egi_pattern *pattern,
                            const egi_pnode *n, const uint32_t *classes,
                            uint32_t *children) {
  for (uint32_t k = 0; k < n->num; ++k) {
    children[k] = classes[pattern->args.data[n->first + k]];
    if (!children[k])
      return 0;
  }
  uint32_t node =
      egi_table_find_stale(graph, n->op, n->payload, children, n->num);
  return node ? egi_record(graph, node)[0] : 0;
}

// The classes of the ground terms on the left; a clean graph has each or not.
static void lookup_grounds(egi_machine *m, uint32_t *classes,
                           uint32_t *children) {
  const egi_pattern *p = &m->rule->lhs_grounds;
  for (size_t i = 0; i < p->nodes.num; ++i)
    classes[i] = lookup_node(m->graph, p, &p->nodes.data[i], classes, children);
  for (size_t i = 0; i < m->rule->lhs_ground_roots.num; ++i) {
    m->grounds[i] = classes[m->rule->lhs_ground_roots.data[i]];
    m->impossible |= m->grounds[i] == 0;
  }
}

eg_status egi_machine_init(egi_machine *m, eg_graph *graph,
                           const egi_rule *rule) {
  size_t frames = rule->num_binds * sizeof(egi_frame);
  size_t num_vars = rule->vars.names.num;
  size_t num_words = rule->num_regs + rule->lhs_ground_roots.num + num_vars +
                     rule->guards.vars.num + rule->lhs_grounds.nodes.num +
                     rule->lhs_grounds.args.num;
  *m = (egi_machine){.graph = graph, .rule = rule};
  m->block_size = frames + num_words * sizeof(uint32_t);
  m->block = egi_resize(graph, NULL, 0, m->block_size);
  if (!m->block)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory to search rule '%s'",
                       rule->name);
  m->frames = m->block;
  m->regs = (uint32_t *)(void *)((char *)m->block + frames);
  m->grounds = m->regs + rule->num_regs;
  m->vars = m->grounds + rule->lhs_ground_roots.num;
  m->guard_vars = m->vars + num_vars;
  uint32_t *classes = m->guard_vars + rule->guards.vars.num;
  lookup_grounds(m, classes, classes + rule->lhs_grounds.nodes.num);
  m->page = graph->ops.data[rule->root_op].first_page;
  return EG_OK;
}

void egi_machine_fini(egi_machine *m, eg_graph *graph) {
  egi_resize(graph, m->block, m->block_size, 0);
}

// Loads the children of |node| into registers from |reg| on, if its payload and
// their number are right.
static bool load(egi_machine *m, uint32_t node, uint32_t payload,
                 uint32_t num_children, uint32_t reg) {
  uint32_t num, start = payload != 0;
  const uint32_t *key = egi_key(m->graph, node, &num);
  if (num != num_children + start || (start && key[0] != payload))
    return false;
  for (uint32_t k = 0; k < num_children; ++k)
    m->regs[reg + k] = key[start + k];
  return true;
}

static bool next_root(egi_machine *m) {
  const eg_graph *graph = m->graph;
  const egi_rule *rule = m->rule;
  while (m->page) {
    const egi_page *page = &graph->pages.data[m->page];
    while (m->slot < page->used) {
      uint32_t node = m->page << EGI_PAGE_BITS | m->slot++;
      if (!egi_is_live(graph, node))
        continue;
      ++m->searched;
      if (!load(m, node, rule->root_payload, rule->root_children, 1))
        continue;
      m->regs[0] = egi_record(graph, node)[0];
      return true;
    }
    m->page = page->next;
    m->slot = 0;
  }
  return false;
}

// The first member with an operator >= |op|: members are sorted by operator.
static uint32_t lower_bound(const eg_graph *graph, const uint32_t *members,
                            uint32_t num, uint16_t op) {
  uint32_t low = 0;
  while (num > 8) {
    uint32_t half = num / 2;
    if (egi_op_of(graph, members[low + half]) < op) {
      low += half + 1;
      num -= half + 1;
    } else {
      num = half;
    }
  }
  while (num && egi_op_of(graph, members[low]) < op) {
    ++low;
    --num;
  }
  return low;
}

static bool push(egi_machine *m, uint32_t pc, const egi_instr *instr) {
  uint32_t class_id = m->regs[instr->in];
  if (!(m->graph->classes.data[class_id].meta & egi_op_bit(instr->op)))
    return false;
  egi_frame *frame = &m->frames[m->depth++];
  frame->members = egi_members(m->graph, class_id, &frame->num);
  frame->next = lower_bound(m->graph, frame->members, frame->num, instr->op);
  frame->pc = pc;
  return true;
}

static bool next_member(egi_machine *m, egi_frame *frame) {
  const egi_instr *instr = &m->rule->program.data[frame->pc];
  while (frame->next < frame->num) {
    uint32_t node = frame->members[frame->next++];
    if (egi_op_of(m->graph, node) != instr->op)
      return false;
    if (load(m, node, instr->payload, instr->num_children, instr->out))
      return true;
  }
  return false;
}

// Steps back to the last choice that has another node; where to go on, or
// false.
static bool backtrack(egi_machine *m, uint32_t *out_pc) {
  for (; m->depth; --m->depth) {
    egi_frame *frame = &m->frames[m->depth - 1];
    if (next_member(m, frame)) {
      *out_pc = frame->pc + 1;
      return true;
    }
  }
  *out_pc = 0;
  return next_root(m);
}

static bool passes_guards(egi_machine *m) {
  const egi_guards *guards = &m->rule->guards;
  for (size_t i = 0; i < guards->guards.num; ++i) {
    const egi_guard *g = &guards->guards.data[i];
    const uint32_t *vars = m->vars;
    uint32_t num = (uint32_t)m->rule->vars.names.num;
    if (g->num != UINT32_MAX) {
      num = g->num;
      vars = m->guard_vars;
      for (uint32_t k = 0; k < num; ++k)
        m->guard_vars[k] = m->vars[guards->vars.data[g->first + k]];
    }
    eg_match match = {{m->regs[0]}, (const eg_class *)vars, num};
    if (!g->condition(g->user, m->graph, &match))
      return false;
  }
  return true;
}

static bool yield(egi_machine *m) {
  const egi_words *var_regs = &m->rule->var_regs;
  for (size_t i = 0; i < var_regs->num; ++i)
    m->vars[i] = m->regs[var_regs->data[i]];
  return passes_guards(m);
}

bool egi_machine_next(egi_machine *m) {
  uint32_t pc;
  if (m->impossible || !backtrack(m, &pc))
    return false;
  for (;;) {
    const egi_instr *instr = &m->rule->program.data[pc];
    bool ok = true;
    switch ((egi_opcode)instr->code) {
    case EGI_COMPARE:
      ok = m->regs[instr->in] == m->regs[instr->out];
      break;
    case EGI_GROUND:
      ok = m->regs[instr->in] == m->grounds[instr->out];
      break;
    case EGI_BIND:
      push(m, pc, instr);
      ok = false; // the first member is the next choice
      break;
    case EGI_YIELD:
      if (yield(m))
        return true;
      ok = false;
      break;
    }
    if (ok)
      ++pc;
    else if (!backtrack(m, &pc))
      return false;
  }
}

eg_status eg_rule_search(const eg_rules *rules, uint32_t rule,
                         bool (*visit)(void *user, const eg_match *match),
                         void *user, uint64_t *out_num_matches) {
  eg_graph *graph = rules->graph;
  *out_num_matches = 0;
  if (!eg_is_clean(graph))
    return egi_fail_at(graph, EG_INVALID, 0, "search before eg_rebuild");
  if (rule >= rules->rules.num)
    return egi_fail_at(graph, EG_INVALID, 0, "no rule %u", (unsigned)rule);
  egi_machine m;
  EG_TRY(egi_machine_init(&m, graph, &rules->rules.data[rule]));
  uint32_t num_vars = (uint32_t)m.rule->vars.names.num;
  bool more = true;
  while (more && egi_machine_next(&m)) {
    ++*out_num_matches;
    eg_match match = {{m.regs[0]}, (const eg_class *)m.vars, num_vars};
    more = visit(user, &match);
  }
  egi_machine_fini(&m, graph);
  return EG_OK;
}
