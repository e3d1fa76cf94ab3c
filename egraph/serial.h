// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A serialized e-graph as its makers see it.
#ifndef EG_SERIAL_INTERNAL_H
#define EG_SERIAL_INTERNAL_H

#include "arena.h"
#include "eg_serial.h"

// An entry of class_data.
typedef struct egi_datum {
  uint32_t id;       // class
  const char *key;   // NULL: the class has data, but this says nothing of it
  const char *value; // NULL: null
} egi_datum;

struct eg_serial {
  eg_allocator allocator;
  egi_arena arena; // everything below
  eg_problem problem;
  double *costs;           // of the problem
  const char **node_ids;   // by node
  const char **ops;        // by node
  unsigned char *subsumed; // by node
  uint32_t *order;         // position in the text -> node
  uint32_t *named;         // child -> the node that names it
  const char **class_ids;  // by class
  const char **types;      // by class; NULL = none
  egi_datum *data;         // in the order of the text
  size_t num_data;
};

// An empty one.
EG_NODISCARD
eg_status egi_serial_new(const eg_allocator *allocator, eg_serial **out_serial,
                         eg_error *error);

#endif
