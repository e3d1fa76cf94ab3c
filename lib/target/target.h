// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// An accelerator as numbers: arrays, a vector unit, memories, DRAM, the host,
// and what energy and area they take. Cost and rules read nothing else.
//
//   gln_target target;
//   eg_error error;
//   if (gln_target_builtin("gemmini16", &target, &error) != EG_OK ||
//       gln_target_override(&target, "rows=32,cols=32", &error) != EG_OK)
//     puts(error.text);
//   double mm2 = gln_target_area(&target);
//
// Every number is a gln_target_number: a value, its source in words, and optionally
// the values that co-design may give it. A target whose numbers carry no
// choices is a point. Plain data: copying a struct copies the target; strings
// of |source| and the instructions are lent by whoever set them and must outlive it.
// No function here allocates. Threads: a target is a value.
#ifndef GLN_TARGET_TARGET_H
#define GLN_TARGET_TARGET_H

#include "view/type.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  GLN_TARGET_MAX_CHOICES = 16, // values of one co-design range
  GLN_TARGET_MAX_ARRAYS = 4,
  GLN_TARGET_MAX_TYPE_RULES = 8,
};

// A number of the description, all as doubles (integers are exact to 2^53).
typedef struct gln_target_number {
  double value;
  const char *source;  // where the value is from; NULL = not said
  bool present;        // was given, by a built-in or by a loader
  uint8_t num_choices; // 0 = fixed
  double choices[GLN_TARGET_MAX_CHOICES]; // ascending; contains |value|
} gln_target_number;

//===-- The tables --------------------------------------------------------===//

// X(member, key, whole number, least, most, unit, meaning). The member is the
// field of the struct; the key is its name in text and in messages.

// Of each array. |rows| x |cols| multiply-accumulate cells.
#define GLN_TARGET_ARRAY_TABLE(X)                                              \
  X(rows, "rows", true, 1, 65536, "cells", "the reduction runs down the rows") \
  X(cols, "cols", true, 1, 65536, "cells", "one output per column and cycle")  \
  X(shadow_weights, "shadow_weights", true, 0, 1, "flag",                      \
    "cells hold a second weight, loaded while the first works")                \
  X(weight_stationary, "weight_stationary", true, 0, 1, "flag",                \
    "weights stay, rows of the other operand stream")                          \
  X(output_stationary, "output_stationary", true, 0, 1, "flag",                \
    "sums stay in the cells, both operands stream")                            \
  X(min_stream, "min_stream", true, 0, 65536, "cycles",                        \
    "least time between two weight blocks")                                    \
  X(interlock, "interlock", true, 0, 1, "flag",                                \
    "hazards are found by row address; 0 = by a token for a whole tile")

// Of the target. Memories are bytes; an energy is per byte, or per access to
// the accumulator; an area is mm2.
#define GLN_TARGET_TABLE(X)                                                    \
  X(lanes, "lanes", true, 1, 65536, "lanes", "width of the vector unit")       \
  X(abuf_bytes, "abuf_bytes", true, 1, 1e12, "B", "streamed operands")         \
  X(wbuf_bytes, "wbuf_bytes", true, 1, 1e12, "B", "stationary operands")       \
  X(acc_bytes, "acc_bytes", true, 1, 1e12, "B", "partial sums and results")    \
  X(dram_bytes_per_cycle, "dram_bytes_per_cycle", false, 1e-3, 1e6, "B/cycle", \
    "bandwidth")                                                               \
  X(dram_burst_bytes, "dram_burst_bytes", true, 1, 65536, "B",                 \
    "a contiguous run is cut into requests of at most this")                   \
  X(dram_request_cycles, "dram_request_cycles", false, 0, 1e6, "cycles",       \
    "a request takes at least this")                                           \
  X(dram_latency, "dram_latency", false, 0, 1e6, "cycles",                     \
    "until the first byte of an idle channel")                                 \
  X(host_cycles_per_mac, "host_cycles_per_mac", false, 0, 1e9, "cycles",       \
    "a multiply-accumulate on the host")                                       \
  X(host_cycles_per_element, "host_cycles_per_element", false, 0, 1e9,         \
    "cycles", "an elementwise result on the host")                             \
  X(host_bytes_per_cycle, "host_bytes_per_cycle", false, 1e-3, 1e6, "B/cycle", \
    "what the host reads and writes")                                          \
  X(energy_register, "energy_register", false, 0, 1e9, "pJ/B",                 \
    "a register of a cell")                                                    \
  X(energy_acc, "energy_acc", false, 0, 1e9, "pJ",                             \
    "a 32-bit access to the accumulator, plus:")                               \
  X(energy_acc_bank, "energy_acc_bank", false, 0, 1e9, "pJ/KiB",               \
    "per KiB of the accumulator of one column")                                \
  X(energy_sram, "energy_sram", false, 0, 1e9, "pJ/B",                         \
    "an access to ABUF or WBUF, plus:")                                        \
  X(energy_sram_size, "energy_sram_size", false, 0, 1e9, "pJ/B/KiB",           \
    "per KiB of that memory")                                                  \
  X(energy_dram, "energy_dram", false, 0, 1e9, "pJ/B", "DRAM")                 \
  X(area_cell, "area_cell", false, 0, 1e6, "mm2", "a cell of an array")        \
  X(area_shadow, "area_shadow", false, 0, 1e6, "mm2", "its second weight")     \
  X(area_side, "area_side", false, 0, 1e6, "mm2",                              \
    "per row or column (their mean): skew registers, requantisation")          \
  X(area_lane, "area_lane", false, 0, 1e6, "mm2", "a lane of the vector unit") \
  X(area_acc, "area_acc", false, 0, 1e6, "mm2/KiB", "accumulator")             \
  X(area_sram, "area_sram", false, 0, 1e6, "mm2/KiB", "ABUF and WBUF")         \
  X(area_base, "area_base", false, 0, 1e6, "mm2", "the rest")

