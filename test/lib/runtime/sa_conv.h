// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A convolution on the machine, by hand: what a compiler would emit, with the
// choices made by a simple rule. Shared by tests and the benchmark.
//
// Input NHWC (batch 1), weights HWIO, output NHWC; i8 with a requantisation,
// or the device's own types. No im2col anywhere: a kernel offset (r, s) is a
// start row in ABUF, the stride of the convolution a row stride. Tiles of input,
// weights and results are double-buffered, and tokens order the five queues.
#ifndef SA_CONV_H
#define SA_CONV_H

#include "sa.h"

#include <stdbool.h>

typedef struct sa_conv {
  uint32_t height, width, channels; // of the input
  uint32_t filters, kernel, stride, pad;
} sa_conv;

static inline uint32_t conv_out(const sa_conv *c, uint32_t extent) {
  return (extent + 2 * c->pad - c->kernel) / c->stride + 1;
}
static inline uint32_t conv_min(uint32_t a, uint32_t b) {
  return a < b ? a : b;
}
static inline uint64_t conv_macs(const sa_conv *c) {
  return (uint64_t)conv_out(c, c->height) * conv_out(c, c->width) * c->filters *
         c->kernel * c->kernel * c->channels;
}

// A tile: |bands| output rows of |across| columns, |inputs| input channels,
// |blocks| blocks of cols output channels.
typedef struct conv_plan {
  uint32_t bands, across, inputs, blocks;
  uint32_t tile_h, tile_w; // rows and columns of the input of a tile
  uint32_t block;          // input channels in a row of ABUF
  uint32_t pack;           // kernel columns packed into one row of the array
  uint32_t half[3];        // rows of each memory's half
} conv_plan;

static inline bool conv_fits(const sa_conv *c, const conv_plan *p) {
  uint32_t tile_h = (p->bands - 1) * c->stride + c->kernel;
  uint32_t tile_w = (p->across - 1) * c->stride + c->kernel;
  uint32_t parts = (p->inputs + p->block - 1) / p->block;
  return tile_h * tile_w * parts <= p->half[SA_ABUF] &&
         c->kernel * c->kernel * p->inputs * p->blocks <= p->half[SA_WBUF] &&
         p->bands * p->across * p->blocks <= p->half[SA_ACC];
}

// Blocks first (inputs are read again for each group of them), then rows.
static inline conv_plan conv_choose(const sa_dev *dev, const sa_conv *c) {
  const sa_hw *hw = sa_hw_of(dev);
  conv_plan p = {.bands = 1, .across = conv_out(c, c->width), .blocks = 1};
  for (uint32_t s = 0; s < 3; ++s)
    p.half[s] = sa_num_rows(dev, s) / 2;
  p.block = conv_min(c->channels, hw->rows);
  p.inputs = c->channels;
  p.pack = conv_min(c->kernel, hw->rows / c->channels);
  if (p.pack == 0 || !(hw->caps & SA_CAP_IM2COL))
    p.pack = 1;
  while (!conv_fits(c, &p) && p.inputs > p.block)
    p.inputs = (p.inputs / p.block + 1) / 2 * p.block;
  while (!conv_fits(c, &p) && p.across > 1)
    p.across = (p.across + 1) / 2;
  uint32_t blocks = (c->filters + hw->cols - 1) / hw->cols;
  for (conv_plan q = p; q.blocks < conv_min(blocks, 4); p = q) {
    ++q.blocks;
    if (!conv_fits(c, &q))
      break;
  }
  for (conv_plan q = p; q.bands < conv_out(c, c->height); p = q) {
    ++q.bands;
    if (!conv_fits(c, &q))
      break;
  }
  p.tile_h = (p.bands - 1) * c->stride + c->kernel;
  p.tile_w = (p.across - 1) * c->stride + c->kernel;
  return p;
}

typedef struct conv_job {
  sa_dev *dev;
  const sa_conv *c;
  conv_plan p;
  const char *x, *w;
  char *y;
  sa_out out;
  uint32_t in, type; // element types of x and w, and of y
} conv_job;

