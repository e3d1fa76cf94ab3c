// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The table of rules and its selection by name.
#include "rules/rules.h"

#include "target/target.h"
#include "view/text.h"
#include "view/try.h"

#include <string.h>

static const gln_rule_info infos[] = {
#define GLN_X(id, name, topic, precision, identity)                            \
  {name, GLN_RULE_TOPIC_##topic, GLN_RULE_##precision, identity},
    GLN_RULE_TABLE(GLN_X)
#undef GLN_X
};

static const char *const topics[] = {
#define GLN_X(id, name) name,
    GLN_RULE_TOPIC_TABLE(GLN_X)
#undef GLN_X
};

_Static_assert(GLN_NUM_RULES <= 64, "a set is a word");

const gln_rule_info *gln_rule_get_info(gln_rule_id rule) {
  return &infos[rule];
}

const char *gln_rule_topic_name(gln_rule_topic topic) {
  return (unsigned)topic < GLN_NUM_RULE_TOPICS ? topics[topic] : "?";
}

const char *gln_rule_precision_name(gln_rule_precision precision) {
  static const char *const names[] = {"exact", "reassociates", "approximates"};
  return (unsigned)precision < 3 ? names[precision] : "?";
}

//===-- Selection ---------------------------------------------------------===//

gln_rule_set gln_rules_all(void) {
  uint64_t rules = 0;
  for (int r = 0; r < GLN_NUM_RULES; ++r)
    rules |= UINT64_C(1) << r;
  return (gln_rule_set){rules, GLN_RULE_REASSOCIATES};
}

static eg_status fail_unknown(const char *name, eg_error *error) {
  const char *names[GLN_NUM_RULES + GLN_NUM_RULE_TOPICS + 1] = {0};
  for (int r = 0; r < GLN_NUM_RULES; ++r)
    names[r] = infos[r].name;
  memcpy(names + GLN_NUM_RULES, topics, sizeof topics);
  const char *nearest = gln_nearest_name(name, names);
  return gln_fail(error, EG_NOT_FOUND,
                  "no rule or topic is called '%.60s'%s%s%s; "
                  "--glenside-list-rules prints all",
                  name, nearest ? ", did you mean '" : "",
                  nearest ? nearest : "", nearest ? "'" : "");
}

// The rules that one name stands for; 0 = none.
static uint64_t rules_called(const char *name) {
  uint64_t found = 0;
  for (int r = 0; r < GLN_NUM_RULES; ++r)
    if (strcmp(name, infos[r].name) == 0 ||
        strcmp(name, topics[infos[r].topic]) == 0)
      found |= UINT64_C(1) << r;
  return found;
}

static eg_status read_list(const char *text, uint64_t *out, eg_error *error) {
  *out = 0;
  while (text && *text) {
    size_t length = strcspn(text, ",");
    char name[64];
    size_t used = length < sizeof name ? length : sizeof name - 1;
    memcpy(name, text, used);
    name[used] = 0;
    uint64_t found = rules_called(name);
    if (!found)
      return fail_unknown(name, error);
    *out |= found;
    text += length + (text[length] == ',');
  }
  return EG_OK;
}

static eg_status read_precision(const char *text, gln_rule_precision *out,
                                eg_error *error) {
  static const char *const names[] = {"exact", "relaxed", "approximate", NULL};
  *out = GLN_RULE_REASSOCIATES;
  if (!text || !*text)
    return EG_OK;
  for (int p = 0; names[p]; ++p)
    if (strcmp(text, names[p]) == 0) {
      *out = (gln_rule_precision)p;
      return EG_OK;
    }
  return gln_fail(error, EG_NOT_FOUND,
                  "precision '%.60s' is none of exact, relaxed, approximate",
                  text);
}

eg_status gln_rules_select(const char *rules, const char *without,
                           const char *precision, gln_rule_set *out,
                           eg_error *error) {
  uint64_t only, never;
  GLN_TRY(read_list(rules, &only, error));
  GLN_TRY(read_list(without, &never, error));
  *out = gln_rules_all();
  if (only)
    out->rules = only;
  out->rules &= ~never;
  return read_precision(precision, &out->precision, error);
}

gln_type gln_rule_wide_sum(gln_type type) {
  return type == GLN_TYPE_BF16 || type == GLN_TYPE_F16 ? GLN_TYPE_F32 : type;
}

bool gln_rule_allowed(const gln_rule_set *set, gln_rule_id rule,
                      gln_type type) {
  gln_rule_precision need = infos[rule].precision;
  if (need == GLN_RULE_REASSOCIATES && gln_type_is_int(type))
    need = GLN_RULE_EXACT;
  return (set->rules >> rule & 1) && need <= set->precision;
}

size_t gln_rules_print(const gln_rule_set *set, char *buffer, size_t size) {
  glni_text text = {buffer, size, 0};
  for (int r = 0; r < GLN_NUM_RULES; ++r)
    if (set->rules >> r & 1)
      glni_put(&text, "%-16s %-11s %-12s %s\n", infos[r].name,
               topics[infos[r].topic],
               gln_rule_precision_name(infos[r].precision), infos[r].identity);
  return text.length;
}
