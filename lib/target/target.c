// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Looking up, setting and checking the numbers of a target.
#include "target/target.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct field {
  const char *key;
  bool whole;
  double least, most;
  const char *unit, *meaning;
} field;

static const field array_fields[GLN_NUM_ARRAY_NUMBERS] = {
#define GLN_X(member, key, whole, least, most, unit, meaning)                  \
  {key, whole, least, most, unit, meaning},
    GLN_TARGET_ARRAY_TABLE(GLN_X)
#undef GLN_X
};

static const field target_fields[GLN_NUM_TARGET_NUMBERS] = {
#define GLN_X(member, key, whole, least, most, unit, meaning)                  \
  {key, whole, least, most, unit, meaning},
    GLN_TARGET_TABLE(GLN_X)
#undef GLN_X
};

//===-- Looking up --------------------------------------------------------===//

// "array2.rows" -> 2 and "rows"; any other text -> 0 and itself.
static size_t split_array(const char *key, const char **out_rest) {
  *out_rest = key;
  if (strncmp(key, "array", 5) != 0 || key[5] < '0' || key[5] > '9')
    return 0;
  if (key[6] != '.')
    return 0;
  *out_rest = key + 7;
  return (size_t)(key[5] - '0');
}

static gln_target_number *find(gln_target *target, const char *key,
                               const field **out_field) {
  const char *rest;
  size_t array = split_array(key, &rest);
  for (size_t i = 0; array < target->num_arrays && i < GLN_NUM_ARRAY_NUMBERS;
       ++i)
    if (strcmp(array_fields[i].key, rest) == 0) {
      *out_field = &array_fields[i];
      return &target->arrays[array].numbers[i];
    }
  for (size_t i = 0; i < GLN_NUM_TARGET_NUMBERS; ++i)
    if (strcmp(target_fields[i].key, key) == 0) {
      *out_field = &target_fields[i];
      return &target->numbers[i];
    }
  return NULL;
}

gln_target_number *gln_target_find(gln_target *target, const char *key) {
  const field *unused;
  return find(target, key, &unused);
}

//===-- Setting -----------------------------------------------------------===//

static eg_status check_value(const char *name, const char *key,
                             const field *limits, double value,
                             eg_error *error) {
  if (!(value >= limits->least && value <= limits->most))
    return gln_fail(error, EG_INVALID,
                    "target '%s': %s = %g is outside %g to %g %s", name, key,
                    value, limits->least, limits->most, limits->unit);
  if (limits->whole && value != floor(value))
    return gln_fail(error, EG_INVALID,
                    "target '%s': %s = %g must be a whole number of %s", name,
                    key, value, limits->unit);
  return EG_OK;
}

// The key that is nearest to |key| behind its array, which ends at |out_rest|.
static const char *nearest_key(const char *key, const char **out_rest) {
  static const char *const keys[] = {
#define GLN_X(member, name, ...) name,
      GLN_TARGET_ARRAY_TABLE(GLN_X) GLN_TARGET_TABLE(GLN_X)
#undef GLN_X
          NULL};
  split_array(key, out_rest);
  const char *near = gln_nearest_name(*out_rest, keys);
  // The key is right, then, and there is no such array.
  return near && strcmp(near, *out_rest) == 0 ? NULL : near;
}

static eg_status find_or_fail(gln_target *target, const char *key,
                              gln_target_number **out_number,
                              const field **out_field, eg_error *error) {
  *out_number = find(target, key, out_field);
  if (*out_number)
    return EG_OK;
  const char *rest, *near = nearest_key(key, &rest);
  return gln_fail(
      error, EG_NOT_FOUND, "target '%s' has no number called '%s'%s%.*s%s%s",
      target->name, key, near ? "; did you mean '" : "",
      near ? (int)(rest - key) : 0, key, near ? near : "", near ? "'?" : "");
}

eg_status gln_target_set(gln_target *target, const char *key, double value,
                         const char *source, eg_error *error) {
  gln_target_number *number;
  const field *limits;
  eg_status status = find_or_fail(target, key, &number, &limits, error);
  if (status == EG_OK)
    status = check_value(target->name, key, limits, value, error);
  if (status != EG_OK)
    return status;
  memset(number, 0, sizeof *number);
  number->value = value;
  number->source = source;
  number->present = true;
  return EG_OK;
}

