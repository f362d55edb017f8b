#include <gtest/gtest.h>

#include "sandbox/settings.h"
#include "sandbox/throttle.h"

namespace waypost::sandbox {
namespace {

int code_of(const Judged<void>& judged) { return judged ? 0 : judged.error().code; }

TEST(Throttle, IsOffUnlessAsked) {
  Throttle throttle;
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(code_of(throttle.admit({}, "1", "a", Time())), 0);
}

TEST(Throttle, ANumberHasItsRate) {
  Settings settings;
  settings.number_per_second = 2;
  Throttle throttle;
  FakeClock clock;
  EXPECT_EQ(code_of(throttle.admit(settings, "1", "a", clock.now())), 0);
  EXPECT_EQ(code_of(throttle.admit(settings, "1", "b", clock.now())), 0);
  EXPECT_EQ(code_of(throttle.admit(settings, "1", "c", clock.now())), 130429);
  EXPECT_EQ(code_of(throttle.admit(settings, "2", "c", clock.now())), 0);
  clock.pass(milliseconds(500));
  EXPECT_EQ(code_of(throttle.admit(settings, "1", "c", clock.now())), 0);
}

// Meta: 45 messages may be borrowed; then one in six seconds.
TEST(Throttle, APairHasABurstThenItsPace) {
  Settings settings;
  settings.pair_seconds = 6;
  Throttle throttle;
  FakeClock clock;
  for (int i = 0; i < 45; ++i) EXPECT_EQ(code_of(throttle.admit(settings, "1", "a", clock.now())), 0);
  EXPECT_EQ(code_of(throttle.admit(settings, "1", "a", clock.now())), 131056);
  EXPECT_EQ(code_of(throttle.admit(settings, "1", "b", clock.now())), 0);
  clock.pass(milliseconds(6000));
  EXPECT_EQ(code_of(throttle.admit(settings, "1", "a", clock.now())), 0);
  EXPECT_EQ(code_of(throttle.admit(settings, "1", "a", clock.now())), 131056);
}

TEST(Settings, ARetryComesAtOnceThenAfterDoublingPauses) {
  Settings settings;
  settings.retry_first = milliseconds(10);
  settings.retry_longest = milliseconds(35);
  std::vector<long> pauses;
  for (int failures = 1; failures <= 5; ++failures) pauses.push_back(pause_before_retry(settings, failures).count());
  EXPECT_EQ(pauses, (std::vector<long>{0, 10, 20, 35, 35}));
}

TEST(Settings, ChangesAreCheckedAndShownAgain) {
  const auto settings =
      changed({}, {{"read_after_ms", 7}, {"delivered_after_ms", "never"}, {"window_refusal", "at_once"}});
  ASSERT_TRUE(settings);
  EXPECT_EQ(to_json(*settings)["read_after_ms"], 7);
  EXPECT_EQ(to_json(*settings)["delivered_after_ms"], "never");
  EXPECT_EQ(to_json(*settings)["window_refusal"], "at_once");
  EXPECT_FALSE(changed({}, {{"reed_after_ms", 7}}));
  EXPECT_FALSE(changed({}, {{"read_after_ms", "soon"}}));
  EXPECT_TRUE(changed({}, to_json(Settings{})));
}

}  // namespace
}  // namespace waypost::sandbox
