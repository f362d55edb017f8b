#include "base/time_zone.h"

#include <gtest/gtest.h>

#include "base/day.h"

namespace waypost {
namespace {

std::string utc(std::string_view local, std::string_view zone) {
  const auto at = time_in_zone(local, zone);
  return at ? iso8601(*at) : at.error().words();
}

TEST(TimeZone, KnowsIanaNamesOnly) {
  EXPECT_TRUE(is_time_zone("Europe/Berlin"));
  EXPECT_TRUE(is_time_zone("America/Sao_Paulo"));
  EXPECT_TRUE(is_time_zone("UTC"));
  EXPECT_FALSE(is_time_zone("Europe/Nowhere"));
  EXPECT_FALSE(is_time_zone(""));
  EXPECT_FALSE(is_time_zone("GMT+3"));
}

TEST(TimeZone, ALocalTimeFollowsSummerTime) {
  EXPECT_EQ(utc("2026-12-01T09:00", "Europe/Berlin"), "2026-12-01T08:00:00.000Z");
  EXPECT_EQ(utc("2026-07-01T09:00:30", "Europe/Berlin"), "2026-07-01T07:00:30.000Z");
  EXPECT_EQ(utc("2026-12-01T09:00", "Asia/Kolkata"), "2026-12-01T03:30:00.000Z");
  EXPECT_EQ(utc("2026-12-01T09:00", "UTC"), "2026-12-01T09:00:00.000Z");
}

TEST(TimeZone, OfATimeThatComesTwiceTheFirstCounts) {
  EXPECT_EQ(utc("2026-10-25T02:30", "Europe/Berlin"), "2026-10-25T00:30:00.000Z");
}

TEST(TimeZone, ATimeThatNeverComesIsRefused) {
  EXPECT_EQ(utc("2026-03-29T02:30", "Europe/Berlin"), "This time does not exist in Europe/Berlin");
  EXPECT_EQ(utc("2026-02-30T02:30", "UTC"), "This time does not exist in UTC");
  EXPECT_EQ(utc("2026-02-28T24:30", "UTC"), "This time does not exist in UTC");
}

TEST(TimeZone, WhatIsNoTimeIsRefused) {
  for (const char* text : {"", "tomorrow", "2026-12-01", "2026-12-01 09:00", "2026-12-01T09:00Z", "2026-1-01T09:00:0"})
    EXPECT_EQ(utc(text, "UTC"), "Expected a local time like 2026-12-01T09:00") << text;
}

TEST(TimeZone, ADayIsThatOfTheZonesCalendar) {
  const auto day = [](const char* at, const char* zone) { return day_text(day_in_zone(*parse_iso8601(at), zone)); };
  EXPECT_EQ(day("2026-11-30T22:59:59Z", "Europe/Berlin"), "2026-11-30");
  EXPECT_EQ(day("2026-11-30T23:00:00Z", "Europe/Berlin"), "2026-12-01");
  EXPECT_EQ(day("2026-07-31T21:59:59Z", "Europe/Berlin"), "2026-07-31");
  EXPECT_EQ(day("2026-07-31T22:00:00Z", "Europe/Berlin"), "2026-08-01");
  EXPECT_EQ(day("2026-12-01T03:00:00Z", "America/New_York"), "2026-11-30");
  EXPECT_EQ(day("2026-11-30T18:30:00Z", "Asia/Kolkata"), "2026-12-01");
  EXPECT_EQ(day("2026-11-30T23:59:59Z", "UTC"), "2026-11-30");
  EXPECT_EQ(day("2026-11-30T23:59:59Z", "No/Where"), "2026-11-30");
}

TEST(TimeZone, AClockShowsTheZonesTime) {
  const auto at = *parse_iso8601("2026-11-30T23:30:15.999Z");
  EXPECT_EQ(local_time(at, "Europe/Berlin"), (LocalTime{2026, 12, 1, 0, 30, 15}));
  EXPECT_EQ(local_time(at, "UTC"), (LocalTime{2026, 11, 30, 23, 30, 15}));
  EXPECT_EQ(local_time(at, "No/Where"), (LocalTime{2026, 11, 30, 23, 30, 15}));
  EXPECT_EQ(local_time(from_millis(-1), "UTC"), (LocalTime{1969, 12, 31, 23, 59, 59}));
}

TEST(TimeZone, ALocalTimeIsReadAsFarAsItIsWritten) {
  EXPECT_EQ(parse_local_time("2026-12-01"), (LocalTime{2026, 12, 1}));
  EXPECT_EQ(parse_local_time("2026-12-01T09:05"), (LocalTime{2026, 12, 1, 9, 5}));
  EXPECT_EQ(parse_local_time("2026-12-01 09:05:30"), (LocalTime{2026, 12, 1, 9, 5, 30}));
  EXPECT_EQ(parse_local_time("2024-02-29"), (LocalTime{2024, 2, 29}));
  for (const char* text : {"", "2026-02-29", "2026-13-01", "2026-12-00", "2026-12-01T24:00", "2026-12-01T09:60",
                           "2026-12-01T09:00:60", "2026-12-01T09:00Z", "2026-12", "01.12.2026"})
    EXPECT_FALSE(parse_local_time(text)) << text;
}

TEST(Rfc3339, AnOffsetIsTakenAway) {
  EXPECT_EQ(parse_rfc3339("2026-12-01T10:00:00+01:00"), parse_iso8601("2026-12-01T09:00:00Z"));
  EXPECT_EQ(parse_rfc3339("2026-12-01T03:30:00.250-05:30"), parse_iso8601("2026-12-01T09:00:00.250Z"));
  EXPECT_EQ(parse_rfc3339("2026-12-01T09:00:00Z"), parse_iso8601("2026-12-01T09:00:00Z"));
  for (const char* text :
       {"", "2026-12-01T09:00:00", "2026-12-01T09:00:00+0100", "2026-12-01T09:00:00+25:00", "+01:00"})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
}

}  // namespace
}  // namespace waypost