static inline void conv_load_input(const conv_job *j, uint32_t half, uint32_t y,
                                   uint32_t x, uint32_t channel) {
  const sa_conv *c = j->c;
  int64_t size = sa_type_bytes(j->in), pixel = c->channels * size;
  uint32_t inputs = conv_min(j->p.inputs, c->channels - channel);
  uint32_t parts = (inputs + j->p.block - 1) / j->p.block;
  int32_t plane = (int32_t)(j->p.tile_h * j->p.tile_w);
  sa_load_desc d = {
      .space = SA_ABUF,
      .box = {.type = j->in,
              .n = {1, parts, j->p.tile_h, j->p.tile_w, j->p.block},
              .extent = {1, parts, c->height, c->width, c->channels},
              .stride = {0, j->p.block * size, c->width * pixel, pixel, size}},
      .rows = {.stride = {0, plane, (int32_t)j->p.tile_w, 1}}};
  int64_t origin[5] = {0, 0, (int64_t)y * c->stride - c->pad,
                       (int64_t)x * c->stride - c->pad, channel};
  // Axis 1 steps by a block of channels, so axis 4 must not end inside one.
  d.box.extent[4] = channel + j->p.block;
  sa_load(j->dev, &d, j->x, origin, (int32_t)(half * j->p.half[SA_ABUF]));
}

static inline void conv_load_weights(const conv_job *j, uint32_t half,
                                     uint32_t filter, uint32_t channel) {
  const sa_conv *c = j->c;
  uint32_t cols = sa_hw_of(j->dev)->cols;
  int64_t size = sa_type_bytes(j->in), row = c->filters * size;
  uint32_t inputs = conv_min(j->p.inputs, c->channels - channel);
  int32_t step = (int32_t)inputs;
  sa_load_desc d = {
      .space = SA_WBUF,
      .box = {.type = j->in,
              .n = {1, c->kernel, c->kernel, inputs, cols},
              .extent = {1, c->kernel, c->kernel, c->channels, c->filters},
              .stride = {0, c->kernel * c->channels * row, c->channels * row,
                         row, size}},
      .rows = {.stride = {0, (int32_t)c->kernel * step, step, 1}}};
  for (uint32_t b = 0; b < j->p.blocks; ++b) {
    int64_t origin[5] = {0, 0, 0, channel, filter + b * cols};
    sa_loadw(j->dev, &d, j->w, origin,
             (int32_t)(half * j->p.half[SA_WBUF] +
                       b * c->kernel * c->kernel * inputs));
  }
}

static inline void conv_multiply(const conv_job *j, uint32_t half,
                                 uint32_t acc_half, uint32_t bands,
                                 uint32_t width, uint32_t channel) {
  const sa_conv *c = j->c;
  const conv_plan *p = &j->p;
  uint32_t cols = sa_hw_of(j->dev)->cols;
  uint32_t inputs = conv_min(p->inputs, c->channels - channel);
  uint32_t wrow = half * p->half[SA_WBUF];
  bool shadow = sa_hw_of(j->dev)->caps & SA_CAP_SHADOW;
  sa_gemm_desc d = {.n = {1, 1, bands, width},
                    .a = {.stride = {0, 0, (int32_t)(c->stride * p->tile_w),
                                     (int32_t)c->stride}},
                    .c = {.stride = {0, 0, (int32_t)p->across, 1}},
                    .cols = cols,
                    .pack_stride = {0, 1}};
  uint32_t bank = 0;
  for (uint32_t b = 0; b < p->blocks; ++b)
    for (uint32_t r = 0; r < c->kernel; ++r)
      for (uint32_t s = 0; s < c->kernel; s += p->pack)
        for (uint32_t i = 0; i < inputs; i += p->block, bank ^= shadow) {
          d.pack[1] = conv_min(p->pack, c->kernel - s);
          d.k = conv_min(p->block, inputs - i);
          d.bank = bank;
          d.accumulate = channel + r + s + i > 0;
          sa_preload(j->dev, bank,
                     (int32_t)(wrow +
                               ((b * c->kernel + r) * c->kernel + s) * inputs +
                               i),
                     0, d.pack[1] * d.k, cols);
          sa_gemm(
              j->dev, &d,
              (int32_t)(half * p->half[SA_ABUF] +
                        (i / p->block * p->tile_h + r) * p->tile_w + s),
              (int32_t)(acc_half * p->half[SA_ACC] + b * p->bands * p->across));
        }
}

