// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tables of egglog's functions and relations.
//
// The key of a row is its arguments; one hash table finds it. A column is
// indexed when a query first asks for it: values are class ids and dense, so an
// index is an array of chain heads, and needs no hashing.
#include "egglog_internal.h"

enum { DEAD_ROWS_KEPT = 64 };

eg_status egl_table_init(eg_egglog *p, egl_table *table, uint32_t arity) {
  *table = (egl_table){.arity = arity, .stride = arity + 2};
  size_t size = (arity + 1) * sizeof *table->indices;
  table->indices = egi_resize(p->graph, NULL, 0, size);
  if (!table->indices)
    return egi_fail_at(p->graph, EG_NO_MEMORY, 0, "no memory for a table");
  memset(table->indices, 0, size);
  return EG_OK;
}

static void free_indices(eg_egglog *p, egl_table *table) {
  for (uint32_t i = 0; i <= table->arity; ++i) {
    EGI_RELEASE(p->graph, &table->indices[i].heads);
    EGI_RELEASE(p->graph, &table->indices[i].next);
    table->indices[i] = (struct egl_index){0};
  }
}

void egl_table_free(eg_egglog *p, egl_table *table) {
  if (table->indices) {
    free_indices(p, table);
    egi_resize(p->graph, table->indices,
               (table->arity + 1) * sizeof *table->indices, 0);
  }
  EGI_RELEASE(p->graph, &table->rows);
  EGI_RELEASE(p->graph, &table->slots);
  *table = (egl_table){0};
}

static bool same_args(const uint32_t *a, const uint32_t *b, uint32_t num) {
  for (uint32_t i = 0; i < num; ++i)
    if (a[i] != b[i])
      return false;
  return true;
}

// Where the search for a key begins; its low bits tell keys apart there.
static size_t first_slot(const egl_table *table, uint64_t hash) {
  return (size_t)(hash >> 20) & (table->slots.cap / 2 - 1);
}

// The pair of the key, or the free one where it belongs.
static uint32_t *slot_of(const egl_table *table, const uint32_t *args,
                         uint32_t *out_hash) {
  size_t mask = table->slots.cap / 2 - 1;
  uint64_t hash = egi_hash(0, args, table->arity);
  *out_hash = (uint32_t)hash;
  for (size_t at = first_slot(table, hash);; at = (at + 1) & mask) {
    uint32_t *slot = &table->slots.data[2 * at];
    if (!slot[1] ||
        (slot[0] == *out_hash &&
         same_args(egl_row(table, slot[1] - 1), args, table->arity)))
      return slot;
  }
}

void egl_table_prefetch(const egl_table *table, const uint32_t *args) {
  if (table->slots.cap == 0)
    return;
  uint64_t hash = egi_hash(0, args, table->arity);
  EGI_PREFETCH(&table->slots.data[2 * (first_slot(table, hash))]);
}

uint32_t egl_table_find(const egl_table *table, const uint32_t *args) {
  uint32_t hash;
  if (table->slots.cap == 0)
    return EGL_NONE;
  uint32_t row = slot_of(table, args, &hash)[1];
  return row && egl_row(table, row - 1)[table->arity] ? row - 1 : EGL_NONE;
}

static void enter(egl_table *table, uint32_t row) {
  uint32_t hash, *slot = slot_of(table, egl_row(table, row), &hash);
  table->num_slots_used += slot[1] == 0;
  slot[0] = hash;
  slot[1] = row + 1;
}

static void enter_all(egl_table *table) {
  table->num_slots_used = 0;
  memset(table->slots.data, 0, table->slots.cap * sizeof *table->slots.data);
  for (uint32_t row = 0; row < egl_table_num(table); ++row)
    if (egl_row(table, row)[table->arity])
      enter(table, row);
}

