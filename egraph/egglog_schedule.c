// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Schedules over rounds: run, run-schedule and what stands in it.
#include "egglog_internal.h"

typedef struct frame {
  uint32_t node, next, first; // children from |first| on are the schedules
  uint64_t left;              // passes still to make
  bool changed, changed_ever;
} frame;

typedef EGI_ARRAY(frame) frame_stack;

static eg_status find_ruleset(eg_egglog *p, uint32_t node, uint32_t *out) {
  const egl_sexp *s = egl_at(p, node);
  if (s->kind == EGL_WORD && egl_lookup(p, s->symbol, EGL_NAME_RULESET, out))
    return EG_OK;
  return egl_fail(p, s, "'%.60s' is no ruleset",
                  s->kind == EGL_LIST ? "(" : egl_name(p, s->symbol));
}

// One round, unless the facts from child |until| of |node| on hold already.
static eg_status run_once(eg_egglog *p, uint32_t node, uint32_t ruleset,
                          uint32_t until, bool *out_changed) {
  const egl_sexp *s = egl_at(p, node);
  bool holds = false;
  *out_changed = false;
  if (until < s->num)
    EG_TRY(egl_holds(p, p->text->args.data + s->first + until, s->num - until,
                     &holds));
  return holds ? EG_OK : egl_round(p, ruleset, out_changed);
}

bool egl_parse_count(const eg_egglog *p, uint32_t node, uint64_t *out) {
  const egl_sexp *s = egl_at(p, node);
  const char *text = s->kind == EGL_WORD ? egl_name(p, s->symbol) : "";
  return egi_read_count(text, strlen(text), out);
}

// Where ":until" begins behind child |at|, and that nothing else does.
static eg_status find_until(eg_egglog *p, uint32_t node, uint32_t at,
                            uint32_t *out_until) {
  const egl_sexp *s = egl_at(p, node);
  *out_until = s->num;
  if (at == s->num)
    return EG_OK;
  if (!egl_is(p, egl_child(p, node, at), ":until"))
    return egl_fail(p, egl_at(p, egl_child(p, node, at)),
                    "':until' or the end is wanted here");
  *out_until = at + 1;
  return EG_OK;
}

// A word, or (run ruleset? :until fact…).
static eg_status run_leaf(eg_egglog *p, uint32_t node, bool *out_changed) {
  const egl_sexp *s = egl_at(p, node);
  uint32_t ruleset = 0, at = 1, until = 1;
  if (s->kind != EGL_LIST) {
    EG_TRY(find_ruleset(p, node, &ruleset));
    return egl_round(p, ruleset, out_changed);
  }
  if (s->num > 1 && !egl_is(p, egl_child(p, node, 1), ":until"))
    EG_TRY(find_ruleset(p, egl_child(p, node, at++), &ruleset));
  EG_TRY(find_until(p, node, at, &until));
  return run_once(p, node, ruleset, until, out_changed);
}

static eg_status open(eg_egglog *p, frame_stack *stack, uint32_t node) {
  frame f = {.node = node, .next = 1, .first = 1, .left = 1};
  if (egl_has_head(p, node, "saturate")) {
    f.left = UINT64_MAX;
  } else if (egl_has_head(p, node, "repeat")) {
    if (egl_at(p, node)->num < 2 ||
        !egl_parse_count(p, egl_child(p, node, 1), &f.left))
      return egl_fail(p, egl_at(p, node), "'repeat' needs a number");
    f.next = f.first = 2;
  } else if (!egl_has_head(p, node, "seq") &&
             !egl_has_head(p, node, "run-schedule")) {
    return egl_fail(p, egl_at(p, node), "this is no schedule");
  }
  if (f.left == 0)
    f.next = egl_at(p, node)->num;
  EG_TRY(EGI_RESERVE(p->graph, stack, 1));
  stack->data[stack->num++] = f;
  return EG_OK;
}

static void note(frame_stack *stack, bool changed) {
  if (stack->num == 0)
    return;
  stack->data[stack->num - 1].changed |= changed;
  stack->data[stack->num - 1].changed_ever |= changed;
}

static eg_status run_frames(eg_egglog *p, frame_stack *stack) {
  while (stack->num) {
    frame *f = &stack->data[stack->num - 1];
    bool changed = false;
    if (f->next < egl_at(p, f->node)->num) {
      uint32_t child = egl_child(p, f->node, f->next++);
      if (egl_at(p, child)->kind == EGL_LIST &&
          !egl_has_head(p, child, "run")) {
        EG_TRY(open(p, stack, child));
        continue;
      }
      EG_TRY(run_leaf(p, child, &changed));
      note(stack, changed);
    } else if (f->left > 1 && f->changed && !p->stopped) {
      f->left -= f->left != UINT64_MAX;
      f->changed = false;
      f->next = f->first;
    } else {
      changed = f->changed_ever;
      --stack->num;
      note(stack, changed);
    }
  }
  return EG_OK;
}

// (run ruleset? n :until fact…)
static eg_status run_command(eg_egglog *p, uint32_t node) {
  const egl_sexp *s = egl_at(p, node);
  uint64_t count;
  uint32_t ruleset = 0, at = 1, until;
  if (s->num > 2 && egl_parse_count(p, egl_child(p, node, 2), &count))
    EG_TRY(find_ruleset(p, egl_child(p, node, at++), &ruleset));
  if (at >= s->num || !egl_parse_count(p, egl_child(p, node, at++), &count))
    return egl_fail(p, s, "'run' needs a number of rounds");
  EG_TRY(find_until(p, node, at, &until));
  bool changed = true;
  while (count-- > 0 && changed)
    EG_TRY(run_once(p, node, ruleset, until, &changed));
  return EG_OK;
}

eg_status egl_run_schedule(eg_egglog *p, uint32_t node) {
  p->stopped = false;
  p->rounds_left = p->options.limits.rounds;
  if (egl_has_head(p, node, "run"))
    return run_command(p, node);
  frame_stack stack = {0};
  eg_status status = open(p, &stack, node);
  if (status == EG_OK)
    status = run_frames(p, &stack);
  EGI_RELEASE(p->graph, &stack);
  return status;
}
