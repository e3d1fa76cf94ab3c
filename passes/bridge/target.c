// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The dictionary systolic.target as a gln_target. An attribute has no location
// of its own, so errors point to the module and name the key.
#include "bridge/target.h"
#include "bridge/file.h"
#include "bridge/target_internal.h"
#include "cxx/glenside-cxx.h"
#include "dialect/access.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BASES = 4, MAX_KEY = 64 };

typedef struct reader {
  gln_target_file *file;
  MlirLocation location;
  bool seen[GLN_NUM_TARGET_NUMBERS]; // given by this file
  const char *folder;
  int depth; // of bases
} reader;

static gln_target_file *read_module(MlirOperation module, const char *folder,
                                    int depth);
static gln_target_file *load(MlirLocation where, const char *name,
                             const char *folder, int depth);

bool gln_target_string(MlirAttribute attribute, char *out, size_t size) {
  if (mlirAttributeIsNull(attribute) || !mlirAttributeIsAString(attribute))
    return false;
  MlirStringRef text = mlirStringAttrGetValue(attribute);
  snprintf(out, size, "%.*s", (int)text.length, text.data);
  return true;
}

static MlirAttribute entry(MlirAttribute dict, const char *name) {
  return mlirDictionaryAttrGetElementByName(dict, gln_string(name));
}

// Key and value of entry |index|.
static MlirAttribute entry_at(MlirAttribute dict, intptr_t index,
                              char key[MAX_KEY]) {
  MlirNamedAttribute named = mlirDictionaryAttrGetElement(dict, index);
  MlirStringRef name = mlirIdentifierStr(named.name);
  snprintf(key, MAX_KEY, "%.*s", (int)name.length, name.data);
  return named.attribute;
}

// Lent by the context, which ends its strings with a zero. NULL if absent.
static const char *source_of(MlirAttribute dict, const char *otherwise) {
  MlirAttribute source = entry(dict, "source");
  return mlirAttributeIsNull(source) || !mlirAttributeIsAString(source)
             ? otherwise
             : mlirStringAttrGetValue(source).data;
}

//===-- Numbers -----------------------------------------------------------===//

static bool number_of(MlirAttribute attribute, double *out) {
  if (mlirAttributeIsNull(attribute))
    return false;
  if (mlirAttributeIsABool(attribute))
    *out = mlirBoolAttrGetValue(attribute);
  else if (mlirAttributeIsAInteger(attribute))
    *out = (double)mlirIntegerAttrGetValueInt(attribute);
  else if (mlirAttributeIsAFloat(attribute))
    *out = mlirFloatAttrGetValueDouble(attribute);
  else
    return false;
  return true;
}

static bool wrong(reader *r, const char *key, MlirAttribute found,
                  const char *wanted) {
  gln_text text;
  return gln_error(r->location, "target '%s': %s must be %s, got %s",
                   r->file->target.name, key, wanted,
                   gln_attribute_text(found, text));
}

static bool set_range(reader *r, const char *key, MlirAttribute list) {
  double values[GLN_TARGET_MAX_CHOICES] = {0};
  intptr_t num = mlirArrayAttrGetNumElements(list);
  for (intptr_t i = 0; i < num && i < GLN_TARGET_MAX_CHOICES; ++i)
    if (!number_of(mlirArrayAttrGetElement(list, i), &values[i]))
      return wrong(r, key, list, "numbers in brackets");
  eg_error error;
  return gln_target_set_choices(&r->file->target, key, values, (size_t)num,
                                &error) == EG_OK ||
         gln_error(r->location, "%s", error.text);
}

static bool set_value(reader *r, const char *key, MlirAttribute attribute) {
  double value;
  if (!number_of(attribute, &value))
    return wrong(r, key, attribute,
                 "a number, a range in brackets, or {value, range, source}");
  eg_error error;
  return gln_target_set(&r->file->target, key, value, NULL, &error) == EG_OK ||
         gln_error(r->location, "%s", error.text);
}

