// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Facts of SCALE-Sim v3 (scalesim-project/SCALE-Sim, MIT): the compute cycles
// of its golden traces, and its closed form summed over its topology files.
#ifndef SCALESIM_TABLE_H
#define SCALESIM_TABLE_H

#include "target/reference.h"

typedef struct scalesim_golden {
  const char *name;
  gln_scalesim_dataflow dataflow;
  int64_t m, n, k; // on 32 x 32
  int64_t cycles;  // total less stalls
  int64_t ifmap_reads, filter_reads, ofmap_writes;
} scalesim_golden;

// The shipped OS golden counts R + C more output writes per fold (34816); the
// true number stands here.
static const scalesim_golden scalesim_goldens[] = {
    {"T1 golden AlexNet 1 WS", GLN_SCALESIM_WS, 55 * 55, 96, 363, 112283,
     3294225, 34848, 3484800},
    {"T1 golden 256x128x256 OS", GLN_SCALESIM_OS, 256, 128, 256, 10175, 262144,
     262144, 32768},
    {"T1 golden 256x128x256 WS", GLN_SCALESIM_WS, 256, 128, 256, 11199, 262144,
     32768, 262144},
    {"T1 golden 256x128x256 IS", GLN_SCALESIM_IS, 256, 128, 256, 14207, 65536,
     262144, 262144},
};

typedef struct scalesim_net {
  const char *name;
  int64_t rows, cols;
  int64_t cycles[3]; // OS, WS, IS
  int64_t best;      // the best dataflow for each layer
} scalesim_net;

static const scalesim_net scalesim_nets[] = {
    {"alexnet", 16, 16, {3333583, 3823825, 3920991}, 3309361},
    {"alexnet", 32, 32, {850960, 1136239, 1158205}, 842119},
    {"alexnet", 12, 14, {5274076, 5780416, 5678423}, 5252936},
    {"alexnet", 128, 128, {67567, 139901, 146717}, 62980},
    {"Resnet18", 16, 16, {6359601, 7885563, 8539239}, 6224955},
    {"Resnet18", 32, 32, {1718353, 2519815, 2838997}, 1635735},
    {"Resnet18", 128, 128, {262370, 417628, 595543}, 236670},
    {"Resnet50", 16, 16, {15680376, 18216922, 17950014}, 14839820},
    {"Resnet50", 32, 32, {4434168, 5753486, 5608356}, 3971838},
    {"Resnet50", 12, 14, {24547361, 27657964, 26201946}, 23283292},
    {"Resnet50", 128, 128, {611561, 876832, 997762}, 482632},
    {"Resnet50", 256, 256, {328708, 438375, 548004}, 242005},
    {"mobilenet", 16, 16, {3682863, 3799529, 5573227}, 3397027},
    {"mobilenet", 32, 32, {1338519, 1433453, 2314306}, 1170929},
    {"mobilenet", 128, 128, {334435, 395105, 674195}, 267897},
};

enum {
  SCALESIM_NUM_GOLDENS = sizeof scalesim_goldens / sizeof *scalesim_goldens,
  SCALESIM_NUM_NETS = sizeof scalesim_nets / sizeof *scalesim_nets,
};

#endif
