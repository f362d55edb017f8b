#include "base/day.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

TEST(Day, IsTheNumberSince1970) {
  EXPECT_EQ(day_of(from_millis(0)), 0);
  EXPECT_EQ(day_of(from_millis(-1)), -1);
  EXPECT_EQ(day_of(*parse_iso8601("2026-11-30T23:59:59Z")), 20'787);
  EXPECT_EQ(day_text(20'787), "2026-11-30");
}

TEST(Day, IsReadAsItIsWritten) {
  EXPECT_EQ(day_named("2026-11-30"), 20'787);
  EXPECT_EQ(day_named("1970-01-01"), 0);
  for (const char* text : {"", "today", "2026-11-31", "2026-2-1", "2026-11-30T00", "2026-11-30 ", "20261130"})
    EXPECT_FALSE(day_named(text)) << text;
}

TEST(Day, StandsInItsMonth) {
  const auto text = [](const char* day) {
    const auto month = month_of(*day_named(day));
    return day_text(month.first) + " " + day_text(month.last);
  };
  EXPECT_EQ(text("2026-11-30"), "2026-11-01 2026-11-30");
  EXPECT_EQ(text("2026-12-01"), "2026-12-01 2026-12-31");
  EXPECT_EQ(text("2028-02-29"), "2028-02-01 2028-02-29");
  EXPECT_EQ(text("2027-02-01"), "2027-02-01 2027-02-28");
}

}  // namespace
}  // namespace waypost
