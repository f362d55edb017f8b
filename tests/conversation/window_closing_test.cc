#include "conversation/window_closing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace waypost {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Time kEnd = from_millis(1'760'000'000'000);

TEST(WindowClosing, IsToldOnceInTheMinutesBeforeTheNoticeAndNeverLater) {
  const auto id = ConversationId::make(kEnd);
  const auto early = judge_closing(kEnd, id, hours(1), kEnd - hours(12));
  ASSERT_TRUE(std::holds_alternative<LookAgain>(early));
  const Time due = std::get<LookAgain>(early).at;
  EXPECT_LE(due, kEnd - hours(1));
  EXPECT_GT(due, kEnd - hours(1) - kClosingSpread);
  EXPECT_EQ(std::get<LookAgain>(judge_closing(kEnd, id, hours(1), due - milliseconds(1))).at, due);
  EXPECT_TRUE(std::holds_alternative<TellClosing>(judge_closing(kEnd, id, hours(1), due)));
}

TEST(WindowClosing, LateItIsStillToldWhileTheWindowIsOpen) {
  const auto id = ConversationId::make(kEnd);
  EXPECT_TRUE(std::holds_alternative<TellClosing>(judge_closing(kEnd, id, hours(1), kEnd - milliseconds(1))));
  EXPECT_TRUE(std::holds_alternative<TellNothing>(judge_closing(kEnd, id, hours(1), kEnd)));
  EXPECT_TRUE(std::holds_alternative<TellNothing>(judge_closing(std::nullopt, id, hours(1), kEnd)));
}

TEST(WindowClosing, WindowsThatEndAtOnceAreToldSpreadOut) {
  std::vector<Time> told;
  for (int n = 0; n < 1'000; ++n) {
    const auto move = judge_closing(kEnd, ConversationId::make(kEnd), hours(1), kEnd - hours(3));
    told.push_back(std::get<LookAgain>(move).at);
  }
  std::ranges::sort(told);
  EXPECT_GT(told.back() - told.front(), kClosingSpread * 9 / 10);
  // In no minute more than a third of them.
  for (int minute = 0; minute < 5; ++minute) {
    const Time from = kEnd - hours(1) - kClosingSpread + minutes(minute);
    const auto of_minute = std::ranges::count_if(told, [&](Time at) { return at >= from && at < from + minutes(1); });
    EXPECT_LT(of_minute, 333);
  }
}

TEST(WindowClosing, TheFirstLookIsBeforeAnyNotice) {
  const Time opened = kEnd - kServiceWindow;
  for (int n = 0; n < 100; ++n) {
    const auto move = judge_closing(kEnd, ConversationId::make(kEnd), kMostClosingNotice, opened + kFirstLook);
    EXPECT_FALSE(std::holds_alternative<TellNothing>(move));
    if (const auto* later = std::get_if<LookAgain>(&move)) EXPECT_GE(later->at, opened + kFirstLook);
  }
}

}  // namespace
}  // namespace waypost