// Room for |cap| words, a power of two.
static eg_status rehash(eg_egglog *p, egl_table *table, size_t cap) {
  egi_words slots = {.cap = cap};
  slots.data = egi_resize(p->graph, NULL, 0, cap * sizeof *slots.data);
  if (!slots.data)
    return egi_fail_at(p->graph, EG_NO_MEMORY, 0, "no memory for a table");
  EGI_RELEASE(p->graph, &table->slots);
  table->slots = slots;
  enter_all(table);
  return EG_OK;
}

eg_status egl_table_copy(eg_egglog *p, const egl_table *from, egl_table *out) {
  EG_TRY(egl_table_init(p, out, from->arity));
  out->has_eq = from->has_eq;
  out->has_containers = from->has_containers;
  out->num_live = from->num_live;
  if (from->rows.num == 0)
    return EG_OK;
  EG_TRY(EGI_RESERVE(p->graph, &out->rows, from->rows.num));
  memcpy(out->rows.data, from->rows.data, from->rows.num * 4u);
  out->rows.num = from->rows.num;
  return rehash(p, out, from->slots.cap);
}

eg_status egl_table_insert(eg_egglog *p, egl_table *table, const uint32_t *args,
                           uint32_t value, uint32_t time, bool subsumed) {
  EG_TRY(EGI_RESERVE(p->graph, &table->rows, table->stride));
  if (egl_table_num(table) >= EGL_NONE - 1)
    return egi_fail_at(p->graph, EG_LIMIT, 0, "more than 2^32 rows");
  if (4 * ((size_t)table->num_slots_used + 1) > table->slots.cap)
    EG_TRY(rehash(p, table, table->slots.cap ? 2 * table->slots.cap : 32));
  uint32_t row = egl_table_num(table);
  uint32_t *words = table->rows.data + table->rows.num;
  memcpy(words, args, table->arity * sizeof *args);
  words[table->arity] = value;
  words[table->arity + 1] = time << 1 | subsumed;
  table->rows.num += table->stride;
  ++table->num_live;
  enter(table, row);
  return EG_OK;
}

void egl_table_erase(egl_table *table, uint32_t row) {
  egl_row(table, row)[table->arity] = 0;
  --table->num_live;
}

eg_status egl_table_index(eg_egglog *p, egl_table *table, uint32_t column) {
  struct egl_index *index = &table->indices[column];
  uint32_t num = egl_table_num(table);
  size_t num_ids = p->graph->classes.num;
  if (index->num == num && index->heads.num >= num_ids)
    return EG_OK;
  if (index->heads.num < num_ids) {
    EG_TRY(EGI_RESERVE(p->graph, &index->heads, num_ids - index->heads.num));
    memset(index->heads.data + index->heads.num, 0,
           (num_ids - index->heads.num) * 4u);
    index->heads.num = num_ids;
  }
  if (num > index->num)
    EG_TRY(EGI_RESERVE(p->graph, &index->next, num - index->num));
  for (; index->num < num; ++index->num) {
    uint32_t value = egl_row(table, index->num)[column];
    index->next.data[index->next.num++] = index->heads.data[value];
    index->heads.data[value] = index->num + 1;
  }
  return EG_OK;
}

eg_status egl_table_compact(eg_egglog *p, egl_table *table) {
  uint32_t num = egl_table_num(table), kept = 0;
  if (num - table->num_live <= table->num_live + DEAD_ROWS_KEPT)
    return EG_OK;
  for (uint32_t row = 0; row < num; ++row)
    if (egl_row(table, row)[table->arity])
      memmove(egl_row(table, kept++), egl_row(table, row),
              table->stride * sizeof(uint32_t));
  table->rows.num = (size_t)kept * table->stride;
  free_indices(p, table);
  enter_all(table);
  return EG_OK;
}

uint32_t egl_table_since(const egl_table *table, uint32_t time) {
  uint32_t low = 0, high = egl_table_num(table);
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (egl_row_time(table, egl_row(table, middle)) > time)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}