// {value = 16, range = [8, 16], source = "…"}, each of which may be left out.
static bool set_parts(reader *r, const char *key, MlirAttribute dict) {
  static const char *const parts[] = {"value", "range", "source", NULL};
  for (intptr_t i = 0; i < mlirDictionaryAttrGetNumElements(dict); ++i) {
    char name[MAX_KEY];
    (void)entry_at(dict, i, name);
    if (strcmp(name, parts[0]) && strcmp(name, parts[1]) &&
        strcmp(name, parts[2]))
      return gln_error(r->location,
                       "target '%s': %s has the unknown key '%s'; there are "
                       "value, range and source",
                       r->file->target.name, key, name);
  }
  MlirAttribute value = entry(dict, "value"), range = entry(dict, "range");
  if (mlirAttributeIsNull(value) && mlirAttributeIsNull(range))
    return wrong(r, key, dict, "given a value or a range");
  if (!mlirAttributeIsNull(value) && !set_value(r, key, value))
    return false;
  if (mlirAttributeIsNull(range))
    return true;
  if (!mlirAttributeIsAArray(range))
    return wrong(r, key, range, "a range in brackets");
  if (!set_range(r, key, range))
    return false;
  const gln_target_number *number = gln_target_find(&r->file->target, key);
  double wanted;
  if (number_of(value, &wanted) && number->value != wanted)
    return gln_error(r->location,
                     "target '%s': %s = %g is not in its range of %g to %g",
                     r->file->target.name, key, wanted, number->choices[0],
                     number->choices[number->num_choices - 1]);
  return true;
}

static bool set_number(reader *r, const char *key, MlirAttribute attribute,
                       const char *source) {
  gln_target *target = &r->file->target;
  gln_target_number *number = gln_target_find(target, key);
  if (!number) {
    eg_error error;
    return gln_target_set(target, key, 0, NULL, &error) == EG_OK ||
           gln_error(r->location, "%s", error.text);
  }
  if (number >= target->numbers &&
      number < target->numbers + GLN_NUM_TARGET_NUMBERS) {
    bool *seen = &r->seen[number - target->numbers];
    if (*seen)
      return gln_error(r->location, "target '%s': %s is given twice",
                       target->name, key);
    *seen = true;
  }
  // What a range leaves open stays as the base says, where it is from too.
  const char *before = number->source;
  bool is_dict = mlirAttributeIsADictionary(attribute);
  bool is_list = mlirAttributeIsAArray(attribute);
  bool ok = is_dict   ? set_parts(r, key, attribute)
            : is_list ? set_range(r, key, attribute)
                      : set_value(r, key, attribute);
  const char *own = is_dict ? source_of(attribute, source) : source;
  number->source = own ? own : before;
  return ok;
}

// All numbers of a dictionary; |prefix| is "" or "array1.".
static bool set_group(reader *r, MlirAttribute dict, const char *prefix) {
  const char *source = source_of(dict, NULL);
  for (intptr_t i = 0; i < mlirDictionaryAttrGetNumElements(dict); ++i) {
    char name[MAX_KEY], key[2 * MAX_KEY];
    MlirAttribute value = entry_at(dict, i, name);
    snprintf(key, sizeof key, "%s%s", prefix, name);
    if (strcmp(name, "source") != 0 && !set_number(r, key, value, source))
      return false;
  }
  return true;
}

//===-- Arrays and types --------------------------------------------------===//

static bool read_arrays(reader *r, MlirAttribute list) {
  if (!mlirAttributeIsAArray(list) || mlirArrayAttrGetNumElements(list) == 0)
    return wrong(r, "arrays", list, "a list of dictionaries");
  for (intptr_t i = 0; i < mlirArrayAttrGetNumElements(list); ++i) {
    MlirAttribute dict = mlirArrayAttrGetElement(list, i);
    if (!mlirAttributeIsADictionary(dict))
      return wrong(r, "arrays", dict, "a list of dictionaries");
    eg_error error;
    if (i >= r->file->target.num_arrays &&
        gln_target_add_array(&r->file->target, &error) != EG_OK)
      return gln_error(r->location, "%s", error.text);
    char prefix[16] = "";
    if (i)
      snprintf(prefix, sizeof prefix, "array%d.", (int)i);
    if (!set_group(r, dict, prefix))
      return false;
  }
  return true;
}

