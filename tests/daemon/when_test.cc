#include "daemon/when.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace waypost {
namespace {

const Time kNow = *parse_iso8601("2026-11-23T12:00:00Z");

TEST(When, IsATimeOrHowLongAgo) {
  EXPECT_EQ(*read_when("2026-11-20T01:02:03Z", kNow), *parse_iso8601("2026-11-20T01:02:03Z"));
  EXPECT_EQ(*read_when("90s", kNow), kNow - std::chrono::seconds(90));
  EXPECT_EQ(*read_when("15m", kNow), kNow - std::chrono::minutes(15));
  EXPECT_EQ(*read_when("6h", kNow), kNow - std::chrono::hours(6));
  EXPECT_EQ(*read_when("2d", kNow), kNow - std::chrono::days(2));
  EXPECT_EQ(*read_when("0s", kNow), kNow);
}

TEST(When, AnythingElseIsRefusedWithAnExample) {
  for (const auto* text : {"", "h", "6", "-6h", "6 h", "1.5h", "6w", "999999999999d", "yesterday", "2026-11-20"}) {
    const auto read = read_when(text, kNow);
    ASSERT_FALSE(read) << text;
    EXPECT_THAT(read.error().words(), testing::HasSubstr("6h or 2d"));
  }
}

}  // namespace
}  // namespace waypost
