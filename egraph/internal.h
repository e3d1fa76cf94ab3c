// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files of egraph/ share with each other and with nobody else.
//
// The layout, from the outside in:
//
//   node id = page << 8 | slot          a page holds 256 nodes of ONE operator
//
//   pages[page]  {first, next, op, ..}  so the operator of a node is known from
//                                       a table that stays in the first cache
//   words[first + slot * stride]        the record: class, then the key words
//        +-------+-------+-------+
//        | class | word0 | word1 |      12 bytes for a binary node
//        +-------+-------+-------+      (payload first, then the children)
//     a key of more than 3 words (or a variadic one) lives in a list instead,
//     and the record is {class, list}
//
//   classes[id]  {uf, members, parents, meta}   16 bytes; an empty list is 0,
//                                       a single entry stands in the field
//   lists[o]     {size class << 26 | length, entries…}   lists of node ids
//
//   groups[i]    64 bytes: 12 tags, an overflow count, 12 node ids: the
//   hashcons
#ifndef EG_INTERNAL_H
#define EG_INTERNAL_H

#include "eg.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#define EG_TRY(expr)                                                           \
  do {                                                                         \
    eg_status try_status = (expr);                                             \
    if (try_status != EG_OK)                                                   \
      return try_status;                                                       \
  } while (0)

//===-- Arrays (array.c) --------------------------------------------------===//

// A growing array; |num| of |cap| entries are in use. Zero is empty.
#define EGI_ARRAY(type)                                                        \
  struct {                                                                     \
    type *data;                                                                \
    size_t num, cap;                                                           \
  }

typedef EGI_ARRAY(uint32_t) egi_words;
typedef EGI_ARRAY(char) egi_chars;

// Copies words, mostly few of them: a call of memcpy would cost more.
static inline void egi_copy(uint32_t *into, const uint32_t *from, size_t num) {
  if (num > 8)
    memcpy(into, from, num * sizeof *into);
  else
    for (size_t i = 0; i < num; ++i)
      into[i] = from[i];
}

static inline bool egi_same_words(const uint32_t *a, const uint32_t *b,
                                  uint32_t num) {
  for (uint32_t i = 0; i < num; ++i)
    if (a[i] != b[i])
      return false;
  return true;
}

static inline bool egi_has_word(const uint32_t *words, uint32_t num,
                                uint32_t word) {
  for (uint32_t i = 0; i < num; ++i)
    if (words[i] == word)
      return true;
  return false;
}

// Makes room for |extra| more entries of |size| bytes; grows by half. |array|
// is a pointer to any EGI_ARRAY. O(1) amortised. Where there is room already,
// EGI_RESERVE costs one comparison; it may evaluate its arguments twice.
EG_NODISCARD
eg_status egi_reserve(eg_graph *graph, void *array, size_t extra, size_t size);
void egi_release(eg_graph *graph, void *array, size_t size);

#define EGI_RESERVE(graph, array, extra)                                       \
  ((extra) <= (array)->cap - (array)->num                                      \
       ? EG_OK                                                                 \
       : egi_reserve((graph), (array), (extra), sizeof *(array)->data))
#define EGI_RELEASE(graph, array)                                              \
  egi_release((graph), (array), sizeof *(array)->data)

// The shortest decimal that reads back as the same number (print.c).
enum { EGI_REAL_SIZE = 40 };
void egi_spell_real(double value, char text[EGI_REAL_SIZE]);

// The allocator, with the graph's byte count kept. NULL on failure.
void *egi_resize(eg_graph *graph, void *block, size_t old_size,
                 size_t new_size);

//===-- The graph ---------------------------------------------------------===//

// What two threads write must not share a line of the cache, nor the pair of
// lines that is fetched together.
enum { EGI_APART = 128 };

enum {
  EGI_PAGE_BITS = 8,
  EGI_PAGE_SLOTS = 1 << EGI_PAGE_BITS,
  EGI_MAX_INLINE = 3, // key words that stand in the record
  EGI_BLOCK = 64,     // matches and nodes handled between prefetches
  EGI_BATCH = 4096,   // matches applied at once
  EGI_SHARD_BITS = 3,
  EGI_SHARDS = 1 << EGI_SHARD_BITS, // parts of the hashcons and of the classes
  EGI_LEN_BITS = 26,                // length bits of a list header
  EGI_GROUP_SLOTS = 12,             // of a hashcons group
};

typedef struct egi_page {
  uint32_t first; // index of slot 0 in words[]
  uint32_t next;  // next page of the same operator, 0 at the end
  uint16_t op;
  uint8_t stride; // words of a record
  uint8_t wide;   // the key is in a list
  uint32_t used;  // slots ever handed out; live[] says which are in use
} egi_page;

