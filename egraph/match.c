// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The matcher: joins the atoms of a left-hand side over a frozen graph with an
// explicit stack, one match at a time.
//
// There is no plan. At each step the machine takes, of the atoms that are left,
// the one with the fewest nodes to try: the members of its class, the parents of
// one of its children, the one node that its children determine, or, when
// nothing of it is known, all nodes of its operator. That enumerates the
// smallest of the sets that a variable must lie in and probes the others, as a
// generic join does (H. Ngo et al., "Worst-case optimal join algorithms", 2012),
// and it starts from the rarest operator and walks up where that is shorter.
//
// An atom whose class is known is first asked for in the operator bits of the
// class record, which turn away nine in ten without touching the members.
#include "rule.h"

//===-- Setting up --------------------------------------------------------===//

// A ground term that is subsumed does not match.
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
  return egi_is_subsumed(graph, node) ? 0 : node;
}

// Slot := class; false if it is another class already.
static inline bool bind(egi_machine *m, uint32_t slot, uint32_t class_id) {
  if (m->bound[slot])
    return m->regs[slot] == class_id;
  m->bound[slot] = 1;
  m->regs[slot] = class_id;
  m->trail[m->num_bound++] = slot;
  return true;
}

static inline void rewind_to(egi_machine *m, uint32_t num_bound) {
  while (m->num_bound > num_bound)
    m->bound[m->trail[--m->num_bound]] = 0;
}

// Binds the slots of ground terms; a clean graph has each term or not.
static void bind_grounds(egi_machine *m, uint32_t *classes,
                         uint32_t *children) {
  const egi_pattern *p = &m->query->grounds;
  uint32_t first = m->query->ground_slots.num ? m->query->ground_slots.data[0].a
                                              : UINT32_MAX;
  for (uint32_t i = 0; i < p->nodes.num; ++i) {
    uint32_t node =
        lookup_node(m->graph, p, &p->nodes.data[i], classes, children);
    classes[i] = node ? egi_record(m->graph, node)[0] : 0;
    m->ground_nodes[i] = node;
    if (i == first)
      m->ground = node;
  }
  for (size_t i = 0; i < m->query->ground_slots.num; ++i) {
    egi_pair ground = m->query->ground_slots.data[i];
    m->impossible |=
        !classes[ground.a] || !bind(m, ground.b, classes[ground.a]);
  }
}

static uint32_t longest_key(const egi_query *query) {
  uint32_t longest = 0;
  for (size_t i = 0; i < query->atoms.num; ++i)
    if (query->atoms.data[i].num > longest)
      longest = query->atoms.data[i].num;
  return longest + 1;
}

eg_status egi_machine_init(egi_machine *m, eg_graph *graph,
                           const egi_query *query, uint32_t root) {
  size_t num_atoms = query->atoms.num, num_vars = query->vars.names.num;
  size_t frames = num_atoms * sizeof(egi_frame);
  size_t num_words = 2 * (size_t)query->num_slots + num_vars +
                     query->guards.vars.num + longest_key(query) +
                     2 * query->grounds.nodes.num + query->grounds.args.num;
  *m = (egi_machine){.graph = graph,
                     .query = query,
                     .most = UINT64_MAX,
                     .pause_at = UINT64_MAX,
                     .pages_left = UINT32_MAX};
  m->block_size = frames + num_words * sizeof(uint32_t) + query->num_slots +
                  (size_t)2 * EGI_APART;
  m->block = egi_resize(graph, NULL, 0, m->block_size);
  if (!m->block)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory for a search");
  m->frames = (egi_frame *)(void *)((char *)m->block + EGI_APART);
  m->regs = (uint32_t *)(void *)((char *)m->frames + frames);
  m->trail = m->regs + query->num_slots;
  m->vars = m->trail + query->num_slots;
  m->guard_vars = m->vars + num_vars;
  m->key = m->guard_vars + query->guards.vars.num;
  m->ground_nodes = m->key + longest_key(query);
  uint32_t *classes = m->ground_nodes + query->grounds.nodes.num;
  m->bound = (uint8_t *)(m->regs + num_words);
  memset(m->bound, 0, query->num_slots);
  m->left = num_atoms < 64 ? (UINT64_C(1) << num_atoms) - 1 : UINT64_MAX;
  bind_grounds(m, classes, classes + query->grounds.nodes.num);
  if (root)
    m->impossible |= !bind(m, query->root, root);
  return EG_OK;
}

