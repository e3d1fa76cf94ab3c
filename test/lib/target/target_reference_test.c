// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The models of others: SCALE-Sim's golden traces and per-layer cycles, and
// rows of the public DOSA data, embedded; all of the data where it is there.
#define _POSIX_C_SOURCE 200809L
#include "../gln_test.h"

#include "data.h"
#include "scalesim_table.h"

#include <math.h>

//===-- SCALE-Sim ---------------------------------------------------------===//

CHECK_TEST(scalesim_goldens_are_exact) {
  for (size_t i = 0; i < SCALESIM_NUM_GOLDENS; ++i) {
    const scalesim_golden *g = &scalesim_goldens[i];
    gln_scalesim s = gln_scalesim_run(g->dataflow, 32, 32, g->m, g->n, g->k);
    CHECK_EQ(s.cycles, g->cycles);
    CHECK_EQ(s.ifmap_reads, g->ifmap_reads);
    CHECK_EQ(s.filter_reads, g->filter_reads);
    CHECK_EQ(s.ofmap_writes, g->ofmap_writes);
  }
  // "Overall Util" 91.6831 % and "Mapping Eff" 94.53125 % of the first.
  gln_scalesim s = gln_scalesim_run(GLN_SCALESIM_WS, 32, 32, 3025, 96, 363);
  CHECK(fabs(100 * s.utilisation - 91.6831) < 5e-5);
  CHECK_EQ(s.mapping * 1e7, 9453125);
}

// Layers on 32 x 32 (input, kernel, channels, filters, stride).
CHECK_TEST(scalesim_layers_are_exact) {
  static const struct {
    const char *name;
    int64_t size, kernel, c, k, stride;
    int64_t cycles[3];
  } table[] = {
      {"AlexNet 1", 224, 11, 3, 96, 4, {121124, 112283, 216599}},
      {"AlexNet 2", 27, 5, 96, 256, 1, {334831, 373799, 446249}},
      {"AlexNet 3", 13, 3, 256, 384, 1, {113567, 185759, 137663}},
      {"AlexNet 4", 13, 3, 384, 384, 1, {168863, 278639, 206495}},
      {"AlexNet 5", 13, 3, 384, 256, 1, {112575, 185759, 151199}},
      {"ResNet-18 1", 224, 7, 3, 64, 2, {158421, 121939, 299409}},
      {"ResNet-18 2x", 56, 3, 64, 64, 1, {117391, 108359, 261647}},
      {"ResNet-18 3_1a", 56, 3, 64, 128, 2, {63799, 63215, 99899}},
      {"ResNet-18 3_s", 56, 1, 64, 128, 2, {13607, 7479, 11987}},
      {"ResNet-18 5_1b", 7, 3, 512, 512, 1, {74719, 274175, 87263}},
      {"ResNet-18 fc", 1, 1, 512, 1000, 1, {18367, 48639, 17503}},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i)
    for (int d = 0; d < 3; ++d) {
      int64_t e = gln_scalesim_positions(table[i].size, table[i].kernel,
                                         table[i].stride);
      int64_t k = table[i].kernel * table[i].kernel * table[i].c;
      CHECK_EQ(gln_scalesim_run((gln_scalesim_dataflow)d, 32, 32, e * e,
                                table[i].k, k)
                   .cycles,
               table[i].cycles[d]);
    }
}

CHECK_TEST(scalesim_nets_are_exact) {
  data_layer layers[64];
  for (size_t i = 0; i < SCALESIM_NUM_NETS; ++i) {
    const scalesim_net *net = &scalesim_nets[i];
    size_t num = data_layers(net->name, layers, 64);
    if (num == 0) {
      printf("  no data in %s\n", data_folder());
      return;
    }
    for (int d = 0; d < 3; ++d) {
      int64_t sum = 0;
      for (size_t l = 0; l < num; ++l)
        sum += gln_scalesim_run((gln_scalesim_dataflow)d, net->rows, net->cols,
                                layers[l].m, layers[l].n, layers[l].k)
                   .cycles;
      CHECK_EQ(sum, net->cycles[d]);
    }
  }
}

//===-- Timeloop ----------------------------------------------------------===//

typedef struct row {
  const char *mapping;
  gln_conv conv;
  double side, acc_bytes, sram_bytes, cycles, energy_uj;
} row;

