// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The private functions that access.call names.
#include "bridge/body.h"

#include <stdlib.h>

struct gln_body_entry {
  gln_scalar_body body;
  uint64_t hash;
  char symbol[32];
};

void gln_bodies_init(gln_bodies *bodies, MlirOperation module) {
  *bodies =
      (gln_bodies){.module = module, .symbols = mlirSymbolTableCreate(module)};
}

void gln_bodies_fini(gln_bodies *bodies) {
  for (size_t i = 0; i < bodies->num; ++i)
    gln_scalar_body_fini(&bodies->entries[i].body);
  free(bodies->entries);
  mlirSymbolTableDestroy(bodies->symbols);
}

static MlirOperation make_function(const gln_scalar_body *body,
                                   const char *symbol, MlirLocation location) {
  MlirContext context = mlirLocationGetContext(location);
  MlirType types[GLN_BODY_MAX_ARGS];
  MlirLocation locations[GLN_BODY_MAX_ARGS];
  MlirValue args[GLN_BODY_MAX_ARGS], result;
  for (uint16_t i = 0; i < body->num_args; ++i) {
    types[i] = gln_element_get(context, (gln_type)body->arg_types[i]);
    locations[i] = location;
  }
  MlirType out =
      gln_element_get(context, gln_scalar_body_type(body, body->results[0]));
  MlirBlock block = mlirBlockCreate(body->num_args, types, locations);
  for (uint16_t i = 0; i < body->num_args; ++i)
    args[i] = mlirBlockGetArgument(block, i);
  if (!gln_body_emit(body, block, location, args, &result)) {
    mlirBlockDestroy(block);
    return (MlirOperation){NULL};
  }
  MlirOperationState yield =
      mlirOperationStateGet(gln_string("func.return"), location);
  mlirOperationStateAddOperands(&yield, 1, &result);
  mlirBlockAppendOwnedOperation(block, mlirOperationCreate(&yield));

  MlirRegion region = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(region, block);
  MlirNamedAttribute attributes[] = {
      mlirNamedAttributeGet(mlirIdentifierGet(context, gln_string("sym_name")),
                            mlirStringAttrGet(context, gln_string(symbol))),
      mlirNamedAttributeGet(
          mlirIdentifierGet(context, gln_string("function_type")),
          mlirTypeAttrGet(
              mlirFunctionTypeGet(context, body->num_args, types, 1, &out))),
      mlirNamedAttributeGet(
          mlirIdentifierGet(context, gln_string("sym_visibility")),
          mlirStringAttrGet(context, gln_string("private"))),
  };
  MlirOperationState state =
      mlirOperationStateGet(gln_string("func.func"), location);
  mlirOperationStateAddAttributes(&state, 3, attributes);
  mlirOperationStateAddOwnedRegions(&state, 1, &region);
  return mlirOperationCreate(&state);
}

static struct gln_body_entry *grow(gln_bodies *bodies) {
  if (bodies->num == bodies->capacity) {
    size_t wanted = bodies->capacity ? 2 * bodies->capacity : 16;
    void *entries = realloc(bodies->entries, wanted * sizeof(*bodies->entries));
    if (!entries)
      return NULL;
    bodies->entries = entries;
    bodies->capacity = wanted;
  }
  return &bodies->entries[bodies->num];
}

const char *gln_bodies_symbol(gln_bodies *bodies, const gln_scalar_body *body,
                              MlirLocation location, eg_error *error) {
  uint64_t hash = gln_scalar_body_hash(body);
  for (size_t i = 0; i < bodies->num; ++i)
    if (bodies->entries[i].hash == hash &&
        gln_scalar_body_equal(&bodies->entries[i].body, body))
      return bodies->entries[i].symbol;
  struct gln_body_entry *entry = grow(bodies);
  if (!entry ||
      gln_scalar_body_copy(&entry->body, body, eg_allocator_default(), error)) {
    (void)gln_fail(error, EG_NO_MEMORY, "out of memory");
    return NULL;
  }
  do {
    snprintf(entry->symbol, sizeof(entry->symbol), "access_body_%u",
             bodies->next++);
  } while (!mlirOperationIsNull(
      mlirSymbolTableLookup(bodies->symbols, gln_string(entry->symbol))));
  entry->hash = hash;
  MlirOperation function = make_function(body, entry->symbol, location);
  if (mlirOperationIsNull(function)) {
    gln_scalar_body_fini(&entry->body);
    (void)gln_fail(error, EG_INVALID, "a function of its body has no op");
    return NULL;
  }
  mlirSymbolTableInsert(bodies->symbols, function);
  ++bodies->num;
  return entry->symbol;
}