eg_status gln_target_set_choices(gln_target *target, const char *key,
                                 const double *values, size_t num_values,
                                 eg_error *error) {
  gln_target_number *number;
  const field *limits;
  eg_status status = find_or_fail(target, key, &number, &limits, error);
  if (status != EG_OK)
    return status;
  if (num_values == 0 || num_values > GLN_TARGET_MAX_CHOICES)
    return gln_fail(error, EG_INVALID,
                    "target '%s': %s has a range of %zu values, not 1 to %d",
                    target->name, key, num_values, GLN_TARGET_MAX_CHOICES);
  bool kept = false;
  for (size_t i = 0; i < num_values; ++i) {
    status = check_value(target->name, key, limits, values[i], error);
    if (status != EG_OK)
      return status;
    if (i > 0 && values[i] <= values[i - 1])
      return gln_fail(error, EG_INVALID,
                      "target '%s': the range of %s must ascend, but %g "
                      "follows %g",
                      target->name, key, values[i], values[i - 1]);
    kept |= number->present && values[i] == number->value;
  }
  memcpy(number->choices, values, num_values * sizeof *values);
  number->num_choices = (uint8_t)num_values;
  number->value = kept ? number->value : values[0];
  number->present = true;
  return EG_OK;
}

eg_status gln_target_set_powers(gln_target *target, const char *key,
                                double least, double most, eg_error *error) {
  double values[GLN_TARGET_MAX_CHOICES];
  size_t num_values = 0;
  double at = least;
  for (; least > 0 && at <= most && num_values < GLN_TARGET_MAX_CHOICES;
       at *= 2)
    values[num_values++] = at;
  if (num_values == 0 || values[num_values - 1] != most)
    return gln_fail(error, EG_INVALID,
                    "target '%s': %s has no range from %g to %g by doubling in "
                    "at most %d steps",
                    target->name, key, least, most, GLN_TARGET_MAX_CHOICES);
  return gln_target_set_choices(target, key, values, num_values, error);
}

eg_status gln_target_override(gln_target *target, const char *text,
                              eg_error *error) {
  while (*text) {
    const char *equals = strchr(text, '=');
    size_t item = strcspn(text, ",");
    char key[48];
    if (!equals || equals > text + item ||
        (size_t)(equals - text) >= sizeof key)
      return gln_fail(error, EG_INVALID, "target '%s': '%.*s' is not key=value",
                      target->name, (int)item, text);
    memcpy(key, text, (size_t)(equals - text));
    key[equals - text] = 0;
    gln_scalar number;
    if (gln_scalar_parse(GLN_TYPE_F64, equals + 1,
                         (size_t)(text + item - equals - 1), &number,
                         NULL) != EG_OK)
      return gln_fail(error, EG_INVALID,
                      "target '%s': the value of '%.*s' is no number",
                      target->name, (int)item, text);
    eg_status status = gln_target_set(target, key, gln_scalar_to_double(number),
                                      "override", error);
    if (status != EG_OK)
      return status;
    text += item + (text[item] == ',');
  }
  return EG_OK;
}

eg_status gln_target_add_array(gln_target *target, eg_error *error) {
  if (target->num_arrays == GLN_TARGET_MAX_ARRAYS)
    return gln_fail(error, EG_LIMIT, "target '%s' has %d arrays already",
                    target->name, GLN_TARGET_MAX_ARRAYS);
  memset(&target->arrays[target->num_arrays++], 0, sizeof(gln_target_array));
  return EG_OK;
}

eg_status gln_target_add_type(gln_target *target, gln_type_rule rule,
                              eg_error *error) {
  if (target->num_types == GLN_TARGET_MAX_TYPE_RULES)
    return gln_fail(error, EG_LIMIT, "target '%s' has %d type rules already",
                    target->name, GLN_TARGET_MAX_TYPE_RULES);
  target->types[target->num_types++] = rule;
  return EG_OK;
}

//===-- Checking ----------------------------------------------------------===//