static bool read_type(reader *r, MlirAttribute dict, gln_type_rule *out) {
  static const char *const keys[] = {"lhs",    "rhs",    "acc",
                                     "mac_pj", "source", NULL};
  gln_type *const types[] = {&out->lhs, &out->rhs, &out->acc};
  for (intptr_t i = 0; i < mlirDictionaryAttrGetNumElements(dict); ++i) {
    char name[MAX_KEY];
    (void)entry_at(dict, i, name);
    const char *near = gln_nearest_name(name, keys);
    if (!near || strcmp(near, name) != 0)
      return gln_error(
          r->location, "target '%s': a type rule has no key '%s'%s%s%s",
          r->file->target.name, name, near ? "; did you mean '" : "",
          near ? near : "", near ? "'?" : "");
  }
  for (int i = 0; i < 3; ++i) {
    MlirAttribute type = entry(dict, keys[i]);
    if (mlirAttributeIsNull(type) || !mlirAttributeIsAType(type) ||
        !gln_element_parse(mlirTypeAttrGetValue(type), types[i]))
      return wrong(r, keys[i], dict, "an element type in every type rule");
  }
  if (!number_of(entry(dict, "mac_pj"), &out->mac_pj))
    return wrong(r, "mac_pj", dict, "a number in every type rule");
  out->source = source_of(dict, NULL);
  return true;
}

// A rule of the base for the same operands is replaced, once.
static bool read_types(reader *r, MlirAttribute list) {
  gln_target *target = &r->file->target;
  bool mine[GLN_TARGET_MAX_TYPE_RULES] = {false};
  if (!mlirAttributeIsAArray(list))
    return wrong(r, "types", list, "a list of dictionaries");
  for (intptr_t i = 0; i < mlirArrayAttrGetNumElements(list); ++i) {
    MlirAttribute dict = mlirArrayAttrGetElement(list, i);
    gln_type_rule rule = {GLN_TYPE_F32, GLN_TYPE_F32, GLN_TYPE_F32, 0, NULL};
    if (!mlirAttributeIsADictionary(dict))
      return wrong(r, "types", dict, "a list of dictionaries");
    if (!read_type(r, dict, &rule))
      return false;
    int at = gln_target_find_type(target, rule.lhs, rule.rhs);
    if (at >= 0 && mine[at])
      return gln_error(r->location, "target '%s': two type rules for %s x %s",
                       target->name, gln_type_name(rule.lhs),
                       gln_type_name(rule.rhs));
    eg_error error;
    if (at >= 0)
      target->types[at] = rule;
    else if (gln_target_add_type(target, rule, &error) != EG_OK)
      return gln_error(r->location, "%s", error.text);
    mine[at >= 0 ? at : target->num_types - 1] = true;
  }
  return true;
}

//===-- The dictionary ----------------------------------------------------===//

static bool is_group(const char *key) {
  static const char *const groups[] = {"vector", "memories", "dram",
                                       "host",   "energy",   "area"};
  for (size_t i = 0; i < sizeof groups / sizeof *groups; ++i)
    if (strcmp(groups[i], key) == 0)
      return true;
  return false;
}

