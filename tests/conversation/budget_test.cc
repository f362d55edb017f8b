#include "conversation/budget.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

Amount amount(const char* text) { return *read_amount(text); }

Spending spending(const char* billed, const char* expected, const char* currency = "EUR") {
  Spending made;
  made.billed.amounts[currency] = amount(billed);
  made.expected.amounts[currency] = amount(expected);
  return made;
}

Budget budget(const char* of, std::int64_t alert_at = 80, bool stops = true) {
  return {.currency = "EUR", .amount = amount(of), .alert_at = alert_at, .stops = stops};
}

TEST(Budget, TellsAtItsShareAndStopsAtItsEnd) {
  struct Case {
    const char* billed;
    const char* expected;
    std::int64_t percent;
    bool tells;
    bool stops;
  };
  for (const auto& [billed, expected, percent, tells, stops] : {
           Case{"0", "0", 0, false, false},
           Case{"79.999999", "0", 79, false, false},
           Case{"80", "0", 80, true, false},
           Case{"50", "30", 80, true, false},  // what is on its way counts
           Case{"99.999999", "0", 99, true, false},
           Case{"99.999999", "0.000001", 100, true, true},
           Case{"250", "0", 250, true, true},
       }) {
    const auto spent = spending(billed, expected);
    EXPECT_EQ(percent_of(budget("100"), spent), percent) << billed;
    EXPECT_EQ(reaches_alert(budget("100"), spent), tells) << billed;
    EXPECT_EQ(stop_of_budget(budget("100"), spent).has_value(), stops) << billed;
  }
}

TEST(Budget, SaysWhyItStops) {
  const auto stop = stop_of_budget(budget("100"), spending("99.5", "0.5"));
  ASSERT_TRUE(stop);
  EXPECT_EQ(stop->reason, "budget_spent");
  EXPECT_EQ(stop->words.find("the channel's budget of this month is spent: 100 of 100 EUR"), 0U) << stop->words;
}

TEST(Budget, ThatDoesNotStopOnlyTells) {
  EXPECT_FALSE(stop_of_budget(budget("100", 80, false), spending("500", "0")));
  EXPECT_TRUE(reaches_alert(budget("100", 80, false), spending("500", "0")));
}

TEST(Budget, AnotherCurrencyIsNoneOfIt) { EXPECT_EQ(used_of(budget("1"), spending("500", "3", "USD")), Amount{}); }

TEST(Budget, OnlyWhatFitsGoesOn) {
  const std::vector<Amount> prices{amount("0.4"), amount("0.4"), amount("0.3"), Amount{}};
  EXPECT_EQ(fitting(amount("0.39"), prices), 0U);
  EXPECT_EQ(fitting(amount("0.8"), prices), 2U);
  EXPECT_EQ(fitting(amount("1.09"), prices), 2U) << "in their order: the last one, which costs nothing, waits";
  EXPECT_EQ(fitting(amount("1.1"), prices), 4U);
  EXPECT_EQ(fitting(Amount{-1}, {Amount{}}), 0U);
  EXPECT_EQ(fitting(Amount{}, {Amount{}, Amount{}}), 2U);
}

}  // namespace
}  // namespace waypost
