#include "workflow/duration.h"

#include <gtest/gtest.h>

namespace waypost::workflow {
namespace {

using std::chrono::seconds;

Json parsed(const char* text) { return Json::parse(text); }

TEST(Duration, IsANumberOfSecondsOrAValueWithAUnit) {
  EXPECT_EQ(read_duration(90), seconds(90));
  EXPECT_EQ(read_duration(1.9), seconds(1));
  EXPECT_EQ(read_duration(parsed(R"({"value":5,"unit":"seconds"})")), seconds(5));
  EXPECT_EQ(read_duration(parsed(R"({"value":1.5,"unit":"hours"})")), seconds(5'400));
  EXPECT_EQ(read_duration(parsed(R"({"value":2,"unit":"minutes"})")), seconds(120));
  EXPECT_EQ(read_duration(parsed(R"({"value":365,"unit":"days"})")), kLongestDuration);
}

TEST(Duration, IsOfASecondToAYear) {
  for (const auto* text : {"0", "-5", "0.9", "31536001", "1e300", R"({"value":366,"unit":"days"})",
                           R"({"value":0,"unit":"days"})", R"({"value":1e308,"unit":"days"})"}) {
    ASSERT_FALSE(read_duration(parsed(text)).has_value()) << text;
    EXPECT_EQ(read_duration(parsed(text)).error(), "must be from 1 second to 365 days") << text;
  }
  EXPECT_TRUE(read_duration(1).has_value());
  EXPECT_TRUE(read_duration(31'536'000).has_value());
}

TEST(Duration, IsNothingElse) {
  for (const auto* text : {"null", "\"5\"", "true", "[]", "{}", R"({"value":5})", R"({"unit":"days"})",
                           R"({"value":"5","unit":"days"})", R"({"value":5,"unit":"weeks"})"}) {
    EXPECT_FALSE(read_duration(parsed(text)).has_value()) << text;
  }
}

TEST(Duration, OfAConfigurationMayBeMissing) {
  std::vector<FieldError> faults;
  for (const auto* text : {"{}", R"({"timeout":null})", R"({"timeout":5})"})
    check_duration(faults, parsed(text), "timeout");
  EXPECT_TRUE(faults.empty());
  EXPECT_EQ(duration_in(parsed("{}"), "timeout", seconds(7)), seconds(7));
  EXPECT_EQ(duration_in(parsed(R"({"timeout":"x"})"), "timeout", seconds(7)), seconds(7));
  EXPECT_EQ(duration_in(parsed(R"({"timeout":5})"), "timeout", seconds(7)), seconds(5));
  check_duration(faults, parsed(R"({"timeout":"x"})"), "timeout");
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].path, "timeout");
}

}  // namespace
}  // namespace waypost::workflow
