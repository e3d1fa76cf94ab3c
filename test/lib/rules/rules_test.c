// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rules are selected by name and topic, and by how exact they are.
#include "rules/rules.h"

#include "lib/gln_test.h"

static gln_rule_set select_rules(const char *rules, const char *without,
                                 const char *precision) {
  gln_rule_set set = {0, GLN_RULE_EXACT};
  eg_error error = {0};
  CHECK_EQ(gln_rules_select(rules, without, precision, &set, &error), EG_OK);
  CHECK_STR(error.text, "");
  return set;
}

CHECK_TEST(nothing_said_is_everything) {
  gln_rule_set all = gln_rules_all(), set = select_rules(NULL, "", NULL);
  CHECK(set.rules == all.rules && set.precision == all.precision);
  CHECK(set.rules == (UINT64_C(1) << GLN_NUM_RULES) - 1);
}

CHECK_TEST(names_and_topics) {
  gln_rule_set one = select_rules("block-array", NULL, NULL);
  CHECK(one.rules == UINT64_C(1) << GLN_RULE_BLOCK_ARRAY);
  gln_rule_set topic = select_rules("blocking", NULL, NULL);
  CHECK((topic.rules & one.rules) == one.rules);
  gln_rule_set none = select_rules("block-array", "blocking", NULL);
  CHECK(none.rules == 0);
  CHECK(!gln_rule_allowed(&none, GLN_RULE_BLOCK_ARRAY, GLN_TYPE_I32));
}

CHECK_TEST(exact_allows_reassociation_of_integers_alone) {
  gln_rule_set exact = select_rules(NULL, NULL, "exact");
  CHECK(gln_rule_allowed(&exact, GLN_RULE_BLOCK_ARRAY, GLN_TYPE_I32));
  CHECK(!gln_rule_allowed(&exact, GLN_RULE_BLOCK_ARRAY, GLN_TYPE_F32));
  gln_rule_set relaxed = select_rules(NULL, NULL, "relaxed");
  CHECK(gln_rule_allowed(&relaxed, GLN_RULE_BLOCK_ARRAY, GLN_TYPE_F32));
}

CHECK_TEST(unknown_names_are_errors_with_the_nearest) {
  gln_rule_set set;
  eg_error error = {0};
  CHECK_EQ(gln_rules_select("block-aray", NULL, NULL, &set, &error),
           EG_NOT_FOUND);
  CHECK_STR(error.text, "no rule or topic is called 'block-aray', did you mean "
                        "'block-array'; --glenside-list-rules prints all");
  CHECK_EQ(gln_rules_select(NULL, "zzzz", NULL, &set, &error), EG_NOT_FOUND);
  CHECK_STR(error.text, "no rule or topic is called 'zzzz'; "
                        "--glenside-list-rules prints all");
  CHECK_EQ(gln_rules_select(NULL, NULL, "sloppy", &set, &error), EG_NOT_FOUND);
  CHECK_STR(error.text,
            "precision 'sloppy' is none of exact, relaxed, approximate");
}

CHECK_TEST(every_row_is_whole) {
  gln_rule_set all = gln_rules_all();
  char text[16384];
  size_t length = gln_rules_print(&all, text, sizeof text), lines = 0;
  CHECK(length < sizeof text);
  for (size_t i = 0; i < length; ++i)
    lines += text[i] == '\n';
  CHECK_EQ(lines, GLN_NUM_RULES);
  for (int r = 0; r < GLN_NUM_RULES; ++r) {
    const gln_rule_info *info = gln_rule_get_info((gln_rule_id)r);
    CHECK(strlen(info->name) > 3 && strchr(info->identity, '='));
    for (int other = 0; other < r; ++other)
      CHECK(strcmp(info->name, gln_rule_get_info((gln_rule_id)other)->name) != 0);
  }
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}