typedef struct egi_op {
  char *name;
  eg_sort *children; // as eg_op_desc.children
  uint32_t num_children;
  uint32_t num_leading;
  uint32_t key_words; // payload + children; EG_VARIADIC when variadic
  uint32_t num_live;
  uint32_t first_page, last_page; // 0 = none
  uint32_t free;                  // a slot to reuse, chained through its class
  uint32_t level;                 // serial of the level that has saved it last
  eg_sort result;
  bool has_payload, is_literal, wide;
} egi_op;

typedef struct egi_class {
  uint32_t members; // list, or the only member
  uint32_t parents; // list, or the only parent
  uint32_t meta;
} egi_class;

enum {
  EGI_ONE_MEMBER = 1u << 0, // |members| is a node id, not a list
  EGI_ONE_PARENT = 1u << 1,
  EGI_DIRTY = 1u << 2,         // is in graph->dirty
  EGI_DIRTY_MEMBERS = 1u << 3, // unsorted, or holds dead nodes
  EGI_DIRTY_PARENTS = 1u << 4, // holds dead nodes or repeats
  EGI_QUEUED = 1u << 5,        // is in graph->analysis_queue
  EGI_LOST_VALUE = 1u << 6,    // of a loser: its parents see another value now
  EGI_SAVED = 1u << 7,         // the innermost level knows the record as it was
  EGI_SORT_SHIFT = 8,
  EGI_OPS_SHIFT = 16, // 16 bits: a superset of the operators of the members
};

typedef struct egi_group {
  uint8_t tags[EGI_GROUP_SLOTS]; // 0 = empty
  uint32_t overflow; // keys that wanted this group and live further on
  uint32_t nodes[EGI_GROUP_SLOTS];
} egi_group;

typedef struct egi_table {
  void *block; // what the allocator gave; groups are aligned inside it
  egi_group *groups;
  size_t block_size;
  uint32_t num_groups;
  uint32_t num;      // == live nodes of a clean graph
  uint64_t foreseen; // nodes there will soon be, 0 = who knows
} egi_table;

typedef struct egi_pair {
  uint32_t a, b;
} egi_pair;

// Two congruent nodes, and their classes, or what these were merged into.
typedef struct egi_congruence {
  egi_pair nodes, classes;
} egi_congruence;

typedef struct egi_analysis {
  eg_analysis desc;
  char *name;
  unsigned char *values; // desc.size bytes for each of classes.cap ids
  size_t cap;
} egi_analysis;

enum {
  EGI_NUM_SIZES = 52,
  EGI_ROOM = 63, // instead of a size class: room that a pop will use again
};

// Lists of the classes of one shard, and room for more: of [at, end).
typedef struct egi_shelf {
  uint32_t free_lists[EGI_NUM_SIZES];
  uint32_t at, end;
  uint32_t apart[EGI_APART / sizeof(uint32_t)];
} egi_shelf;

// What eg_push notes: the sizes of all that only grows, and where its entries
// of the log begin.
typedef struct egi_level {
  size_t log, pages, words, classes, lists, payloads, ops, sorts;
  size_t facts, wide_origins, causes; // of proofs
  uint64_t num_nodes, num_classes;
  egi_shelf shelves[EGI_SHARDS];
  uint32_t serial;
} egi_level;

// undo.c. What is older than the innermost level lies below its marks; without
// a level they are 0, so that nothing does.
typedef struct egi_undo {
  uint32_t pages, classes, lists; // the marks
  uint32_t serial;                // of the innermost level, 0 = none is open
  uint32_t last_serial;
  bool busy;       // a run or a rebuild is going on
  egi_words log;   // what the writes below the marks have overwritten
  size_t unmarked; // no class saved before here has EGI_SAVED
  EGI_ARRAY(egi_level) levels;
  uint64_t work; // words of the log and nodes that pops have gone through
} egi_undo;

typedef struct egi_proofs egi_proofs;

// What has changed since searches ask only for news (changes.c). An epoch is a
// clean graph that a round began with: how long the logs were then.
typedef struct egi_changes {
  bool on;
  uint32_t generation; // counts how often the logs were forgotten
  egi_words nodes;     // made, given another key, or moved to another class
  egi_words classes;   // given a member or another value
  EGI_ARRAY(egi_pair) epochs;
} egi_changes;

struct eg_graph {
  eg_allocator allocator;
  size_t bytes, peak_bytes;
  // While the threads of a pool work, the three above are behind this lock.
  bool is_shared;
  atomic_flag lock;
  eg_error error;

  // Registry (registry.c).
  EGI_ARRAY(egi_op) ops;
  EGI_ARRAY(char *) sorts;
  egi_words op_names; // open addressing: op id + 1
  uint32_t *payload_table;
  uint32_t payload_slots;
  EGI_ARRAY(struct egi_payload *) payloads; // [0] unused