static bool read_entry(reader *r, const char *key, MlirAttribute value) {
  if (strcmp(key, "name") == 0 || strcmp(key, "base") == 0)
    return true;
  if (strcmp(key, "arrays") == 0)
    return read_arrays(r, value);
  if (strcmp(key, "types") == 0)
    return read_types(r, value);
  if (is_group(key))
    return mlirAttributeIsADictionary(value)
               ? set_group(r, value, "")
               : wrong(r, key, value, "a dictionary of numbers");
  if (gln_target_find(&r->file->target, key))
    return set_number(r, key, value, NULL);
  static const char *const keys[] = {
#define GLN_X(member, name, ...) name,
      GLN_TARGET_TABLE(GLN_X)
#undef GLN_X
          "name",
      "base",
      "arrays",
      "types",
      "vector",
      "memories",
      "dram",
      "host",
      "energy",
      "area",
      NULL};
  const char *near = gln_nearest_name(key, keys);
  return gln_error(r->location, "target '%s': unknown key '%s'%s%s%s",
                   r->file->target.name, key, near ? "; did you mean '" : "",
                   near ? near : "", near ? "'?" : "");
}

static bool read_base(reader *r, MlirAttribute dict) {
  MlirAttribute base = entry(dict, "base");
  char name[GLN_TARGET_MAX_PATH], own[sizeof r->file->target.name];
  if (mlirAttributeIsNull(base))
    return true;
  if (!gln_target_string(base, name, sizeof name))
    return wrong(r, "base", base, "the name of a target");
  if (r->depth == MAX_BASES)
    return gln_error(r->location,
                     "target '%s': bases nest deeper than %d; is '%s' its own "
                     "base?",
                     r->file->target.name, MAX_BASES, name);
  gln_target_file *from = load(r->location, name, r->folder, r->depth + 1);
  if (!from)
    return false;
  memcpy(own, r->file->target.name, sizeof own);
  r->file->target = from->target;
  r->file->instrs = from->instrs;
  memcpy(r->file->target.name, own, sizeof own);
  gln_target_unload(from);
  return true;
}

static bool read_dictionary(reader *r, MlirAttribute dict) {
  char name[sizeof r->file->target.name];
  if (!gln_target_string(entry(dict, "name"), name, sizeof name) || !name[0])
    return gln_error(r->location, "systolic.target has no name = \"…\"");
  gln_target_init(&r->file->target, name);
  if (!read_base(r, dict))
    return false;
  for (intptr_t i = 0; i < mlirDictionaryAttrGetNumElements(dict); ++i) {
    char key[MAX_KEY];
    MlirAttribute value = entry_at(dict, i, key);
    if (!read_entry(r, key, value))
      return false;
  }
  eg_error error;
  return gln_target_check(&r->file->target, &error) == EG_OK ||
         gln_error(r->location, "%s", error.text);
}

//===-- Instructions ------------------------------------------------------===//

static bool add_instr(reader *r, MlirOperation op) {
  gln_instr_set *set = &r->file->instrs;
  gln_instr *instr = calloc(1, sizeof *instr);
  if (!instr)
    return gln_error(mlirOperationGetLocation(op), "out of memory");
  bool ok = gln_target_read_instr(op, &r->file->target, instr);
  gln_instr *same =
      ok ? (gln_instr *)(uintptr_t)gln_instr_find(set, instr->name) : NULL;
  if (ok && same)
    *same = *instr; // of the base
  else if (ok && set->num == GLN_TARGET_MAX_INSTRS)
    ok =
        gln_op_error(op, "is instruction %d of target '%s', %d are the limit",
                     set->num + 1, r->file->target.name, GLN_TARGET_MAX_INSTRS);
  else if (ok)
    set->instrs[set->num++] = *instr;
  free(instr);
  return ok;
}

// Instructions of a base, or of a dataflow that an override took away.
static void drop_idle(gln_target_file *file) {
  size_t num = 0;
  for (size_t i = 0; i < file->instrs.num; ++i)
    if (gln_instr_has_unit(&file->instrs.instrs[i], &file->target))
      file->instrs.instrs[num++] = file->instrs.instrs[i];
  file->instrs.num = (uint8_t)num;
}

