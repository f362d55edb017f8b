#include "queue/redis_trouble.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

using std::chrono::seconds;
using Instant = RedisTrouble::Instant;

constexpr Instant kNow{seconds(1'000)};

TEST(RedisTroubleTest, EndsWhenTheSameIsDone) {
  RedisTrouble trouble;
  trouble.refused("SET", "out of memory", kNow);
  EXPECT_EQ(trouble.words(), "out of memory");
  trouble.done("SET", kNow);
  EXPECT_EQ(trouble.words(), "");
}

TEST(RedisTroubleTest, StaysWhileOnlyOtherThingsAreDone) {
  RedisTrouble trouble;
  trouble.refused("SET", "out of memory", kNow);
  trouble.done("EXISTS", kNow + seconds(9));
  EXPECT_EQ(trouble.words(), "out of memory");
  trouble.done("EXISTS", kNow + seconds(10));
  EXPECT_EQ(trouble.words(), "");
}

TEST(RarelyTest, LetsAReasonPassOnceAMinute) {
  Rarely rarely;
  EXPECT_TRUE(rarely.may_say("OOM", kNow));
  EXPECT_FALSE(rarely.may_say("OOM", kNow + seconds(59)));
  EXPECT_TRUE(rarely.may_say("BUSY", kNow + seconds(59)));
  EXPECT_TRUE(rarely.may_say("OOM", kNow + seconds(60)));
}

}  // namespace
}  // namespace waypost