static eg_status check_number(const gln_target *target, const char *key,
                              const field *limits,
                              const gln_target_number *number,
                              eg_error *error) {
  if (!number->present)
    return gln_fail(error, EG_INVALID, "target '%s': %s is missing (%s)",
                    target->name, key, limits->meaning);
  eg_status status =
      check_value(target->name, key, limits, number->value, error);
  if (status != EG_OK || number->num_choices == 0)
    return status;
  if (number->num_choices > GLN_TARGET_MAX_CHOICES)
    return gln_fail(error, EG_INVALID, "target '%s': %s has %d choices",
                    target->name, key, number->num_choices);
  for (size_t i = 0; i < number->num_choices; ++i) {
    status = check_value(target->name, key, limits, number->choices[i], error);
    if (status != EG_OK)
      return status;
  }
  for (size_t i = 0; i < number->num_choices; ++i)
    if (number->choices[i] == number->value)
      return EG_OK;
  return gln_fail(error, EG_INVALID,
                  "target '%s': %s = %g is not one of the %d values of its "
                  "range %g to %g",
                  target->name, key, number->value, number->num_choices,
                  number->choices[0], number->choices[number->num_choices - 1]);
}

double gln_target_number_largest(const gln_target_number *number) {
  return number->num_choices ? number->choices[number->num_choices - 1]
                             : number->value;
}

static double least(const gln_target_number *number) {
  return number->num_choices ? number->choices[0] : number->value;
}

// Whether the largest |memory| holds |need| bytes, what one instruction of the
// smallest array touches.
static eg_status check_holds(const gln_target *target, const char *key,
                             const gln_target_number *memory, double need,
                             const char *what, eg_error *error) {
  if (gln_target_number_largest(memory) < need)
    return gln_fail(
        error, EG_INVALID, "target '%s': %s = %g B cannot hold %s of %g B",
        target->name, key, gln_target_number_largest(memory), what, need);
  return EG_OK;
}

static eg_status check_type(const gln_target *target, const gln_type_rule *rule,
                            eg_error *error) {
  if (!gln_type_is_valid((int)rule->lhs) ||
      !gln_type_is_valid((int)rule->rhs) || !gln_type_is_valid((int)rule->acc))
    return gln_fail(error, EG_INVALID,
                    "target '%s': a type rule has an unknown type (%d x %d "
                    "in %d)",
                    target->name, (int)rule->lhs, (int)rule->rhs,
                    (int)rule->acc);
  if (!gln_type_widens_to(rule->lhs, rule->acc) ||
      !gln_type_widens_to(rule->rhs, rule->acc))
    return gln_fail(error, EG_INVALID,
                    "target '%s': %s x %s cannot be accumulated in %s",
                    target->name, gln_type_name(rule->lhs),
                    gln_type_name(rule->rhs), gln_type_name(rule->acc));
  if (!(rule->mac_pj >= 0 && rule->mac_pj < INFINITY))
    return gln_fail(error, EG_INVALID,
                    "target '%s': mac_pj = %g of %s x %s must be finite and "
                    "not negative",
                    target->name, rule->mac_pj, gln_type_name(rule->lhs),
                    gln_type_name(rule->rhs));
  if (&target->types[gln_target_find_type(target, rule->lhs, rule->rhs)] !=
      rule)
    return gln_fail(error, EG_INVALID,
                    "target '%s': two type rules for %s x %s", target->name,
                    gln_type_name(rule->lhs), gln_type_name(rule->rhs));
  return EG_OK;
}

static eg_status check_array(const gln_target *target, size_t index,
                             eg_error *error) {
  const gln_target_array *array = &target->arrays[index];
  for (size_t i = 0; i < GLN_NUM_ARRAY_NUMBERS; ++i) {
    char key[48];
    if (index == 0)
      snprintf(key, sizeof key, "%s", array_fields[i].key);
    else
      snprintf(key, sizeof key, "array%zu.%s", index, array_fields[i].key);
    eg_status status =
        check_number(target, key, &array_fields[i], &array->numbers[i], error);
    if (status != EG_OK)
      return status;
  }
  bool stationary = gln_target_number_largest(&array->weight_stationary) == 1;
  if (!stationary && gln_target_number_largest(&array->output_stationary) != 1)
    return gln_fail(error, EG_INVALID,
                    "target '%s': array %zu has no dataflow: "
                    "weight_stationary = 0 and output_stationary = 0",
                    target->name, index);
  if (!stationary && gln_target_number_largest(&array->shadow_weights) == 1)
    return gln_fail(error, EG_INVALID,
                    "target '%s': array %zu has shadow_weights = 1 but "
                    "weight_stationary = 0",
                    target->name, index);
  double rows = least(&array->rows), cols = least(&array->cols);
  for (size_t i = 0; i < target->num_types; ++i) {
    const gln_type_rule *rule = &target->types[i];
    eg_status status = check_holds(target, "abuf_bytes", &target->abuf_bytes,
                                   rows * gln_type_bytes(rule->lhs),
                                   "one row of the array", error);
    if (status == EG_OK)
      status = check_holds(target, "wbuf_bytes", &target->wbuf_bytes,
                           rows * cols * gln_type_bytes(rule->rhs),
                           "one block of weights", error);
    if (status == EG_OK)
      status = check_holds(target, "acc_bytes", &target->acc_bytes,
                           cols * gln_type_bytes(rule->acc),
                           "one row of results", error);
    if (status != EG_OK)
      return status;
  }
  return EG_OK;
}

