// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// eg_push and eg_pop: going back to an earlier graph in time that is
// proportional to what has changed since.
//
// A push notes the sizes of everything that only grows. Below these marks
// nothing is lost without a trace: whoever writes there has saved what it
// overwrites, in a log that a pop reads backwards. Most is not written there:
//
//   nodes      new ones go behind the last slot in use, never into a free slot
//              that is older; a node that dies keeps its slot and its key
//   lists      are never freed; a list that no longer fits is copied, as ever
//   classes    are saved once per level (EGI_SAVED), with the lengths of their
//              lists: what is appended behind the length needs no saving
//   hashcons   its layout is not observable: what was inserted is erased, and
//              what was erased is inserted again, under the key of that time
//
// An entry is its words, then one that holds its kind and their number.
//
//   CLASS  id, record (4), header words of its two lists, rank
//   OP     id, level, num_live, first page, last page, free, slots in use
//   VALUE  class, analysis, bytes
//   LIST   list, its header and entries       REKEYED  node, old key
//   MOVED  node, old class                    BORN, DIED, SUBSUMED  node
//   LINKED node, next node, reason: in the forest of proofs
#include "record.h"

typedef enum entry_kind {
  CLASS,
  OP,
  VALUE,
  LIST,
  REKEYED,
  MOVED,
  BORN,
  DIED,
  SUBSUMED,
  LINKED,
} entry_kind;

enum {
  KIND_BITS = 4,
  SMALL = 2, // words of a BORN entry, which has no reservation of its own
};

//===-- The log -----------------------------------------------------------===//

eg_status egi_undo_make_room(eg_graph *graph, size_t words) {
  return EGI_RESERVE(graph, &graph->undo.log, words + 2 * SMALL);
}

// An entry of |num| words, to be filled in.
static uint32_t *append(eg_graph *graph, entry_kind kind, size_t num) {
  egi_words *log = &graph->undo.log;
  assert(log->cap - log->num > num && num >> (32 - KIND_BITS) == 0);
  uint32_t *words = log->data + log->num;
  words[num] = (uint32_t)num << KIND_BITS | (uint32_t)kind;
  log->num += num + 1;
  return words;
}

static uint32_t header(const eg_graph *graph, uint32_t field, bool is_one) {
  return is_one || !field ? 0 : graph->lists.data[field];
}

eg_status egi_undo_save_class(eg_graph *graph, uint32_t id) {
  EG_TRY(egi_undo_make_room(graph, 9));
  egi_class *c = &graph->classes.data[id];
  uint32_t *words = append(graph, CLASS, 8);
  words[0] = id;
  words[1] = graph->ups[id];
  memcpy(words + 2, c, sizeof *c);
  words[5] = header(graph, c->members, c->meta & EGI_ONE_MEMBER);
  words[6] = header(graph, c->parents, c->meta & EGI_ONE_PARENT);
  words[7] = graph->num_analyses ? graph->ranks.data[id] : 0;
  c->meta |= EGI_SAVED;
  return EG_OK;
}

eg_status egi_undo_save_op(eg_graph *graph, uint32_t id) {
  EG_TRY(egi_undo_make_room(graph, 8));
  egi_op *op = &graph->ops.data[id];
  uint32_t used = op->last_page ? graph->pages.data[op->last_page].used : 0;
  uint32_t *words = append(graph, OP, 7);
  const uint32_t saved[7] = {
      id,       op->level, op->num_live, op->first_page, op->last_page,
      op->free, used};
  memcpy(words, saved, sizeof saved);
  op->level = graph->undo.serial;
  op->free = 0; // these slots are older
  return EG_OK;
}

void egi_undo_born(eg_graph *graph, uint32_t node) {
  append(graph, BORN, 1)[0] = node;
}

void egi_undo_died(eg_graph *graph, uint32_t node) {
  append(graph, DIED, 1)[0] = node;
}

void egi_undo_subsumed(eg_graph *graph, uint32_t node) {
  append(graph, SUBSUMED, 1)[0] = node;
}

void egi_undo_moved(eg_graph *graph, uint32_t node) {
  uint32_t *words = append(graph, MOVED, 2);
  words[0] = node;
  words[1] = egi_record(graph, node)[0];
}

void egi_undo_linked(eg_graph *graph, uint32_t node, uint32_t next,
                     uint32_t reason) {
  uint32_t *words = append(graph, LINKED, 3);
  words[0] = node;
  words[1] = next;
  words[2] = reason;
}

void egi_undo_rekeyed(eg_graph *graph, uint32_t node) {
  uint32_t num;
  const uint32_t *key = egi_key(graph, node, &num);
  uint32_t *words = append(graph, REKEYED, (size_t)num + 1);
  words[0] = node;
  memcpy(words + 1, key, num * 4u);
}

