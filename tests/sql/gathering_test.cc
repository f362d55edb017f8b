#include "sql/gathering.h"

#include <gtest/gtest.h>

namespace waypost::sql {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

class GatheringTest : public testing::Test {
 protected:
  // Batches of `busy` with `idle` between them, for `times` of them.
  void run(int times, microseconds busy, microseconds idle) {
    for (int i = 0; i < times; ++i) {
      const auto began = now_ + idle;
      now_ = began + busy;
      gathering_.ran(began, now_);
    }
  }

  Gathering::Clock::time_point now_{};
  Gathering gathering_{now_};
};

TEST_F(GatheringTest, ALaneThatHasTimeWaitsForNothing) {
  EXPECT_EQ(gathering_.pause(), microseconds(0));
  run(100, milliseconds(1), milliseconds(9));
  EXPECT_EQ(gathering_.pause(), microseconds(0));
}

TEST_F(GatheringTest, TheBusierItIsTheLongerItWaits) {
  run(1'000, milliseconds(1), milliseconds(1));
  const auto half = gathering_.pause();
  EXPECT_GT(half, microseconds(500));
  run(1'000, milliseconds(9), milliseconds(1));
  EXPECT_GT(gathering_.pause(), half);
  run(1'000, milliseconds(1), microseconds(0));
  EXPECT_LE(gathering_.pause(), microseconds(4'000));
  EXPECT_GT(gathering_.pause(), microseconds(3'900));
}

TEST_F(GatheringTest, OneLongBatchIsForgottenSoon) {
  run(1, std::chrono::seconds(2), microseconds(0));
  EXPECT_GT(gathering_.pause(), microseconds(0));
  run(1, milliseconds(1), milliseconds(200));
  EXPECT_EQ(gathering_.pause(), microseconds(0));
}

TEST_F(GatheringTest, TwoAtOneMomentAreNoDivisionByNothing) {
  run(2, microseconds(0), microseconds(0));
  EXPECT_EQ(gathering_.pause(), microseconds(0));
}

}  // namespace
}  // namespace waypost::sql