static inline void conv_store(const conv_job *j, uint32_t acc_half, uint32_t y,
                              uint32_t x, uint32_t bands, uint32_t across,
                              uint32_t filter) {
  const sa_conv *c = j->c;
  uint32_t cols = sa_hw_of(j->dev)->cols, width = conv_out(c, c->width);
  int64_t size = sa_type_bytes(j->type), pixel = c->filters * size;
  sa_store_desc d = {
      .space = SA_ACC,
      .box = {.type = j->type,
              .n = {1, 1, bands, across, cols},
              .extent = {1, 1, conv_out(c, c->height), width, c->filters},
              .stride = {0, 0, width * pixel, pixel, size}},
      .rows = {.stride = {0, 0, (int32_t)j->p.across, 1}},
      .out = j->out};
  for (uint32_t b = 0; b < j->p.blocks; ++b) {
    int64_t origin[5] = {0, 0, y, x, filter + b * cols};
    sa_store(
        j->dev, &d, j->y, origin,
        (int32_t)(acc_half * j->p.half[SA_ACC] + b * j->p.bands * j->p.across));
  }
}

// One tile: columns [x, x + across) of output rows [y, y + bands), all of the
// reduction, one group of filters.
static inline void conv_tile(const conv_job *j, uint32_t y, uint32_t x,
                             uint32_t f, uint32_t acc_half, uint32_t *tile) {
  const sa_conv *c = j->c;
  sa_dev *dev = j->dev;
  uint32_t bands = conv_min(j->p.bands, conv_out(c, c->height) - y);
  uint32_t across = conv_min(j->p.across, conv_out(c, c->width) - x);
  sa_await(dev, SA_Q_EXEC, SA_Q_STORE);
  for (uint32_t i = 0; i < c->channels; i += j->p.inputs, ++*tile) {
    sa_await(dev, SA_Q_LOAD, SA_Q_EXEC);
    conv_load_input(j, *tile % 2, y, x, i);
    sa_signal(dev, SA_Q_LOAD, SA_Q_EXEC);
    sa_await(dev, SA_Q_LOADW, SA_Q_EXEC);
    conv_load_weights(j, *tile % 2, f, i);
    sa_signal(dev, SA_Q_LOADW, SA_Q_EXEC);
    sa_await(dev, SA_Q_EXEC, SA_Q_LOAD);
    sa_await(dev, SA_Q_EXEC, SA_Q_LOADW);
    conv_multiply(j, *tile % 2, acc_half, bands, across, i);
    sa_signal(dev, SA_Q_EXEC, SA_Q_LOAD);
    sa_signal(dev, SA_Q_EXEC, SA_Q_LOADW);
  }
  sa_signal(dev, SA_Q_EXEC, SA_Q_STORE);
  sa_await(dev, SA_Q_STORE, SA_Q_EXEC);
  conv_store(j, acc_half, y, x, bands, across, f);
  sa_signal(dev, SA_Q_STORE, SA_Q_EXEC);
}

// y = out(conv(x, w)). Returns what sa_wait says.
static inline sa_status conv_run(conv_job *j) {
  const sa_conv *c = j->c;
  sa_dev *dev = j->dev;
  j->p = conv_choose(dev, c);
  uint32_t group = j->p.blocks * sa_hw_of(dev)->cols, tile = 0, result = 0;
  for (int half = 0; half < 2; ++half) { // both halves are free
    sa_signal(dev, SA_Q_EXEC, SA_Q_LOAD);
    sa_signal(dev, SA_Q_EXEC, SA_Q_LOADW);
    sa_signal(dev, SA_Q_STORE, SA_Q_EXEC);
  }
  for (uint32_t f = 0; f < c->filters; f += group)
    for (uint32_t y = 0; y < conv_out(c, c->height); y += j->p.bands)
      for (uint32_t x = 0; x < conv_out(c, c->width); x += j->p.across)
        conv_tile(j, y, x, f, result++ % 2, &tile);
  for (int half = 0; half < 2; ++half) { // take the free halves back
    sa_await(dev, SA_Q_LOAD, SA_Q_EXEC);
    sa_await(dev, SA_Q_LOADW, SA_Q_EXEC);
    sa_await(dev, SA_Q_EXEC, SA_Q_STORE);
  }
  return sa_wait(dev, SA_ALL);
}

#endif
