#include "sql/outage.h"

#include <gtest/gtest.h>

namespace waypost::sql {
namespace {

using std::chrono::milliseconds;
constexpr Outage::Instant kStart{};

TEST(Outage, PausesGrowAndEndWithThePatience) {
  Outage outage(milliseconds(1000));
  auto now = kStart;
  auto before = milliseconds(0);
  while (const auto pause = outage.pause_after_failure(now)) {
    EXPECT_GE(*pause, std::min(before, milliseconds(1)));
    EXPECT_LE(*pause, milliseconds(250));
    before = *pause;
    now += *pause;
  }
  EXPECT_EQ(now - kStart, milliseconds(1000));
}

TEST(Outage, PatienceIsOfTheOutageAndNotOfABatch) {
  Outage outage(milliseconds(100));
  (void)outage.pause_after_failure(kStart);
  EXPECT_FALSE(outage.pause_after_failure(kStart + milliseconds(100)));
  EXPECT_FALSE(outage.pause_after_failure(kStart + milliseconds(5000)));
  outage.over();
  EXPECT_FALSE(outage.lasts());
  EXPECT_TRUE(outage.pause_after_failure(kStart + milliseconds(6000)));
}

TEST(Outage, WithoutPatienceThereIsNoSecondTry) { EXPECT_FALSE(Outage(milliseconds(0)).pause_after_failure(kStart)); }

}  // namespace
}  // namespace waypost::sql
