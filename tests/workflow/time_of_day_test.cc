#include "workflow/time_of_day.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace waypost::workflow {
namespace {

struct Asked {
  std::string now;
  std::string at;
  std::vector<std::string> days{};
  std::string zone = "UTC";
};

std::string next(const Asked& asked) {
  Weekdays days;
  for (const auto& day : asked.days) days.set(weekday_named(day).value());
  const auto time = next_time_of_day(parse_iso8601(asked.now).value(), asked.at, days, asked.zone);
  return time ? iso8601(*time).substr(0, 16) : "never";
}

TEST(TimeOfDay, IsOfTwoDigitsEach) {
  for (const auto* text : {"00:00", "09:30", "23:59"}) EXPECT_TRUE(is_time_of_day(text)) << text;
  for (const auto* text : {"", "9:30", "24:00", "12:60", "12.30", "12:3", "12:30:00", "ab:cd", "-1:00"}) {
    EXPECT_FALSE(is_time_of_day(text)) << text;
  }
}

TEST(Weekday, HasItsPlaceFromMonday) {
  EXPECT_EQ(weekday_named("mon"), 0U);
  EXPECT_EQ(weekday_named("sun"), 6U);
  EXPECT_EQ(weekday_named("Mon"), std::nullopt);
  EXPECT_EQ(weekday_named(""), std::nullopt);
}

// 2026-11-23 is a Monday.
TEST(NextTimeOfDay, IsTodayOrTomorrow) {
  EXPECT_EQ(next({.now = "2026-11-23T10:00:00Z", .at = "10:01"}), "2026-11-23T10:01");
  EXPECT_EQ(next({.now = "2026-11-23T10:00:00Z", .at = "10:00"}), "2026-11-24T10:00");
  EXPECT_EQ(next({.now = "2026-11-23T10:00:00.001Z", .at = "10:00"}), "2026-11-24T10:00");
  EXPECT_EQ(next({.now = "2026-12-31T23:59:00Z", .at = "00:00"}), "2027-01-01T00:00");
}

TEST(NextTimeOfDay, IsOnOneOfTheDays) {
  EXPECT_EQ(next({.now = "2026-11-23T10:00:00Z", .at = "09:00", .days = {"mon"}}), "2026-11-30T09:00");
  EXPECT_EQ(next({.now = "2026-11-23T08:00:00Z", .at = "09:00", .days = {"mon"}}), "2026-11-23T09:00");
  EXPECT_EQ(next({.now = "2026-11-23T10:00:00Z", .at = "09:00", .days = {"fri", "wed"}}), "2026-11-25T09:00");
  EXPECT_EQ(next({.now = "2026-11-23T10:00:00Z", .at = "09:00", .days = {"sun"}}), "2026-11-29T09:00");
}

TEST(NextTimeOfDay, IsOfTheZonesClocksAndDays) {
  EXPECT_EQ(next({.now = "2026-11-23T10:00:00Z", .at = "12:00", .zone = "Europe/Berlin"}), "2026-11-23T11:00");
  EXPECT_EQ(next({.now = "2026-07-01T10:00:00Z", .at = "12:30", .zone = "Europe/Berlin"}), "2026-07-01T10:30");
  // Tuesday already in Auckland.
  EXPECT_EQ(next({.now = "2026-11-23T12:00:00Z", .at = "09:00", .days = {"tue"}, .zone = "Pacific/Auckland"}),
            "2026-11-23T20:00");
  // Still Sunday in Los Angeles.
  EXPECT_EQ(next({.now = "2026-11-23T05:00:00Z", .at = "22:00", .days = {"sun"}, .zone = "America/Los_Angeles"}),
            "2026-11-23T06:00");
}

// Berlin, 2027-03-28: from 02:00 straight to 03:00 (01:00 UTC).
TEST(NextTimeOfDay, ThatDoesNotExistIsTheFirstMinuteBehindTheGap) {
  EXPECT_EQ(next({.now = "2027-03-27T12:00:00Z", .at = "02:30", .zone = "Europe/Berlin"}), "2027-03-28T01:00");
  EXPECT_EQ(next({.now = "2027-03-28T01:00:00Z", .at = "02:30", .zone = "Europe/Berlin"}), "2027-03-29T00:30");
  EXPECT_EQ(next({.now = "2027-03-27T12:00:00Z", .at = "03:00", .zone = "Europe/Berlin"}), "2027-03-28T01:00");
}

// Berlin, 2026-10-25: 02:00 to 03:00 comes twice, from 00:00 UTC and from 01:00 UTC.
TEST(NextTimeOfDay, ThatComesTwiceIsTheFirst) {
  EXPECT_EQ(next({.now = "2026-10-24T12:00:00Z", .at = "02:30", .zone = "Europe/Berlin"}), "2026-10-25T00:30");
  EXPECT_EQ(next({.now = "2026-10-25T00:30:00Z", .at = "02:30", .zone = "Europe/Berlin"}), "2026-10-26T01:30");
  EXPECT_EQ(next({.now = "2026-10-25T01:00:00Z", .at = "02:30", .zone = "Europe/Berlin"}), "2026-10-26T01:30");
}

// Samoa had no 2011-12-30, a Friday.
TEST(NextTimeOfDay, OfADayThatWasLeftOutIsAWeekLater) {
  EXPECT_EQ(next({.now = "2011-12-29T12:00:00Z", .at = "09:00", .days = {"fri"}, .zone = "Pacific/Apia"}),
            "2012-01-05T19:00");
}

TEST(NextTimeOfDay, NeedsATimeButNoZone) {
  EXPECT_EQ(next({.now = "2026-11-23T10:00:00Z", .at = "25:00"}), "never");
  EXPECT_EQ(next({.now = "2026-11-23T10:00:00Z", .at = "11:00", .zone = "Nowhere/City"}), "2026-11-23T11:00");
}

}  // namespace
}  // namespace waypost::workflow
