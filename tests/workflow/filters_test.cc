#include "workflow/filters.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "workflow/date_text.h"
#include "workflow/decimal.h"
#include "workflow/values.h"

namespace waypost::workflow {
namespace {

TEST(Filters, AreFoundByTheirNames) {
  for (const auto& filter : all_filters()) EXPECT_EQ(find_filter(filter.name), &filter);
  EXPECT_EQ(find_filter("uper"), nullptr);
  EXPECT_EQ(find_filter(""), nullptr);
}

// Whatever goes in, and with the arguments of its example or none.
TEST(Filters, TakeAnyValue) {
  const Json values =
      Json::parse(R"([null, true, 0, -1, 18446744073709551615, 1e308, 5e-324, "", "a", "1e308", "99999999999",
    "2026-12-01", "0000-01-01", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "-999-01-01T00:00:00Z",
    [], [[]], [{}], {}, {"a": null}])");
  const Arguments some[] = {{}, {1}, {2, ",", "."}, {"YYYY", "Asia/Tokyo"}, {"x"}};
  for (const auto& filter : all_filters()) {
    for (const auto& json : values) {
      for (const auto& arguments : some) {
        if (!filter.takes(arguments)) continue;
        const auto given = filter.apply({.json = json}, {arguments, "America/New_York"});
        EXPECT_TRUE(valid_utf8(given.text())) << filter.name << " of " << json;
        EXPECT_LE(given.text().size(), kFilledBytes) << filter.name << " of " << json;
      }
    }
  }
}

TEST(Filters, LeaveWhatIsUnknownUnknownButForDefault) {
  for (const auto& filter : all_filters()) {
    const Arguments arguments = filter.takes({}) ? Arguments{} : Arguments{9};
    const auto given = filter.apply({.is_unknown = true}, {arguments, "UTC"});
    EXPECT_EQ(given.is_unknown, filter.name != "default") << filter.name;
  }
}

std::string dated(const Json& json, std::string_view zone = "UTC") {
  const auto local = read_date(json, zone);
  return local ? date_text(*local, "YYYY-MM-DD HH:mm:ss") : "none";
}

TEST(DateText, ReadsMomentsAndWhatClocksShow) {
  EXPECT_EQ(dated("2026-12-01T09:05:30Z"), "2026-12-01 09:05:30");
  EXPECT_EQ(dated("2026-12-01T09:05:30.999Z", "Europe/Berlin"), "2026-12-01 10:05:30");
  EXPECT_EQ(dated("2026-12-01T09:05:30.123456789Z"), "2026-12-01 09:05:30");
  EXPECT_EQ(dated("2026-12-01T09:05:30+02:00"), "2026-12-01 07:05:30");
  EXPECT_EQ(dated("2026-12-01T09:05:30.5-03:00"), "2026-12-01 12:05:30");
  EXPECT_EQ(dated("2026-12-01", "Asia/Tokyo"), "2026-12-01 00:00:00");
  EXPECT_EQ(dated(" 2026-12-01 09:05 ", "Asia/Tokyo"), "2026-12-01 09:05:00");
  EXPECT_EQ(dated("2026-12-01T09:05:30.25", "Asia/Tokyo"), "2026-12-01 09:05:30");
  // A time that the zone's clocks pass over is written as it was told.
  EXPECT_EQ(dated("2026-03-29T02:30", "Europe/Berlin"), "2026-03-29 02:30:00");
}

TEST(DateText, ReadsSecondsAndMillisecondsSince1970) {
  EXPECT_EQ(dated(0), "1970-01-01 00:00:00");
  EXPECT_EQ(dated(-1), "1969-12-31 23:59:59");
  EXPECT_EQ(dated(1764579900), "2025-12-01 09:05:00");
  EXPECT_EQ(dated(1764579900.75), "2025-12-01 09:05:00");
  EXPECT_EQ(dated("1764579900"), "2025-12-01 09:05:00");
  EXPECT_EQ(dated(1764579900123), "2025-12-01 09:05:00");
  EXPECT_EQ(dated("1764579900123"), "2025-12-01 09:05:00");
  EXPECT_EQ(dated(99999999999), "5138-11-16 09:46:39");
  EXPECT_EQ(dated(100000000000), "1973-03-03 09:46:40");
}

TEST(DateText, WhatIsNoDateIsNone) {
  for (const Json& json :
       {Json(), Json(true), Json(""), Json("tomorrow"), Json("41"), Json("123456789"), Json("2026-13-01"),
        Json("2026-02-29"), Json("2026-12-01T25:00:00Z"), Json("01.12.2026"), Json("0000-01-01"), Json(1e15),
        Json(-1e14), Json(1e300), Json(UINT64_MAX), Json::array(), Json(std::string(1'000, '1'))})
    EXPECT_EQ(dated(json), "none") << json;
  EXPECT_EQ(dated("9999-12-31T23:59:59Z"), "9999-12-31 23:59:59");
  EXPECT_EQ(dated("9999-12-31T23:59:59Z", "Asia/Tokyo"), "none");
  EXPECT_EQ(dated("0001-01-01T00:00:00Z", "America/New_York"), "none");
}

TEST(DateText, EveryLetterIsWritten) {
  const LocalTime morning{2006, 3, 9, 0, 4, 5};
  const LocalTime evening{2026, 11, 23, 13, 45, 59};
  constexpr std::string_view kAll = "YYYY YY MM M DD D HH H hh h mm ss A";
  EXPECT_EQ(date_text(morning, kAll), "2006 06 03 3 09 9 00 0 12 12 04 05 AM");
  EXPECT_EQ(date_text(evening, kAll), "2026 26 11 11 23 23 13 13 01 1 45 59 PM");
  for (const auto& letters : date_letters()) EXPECT_TRUE(is_date_format(letters.letters));
}

TEST(DateText, AFormatHoldsKnownLettersOnly) {
  for (const char* format : {"", "DD.MM.", "DDMMYYYY", "[um] HH:mm", "[]", "DD/MM «»", "]"})
    EXPECT_TRUE(is_date_format(format));
  for (const char* format : {"MMM", "YYY", "um HH:mm", "T", "[", "DD [", "HH:m", "s", "a"})
    EXPECT_FALSE(is_date_format(format)) << format;
}

TEST(Decimal, IsReadFromATextThatIsOne) {
  EXPECT_EQ(read_decimal("12.50"), Json(12.5));
  EXPECT_EQ(read_decimal(" +5 "), Json(5));
  EXPECT_TRUE(read_decimal("5.0")->is_number_integer());
  EXPECT_EQ(read_decimal("-0"), Json(0));
  EXPECT_EQ(read_decimal("1e3"), Json(1000));
  EXPECT_EQ(read_decimal(".5"), Json(0.5));
  EXPECT_EQ(read_decimal("123456789012345678"), Json(123456789012345678));
  EXPECT_TRUE(read_decimal("12345678901234567890")->is_number_float());
  for (const char* text :
       {"", " ", "+", "-", ".", "1,5", "1 000", "0x10", "nan", "inf", "1e999", "+-1", "--1", "1e", "5€"})
    EXPECT_FALSE(read_decimal(text)) << text;
}

TEST(Decimal, IsRoundedAsPeopleDo) {
  EXPECT_EQ(rounded(1.005, 2), "1.01");
  EXPECT_EQ(rounded(2.5, 0), "3");
  EXPECT_EQ(rounded(-0.5, 0), "-1");
  EXPECT_EQ(rounded(-0.04, 1), "0.0");
  EXPECT_EQ(rounded(9.995, 2), "10.00");
  EXPECT_EQ(rounded(99.99, 1), "100.0");
  EXPECT_EQ(rounded(7, 2), "7.00");
  EXPECT_EQ(rounded(0.1, 9), "0.100000000");
  EXPECT_EQ(rounded(5e-324, 9), "0.000000000");
  EXPECT_EQ(rounded(INT64_MIN, 0), std::nullopt);
  EXPECT_EQ(rounded(UINT64_MAX, 0), std::nullopt);
  EXPECT_EQ(rounded(1e18, 0), std::nullopt);
  EXPECT_EQ(rounded(123456789012345678, 1), "123456789012345678.0");
}

TEST(Decimal, IsWrittenWithMarks) {
  const Marks german{.point = ",", .thousands = "."};
  EXPECT_EQ(with_marks("1234567.89", german), "1.234.567,89");
  EXPECT_EQ(with_marks("123.4", german), "123,4");
  EXPECT_EQ(with_marks("-123456", german), "-123.456");
  EXPECT_EQ(with_marks("-1234.5", {}), "-1234.5");
  EXPECT_EQ(with_marks("0", german), "0");
}

TEST(Values, AreMeasured) {
  EXPECT_FALSE(bytes_of(std::string(10, 'x'), 5, 0));
  EXPECT_TRUE(bytes_of("x", 5, 0));
  EXPECT_FALSE(bytes_of(Json::array(), 100, 0));
  EXPECT_TRUE(bytes_of(Json::array({1}), 100, 1));
  EXPECT_FALSE(bytes_of(Json{{"a", {{"b", 1}}}}, 100, 1));
  EXPECT_FALSE(bytes_of(Json{{std::string(100, 'k'), 1}}, 100, 1));
}

}  // namespace
}  // namespace waypost::workflow