  // Nodes (graph.c, hashcons.c).
  EGI_ARRAY(egi_page) pages; // [0] unused
  egi_words words;
  EGI_ARRAY(uint64_t) live; // 4 words per page
  EGI_ARRAY(uint64_t)
  mark; // scratch bits of the same shape, clear between uses
  egi_table table;
  egi_changes changes;
  EGI_ARRAY(uint64_t) subsumed; // bits; what lies behind the end is 0
  uint64_t num_nodes;

  // Classes (graph.c, list.c).
  EGI_ARRAY(egi_class) classes; // [0] unused
  uint32_t *ups; // of classes.cap ids: what it was merged into; a root itself
  size_t ups_cap;
  uint64_t num_classes;
  egi_words lists; // [0] unused
  egi_shelf shelves[EGI_SHARDS];

  // Work for the next rebuild (rebuild.c).
  egi_words losers;                 // merged classes whose parents are stale
  size_t losers_head;               // done up to here
  size_t losers_pos;                // and so far into the list of that one
  EGI_ARRAY(egi_congruence) unions; // whose classes are to be merged
  egi_words dirty;                  // classes with EGI_DIRTY
  egi_words dead;                   // congruent nodes, dropped at the end
  bool adopted_again;  // after a failure: lists of parents may have repeats
  const eg_pool *pool; // of the run at hand; NULL = none
  struct egi_sharing *sharing; // what its threads share; NULL = nothing yet
  // Classes whose value changed: a heap of (rank, class), and the one at hand.
  EGI_ARRAY(egi_pair) analysis_queue;
  uint32_t analysis_now;
  egi_words ranks; // by class, with an analysis: above those of its children
  uint32_t num_raises; // ranks found too low in this rebuild
  bool ranks_exact;    // computed anew in this rebuild

  egi_undo undo;      // undo.c
  egi_proofs *proofs; // record.c; NULL = off

  egi_analysis analyses[EG_MAX_ANALYSES];
  uint32_t num_analyses;
  egi_words key_scratch;        // a canonical key under construction
  unsigned char *value_scratch; // egi_made and egi_saved of each analysis
  size_t value_scratch_size;
};

typedef struct egi_payload {
  uint64_t size, hash;
  unsigned char bytes[]; // and a zero
} egi_payload;

// The sort that child |i| of an operator must have.
static inline uint8_t egi_child_sort(const egi_op *op, uint32_t i) {
  if (op->num_children == EG_VARIADIC && i > op->num_leading)
    i = op->num_leading;
  return op->children ? op->children[i].id : 0;
}

// Whether some node's key stands in a list. O(operators).
static inline bool egi_has_wide(const eg_graph *graph) {
  for (size_t i = 0; i < graph->ops.num; ++i)
    if (graph->ops.data[i].wide && graph->ops.data[i].num_live)
      return true;
  return false;
}

// Whether a pool, which may be NULL, has more threads than the caller's.
static inline bool egi_has_threads(const eg_pool *pool) {
  return pool && pool->num_threads > 1;
}

// Fails with |status| and a formatted message at line |line| (0 = none).
eg_status egi_fail_at(eg_graph *graph, eg_status status, uint32_t line,
                      const char *format, ...)
    __attribute__((format(printf, 4, 5)));

//===-- Changes (changes.c) -----------------------------------------------===//

// Notes a node or a class. Never fails: where there is no memory, or more has
// changed than is worth noting, everything is forgotten, and searches are full.
void egi_changes_add(eg_graph *graph, egi_words *log, uint32_t id);
void egi_changes_forget(eg_graph *graph);
void egi_changes_free(eg_graph *graph);

static inline void egi_note_node(eg_graph *graph, uint32_t node) {
  if (graph->changes.on)
    egi_changes_add(graph, &graph->changes.nodes, node);
}

static inline void egi_note_class(eg_graph *graph, uint32_t id) {
  if (graph->changes.on)
    egi_changes_add(graph, &graph->changes.classes, id);
}

//===-- Subsumption (subsume.c) -------------------------------------------===//

// Of two congruent nodes |node| dies: what was said of it holds of |other|.
EG_NODISCARD
eg_status egi_subsume_congruent(eg_graph *graph, uint32_t node, uint32_t other);

// A slot is handed out again.
void egi_subsume_forget(eg_graph *graph, uint32_t node);

//===-- Small accessors ---------------------------------------------------===//

static inline const egi_page *egi_page_of(const eg_graph *graph,
                                          uint32_t node) {
  return &graph->pages.data[node >> EGI_PAGE_BITS];
}

static inline uint32_t *egi_record(const eg_graph *graph, uint32_t node) {
  const egi_page *page = egi_page_of(graph, node);
  return graph->words.data + page->first +
         (size_t)(node & (EGI_PAGE_SLOTS - 1)) * page->stride;
}

static inline uint16_t egi_op_of(const eg_graph *graph, uint32_t node) {
  return egi_page_of(graph, node)->op;
}

