#include "conversation/callback_data.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

constexpr std::string_view kText = "wp1:0192b3c4-d5e6-7f80-9a0b-1c2d3e4f5061:3";

TEST(CallbackData, IsReadAsItWasWritten) {
  const CallbackData data{.message = MessageId::make(from_millis(1'760'000'000'000)), .attempt = 12};
  EXPECT_EQ(parse_callback_data(format_callback_data(data)), data);
}

TEST(CallbackData, HasTheFormThatEarlierReleasesWrote) {
  const auto data = parse_callback_data(kText);
  ASSERT_TRUE(data);
  EXPECT_EQ(format_callback_data(*data), kText);
  EXPECT_EQ(data->attempt, 3);
}

TEST(CallbackData, OfOthersIsNothing) {
  for (const std::string_view other :
       {"", "wp1:", "order-17", "wp1:0192b3c4-d5e6-7f80-9a0b-1c2d3e4f5061",
        "wp1:0192b3c4-d5e6-7f80-9a0b-1c2d3e4f5061:", "wp2:x", "wp1:0192b3c4-d5e6-7f80-9a0b-1c2d3e4f5061:-1",
        "wp1:0192b3c4-d5e6-7f80-9a0b-1c2d3e4f5061:1x", "wp1:0192b3c4_d5e6-7f80-9a0b-1c2d3e4f5061:1"}) {
    EXPECT_FALSE(parse_callback_data(other)) << other;
  }
}

}  // namespace
}  // namespace waypost
