// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Pages of nodes, and their slots: those that dead nodes have left first, then
// the next of the operator's last page.
#include "record.h"

static eg_status page_new(eg_graph *graph, uint32_t op_id) {
  egi_op *op = &graph->ops.data[op_id];
  uint32_t stride = op->wide ? 2 : op->key_words + 1;
  uint32_t words = stride * EGI_PAGE_SLOTS;
  EG_TRY(EGI_RESERVE(graph, &graph->pages, 2));
  EG_TRY(EGI_RESERVE(graph, &graph->words, words));
  EG_TRY(EGI_RESERVE(graph, &graph->live, 8));
  EG_TRY(EGI_RESERVE(graph, &graph->mark, 8));
  if (graph->proofs)
    EG_TRY(egi_record_page(graph, words));
  if (graph->pages.num == 0) { // page 0 holds the node that is none
    graph->pages.data[graph->pages.num++] = (egi_page){0};
    memset(graph->live.data, 0, 32);
    memset(graph->mark.data, 0, 32);
    graph->live.num = graph->mark.num = 4;
  }
  uint32_t page = (uint32_t)graph->pages.num;
  if (page >> (31 - EGI_PAGE_BITS) || graph->words.num + words > UINT32_MAX)
    return egi_fail_at(graph, EG_LIMIT, 0, "more than 2^32 words of nodes");
  graph->pages.data[graph->pages.num++] = (egi_page){(uint32_t)graph->words.num,
                                                     0,
                                                     (uint16_t)op_id,
                                                     (uint8_t)stride,
                                                     op->wide,
                                                     0};
  graph->words.num += words;
  memset(graph->live.data + graph->live.num, 0, 32);
  memset(graph->mark.data + graph->mark.num, 0, 32);
  graph->live.num += 4;
  graph->mark.num += 4;
  if (op->last_page)
    graph->pages.data[op->last_page].next = page;
  else
    op->first_page = page;
  op->last_page = page;
  return EG_OK;
}

eg_status egi_slot_peek(eg_graph *graph, uint32_t op_id, uint32_t *out_node) {
  egi_op *op = &graph->ops.data[op_id];
  if (op->free) {
    *out_node = op->free;
    return EG_OK;
  }
  if (!op->last_page || graph->pages.data[op->last_page].used == EGI_PAGE_SLOTS)
    EG_TRY(page_new(graph, op_id));
  *out_node =
      op->last_page << EGI_PAGE_BITS | graph->pages.data[op->last_page].used;
  return EG_OK;
}

void egi_slot_take(eg_graph *graph, uint32_t op_id, uint32_t node,
                   uint32_t next_free) {
  egi_op *op = &graph->ops.data[op_id];
  if (op->free == node)
    op->free = next_free;
  else
    ++graph->pages.data[op->last_page].used;
  graph->live.data[node >> 6] |= UINT64_C(1) << (node & 63);
  ++op->num_live;
  ++graph->num_nodes;
}

// As many slots of the last page of an operator as it has, |most| at most.
static uint32_t take_run(eg_graph *graph, uint32_t op_id, uint32_t most,
                         uint32_t *out_nodes) {
  egi_op *op = &graph->ops.data[op_id];
  egi_page *page = &graph->pages.data[op->last_page];
  uint32_t first = page->used, num = EGI_PAGE_SLOTS - first;
  uint64_t *live = &graph->live.data[op->last_page * (EGI_PAGE_SLOTS / 64)];
  if (num > most)
    num = most;
  for (uint32_t i = 0; i < num; ++i)
    out_nodes[i] = op->last_page << EGI_PAGE_BITS | (first + i);
  for (uint32_t i = 0; graph->subsumed.num && i < num; ++i)
    egi_subsume_forget(graph, out_nodes[i]);
  for (uint32_t at = first, end = first + num; at < end; at = (at | 63) + 1) {
    uint64_t upto = end - (at & ~63u);
    uint64_t below = upto < 64 ? (UINT64_C(1) << upto) - 1 : UINT64_MAX;
    live[at / 64] |= below & UINT64_MAX << (at & 63);
  }
  page->used += num;
  op->num_live += num;
  graph->num_nodes += num;
  return num;
}

// In the reverse order of taking.
void egi_slots_return(eg_graph *graph, uint32_t op_id, const uint32_t *nodes,
                      uint32_t num) {
  egi_op *op = &graph->ops.data[op_id];
  while (num--) {
    uint32_t node = nodes[num], slot = node & (EGI_PAGE_SLOTS - 1);
    egi_page *page = &graph->pages.data[op->last_page];
    graph->live.data[node >> 6] &= ~(UINT64_C(1) << (node & 63));
    --op->num_live;
    --graph->num_nodes;
    if (node >> EGI_PAGE_BITS == op->last_page && slot + 1 == page->used) {
      --page->used;
      continue;
    }
    egi_record(graph, node)[0] = op->free;
    op->free = node;
  }
}

eg_status egi_slots_take(eg_graph *graph, uint32_t op, uint32_t num,
                         uint32_t *out_nodes) {
  for (uint32_t i = 0; i < num;) {
    eg_status status = egi_slot_peek(graph, op, &out_nodes[i]);
    if (status != EG_OK) {
      egi_slots_return(graph, op, out_nodes, i);
      return status;
    }
    if (graph->ops.data[op].free) {
      egi_slot_take(graph, op, out_nodes[i],
                    egi_record(graph, out_nodes[i])[0]);
      egi_subsume_forget(graph, out_nodes[i++]);
    } else {
      i += take_run(graph, op, num - i, out_nodes + i);
    }
  }
  return EG_OK;
}
