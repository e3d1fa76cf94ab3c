// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The rules in their order: values first, then kernels onto units, then what meets
// at the accumulator.
#include "design/saturate.h"

#include "design/mapping_internal.h"
#include "view/try.h"

#include <string.h>

static eg_status rewrite(gln_rewriter *w) {
  GLN_TRY(gln_rewrite_softmax(w));
  GLN_TRY(gln_rewrite_quantised(w));
  GLN_TRY(gln_rewrite_algebra(w));
  GLN_TRY(gln_rewrite_maps(w));
  GLN_TRY(gln_rewrite_layout(w));
  GLN_TRY(gln_rewrite_convolution(w));
  GLN_TRY(gln_rewrite_views(w));
  return gln_rewrite_long_maps(w);
}

static eg_status map(gln_rewriter *w, const gln_target *target,
                     const gln_blocking_options *options, const eg_pool *pool,
                     gln_map_counts *counts) {
  glni_mapper m;
  GLN_TRY(glni_mapper_init(&m, w, target, options, counts));
  m.pool = pool;
  eg_status status = glni_map_kernels(&m);
  if (status == EG_OK)
    status = glni_fuse_epilogues(&m);
  glni_mapper_fini(&m);
  return status;
}

eg_status gln_saturate(gln_lang *lang, const gln_target *target,
                       const gln_saturate_options *options,
                       gln_saturate_report *out, eg_error *error) {
  gln_rewriter w;
  gln_blocking_options blocking = {.max_tiles = 0};
  eg_allocator memory = eg_allocator_default();
  memset(out, 0, sizeof *out);
  if (options->blocking)
    blocking = *options->blocking;
  if (blocking.max_tiles == 0)
    blocking.max_tiles = GLN_SATURATE_MAX_TILES;
  if (blocking.max_kept == 0)
    blocking.max_kept = GLN_SATURATE_MAX_KEPT;
  GLN_TRY(gln_rewriter_init(&w, lang, &options->rules, &options->limits,
                            &memory, error));
  w.target = target;
  eg_status status = rewrite(&w);
  if (status == EG_OK)
    status = map(&w, target, &blocking, options->pool, &out->blocks);
  out->stop = w.stop;
  out->rounds = 1;
  out->nodes = eg_num_nodes(lang->graph);
  out->classes = eg_num_classes(lang->graph);
  memcpy(out->rules, w.counts, sizeof out->rules);
  gln_rewriter_fini(&w);
  return status;
}
