#include "base/amount.h"

#include <gtest/gtest.h>

#include <limits>

namespace waypost {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

TEST(Amount, IsReadAndWrittenExactly) {
  struct Case {
    const char* text;
    std::int64_t micros;
    const char* shown;
  };
  for (const auto& [text, micros, shown] :
       {Case{"0.1131", 113'100, "0.1131"}, Case{"12", 12'000'000, "12"}, Case{"0.000001", 1, "0.000001"},
        Case{"3.50", 3'500'000, "3.5"}, Case{"007.1", 7'100'000, "7.1"}, Case{"0", 0, "0"},
        Case{"999999999.999999", 999'999'999'999'999, "999999999.999999"}}) {
    const auto amount = read_amount(text);
    ASSERT_TRUE(amount) << text;
    EXPECT_EQ(amount->micros, micros) << text;
    EXPECT_EQ(amount->text(), shown);
  }
}

TEST(Amount, WhatIsNoAmountIsRefused) {
  for (const char* text : {"", ".", "1.", ".5", "-1", "+1", "1,5", "1e3", "0x1", "1.1234567", "1000000000", "1 ", "٣"})
    EXPECT_FALSE(read_amount(text)) << text;
}

TEST(Amount, BelowNothingIsShownToo) {
  EXPECT_EQ(Amount{-3'500'000}.text(), "-3.5");
  EXPECT_EQ(Amount{-1}.text(), "-0.000001");
}

// A tenth and two tenths are three tenths, a million times over.
TEST(Amount, SumsAreExact) {
  EXPECT_EQ(read_amount("0.1")->plus(*read_amount("0.2")).times(1'000'000), *read_amount("300000"));
  EXPECT_EQ(read_amount("0.3")->less(*read_amount("0.1")).text(), "0.2");
}

TEST(Amount, WhatDoesNotFitStaysAtTheMost) {
  EXPECT_EQ(Amount{kMost}.plus({1}).micros, kMost);
  EXPECT_EQ(Amount{kMost}.times(2).micros, kMost);
  EXPECT_EQ(Amount{-2}.times(kMost).micros, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(Amount{-2}.less({kMost}).micros, std::numeric_limits<std::int64_t>::min());
}

TEST(Currency, IsThreeCapitalLetters) {
  EXPECT_TRUE(is_currency("EUR"));
  for (const char* text : {"", "eur", "EU", "EURO", "E1R"}) EXPECT_FALSE(is_currency(text)) << text;
}

}  // namespace
}  // namespace waypost
