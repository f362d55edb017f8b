#include "workflow/condition.h"

#include <gtest/gtest.h>

#include <string>

#include "workflow/fold.h"

namespace waypost::workflow {
namespace {

struct Case {
  Json left;
  std::string op;
  std::string right;
  bool expected = false;
};

class Condition : public testing::TestWithParam<Case> {};

TEST_P(Condition, Holds) {
  const auto& [left, op, right, expected] = GetParam();
  const auto known = operator_named(op);
  ASSERT_TRUE(known.has_value());
  EXPECT_EQ(holds(left, *known, right), expected) << left << " " << op << " " << right;
}

INSTANTIATE_TEST_SUITE_P(
    Texts, Condition,
    testing::Values(Case{"Hello ", "equals", "hello", true}, Case{"ÁRBOL", "equals", "árbol", true},
                    Case{"ПРИВЕТ", "equals", "привет", true}, Case{"ΩΜΕΓΑ", "equals", "ωμεγα", true},
                    Case{"arbol", "equals", "árbol", false}, Case{"", "equals", "", true},
                    Case{nullptr, "equals", "", true}, Case{"a", "not_equals", "b", true},
                    Case{"A", "not_equals", "a", false}, Case{"I want PIZZA now", "contains", "pizza", true},
                    Case{"pizza", "contains", "", false}, Case{"Order 7", "starts_with", "order", true},
                    Case{"My order", "starts_with", "order", false}, Case{"My Order", "ends_with", "order", true},
                    Case{"Order 7", "ends_with", "order", false}, Case{"two", "in", "one, TWO ,three", true},
                    Case{"tw", "in", "one,two", false}, Case{"", "in", "one,,two", false},
                    Case{"one", "in", "", false}));

INSTANTIATE_TEST_SUITE_P(
    Numbers, Condition,
    testing::Values(Case{"10", "gt", "9", true}, Case{"9", "gt", "10", false}, Case{"9", "gt", "9", false},
                    Case{10, "gt", "9.5", true}, Case{" 1.5 ", "lt", "2", true}, Case{"-1", "lt", "0", true},
                    Case{"+3", "gt", "2", true}, Case{"abc", "gt", "1", false}, Case{"abc", "lt", "1", false},
                    Case{"1", "lt", "abc", false}, Case{"", "lt", "1", false}, Case{nullptr, "lt", "1", false},
                    Case{"1x", "gt", "0", false}, Case{7, "equals", "7", true}, Case{true, "equals", "TRUE", true}));

INSTANTIATE_TEST_SUITE_P(
    Lists, Condition,
    testing::Values(Case{Json{"VIP", "new"}, "contains", "vip", true}, Case{Json{"vip2"}, "equals", "vip", false},
                    Case{Json{"a", "b"}, "in", "b, c", true}, Case{Json{"a", "b"}, "not_equals", "a", false},
                    Case{Json{"a", "b"}, "not_equals", "c", true}, Case{Json::array(), "not_equals", "c", true},
                    Case{Json::array(), "contains", "c", false}));

TEST(Operators, AreTheEightOfTheFacts) {
  for (const auto* name : {"equals", "contains", "starts_with", "ends_with", "gt", "lt", "in", "not_equals"}) {
    EXPECT_TRUE(operator_named(name).has_value()) << name;
  }
  EXPECT_FALSE(operator_named("matches").has_value());
  EXPECT_FALSE(operator_named("").has_value());
}

TEST(Fold, LowersTheLettersOfThreeScripts) {
  EXPECT_EQ(folded(" ÀÖØÞ Ÿ ŁŻ ŐŰ Š "), "àöøþ ÿ łż őű š");
  EXPECT_EQ(folded("ЀЁЏ АЯ ҐӨ"), "ѐёџ ая ґө");
  EXPECT_EQ(folded("ΆΈΉΊΌΎΏ ΑΡΣΩΫ"), "άέήίόύώ αρσωϋ");
  EXPECT_EQ(folded("×÷ß 漢字 😀 €"), "×÷ß 漢字 😀 €");
}

}  // namespace
}  // namespace waypost::workflow
