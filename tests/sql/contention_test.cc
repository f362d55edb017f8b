#include "sql/contention.h"

#include <gtest/gtest.h>

namespace waypost::sql {
namespace {

using std::chrono::milliseconds;
constexpr Contention::Instant kStart{};

TEST(Contention, PausesAreARandomPartOfATimeThatDoubles) {
  Contention low(milliseconds(1000));
  Contention high(milliseconds(1000));
  for (const auto span : {4, 8, 16, 32, 64, 64}) {
    EXPECT_EQ(low.pause_after_meeting(kStart, 0.25), milliseconds(span) / 4);
    EXPECT_EQ(high.pause_after_meeting(kStart, 0.75), milliseconds(span) * 3 / 4);
  }
}

TEST(Contention, ThePatienceIsCountedFromTheFirstMeetingSinceACommit) {
  Contention contention(milliseconds(100));
  EXPECT_TRUE(contention.pause_after_meeting(kStart, 0.5));
  EXPECT_TRUE(contention.pause_after_meeting(kStart + milliseconds(99), 0.5));
  contention.over();
  EXPECT_EQ(contention.pause_after_meeting(kStart + milliseconds(150), 0.5), milliseconds(2));
  EXPECT_FALSE(contention.pause_after_meeting(kStart + milliseconds(250), 0.5));
}

}  // namespace
}  // namespace waypost::sql
