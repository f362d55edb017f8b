#include "workflow/keyword_match.h"

#include <gtest/gtest.h>

namespace waypost::workflow {
namespace {

bool equals(const char* text, const char* keyword) { return matches(text, keyword, KeywordMatch::Equals); }
bool contains(const char* text, const char* keyword) { return matches(text, keyword, KeywordMatch::Contains); }
bool starts_with(const char* text, const char* keyword) { return matches(text, keyword, KeywordMatch::StartsWith); }

TEST(Keyword, IsComparedWithoutItsCase) {
  EXPECT_TRUE(equals(" Order ", "order"));
  EXPECT_TRUE(equals("ÁRBOL", "árbol"));
  EXPECT_FALSE(equals("order now", "order"));
  EXPECT_TRUE(starts_with("Order now", "order"));
  EXPECT_TRUE(starts_with("Orders", "order"));
  EXPECT_FALSE(starts_with("My order", "order"));
}

TEST(Keyword, IsContainedAsWholeWords) {
  for (const auto* text : {"order", "My ORDER, please", "order!", "«order»", "order👍", "new-order", "(order)"}) {
    EXPECT_TRUE(contains(text, "order")) << text;
  }
  for (const auto* text : {"reorder", "orders", "órder", "orderé", "éorder", "order1", ""}) {
    EXPECT_FALSE(contains(text, "order")) << text;
  }
  EXPECT_TRUE(contains("reorder or order", "order"));
  EXPECT_FALSE(contains("I want to order now", "want to  order"));
  EXPECT_TRUE(contains("I want to order now", "want to order"));
}

TEST(Keyword, OfSignsNeedsNoWordsAround) {
  EXPECT_TRUE(contains("really?", "?"));
  EXPECT_TRUE(contains("I like c++ a lot", "c++"));
  EXPECT_FALSE(contains("basic++", "c++"));
}

TEST(Keyword, InAScriptWithoutSpacesIsFoundWithin) {
  EXPECT_TRUE(contains("我要订单", "订单"));
  EXPECT_TRUE(contains("注文したい", "注文"));
  EXPECT_TRUE(contains("ผมต้องการสั่งซื้อครับ", "สั่งซื้อ"));
  EXPECT_TRUE(contains("주문을 하고 싶어요", "주문"));
  EXPECT_FALSE(contains("заказы", "заказ"));
  EXPECT_TRUE(contains("мой Заказ.", "заказ"));
}

TEST(Keyword, ThatIsEmptyIsInNothing) {
  for (const auto match : {KeywordMatch::Equals, KeywordMatch::Contains, KeywordMatch::StartsWith}) {
    EXPECT_FALSE(matches("", " ", match));
    EXPECT_FALSE(matches("text", "", match));
  }
}

TEST(KeywordMatchOf, HasThreeNames) {
  EXPECT_EQ(keyword_match("equals"), KeywordMatch::Equals);
  EXPECT_EQ(keyword_match("contains"), KeywordMatch::Contains);
  EXPECT_EQ(keyword_match("starts_with"), KeywordMatch::StartsWith);
  EXPECT_EQ(keyword_match("like"), std::nullopt);
}

}  // namespace
}  // namespace waypost::workflow
