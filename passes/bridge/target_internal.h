// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Between the files that read a target.
#ifndef GLN_BRIDGE_TARGET_INTERNAL_H
#define GLN_BRIDGE_TARGET_INTERNAL_H

#include "bridge/target.h"

//===-- Finding -----------------------------------------------------------===//

// The path of what |text| names; |folder| (may be NULL) is looked in before the
// search path. An error at |where| lists the shipped names and the search path.
bool gln_target_locate(MlirLocation where, const char *text, const char *folder,
                       char path[GLN_TARGET_MAX_PATH]);

//===-- Reading -----------------------------------------------------------===//

// Copies a string attribute, cut to |size|; false if it is none.
bool gln_target_string(MlirAttribute attribute, char *out, size_t size);
// The function |op| as an instruction for |target|.
bool gln_target_read_instr(MlirOperation op, const gln_target *target,
                           gln_instr *out);

//===-- Symbolic values ---------------------------------------------------===//

// An extent: a name, or a number when the name is empty.
typedef struct gln_sym_extent {
  char name[GLN_INSTR_NAME];
  int64_t value;
} gln_sym_extent;

// What a value reads: axis a of the argument at Σ coef[a][d] · index[d].
typedef struct gln_sym_source {
  uint8_t argument, rank;
  gln_type type;
  gln_instr_coef coef[GLN_INSTR_MAX_RANK][GLN_INSTR_MAX_DIMS];
} gln_sym_source;

// A pattern that is a view of one argument, or a pair of such.
typedef struct gln_sym {
  gln_type type;
  uint8_t rank, num_access; // without the 2 of a pair
  gln_sym_extent dims[GLN_INSTR_MAX_DIMS];
  uint8_t num_sources; // 2: a pair
  gln_sym_source sources[2];
} gln_sym;

enum { GLN_SYM_MAX_VALUES = 64 };

// The views of one function.
typedef struct gln_sym_table {
  size_t num;
  MlirValue values[GLN_SYM_MAX_VALUES];
  gln_sym syms[GLN_SYM_MAX_VALUES];
  gln_instr *instr; // receives parameters
} gln_sym_table;

// False, with a message, if the type is no pattern or has too many dimensions.
bool gln_sym_of_type(MlirType type, gln_sym *out, eg_error *error);
const gln_sym *gln_sym_find(const gln_sym_table *table, MlirValue value);
bool gln_sym_argument(gln_sym_table *table, MlirValue value, size_t index,
                      eg_error *error);
// Adds the result of a view, of pair or of cartesian_product, after comparing
// its type with what follows from the operands. False with a message.
bool gln_sym_view(gln_sym_table *table, MlirOperation op, eg_error *error);

#endif
