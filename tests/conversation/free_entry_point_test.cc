#include "conversation/free_entry_point.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

using std::chrono::hours;

const Time kCame = from_millis(1'760'000'000'000);
Time after(hours time) { return kCame + time; }

FreeEntryReferral referred(hours came, std::optional<hours> answered) {
  return {.at = after(came), .answered_at = answered ? std::optional(after(*answered)) : std::nullopt};
}

void expect_window(const std::optional<FreeEntryWindow>& window, hours opens, hours expires) {
  ASSERT_TRUE(window.has_value());
  EXPECT_EQ(window->opens_at, after(opens));
  EXPECT_EQ(window->expires_at, after(expires));
}

TEST(FreeEntryPoint, TheAnswerOpensItForSeventyTwoHours) {
  expect_window(free_entry_window({referred(hours(0), hours(3))}, {}), hours(3), hours(75));
}

TEST(FreeEntryPoint, AnAnswerAfterADayOpensNothing) {
  expect_window(free_entry_window({referred(hours(0), hours(24))}, {}), hours(24), hours(96));
  EXPECT_FALSE(free_entry_window({referred(hours(0), hours(25))}, {}));
  EXPECT_FALSE(free_entry_window({referred(hours(0), std::nullopt)}, {}));
  EXPECT_FALSE(free_entry_window({}, {}));
}

TEST(FreeEntryPoint, OfSeveralAdsTheWindowThatEndsLastStands) {
  const auto first = referred(hours(0), hours(1));
  expect_window(free_entry_window({first, referred(hours(50), hours(60))}, {}), hours(60), hours(132));
  expect_window(free_entry_window({referred(hours(50), hours(60)), first}, {}), hours(60), hours(132));
  expect_window(free_entry_window({first, referred(hours(50), std::nullopt)}, {}), hours(1), hours(73));
}

TEST(FreeEntryPoint, MetasEndIsExact) {
  const FreeEntryWord word{.at = after(hours(2)), .ends_at = after(hours(74))};
  expect_window(free_entry_window({referred(hours(0), hours(1))}, {word}), hours(1), hours(74));
}

TEST(FreeEntryPoint, MetasWordNeedsNoReferral) {
  const FreeEntryWord exact{.at = after(hours(10)), .ends_at = after(hours(75))};
  const FreeEntryWord bare{.at = after(hours(20)), .ends_at = std::nullopt};
  expect_window(free_entry_window({}, {exact}), hours(3), hours(75));
  expect_window(free_entry_window({}, {bare}), hours(20), hours(92));
  expect_window(free_entry_window({}, {bare, exact}), hours(3), hours(75));
  expect_window(free_entry_window({}, {exact, bare}), hours(3), hours(75));
}

TEST(FreeEntryPoint, AWordWithinTheWindowMovesNothing) {
  const FreeEntryWord bare{.at = after(hours(50)), .ends_at = std::nullopt};
  expect_window(free_entry_window({referred(hours(0), hours(1))}, {bare}), hours(1), hours(73));
}

TEST(FreeEntryPoint, AStatusSaysItByItsConversationOrItsPrice) {
  const Json old{
      {"timestamp", "1760000000"},
      {"conversation", {{"origin", {{"type", "referral_conversion"}}}, {"expiration_timestamp", "1760259200"}}}};
  ASSERT_TRUE(free_entry_word(old));
  EXPECT_EQ(free_entry_word(old)->at, kCame);
  EXPECT_EQ(free_entry_word(old)->ends_at, after(hours(72)));
  const Json priced{{"timestamp", 1'760'000'000}, {"pricing", {{"type", "free_entry_point"}, {"category", "service"}}}};
  ASSERT_TRUE(free_entry_word(priced));
  EXPECT_EQ(free_entry_word(priced)->ends_at, std::nullopt);
  EXPECT_FALSE(free_entry_word({{"timestamp", "1760000000"}, {"pricing", {{"type", "regular"}}}}));
  EXPECT_FALSE(free_entry_word({{"timestamp", "1760000000"},
                                {"conversation", {{"origin", {{"type", "service"}}}, {"expiration_timestamp", "1"}}}}));
  EXPECT_FALSE(free_entry_word({{"pricing", {{"type", "free_entry_point"}}}}));
  for (const Json& odd : {Json(), Json(7), Json{{"timestamp", "1"}, {"pricing", 7}, {"conversation", Json::array()}}})
    EXPECT_FALSE(free_entry_word(odd));
}

}  // namespace
}  // namespace waypost