void egi_undo_field(eg_graph *graph, uint32_t id, bool parents) {
  const egi_class *c = &graph->classes.data[id];
  bool is_one = c->meta & (parents ? EGI_ONE_PARENT : EGI_ONE_MEMBER);
  uint32_t list = parents ? c->parents : c->members;
  if (is_one || !list || list >= graph->undo.lists)
    return;
  uint32_t num = egi_list_len(graph, list);
  uint32_t *words = append(graph, LIST, (size_t)num + 2);
  words[0] = list;
  memcpy(words + 1, graph->lists.data + list, ((size_t)num + 1) * 4);
}

void egi_undo_value(eg_graph *graph, uint32_t analysis, uint32_t id,
                    const void *value) {
  size_t size = graph->analyses[analysis].desc.size;
  uint32_t *words = append(graph, VALUE, (size + 3) / 4 + 2);
  words[0] = id;
  words[1] = analysis;
  memcpy(words + 2, value, size);
}

//===-- Going back --------------------------------------------------------===//

static void undo_class(eg_graph *graph, const uint32_t *words) {
  egi_class *c = &graph->classes.data[words[0]];
  graph->ups[words[0]] = words[1];
  memcpy(c, words + 2, sizeof *c);
  if (words[5])
    graph->lists.data[c->members] = words[5];
  if (words[6])
    graph->lists.data[c->parents] = words[6];
  if (graph->num_analyses)
    graph->ranks.data[words[0]] = words[7];
}

static void undo_op(eg_graph *graph, const uint32_t *words) {
  egi_op *op = &graph->ops.data[words[0]];
  op->level = words[1];
  op->num_live = words[2];
  op->first_page = words[3];
  op->last_page = words[4];
  op->free = words[5];
  if (!op->last_page)
    return;
  graph->pages.data[op->last_page].used = words[6];
  graph->pages.data[op->last_page].next = 0;
}

static uint64_t hash_of(const eg_graph *graph, uint32_t node) {
  uint32_t num;
  const uint32_t *key = egi_key(graph, node, &num);
  return egi_hash(egi_op_of(graph, node), key, num);
}

static void set_live(eg_graph *graph, uint32_t node, bool live) {
  uint64_t bit = UINT64_C(1) << (node & 63),
           *word = &graph->live.data[node >> 6];
  *word = live ? *word | bit : *word & ~bit;
  if (live)
    egi_table_insert(graph, hash_of(graph, node), node);
  else
    egi_table_erase(graph, hash_of(graph, node), node);
}

static void undo_key(eg_graph *graph, const uint32_t *words, uint32_t num) {
  uint32_t node = words[0];
  egi_table_erase(graph, hash_of(graph, node), node);
  memcpy(egi_key(graph, node, &(uint32_t){0}), words + 1, (num - 1) * 4u);
  egi_table_insert(graph, hash_of(graph, node), node);
}

static void undo_value(eg_graph *graph, const uint32_t *words) {
  egi_analysis *a = &graph->analyses[words[1]];
  memcpy(a->values + words[0] * a->desc.size, words + 2, a->desc.size);
}

static void undo_entry(eg_graph *graph, entry_kind kind, const uint32_t *words,
                       uint32_t num) {
  switch (kind) {
  case CLASS:
    undo_class(graph, words);
    break;
  case OP:
    undo_op(graph, words);
    break;
  case VALUE:
    undo_value(graph, words);
    break;
  case LIST:
    memcpy(graph->lists.data + words[0], words + 1, (num - 1) * 4u);
    break;
  case REKEYED:
    undo_key(graph, words, num);
    break;
  case MOVED:
    egi_record(graph, words[0])[0] = words[1];
    break;
  case LINKED:
    egi_record_relink(graph, words[0], words[1], words[2]);
    break;
  case BORN:
  case DIED:
    set_live(graph, words[0], kind == DIED);
    break;
  case SUBSUMED:
    egi_subsume_forget(graph, words[0]);
    break;
  }
}

// Takes the nodes of new pages out of the hashcons.
static void drop_pages(eg_graph *graph, size_t first) {
  for (size_t page = first ? first : 1; page < graph->pages.num; ++page)
    for (uint32_t slot = 0; slot < graph->pages.data[page].used; ++slot) {
      uint32_t node = (uint32_t)page << EGI_PAGE_BITS | slot;
      ++graph->undo.work;
      if (egi_is_live(graph, node))
        egi_table_erase(graph, hash_of(graph, node), node);
    }
}

static void undo_log(eg_graph *graph, size_t start) {
  egi_words *log = &graph->undo.log;
  graph->undo.work += log->num - start;
  while (log->num > start) {
    uint32_t last = log->data[log->num - 1], num = last >> KIND_BITS;
    log->num -= (size_t)num + 1;
    undo_entry(graph, (entry_kind)(last & ((1u << KIND_BITS) - 1)),
               log->data + log->num, num);
  }
}