static inline uint32_t egi_list_len(const eg_graph *graph, uint32_t list) {
  return graph->lists.data[list] & ((1u << EGI_LEN_BITS) - 1);
}

// The key of a node: payload, if any, then the children.
static inline uint32_t *egi_key(const eg_graph *graph, uint32_t node,
                                uint32_t *out_num) {
  const egi_page *page = egi_page_of(graph, node);
  uint32_t *record = graph->words.data + page->first +
                     (size_t)(node & (EGI_PAGE_SLOTS - 1)) * page->stride;
  if (!page->wide) {
    *out_num = page->stride - 1u;
    return record + 1;
  }
  *out_num = egi_list_len(graph, record[1]);
  return graph->lists.data + record[1] + 1;
}

static inline bool egi_is_live(const eg_graph *graph, uint32_t node) {
  return graph->live.data[node >> 6] >> (node & 63) & 1;
}

static inline bool egi_is_subsumed(const eg_graph *graph, uint32_t node) {
  return node >> 6 < graph->subsumed.num &&
         graph->subsumed.data[node >> 6] >> (node & 63) & 1;
}

static inline bool egi_is_root(const eg_graph *graph, uint32_t id) {
  return graph->ups[id] == id;
}

static inline uint32_t egi_find(const eg_graph *graph, uint32_t id) {
  const uint32_t *ups = graph->ups;
  while (ups[id] != id)
    id = ups[id];
  return id;
}

// As egi_find, and halves the path behind it, where a pop will not want it.
static inline uint32_t egi_find_halving(eg_graph *graph, uint32_t id) {
  uint32_t *ups = graph->ups;
  while (ups[id] != id) {
    uint32_t up = ups[ups[id]];
    if (id >= graph->undo.classes || (graph->classes.data[id].meta & EGI_SAVED))
      ups[id] = up;
    id = up;
  }
  return id;
}

static inline uint32_t egi_op_bit(uint32_t op) {
  return 1u << (EGI_OPS_SHIFT + (op & 15));
}

// Class |id| becomes that of its first node.
static inline void egi_class_found(eg_graph *graph, uint32_t id, uint32_t node,
                                   uint32_t op) {
  uint32_t sort = graph->ops.data[op].result.id;
  graph->ups[id] = id;
  graph->classes.data[id] = (egi_class){
      node, 0, EGI_ONE_MEMBER | sort << EGI_SORT_SHIFT | egi_op_bit(op)};
}

static inline uint8_t egi_sort_of(const eg_graph *graph, uint32_t id) {
  return (uint8_t)(graph->classes.data[id].meta >> EGI_SORT_SHIFT);
}

static inline bool egi_is_class(const eg_graph *graph, uint32_t id) {
  return id != 0 && id < graph->classes.num;
}

// GCC takes a function that does nothing but prefetch for one without effect and
// drops its calls; the empty assembly is an effect.
#if defined(__GNUC__)
#define EGI_PREFETCH(address)                                                  \
  do {                                                                         \
    __builtin_prefetch(address);                                               \
    __asm__ volatile("");                                                      \
  } while (0)
#else
#define EGI_PREFETCH(address) ((void)(address))
#endif

// Asks for what is known of a class.
static inline void egi_prefetch_class(const eg_graph *graph, uint32_t id) {
  EGI_PREFETCH(&graph->ups[id]);
  EGI_PREFETCH(&graph->classes.data[id]);
}

//===-- Lists (list.c) ----------------------------------------------------===//

// Words of size class |s|: 4·2^(s/2), half as much again when s is odd.
static inline uint32_t egi_list_words(uint32_t s) {
  return (4u + 2u * (s & 1)) << (s >> 1);
}

// The shard of a class.
static inline uint32_t egi_shard_of(uint32_t id) {
  return id >> 8 & (EGI_SHARDS - 1);
}

// A list of words with a length and a capacity from a geometric row of sizes, of
// the classes of |shard|.
EG_NODISCARD
eg_status egi_list_create(eg_graph *graph, uint32_t shard, uint32_t len,
                          uint32_t *out_list);
void egi_list_free(eg_graph *graph, uint32_t shard, uint32_t list);
// Makes sure that the next egi_list_create cannot fail.
EG_NODISCARD
eg_status egi_list_reserve(eg_graph *graph, uint32_t shard, uint32_t len);
// Room for |words| words of lists on each shelf; |words| is even.
EG_NODISCARD
eg_status egi_lists_stock(eg_graph *graph, uint32_t words);
// Words that the arena grows by, at most, where lists of |words| are made.
size_t egi_lists_growth(size_t words);

// Whether a shelf has a list of size class |s|, or room for one. What is left of
// the room then is nothing, or as much as the smallest list.
static inline bool egi_shelf_has(const egi_shelf *shelf, uint32_t s) {
  uint32_t words = egi_list_words(s), room = shelf->end - shelf->at;
  return shelf->free_lists[s] || room == words ||
         room >= words + egi_list_words(0);
}