// Facts of ucb-bar/dosa (BSD-2-Clause): one row bound by the accumulator, one
// by the scratchpad, the others by DRAM; the fourth has its k loop inside the
// loop that moves the input, so that its halo is moved again.
static const row rows[] = {
    {"L3[WIO] P28 R7 Q56 K8 - L2[WI] N1 K4X - L1[O] K2 S7 Q2 P2 C3X - L0[W] P2",
     {1, 64, 3, 112, 112, 7, 7, 2, 2, 1, 1, 0, 0},
     32,
     16384,
     2048,
     10436608,
     3057.01},
    {"L3[WIO] P14 Q28 C2 K16 - L2[WI] N1 K8X - L1[O] C16 Q2 P2 C2X - L0[W] P2",
     {1, 128, 64, 56, 56, 1, 1, 1, 1, 1, 1, 0, 0},
     32,
     16384,
     2048,
     1630720,
     547.585},
    {"L3[WIO] C64 - L2[WI] N1 - L1[O] N1 C4X - L0[W] N1",
     {1, 1, 256, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0},
     4,
     8192,
     32768,
     128,
     0.0595909},
    {"L3[WIO] C8 P13 K16 - L2[WI] N1 K16X - L1[O] S3 R3 C2 Q13 C24X - L0[W] N1",
     {1, 256, 384, 13, 13, 3, 3, 1, 1, 1, 1, 0, 0},
     64,
     4096,
     16384,
     1546896,
     1453.796234},
    {"L3[WIO] S3 K32 P7 C2 Q7 - L2[WI] N1 K16X - L1[O] R3 Q2 C8X - L0[W] P2",
     {1, 512, 16, 14, 14, 3, 3, 2, 2, 1, 1, 0, 0},
     16,
     2048,
     8192,
     343616,
     304.117},
    {"L3[WIO] S3 K32 P7 C2 Q7 - L2[WI] N1 K16X - L1[O] R3 Q2 C8X - L0[W] P2",
     {1, 512, 16, 14, 14, 3, 3, 1, 1, 1, 1, 0, 0},
     16,
     2048,
     8192,
     277760,
     251.07},
    {"L3[WIO] Q13 S3 K32 P13 - L2[WI] N1 K8X - L1[O] R3 C64 C4X - L0[W] N1",
     {1, 256, 256, 13, 13, 3, 3, 1, 1, 1, 1, 0, 0},
     16,
     2048,
     8192,
     3893760,
     1604.47},
};

static gln_cost timeloop(const data_row *r) {
  gln_target target;
  gln_contract contract;
  gln_cost cost = {0};
  eg_error error = {0};
  CHECK_EQ(data_row_target(r, &target, &error), EG_OK);
  CHECK_EQ(gln_conv_contract(&r->conv, &target.types[0], 1, &contract, &error),
           EG_OK);
  CHECK_EQ(gln_nest_check(&contract, &r->nest, &error), EG_OK);
  CHECK_STR(error.text, "");
  if (!*error.text)
    gln_timeloop_cost(&target, &contract, &r->nest, &cost);
  return cost;
}

CHECK_TEST(timeloop_rows_are_exact) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    data_row r = {.conv = rows[i].conv,
                  .side = rows[i].side,
                  .acc_bytes = rows[i].acc_bytes,
                  .sram_bytes = rows[i].sram_bytes};
    CHECK(data_mapping(rows[i].mapping, &r.nest));
    gln_cost c = timeloop(&r);
    CHECK_EQ(c.cycles, rows[i].cycles);
    CHECK(fabs(c.energy_pj * 1e-6 / rows[i].energy_uj - 1) < 0.002);
  }
}

CHECK_TEST(timeloop_data) {
  data_csv csv;
  if (!data_csv_open(&csv, "dosa/timeloop.csv.gz")) {
    printf("  no data in %s\n", data_folder());
    return;
  }
  double num = 0, equal = 0, close = 0, energy = 0;
  data_row r;
  while (data_csv_next(&csv)) {
    CHECK(data_row_read(&csv, &r));
    gln_cost c = timeloop(&r);
    double error = fabs(c.cycles / r.cycles - 1);
    num += 1;
    equal += error < 1e-4;
    close += error < 0.05;
    energy += fabs(c.energy_pj * 1e-6 / r.energy_uj - 1);
  }
  data_close(&csv.in);
  CHECK(num > 0);
  CHECK(equal >= 0.98 * num);
  CHECK(close >= 0.999 * num);
  CHECK(energy <= 0.001 * num); // the bar is 0.003
}

CHECK_TEST(bad_mappings) {
  gln_nest n;
  CHECK(data_mapping("L3[WIO] N1 - L0[W] P8", &n));
  CHECK_EQ(n.num_loops, 1);
  CHECK_EQ(n.num_outer, 0);
  CHECK(!data_mapping("", &n));
  CHECK(!data_mapping("P8", &n)); // no level
  CHECK(!data_mapping("L3[WIO] Z8", &n));
  CHECK(!data_mapping("L3[WIO] P", &n));
  CHECK(!data_mapping("L3[WIO] P0", &n));
  CHECK(!data_mapping("L3[WIO] P-4", &n));
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}
