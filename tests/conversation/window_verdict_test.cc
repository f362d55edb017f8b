#include "conversation/window_verdict.h"

#include <gtest/gtest.h>

#include <vector>

namespace waypost {
namespace {

struct Line {
  WindowPolicy policy;
  bool has_claim;
  bool can_fall_back;
  WindowVerdict verdict;
};

TEST(WindowVerdict, OutsideTheWindowThePolicyDecides) {
  using enum WindowPolicy;
  const std::vector<Line> lines{
      {Reject, false, false, WindowVerdict::Fail},
      {Reject, true, true, WindowVerdict::Fail},
      {WindowPolicy::Hold, false, false, WindowVerdict::Hold},
      {WindowPolicy::Hold, true, true, WindowVerdict::Hold},
      {Template, false, true, WindowVerdict::SendFallback},
      {Template, false, false, WindowVerdict::Fail},
      {Template, true, true, WindowVerdict::Replace},
      {Template, true, false, WindowVerdict::Replace},
      {TemplateThenHold, false, true, WindowVerdict::SendFallbackAndHold},
      {TemplateThenHold, false, false, WindowVerdict::Fail},
      {TemplateThenHold, true, true, WindowVerdict::Hold},
      {TemplateThenHold, true, false, WindowVerdict::Hold},
  };
  for (const auto& line : lines) {
    EXPECT_EQ(judge_window({.policy = line.policy, .has_claim = line.has_claim, .can_fall_back = line.can_fall_back}),
              line.verdict)
        << name_of(line.policy) << line.has_claim << line.can_fall_back;
  }
}

TEST(WindowVerdict, InTheWindowAndForTemplatesNoPolicyCounts) {
  for (const auto policy :
       {WindowPolicy::Reject, WindowPolicy::Hold, WindowPolicy::Template, WindowPolicy::TemplateThenHold}) {
    EXPECT_EQ(judge_window({.is_open = true, .policy = policy}), WindowVerdict::SendNow);
    EXPECT_EQ(judge_window({.is_template = true, .policy = policy}), WindowVerdict::SendNow);
  }
}

TEST(WindowVerdict, AClaimHoldsForItsTime) {
  const Time now = from_millis(1'000'000'000);
  EXPECT_FALSE(claim_holds(std::nullopt, now, std::chrono::hours(24)));
  EXPECT_TRUE(claim_holds(now, now, std::chrono::hours(24)));
  EXPECT_TRUE(claim_holds(now - std::chrono::hours(24) + milliseconds(1), now, std::chrono::hours(24)));
  EXPECT_FALSE(claim_holds(now - std::chrono::hours(24), now, std::chrono::hours(24)));
}

}  // namespace
}  // namespace waypost