// Takes that list; 0: there is none.
static inline uint32_t egi_shelf_take(eg_graph *graph, egi_shelf *shelf,
                                      uint32_t s, uint32_t len) {
  uint32_t list = shelf->free_lists[s];
  if (!egi_shelf_has(shelf, s))
    return 0;
  if (list) {
    shelf->free_lists[s] = graph->lists.data[list + 1];
  } else {
    list = shelf->at;
    shelf->at += egi_list_words(s);
  }
  graph->lists.data[list] = s << EGI_LEN_BITS | len;
  return list;
}

static inline void egi_shelf_put(eg_graph *graph, egi_shelf *shelf,
                                 uint32_t list, uint32_t s) {
  graph->lists.data[list] = s << EGI_LEN_BITS;
  graph->lists.data[list + 1] = shelf->free_lists[s];
  shelf->free_lists[s] = list;
}

// Notes the shelves for a pop, and empties them.
void egi_lists_push(eg_graph *graph, egi_shelf *out_shelves);
// The number of lists in use, from a walk over the arena and the free lists;
// false when they do not tile the arena.
bool egi_lists_count(const eg_graph *graph, uint64_t *out_used);

// The list in a class's field (members or parents): entries and their number.
static inline const uint32_t *egi_field(const eg_graph *graph,
                                        const uint32_t *field, bool is_one,
                                        uint32_t *out_num) {
  uint32_t list = *field; // the empty list is 0, and may have no arena yet
  *out_num = is_one ? 1 : list ? egi_list_len(graph, list) : 0;
  return is_one ? field : list ? graph->lists.data + list + 1 : NULL;
}
static inline const uint32_t *egi_members(const eg_graph *graph, uint32_t id,
                                          uint32_t *out_num) {
  const egi_class *c = &graph->classes.data[id];
  return egi_field(graph, &c->members, c->meta & EGI_ONE_MEMBER, out_num);
}
static inline const uint32_t *egi_parents(const eg_graph *graph, uint32_t id,
                                          uint32_t *out_num) {
  const egi_class *c = &graph->classes.data[id];
  return egi_field(graph, &c->parents, c->meta & EGI_ONE_PARENT, out_num);
}

// Asks for the head of the list in a class's field; and, once that has come,
// for its end, where an append will write.
static inline void egi_prefetch_list(const eg_graph *graph, uint32_t id,
                                     bool parents) {
  const egi_class *c = &graph->classes.data[id];
  if (!(c->meta & (parents ? EGI_ONE_PARENT : EGI_ONE_MEMBER)))
    EGI_PREFETCH(&graph->lists.data[parents ? c->parents : c->members]);
}
static inline void egi_prefetch_list_end(const eg_graph *graph, uint32_t id,
                                         bool parents) {
  const egi_class *c = &graph->classes.data[id];
  if (c->meta & (parents ? EGI_ONE_PARENT : EGI_ONE_MEMBER))
    return;
  uint32_t list = parents ? c->parents : c->members;
  if (list)
    EGI_PREFETCH(&graph->lists.data[list + egi_list_len(graph, list)]);
}

// The first member with an operator >= |op|, of the sorted members of a class
// (match.c). O(log num).
uint32_t egi_lower_bound(const eg_graph *graph, const uint32_t *members,
                         uint32_t num, uint16_t op);

// Appends |num| entries to the members or the parents of a class. Entries that
// lie in the lists array need room reserved there, so that it does not move.
EG_NODISCARD
eg_status egi_field_append(eg_graph *graph, uint32_t id, bool parents,
                           const uint32_t *entries, uint32_t num);
// As egi_field_append for one entry, where neither the arena grows nor a pop
// wants the class as it was; else false, and nothing is done. Writes to the class
// and to lists of its shard alone.
static inline bool egi_field_try_push(eg_graph *graph, uint32_t id,
                                      bool parents, uint32_t entry) {
  egi_class *c = &graph->classes.data[id];
  egi_shelf *shelf = &graph->shelves[egi_shard_of(id)];
  uint32_t one = parents ? EGI_ONE_PARENT : EGI_ONE_MEMBER;
  uint32_t *field = parents ? &c->parents : &c->members;
  if (id < graph->undo.classes && !(c->meta & EGI_SAVED))
    return false;
  if (c->meta & one) {
    uint32_t list = egi_shelf_take(graph, shelf, 0, 2);
    if (!list)
      return false;
    graph->lists.data[list + 1] = *field;
    graph->lists.data[list + 2] = entry;
    *field = list;
    c->meta &= ~one;
    return true;
  }
  if (!*field) {
    *field = entry;
    c->meta |= one;
    return true;
  }
  uint32_t *list = graph->lists.data + *field, s = *list >> EGI_LEN_BITS;
  uint32_t len = egi_list_len(graph, *field);
  if (egi_list_words(s) > len + 1) {
    list[1 + len] = entry;
    ++*list;
    return true;
  }
  uint32_t longer = (len + 1) >> EGI_LEN_BITS == 0
                        ? egi_shelf_take(graph, shelf, s + 1, len + 1)
                        : 0;
  if (!longer)
    return false;
  uint32_t *into = graph->lists.data + longer + 1;
  egi_copy(into, list + 1, len);
  into[len] = entry;
  if (*field >= graph->undo.lists)
    egi_shelf_put(graph, shelf, *field, s);
  *field = longer;
  return true;
}
// As egi_field_append for one entry.
EG_NODISCARD
static inline eg_status egi_field_push(eg_graph *graph, uint32_t id,
                                       bool parents, uint32_t entry) {
  return egi_field_try_push(graph, id, parents, entry)
             ? EG_OK
             : egi_field_append(graph, id, parents, &entry, 1);
}
// Shortens a field to |num| entries and gives memory back.
void egi_field_shrink(eg_graph *graph, uint32_t id, bool parents, uint32_t num);

