#include "base/clock.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

TEST(Iso8601, IsWrittenWithMilliseconds) {
  EXPECT_EQ(iso8601(from_millis(1'700'000'000'007)), "2023-11-14T22:13:20.007Z");
  EXPECT_EQ(iso8601(from_millis(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(iso8601(from_millis(253'402'300'799'999)), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(iso8601(from_millis(253'402'300'800'000)), "10000-01-01T00:00:00.000Z");
  EXPECT_EQ(iso8601(from_millis(-62'198'755'200'000)), "-1-01-01T00:00:00.000Z");
}

TEST(Iso8601, ReadsWhatItWrites) {
  EXPECT_EQ(parse_iso8601("2023-11-14T22:13:20.007Z"), from_millis(1'700'000'000'007));
  EXPECT_EQ(parse_iso8601("2023-11-14T22:13:20Z"), from_millis(1'700'000'000'000));
  EXPECT_EQ(parse_iso8601("2024-02-29T00:00:00Z"), from_millis(1'709'164'800'000));
}

TEST(Iso8601, RefusesTheRest) {
  for (const char* wrong : {"", "2023-11-14", "2023-02-29T00:00:00Z", "2023-11-14T24:00:00Z",
                            "2023-11-14T22:13:20+01:00", "2023-11-14T22:13:20.007Zx", "2023-13-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_iso8601(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace waypost