eg_status gln_target_check(const gln_target *target, eg_error *error) {
  if (!memchr(target->name, 0, sizeof target->name) || !target->name[0])
    return gln_fail(error, EG_INVALID, "a target has no name");
  if (target->num_arrays == 0 || target->num_arrays > GLN_TARGET_MAX_ARRAYS)
    return gln_fail(error, EG_INVALID, "target '%s' has %d arrays, not 1 to %d",
                    target->name, target->num_arrays, GLN_TARGET_MAX_ARRAYS);
  if (target->num_types == 0 || target->num_types > GLN_TARGET_MAX_TYPE_RULES)
    return gln_fail(error, EG_INVALID,
                    "target '%s' has %d type rules, not 1 to %d", target->name,
                    target->num_types, GLN_TARGET_MAX_TYPE_RULES);
  for (size_t i = 0; i < GLN_NUM_TARGET_NUMBERS; ++i) {
    eg_status status =
        check_number(target, target_fields[i].key, &target_fields[i],
                     &target->numbers[i], error);
    if (status != EG_OK)
      return status;
  }
  for (size_t i = 0; i < target->num_types; ++i) {
    eg_status status = check_type(target, &target->types[i], error);
    if (status != EG_OK)
      return status;
  }
  for (size_t i = 0; i < target->num_arrays; ++i) {
    eg_status status = check_array(target, i, error);
    if (status != EG_OK)
      return status;
  }
  return EG_OK;
}

//===-- Reading -----------------------------------------------------------===//

bool gln_target_is_point(const gln_target *target) {
  for (size_t i = 0; i < GLN_NUM_TARGET_NUMBERS; ++i)
    if (target->numbers[i].num_choices > 1)
      return false;
  for (size_t a = 0; a < target->num_arrays; ++a)
    for (size_t i = 0; i < GLN_NUM_ARRAY_NUMBERS; ++i)
      if (target->arrays[a].numbers[i].num_choices > 1)
        return false;
  return true;
}

bool gln_target_number_round_up(const gln_target_number *number, double need,
                                double *out_value) {
  *out_value = number->value;
  if (number->num_choices == 0)
    return number->value >= need;
  for (size_t i = 0; i < number->num_choices; ++i)
    if (number->choices[i] >= need) {
      *out_value = number->choices[i];
      return true;
    }
  return false;
}

int gln_target_find_type(const gln_target *target, gln_type lhs, gln_type rhs) {
  for (int i = 0; i < target->num_types; ++i)
    if (target->types[i].lhs == lhs && target->types[i].rhs == rhs)
      return i;
  return -1;
}

double gln_target_array_area(const gln_target *target, size_t array) {
  const gln_target_array *a = &target->arrays[array];
  double rows = a->rows.value, cols = a->cols.value;
  double cell = target->area_cell.value +
                a->shadow_weights.value * target->area_shadow.value;
  return cell * rows * cols + target->area_side.value * (rows + cols) / 2;
}

double gln_target_area(const gln_target *target) {
  double area =
      target->area_base.value + target->area_lane.value * target->lanes.value +
      target->area_acc.value * target->acc_bytes.value / 1024 +
      target->area_sram.value *
          (target->abuf_bytes.value + target->wbuf_bytes.value) / 1024;
  for (size_t i = 0; i < target->num_arrays; ++i)
    area += gln_target_array_area(target, i);
  return area;
}