//===-- Hashcons (hashcons.c) ---------------------------------------------===//

// The hash of a key, in steps for one that is not laid out in memory.
static inline uint64_t egi_hash_begin(uint32_t op) {
  return (op + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

static inline uint64_t egi_hash_word(uint64_t h, uint32_t word) {
  h = (h ^ word) * UINT64_C(0xff51afd7ed558ccd);
  return h ^ h >> 32;
}

static inline uint64_t egi_hash_end(uint64_t h) {
  h *= UINT64_C(0xc4ceb9fe1a85ec53);
  return h ^ h >> 29;
}

static inline uint64_t egi_hash(uint32_t op, const uint32_t *key,
                                uint32_t num) {
  uint64_t h = egi_hash_begin(op);
  for (uint32_t i = 0; i < num; ++i)
    h = egi_hash_word(h, key[i]);
  return egi_hash_end(h);
}

EG_NODISCARD
eg_status egi_table_reserve(eg_graph *graph, uint32_t extra);
void egi_table_free(eg_graph *graph);
// |more| nodes are expected: where the table grows, it grows to hold them.
static inline void egi_table_foresee(eg_graph *graph, uint64_t more) {
  graph->table.foreseen = more ? graph->table.num + more : 0;
}
uint32_t egi_table_find(const eg_graph *graph, uint64_t hash, uint32_t op,
                        const uint32_t *key, uint32_t num); // 0 = not there
// As egi_table_find for a key whose children need not be canonical.
uint32_t egi_table_find_stale(const eg_graph *graph, uint32_t op,
                              uint32_t payload, const uint32_t *children,
                              uint32_t num);
void egi_table_insert(eg_graph *graph, uint64_t hash, uint32_t node);
void egi_table_erase(eg_graph *graph, uint64_t hash, uint32_t node);

// The group where a search for |hash| starts.
static inline uint32_t egi_table_group(const egi_table *table, uint64_t hash) {
  return (uint32_t)(((hash >> 32) * (uint64_t)table->num_groups) >> 32);
}

// Asks for the nodes that may have a key of |hash|, whose group has been asked
// for; whether there are any.
bool egi_table_prefetch_nodes(const eg_graph *graph, uint64_t hash);

static inline void egi_table_prefetch(const eg_graph *graph, uint64_t hash) {
  EGI_PREFETCH(&graph->table.groups[egi_table_group(&graph->table, hash)]);
}

//===-- Undoing (undo.c) --------------------------------------------------===//

// Each must come before a write to something older than the innermost level;
// without a level, and for what is newer, they do nothing. They may fail, so
// they come before all that cannot be undone.

// A class record, its values aside, and the lengths of its lists.
EG_NODISCARD
eg_status egi_undo_save_class(eg_graph *graph, uint32_t id);
static inline eg_status egi_undo_class(eg_graph *graph, uint32_t id) {
  if (id >= graph->undo.classes || (graph->classes.data[id].meta & EGI_SAVED))
    return EG_OK;
  return egi_undo_save_class(graph, id);
}

// The page and slot counters of an operator.
EG_NODISCARD
eg_status egi_undo_save_op(eg_graph *graph, uint32_t op);
static inline eg_status egi_undo_op(eg_graph *graph, uint32_t op) {
  if (graph->ops.data[op].level == graph->undo.serial)
    return EG_OK;
  return egi_undo_save_op(graph, op);
}

// Room in the log for |words| words, and for a small entry beyond what later
// calls reserve.
EG_NODISCARD
eg_status egi_undo_make_room(eg_graph *graph, size_t words);
static inline eg_status egi_undo_reserve(eg_graph *graph, size_t words) {
  return graph->undo.serial ? egi_undo_make_room(graph, words) : EG_OK;
}

static inline bool egi_undo_is_old(const eg_graph *graph, uint32_t node) {
  return node >> EGI_PAGE_BITS < graph->undo.pages;
}

// These need the room, and an old node or class.
void egi_undo_born(eg_graph *graph, uint32_t node);
void egi_undo_died(eg_graph *graph, uint32_t node);
void egi_undo_rekeyed(eg_graph *graph, uint32_t node); // before the new key
void egi_undo_subsumed(eg_graph *graph, uint32_t node);
void egi_undo_moved(eg_graph *graph, uint32_t node); // to another class
void egi_undo_field(eg_graph *graph, uint32_t id, bool parents); // in place
void egi_undo_linked(eg_graph *graph, uint32_t node, uint32_t next,
                     uint32_t reason); // in the forest of proofs, as it was
void egi_undo_value(eg_graph *graph, uint32_t analysis, uint32_t id,
                    const void *value);

// EG_INVALID unless a level with that serial is open, or it is 0; for what holds
// operators and payloads of that level. |what| is "the rules were".
EG_NODISCARD
eg_status egi_undo_need_open(eg_graph *graph, uint32_t serial,
                             const char *what);

typedef struct egi_pattern egi_pattern;

//===-- Slots (slots.c) ---------------------------------------------------===//

// A slot for a node of |op|, and taking it; |next_free|: the slot that it leads to
// if it was used before.
EG_NODISCARD
eg_status egi_slot_peek(eg_graph *graph, uint32_t op, uint32_t *out_node);
void egi_slot_take(eg_graph *graph, uint32_t op, uint32_t node,
                   uint32_t next_free);

// Ids for |num| nodes of |op|, all or none. They are live at once, though their
// records are still to be written; or they are given back.
EG_NODISCARD
eg_status egi_slots_take(eg_graph *graph, uint32_t op, uint32_t num,
                         uint32_t *out_nodes);
void egi_slots_return(eg_graph *graph, uint32_t op, const uint32_t *nodes,
                      uint32_t num);

//===-- Nodes and classes (graph.c) ---------------------------------------===//

// Adds a node whose key is known not to be in the table. |home| is the class it
// joins, or 0 for a class of its own. Needs egi_table_reserve(graph, 1) before.
EG_NODISCARD
eg_status egi_node_new(eg_graph *graph, uint64_t hash, uint32_t op,
                       const uint32_t *key, uint32_t num, uint32_t home,
                       uint32_t *out_node);

// Room for |num| classes.
EG_NODISCARD
eg_status egi_classes_reserve(eg_graph *graph, uint32_t num);

// As eg_add, of checked arguments, and gives the node. |origins| are nodes of the
// children's classes, that a proof will name as the children; NULL: the nodes
// that the classes were made for.
EG_NODISCARD
eg_status egi_add(eg_graph *graph, eg_op op, eg_payload payload,
                  const eg_class *children, const uint32_t *origins,
                  uint32_t num_children, uint32_t *out_node);

// Adds the nodes of a ground pattern from the leaves up; |out_nodes| has room
// for all of them.
EG_NODISCARD
eg_status egi_add_pattern(eg_graph *graph, const egi_pattern *pattern,
                          uint32_t *out_nodes);

// Merges two roots now: union-find, members, values; queues the parents.
EG_NODISCARD
eg_status egi_merge(eg_graph *graph, uint32_t a, uint32_t b);

// Puts a class on the dirty list with |bits|. The list must have room.
void egi_mark_dirty(eg_graph *graph, uint32_t id, uint32_t bits);

// Says that two nodes are congruent.
static inline egi_congruence egi_congruent(const eg_graph *graph, uint32_t a,
                                           uint32_t b) {
  return (egi_congruence){{a, b},
                          {egi_record(graph, a)[0], egi_record(graph, b)[0]}};
}
// The first of two congruent nodes dies, and their equality is queued (rebuild.c).
// It is not in the hashcons any more; needs room in |dead| and |unions|.
void egi_bury(eg_graph *graph, egi_congruence c);

// Sorts and cleans the lists of the classes on the dirty list, and empties that
// (tidy.c). Room to note for a pop what it changes must be made before.
EG_NODISCARD
eg_status egi_tidy_reserve(eg_graph *graph);
void egi_tidy(eg_graph *graph);

//===-- Analyses (analysis.c) ---------------------------------------------===//

// Queues the class for the analyses: its value changed. Needs room.
void egi_mark_changed(eg_graph *graph, uint32_t id);

// Recomputes the value of a node and joins it into its class. May mark the
// class changed; needs room in analysis_queue.
EG_NODISCARD
eg_status egi_analyse(eg_graph *graph, uint32_t node);

// Computes the values of |node| and joins them into its class, which may be new.
EG_NODISCARD
eg_status egi_values_enter(eg_graph *graph, uint32_t node, uint32_t home,
                           bool is_new);

// into := join(into, from) for every analysis, all or none. |from| is a class,
// or 0 for the values just made.
EG_NODISCARD
eg_status egi_values_join(eg_graph *graph, uint32_t into, uint32_t from,
                          bool *out_into_changed, bool *out_from_changed);

static inline bool egi_values_pending(const eg_graph *graph) {
  return graph->analysis_queue.num || graph->analysis_now;
}

// Ranks all classes anew: by the order in which Tarjan's algorithm finds the
// strongly connected components (rank.c). O(nodes + edges).
EG_NODISCARD
eg_status egi_rank_all(eg_graph *graph);

// Carries the value of the changed class of least rank to the classes above it.
// Stops early where a modify has united something; call it again then.
EG_NODISCARD
eg_status egi_values_propagate(eg_graph *graph);

// The children part of a key.
static inline uint32_t egi_key_start(const eg_graph *graph, uint32_t op) {
  return graph->ops.data[op].has_payload;
}

// Drops every operator with an id >= |num|; they must have no nodes.
// O(dropped). The same for payloads and sorts.
void egi_ops_truncate(eg_graph *graph, uint32_t num);
void egi_payloads_truncate(eg_graph *graph, size_t num);
void egi_sorts_truncate(eg_graph *graph, size_t num);

//===-- Patterns (side.c reads them, query.c and rule.c compile them) ------===//

// Patterns or ground terms as a flat forest: children before parents, so that
// each tree ends with its root. No recursion is needed to walk it.
typedef struct egi_pnode {
  uint32_t first; // children are args[first … first + num)
  uint32_t num;
  uint32_t payload; // 0 = none
  uint16_t op;
  uint16_t var; // variable number, EGI_NO_VAR for an operator
} egi_pnode;

enum { EGI_NO_VAR = 0xffff };

struct egi_pattern {
  EGI_ARRAY(egi_pnode) nodes;
  egi_words args; // indices into nodes
};

void egi_pattern_free(eg_graph *graph, egi_pattern *pattern);

// Reads one ground term and nothing else (text.c).
EG_NODISCARD
eg_status egi_read_term(eg_graph *graph, const char *text, bool declare,
                        egi_pattern *out);

// A side of a rule: items, each a chain p = q = … of patterns of one class.
typedef struct egi_side {
  egi_pattern pattern;
  egi_words roots;   // of all patterns, in order
  egi_words ends;    // item i is roots[ends[i - 1] … ends[i])
  const char *where; // it begins in the text, lent
} egi_side;

void egi_side_free(eg_graph *graph, egi_side *side);

// Variable names, in order of first appearance on the left-hand side.
typedef struct egi_vars {
  EGI_ARRAY(char *) names;
} egi_vars;

// Appends a copy of |len| bytes.
EG_NODISCARD
eg_status egi_name_add(eg_graph *graph, egi_vars *vars, const char *name,
                       size_t len);

// Frees the names and the array.
void egi_vars_free(eg_graph *graph, egi_vars *vars);

typedef struct egi_guard {
  eg_condition condition;
  void *user;
  uint32_t first, num; // variables, in egi_guards.vars; all when num is ~0
} egi_guard;

typedef struct egi_guards {
  EGI_ARRAY(egi_guard) guards;
  egi_vars names; // of the guards; "" = none
  egi_words vars;
} egi_guards;

void egi_guards_free(eg_graph *graph, egi_guards *guards);

// Whether a leaf reads as a number, by its payload or its name (condition.c).
bool egi_read_number(const eg_graph *graph, eg_op op, eg_payload payload,
                     uint32_t num_children, double *out);

// Appends a guard. |name|, of |len| bytes, is copied.
EG_NODISCARD
eg_status egi_guard_add(eg_graph *graph, egi_guards *guards, egi_guard guard,
                        const char *name, size_t len);

// What a rule is made of (rule.c). The sides were checked by the reader:
// operators, child counts and sorts are right, right-hand variables are bound.
typedef struct egi_rule_source {
  const char *name;
  uint32_t line;       // of the text that it stands in
  const char *ruleset; // NULL = ""
  uint64_t budget;
  bool subsume, nonlocal;
  const uint32_t *var_sorts; // per variable
  const egi_side *lhs;
  const egi_side *rhs; // NULL with |apply|
  eg_applier apply;
  void *user;
} egi_rule_source;

// Adds a rule to the set. Takes over |vars| and |guards| on success.
EG_NODISCARD
eg_status egi_rules_append(eg_rules *rules, const egi_rule_source *source,
                           egi_vars *vars, egi_guards *guards);
eg_graph *egi_rules_graph(const eg_rules *rules);
// Drops the rules from index |num| on.
void egi_rules_truncate(eg_rules *rules, uint32_t num);
// Whether the set has a rule of this name.
bool egi_rules_has(const eg_rules *rules, const char *name, size_t len);

#endif