void egi_machine_fini(egi_machine *m, eg_graph *graph) {
  egi_resize(graph, m->block, m->block_size, 0);
}

// Whether a ground term of the query is new, or in another class.
static bool grounds_changed(const egi_machine *m, const egi_delta *delta) {
  for (size_t i = 0; i < m->query->grounds.nodes.num; ++i)
    if (m->ground_nodes[i] && egi_delta_has(delta, m->ground_nodes[i]))
      return true;
  return false;
}

void egi_machine_restrict(egi_machine *m, const egi_delta *delta) {
  size_t num = m->query->atoms.num;
  for (size_t i = 0; i < num; ++i)
    if (m->query->atoms.data[i].op == EGI_ANY)
      return;
  if (num > 0 && num <= 64 && !delta->full && !m->impossible &&
      !grounds_changed(m, delta))
    m->delta = delta;
}

//===-- Choosing what to try ----------------------------------------------===//

uint32_t egi_lower_bound(const eg_graph *graph, const uint32_t *members,
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

// The node that the children determine, all of them being bound.
static uint32_t lookup_atom(egi_machine *m, const egi_atom *atom) {
  const uint32_t *slots = m->query->children.data + atom->first;
  uint32_t start = atom->payload != 0;
  m->key[0] = atom->payload;
  for (uint32_t k = 0; k < atom->num; ++k)
    m->key[start + k] = m->regs[slots[k]];
  uint32_t num = atom->num + start;
  uint32_t node = egi_table_find(m->graph, egi_hash(atom->op, m->key, num),
                                 atom->op, m->key, num);
  return egi_is_subsumed(m->graph, node) ? 0 : node;
}

enum {
  FEW = 8, // members that are not worth looking for a shorter list
  UP = 4,  // climbing from a node costs this many times as much as descending
};

// Fills |frame| with the cheapest way to try an atom; the number of nodes that
// it will look at, at most UINT32_MAX. 0: the atom has no node.
static uint32_t approach(egi_machine *m, const egi_atom *atom,
                         egi_frame *frame) {
  const eg_graph *graph = m->graph;
  if (atom->op == EGI_ANY) {
    *frame = (egi_frame){.atom = frame->atom, .one = m->bound[atom->home]};
    return frame->one || graph->num_classes > UINT32_MAX
               ? 1
               : (uint32_t)graph->num_classes;
  }
  const uint32_t *slots = m->query->children.data + atom->first;
  uint32_t cost = UINT32_MAX, num_bound = 0, num;
  if (m->bound[atom->home]) {
    uint32_t id = m->regs[atom->home];
    if (!(graph->classes.data[id].meta & egi_op_bit(atom->op)))
      return 0;
    frame->list = egi_members(graph, id, &cost);
    frame->num = cost;
    frame->sorted = true;
    if (cost <= FEW)
      return cost;
  }
  for (uint32_t k = 0; k < atom->num; ++k)
    if (m->bound[slots[k]]) {
      ++num_bound;
      const uint32_t *list = egi_parents(graph, m->regs[slots[k]], &num);
      if (num >= cost)
        continue;
      cost = num;
      frame->list = list;
      frame->num = num;
      frame->sorted = false;
    }
  if (num_bound == atom->num && cost > 1) {
    frame->one = lookup_atom(m, atom);
    frame->list = NULL;
    frame->num = 1;
    frame->sorted = false;
    return frame->one != 0;
  }
  uint32_t all = graph->ops.data[atom->op].num_live;
  if (cost <= all)
    return cost;
  frame->list = NULL;
  frame->num = 0;
  frame->sorted = false;
  return atom->is_root || all > UINT32_MAX / UP ? all : UP * all;
}

// Pushes a frame for the new nodes of the next atom that has some; false at the
// end.
static bool descend_new(egi_machine *m) {
  const egi_query *q = m->query;
  for (; m->first < q->atoms.num; ++m->first) {
    uint16_t op = q->atoms.data[m->first].op;
    const uint32_t *starts = m->delta->starts.data + op;
    if (starts[0] == starts[1])
      continue;
    m->frames[0] = (egi_frame){.list = m->delta->nodes.data + starts[0],
                               .num = starts[1] - starts[0],
                               .atom = m->first,
                               .num_bound = m->num_bound};
    m->left &= ~(UINT64_C(1) << m->first);
    m->depth = 1;
    return true;
  }
  return false;
}

// Chooses an atom and pushes its frame; false if some atom has no node. Of many
// atoms the next in order is taken, for the choice would be quadratic.
static bool descend(egi_machine *m) {
  const egi_query *q = m->query;
  egi_frame *top = &m->frames[m->depth], frame = {0};
  uint32_t best = UINT32_MAX;
  if (q->atoms.num > 64) {
    frame.atom = m->depth;
    best = approach(m, &q->atoms.data[m->depth], &frame);
    *top = frame;
  }
  for (uint64_t left = q->atoms.num > 64 ? 0 : m->left; left && best;
       left &= left - 1) {
    frame.atom = 0;
    while (!(left >> frame.atom & 1))
      ++frame.atom;
    uint32_t cost = approach(m, &q->atoms.data[frame.atom], &frame);
    if (cost < best) {
      best = cost;
      *top = frame;
    }
  }
  if (best == 0)
    return false;
  const egi_atom *atom = &q->atoms.data[top->atom];
  top->num_bound = m->num_bound;
  top->next = 0;
  if (top->sorted)
    top->next = egi_lower_bound(m->graph, top->list, top->num, atom->op);
  else if (!top->list && top->num)
    top->list = &top->one;
  else if (!top->list && atom->op != EGI_ANY)
    top->page = m->graph->ops.data[atom->op].first_page;
  m->left &= ~(UINT64_C(1) << (top->atom & 63));
  ++m->depth;
  return true;
}

//===-- Trying nodes ------------------------------------------------------===//

// Binds the slots of an atom to |node|, which is of its operator.
static inline bool load(egi_machine *m, const egi_atom *atom, uint32_t node) {
  uint32_t num, start = atom->payload != 0;
  const uint32_t *key = egi_key(m->graph, node, &num);
  const uint32_t *slots = m->query->children.data + atom->first;
  ++m->searched;
  if (num != atom->num + start || (start && key[0] != atom->payload))
    return false;
  for (uint32_t k = 0; k < atom->num; ++k)
    if (!bind(m, slots[k], key[start + k]))
      return false;
  return bind(m, atom->home, egi_record(m->graph, node)[0]);
}

// Counts a step; false, and the machine pauses, when there are none left.
static inline bool may_step(egi_machine *m) {
  m->paused = m->steps >= m->pause_at;
  ++m->steps;
  return !m->paused;
}

// Whether a node may stand for an atom at all: it is in use, and matches that
// hold new nodes are found from the first atom that does.
static inline bool may_try(const egi_machine *m, uint32_t atom, uint32_t node) {
  if (egi_is_subsumed(m->graph, node))
    return false;
  return !m->delta || atom >= m->first || !egi_delta_has(m->delta, node);
}

static bool advance_list(egi_machine *m, egi_frame *frame,
                         const egi_atom *atom) {
  while (frame->next < frame->num && may_step(m)) {
    uint32_t node = frame->list[frame->next++];
    if (egi_op_of(m->graph, node) != atom->op) {
      if (frame->sorted)
        return false;
      continue;
    }
    frame->node = node;
    if (may_try(m, frame->atom, node) && load(m, atom, node))
      return true;
    rewind_to(m, frame->num_bound);
  }
  return false;
}

static uint32_t next_page(egi_machine *m, const egi_frame *frame) {
  if (frame == m->frames && --m->pages_left == 0)
    return 0;
  return m->graph->pages.data[frame->page].next;
}

// Whether the only atom left has no node in its class: nine candidates in ten
// end here, before anything is compared.
static inline bool is_hopeless(const egi_machine *m) {
  if (m->left == 0 || (m->left & (m->left - 1)) || m->query->atoms.num > 64)
    return false;
  const egi_atom *atom = m->query->atoms.data;
  for (uint64_t left = m->left; !(left & 1); left >>= 1)
    ++atom;
  return atom->op != EGI_ANY && m->bound[atom->home] &&
         !(m->graph->classes.data[m->regs[atom->home]].meta &
           egi_op_bit(atom->op));
}

enum { AHEAD = 8 }; // nodes whose children are on their way to the cache

// What stands in the children is asked for next.
static inline void prefetch_children(const egi_machine *m,
                                     const egi_frame *frame, uint32_t used) {
  const egi_page *page = &m->graph->pages.data[frame->page];
  if (m->query->atoms.num < 2 || page->wide || frame->next + AHEAD >= used)
    return;
  const uint32_t *record = m->graph->words.data + page->first +
                           (size_t)(frame->next + AHEAD) * page->stride;
  for (uint32_t k = 1; k < page->stride; ++k)
    if (record[k] < m->graph->classes.num)
      EGI_PREFETCH(&m->graph->classes.data[record[k]]);
}

static bool advance_pages(egi_machine *m, egi_frame *frame,
                          const egi_atom *atom) {
  const eg_graph *graph = m->graph;
  for (; frame->page; frame->page = next_page(m, frame)) {
    uint32_t used = graph->pages.data[frame->page].used;
    while (frame->next < used) {
      if (!may_step(m))
        return false;
      uint32_t node = frame->page << EGI_PAGE_BITS | frame->next++;
      if (!egi_is_live(graph, node) || !may_try(m, frame->atom, node))
        continue;
      frame->node = node;
      prefetch_children(m, frame, used);
      if (load(m, atom, node) && !is_hopeless(m))
        return true;
      rewind_to(m, frame->num_bound);
    }
    frame->next = 0;
  }
  return false;
}

// Goes on to the next class of the atom's sort; |one|: it is bound already.
static bool advance_classes(egi_machine *m, egi_frame *frame,
                            const egi_atom *atom) {
  if (frame->one)
    return frame->next++ == 0 &&
           egi_sort_of(m->graph, m->regs[atom->home]) == atom->payload;
  while (frame->next + 1 < m->graph->classes.num && may_step(m)) {
    uint32_t id = ++frame->next;
    if (egi_is_root(m->graph, id) && egi_sort_of(m->graph, id) == atom->payload)
      return ++m->searched, bind(m, atom->home, id);
  }
  return false;
}

// Goes on to the next node of the top frame that fits; pops it if there is none,
// unless the machine pauses.
static bool advance(egi_machine *m) {
  egi_frame *frame = &m->frames[m->depth - 1];
  const egi_atom *atom = &m->query->atoms.data[frame->atom];
  rewind_to(m, frame->num_bound);
  if (atom->op == EGI_ANY ? advance_classes(m, frame, atom)
      : frame->list       ? advance_list(m, frame, atom)
                          : advance_pages(m, frame, atom))
    return true;
  if (m->paused)
    return false;
  m->left |= UINT64_C(1) << (frame->atom & 63);
  --m->depth;
  return false;
}

//===-- Matches -----------------------------------------------------------===//

static bool passes_guards(egi_machine *m) {
  const egi_guards *guards = &m->query->guards;
  for (size_t i = 0; i < guards->guards.num; ++i) {
    const egi_guard *g = &guards->guards.data[i];
    const uint32_t *vars = m->vars;
    uint32_t num = (uint32_t)m->query->vars.names.num;
    if (g->num != UINT32_MAX) {
      num = g->num;
      vars = m->guard_vars;
      for (uint32_t k = 0; k < num; ++k)
        m->guard_vars[k] = m->vars[guards->vars.data[g->first + k]];
    }
    eg_match match = {{m->regs[m->query->root]}, (const eg_class *)vars, num};
    if (!g->condition(g->user, m->graph, &match))
      return false;
  }
  return true;
}

static bool yield(egi_machine *m) {
  const egi_words *var_slots = &m->query->var_slots;
  for (size_t i = 0; i < var_slots->num; ++i)
    m->vars[i] = m->regs[var_slots->data[i]];
  return passes_guards(m);
}

uint32_t egi_machine_node(const egi_machine *m) {
  for (uint32_t i = 0; i < m->depth; ++i)
    if (m->frames[i].atom == 0)
      return m->frames[i].node;
  return m->ground;
}

uint32_t egi_machine_start(egi_machine *m) {
  bool begins = !m->started && !m->impossible && m->query->atoms.num;
  m->started = true;
  if (begins && m->delta)
    descend_new(m);
  else if (begins)
    descend(m);
  return m->depth && !m->frames[0].list ? m->frames[0].page : 0;
}

void egi_machine_cut(egi_machine *m, uint32_t page, uint32_t num) {
  m->frames[0].page = page;
  m->pages_left = num;
}

bool egi_machine_next(egi_machine *m) {
  size_t num_atoms = m->query->atoms.num;
  if (m->impossible || m->yielded)
    return false;
  m->yielded = num_atoms == 0;
  if (m->yielded)
    return ++m->found <= m->most && yield(m);
  egi_machine_start(m);
  while (m->depth) {
    if (!advance(m)) {
      if (m->paused)
        return false;
      if (m->delta && m->depth == 0) {
        ++m->first;
        descend_new(m);
      }
      continue;
    }
    if (m->depth < num_atoms)
      descend(m); // where it cannot, the next node of this atom is tried
    else if (++m->found > m->most)
      break;
    else if (yield(m))
      return true;
  }
  m->depth = 0;
  return false;
}

eg_status eg_rule_search(const eg_rules *rules, uint32_t rule,
                         bool (*visit)(void *user, const eg_match *match),
                         void *user, uint64_t *out_num_matches) {
  eg_graph *graph = rules->graph;
  *out_num_matches = 0;
  if (rule >= rules->rules.num)
    return egi_fail_at(graph, EG_INVALID, 0, "no rule %u", (unsigned)rule);
  EG_TRY(egi_rules_usable(rules));
  return egi_query_visit(graph, &rules->rules.data[rule].query, 0, visit, user,
                         out_num_matches);
}

eg_status egi_query_visit(eg_graph *graph, const egi_query *query,
                          uint32_t root,
                          bool (*visit)(void *user, const eg_match *match),
                          void *user, uint64_t *out_num_matches) {
  *out_num_matches = 0;
  if (!eg_is_clean(graph))
    return egi_fail_at(graph, EG_INVALID, 0, "search before eg_rebuild");
  egi_machine m;
  EG_TRY(egi_machine_init(&m, graph, query, root));
  uint32_t num_vars = (uint32_t)query->vars.names.num;
  bool more = true;
  while (more && egi_machine_next(&m)) {
    ++*out_num_matches;
    eg_match match = {
        {m.regs[query->root]}, (const eg_class *)m.vars, num_vars};
    more = visit(user, &match);
  }
  egi_machine_fini(&m, graph);
  return EG_OK;
}