static void truncate(eg_graph *graph, const egi_level *level) {
  graph->pages.num = level->pages;
  graph->words.num = level->words;
  graph->live.num = graph->mark.num = 4 * level->pages;
  graph->classes.num = level->classes;
  graph->lists.num = level->lists;
  graph->num_nodes = level->num_nodes;
  graph->num_classes = level->num_classes;
  memcpy(graph->shelves, level->shelves, sizeof graph->shelves);
  graph->undo.work += graph->ops.num - level->ops + graph->sorts.num -
                      level->sorts + graph->payloads.num - level->payloads;
  egi_ops_truncate(graph, (uint32_t)level->ops);
  egi_sorts_truncate(graph, level->sorts);
  egi_payloads_truncate(graph, level->payloads);
  if (graph->proofs)
    egi_record_truncate(graph, level->facts, level->wide_origins,
                        level->causes);
}

// A push takes a clean graph, so nothing was queued then.
static void clear_queues(eg_graph *graph) {
  graph->losers.num = graph->losers_head = graph->losers_pos = 0;
  graph->analysis_queue.num = graph->analysis_now = 0;
  graph->unions.num = graph->dirty.num = graph->dead.num = 0;
  graph->ranks_exact = false;
  graph->num_raises = 0;
}

//===-- Levels ------------------------------------------------------------===//

static void set_marks(eg_graph *graph) {
  egi_undo *u = &graph->undo;
  const egi_level *top = u->levels.data + u->levels.num - 1;
  if (u->levels.num == 0) {
    u->pages = u->classes = u->lists = u->serial = 0;
    return;
  }
  u->pages = (uint32_t)top->pages;
  u->classes = (uint32_t)top->classes;
  u->lists = (uint32_t)top->lists;
  u->serial = top->serial;
}

// What the level so far has saved, a new one saves again. Each entry of the log
// is looked at once, by whichever push is the first after it.
static void clear_saved(eg_graph *graph) {
  egi_undo *u = &graph->undo;
  for (size_t at = u->log.num; at > u->unmarked;) {
    uint32_t last = u->log.data[at - 1];
    at -= (size_t)(last >> KIND_BITS) + 1;
    if ((last & ((1u << KIND_BITS) - 1)) == CLASS)
      graph->classes.data[u->log.data[at]].meta &= ~(uint32_t)EGI_SAVED;
  }
  u->unmarked = u->log.num;
}

static eg_status check_busy(eg_graph *graph, const char *what) {
  if (!graph->undo.busy)
    return EG_OK;
  return egi_fail_at(graph, EG_INVALID, 0, "%s during a run or a rebuild",
                     what);
}

eg_status eg_push(eg_graph *graph) {
  egi_undo *u = &graph->undo;
  EG_TRY(check_busy(graph, "eg_push"));
  if (!eg_is_clean(graph))
    return egi_fail_at(graph, EG_INVALID, 0, "push before eg_rebuild");
  if (u->last_serial == UINT32_MAX)
    return egi_fail_at(graph, EG_LIMIT, 0, "more than 2^32 pushes");
  EG_TRY(EGI_RESERVE(graph, &u->levels, 1));
  clear_saved(graph);
  egi_level *level = &u->levels.data[u->levels.num++];
  *level = (egi_level){.log = u->log.num,
                       .pages = graph->pages.num,
                       .words = graph->words.num,
                       .classes = graph->classes.num,
                       .lists = graph->lists.num,
                       .payloads = graph->payloads.num,
                       .ops = graph->ops.num,
                       .sorts = graph->sorts.num,
                       .num_nodes = graph->num_nodes,
                       .num_classes = graph->num_classes,
                       .serial = ++u->last_serial};
  if (graph->proofs) {
    level->facts = graph->proofs->facts.num;
    level->wide_origins = graph->proofs->wide.num;
    level->causes = graph->proofs->causes.num;
  }
  egi_lists_push(graph, level->shelves);
  set_marks(graph);
  return EG_OK;
}

eg_status eg_pop(eg_graph *graph) {
  egi_undo *u = &graph->undo;
  EG_TRY(check_busy(graph, "eg_pop"));
  if (u->levels.num == 0)
    return egi_fail_at(graph, EG_INVALID, 0, "eg_pop without an eg_push");
  const egi_level *level = &u->levels.data[u->levels.num - 1];
  clear_queues(graph);
  egi_changes_forget(graph);
  drop_pages(graph, level->pages);
  undo_log(graph, level->log);
  truncate(graph, level);
  --u->levels.num;
  u->unmarked = u->log.num;
  set_marks(graph);
  if (u->levels.num == 0) {
    EGI_RELEASE(graph, &u->log);
    EGI_RELEASE(graph, &u->levels);
    u->unmarked = 0;
  }
  return EG_OK;
}

uint32_t eg_depth(const eg_graph *graph) {
  return (uint32_t)graph->undo.levels.num;
}

eg_status egi_undo_need_open(eg_graph *graph, uint32_t serial,
                             const char *what) {
  const egi_undo *u = &graph->undo;
  bool open = serial == 0;
  for (size_t i = u->levels.num; !open && i--;)
    open = u->levels.data[i].serial == serial;
  if (open)
    return EG_OK;
  return egi_fail_at(graph, EG_INVALID, 0,
                     "%s made after an eg_push that was popped", what);
}