static bool check_inherited(reader *r) {
  drop_idle(r->file);
  for (size_t i = 0; i < r->file->instrs.num; ++i) {
    const gln_instr *instr = &r->file->instrs.instrs[i];
    eg_error error;
    if (gln_instr_check(instr, &r->file->target, &error) != EG_OK)
      return gln_error(r->location, "target '%s': instruction '%s' %s",
                       r->file->target.name, instr->name, error.text);
  }
  return true;
}

static bool read_all(reader *r, MlirOperation module, MlirAttribute dict) {
  if (!mlirAttributeIsADictionary(dict))
    return gln_error(r->location, "systolic.target must be a dictionary");
  if (!read_dictionary(r, dict))
    return false;
  MlirBlock body = mlirRegionGetFirstBlock(mlirOperationGetRegion(module, 0));
  for (MlirOperation op = mlirBlockGetFirstOperation(body);
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    if (!add_instr(r, op))
      return false;
  return check_inherited(r);
}

static gln_target_file *read_module(MlirOperation module, const char *folder,
                                    int depth) {
  reader r = {.location = mlirOperationGetLocation(module),
              .folder = folder,
              .depth = depth,
              .file = calloc(1, sizeof *r.file)};
  MlirAttribute dict = gln_op_attribute(module, "systolic.target");
  bool ok = r.file || gln_error(r.location, "out of memory");
  if (ok && mlirAttributeIsNull(dict))
    ok = gln_error(r.location, "is no target: the module has no attribute "
                               "systolic.target");
  if (ok && read_all(&r, module, dict)) {
    r.file->target.instrs = &r.file->instrs;
    return r.file;
  }
  free(r.file);
  return NULL;
}

//===-- Files -------------------------------------------------------------===//

static gln_target_file *load(MlirLocation where, const char *name,
                             const char *folder, int depth) {
  char path[GLN_TARGET_MAX_PATH], own_folder[GLN_TARGET_MAX_PATH];
  if (!gln_target_locate(where, name, folder, path))
    return NULL;
  size_t size;
  char *text = gln_read_file(path, &size);
  if (!text) {
    gln_error(where, "cannot read the target '%s'", path);
    return NULL;
  }
  MlirOperation module = mlirOperationCreateParse(
      mlirLocationGetContext(where), mlirStringRefCreate(text, size),
      mlirStringRefCreateFromCString(path));
  free(text);
  if (mlirOperationIsNull(module)) {
    gln_error(where, "the target '%s' is no module", path);
    return NULL;
  }
  const char *slash = strrchr(path, '/');
  snprintf(own_folder, sizeof own_folder, "%.*s",
           slash ? (int)(slash - path) : 1, slash ? path : ".");
  gln_target_file *file = read_module(module, own_folder, depth);
  if (file)
    memcpy(file->path, path, sizeof path);
  mlirOperationDestroy(module);
  return file;
}

gln_target_file *gln_target_load(MlirLocation where, const char *text) {
  char name[GLN_TARGET_MAX_PATH];
  size_t length = strcspn(text, ",");
  if (length >= sizeof name) {
    gln_error(where, "the name of a target has %zu bytes, at most %zu", length,
              sizeof name - 1);
    return NULL;
  }
  memcpy(name, text, length);
  name[length] = 0;
  gln_target_file *file = load(where, name, NULL, 0);
  if (!file || !text[length])
    return file;
  eg_error error;
  if (gln_target_override(&file->target, text + length + 1, &error) == EG_OK &&
      gln_target_check(&file->target, &error) == EG_OK) {
    drop_idle(file);
    return file;
  }
  gln_error(where, "%s", error.text);
  gln_target_unload(file);
  return NULL;
}

gln_target_file *gln_target_read(MlirOperation module, const char *folder) {
  return read_module(module, folder, 0);
}

void gln_target_unload(gln_target_file *file) {
  free(file);
}

bool gln_target_is(MlirOperation module) {
  return !mlirAttributeIsNull(gln_op_attribute(module, "systolic.target"));
}