enum {
#define GLN_X(member, ...) GLN_TARGET_ARRAY_##member,
  GLN_TARGET_ARRAY_TABLE(GLN_X)
#undef GLN_X
      GLN_NUM_ARRAY_NUMBERS
};

enum {
#define GLN_X(member, ...) GLN_TARGET_##member,
  GLN_TARGET_TABLE(GLN_X)
#undef GLN_X
      GLN_NUM_TARGET_NUMBERS
};

//===-- The description ---------------------------------------------------===//

typedef struct gln_target_array {
  union {
    gln_target_number numbers[GLN_NUM_ARRAY_NUMBERS];
    struct {
#define GLN_X(member, ...) gln_target_number member;
      GLN_TARGET_ARRAY_TABLE(GLN_X)
#undef GLN_X
    };
  };
} gln_target_array;

// The element types of one product: lhs x rhs accumulated in acc.
typedef struct gln_type_rule {
  gln_type lhs, rhs, acc;
  double mac_pj;      // energy of one multiply-accumulate
  const char *source; // of the energy
} gln_type_rule;

struct gln_instr_set; // instr.h

typedef struct gln_target {
  char name[48];
  // What its units can do (instr.h), lent; NULL: nothing, so no array is used.
  const struct gln_instr_set *instrs;
  uint8_t num_arrays, num_types;
  gln_target_array arrays[GLN_TARGET_MAX_ARRAYS];
  gln_type_rule types[GLN_TARGET_MAX_TYPE_RULES];
  union {
    gln_target_number numbers[GLN_NUM_TARGET_NUMBERS];
    struct {
#define GLN_X(member, ...) gln_target_number member;
      GLN_TARGET_TABLE(GLN_X)
#undef GLN_X
    };
  };
} gln_target;

//===-- Making one --------------------------------------------------------===//

// A target called |name| (cut at 47 bytes) with no arrays, no types and every
// number missing but energy, area and the host, which get the 40 nm defaults.
GLN_API void gln_target_init(gln_target *target, const char *name);

// The shipped target called |name|. EG_NOT_FOUND lists the names there are.
EG_NODISCARD
GLN_API eg_status gln_target_builtin(const char *name, gln_target *out_target,
                                     eg_error *error);
// The name of shipped target number |index|; NULL past the last.
GLN_API const char *gln_target_builtin_name(size_t index);

// Adds an array with every number missing, or a type rule. EG_LIMIT when full.
EG_NODISCARD
GLN_API eg_status gln_target_add_array(gln_target *target, eg_error *error);
EG_NODISCARD
GLN_API eg_status gln_target_add_type(gln_target *target, gln_type_rule rule,
                                      eg_error *error);

// The number called |key|: a key of the tables above; "rows" is that of array
// 0, "array2.rows" of array 2. NULL when there is none. O(table).
GLN_API gln_target_number *gln_target_find(gln_target *target, const char *key);

// Fixes a number: present, no choices. EG_NOT_FOUND: no such key, and the
// nearest there is. EG_INVALID:
// outside the limits of the table, or a fraction where a whole number belongs.
EG_NODISCARD
GLN_API eg_status gln_target_set(gln_target *target, const char *key,
                                 double value, const char *source,
                                 eg_error *error);
// Gives a number a range: |values| ascending, at most GLN_TARGET_MAX_CHOICES. The
// value is kept if it is one of them, and else becomes the first.
EG_NODISCARD
GLN_API eg_status gln_target_set_choices(gln_target *target, const char *key,
                                         const double *values,
                                         size_t num_values, eg_error *error);
// The same with least, 2 least, 4 least … most.
EG_NODISCARD
GLN_API eg_status gln_target_set_powers(gln_target *target, const char *key,
                                        double least, double most,
                                        eg_error *error);
// "rows=32,cols=32": sets each; the source becomes "override". What stands
// before a mistake is set.
EG_NODISCARD
GLN_API eg_status gln_target_override(gln_target *target, const char *text,
                                      eg_error *error);

//===-- Reading one -------------------------------------------------------===//

// EG_INVALID names the first number that is missing, outside its limits or its
// own range, or contradicts another: an array without a dataflow, shadow
// weights without stationary ones, a memory that cannot hold one block, an
// accumulator type too narrow.
EG_NODISCARD
GLN_API eg_status gln_target_check(const gln_target *target, eg_error *error);

GLN_API bool gln_target_is_point(const gln_target *target); // no choices

// The least choice of |number| that is at least |need|, or its value when it is
// fixed; false when none is large enough.
GLN_API bool gln_target_number_round_up(const gln_target_number *number,
                                        double need, double *out_value);

// The largest choice of |number|, its value when it is fixed.
GLN_API double gln_target_number_largest(const gln_target_number *number);

// Index of the rule for lhs x rhs; -1 when the arrays cannot multiply these.
GLN_API int gln_target_find_type(const gln_target *target, gln_type lhs,
                                 gln_type rhs);

// Area in mm2 of the point, all arrays and memories:
//   sum over arrays of cell R C [+ shadow R C] + side (R + C) / 2,
//   + acc KiB(ACC) + sram KiB(ABUF + WBUF) + lane lanes + base.
GLN_API double gln_target_area(const gln_target *target);

// What one array adds to that sum.
GLN_API double gln_target_array_area(const gln_target *target, size_t array);

// The entry of |names| (ends with NULL) that is nearest to |name| by insertions,
// deletions and changes; NULL when all differ in more than half of it.
GLN_API const char *gln_nearest_name(const char *name,
                                     const char *const *names);

#ifdef __cplusplus
}
#endif
#endif
