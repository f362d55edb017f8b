#include "daemon/silent_nodes.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

using std::chrono::seconds;

class Silence : public ::testing::Test {
 protected:
  std::size_t look() { return nodes_.look({row_}, now_); }
  void beat() { row_.seen_at += seconds(1); }
  void pass(seconds time) { now_ += time; }

  SilentNodes nodes_{seconds(3)};
  SilentNodes::Instant now_{seconds(1'000)};
  store::Node row_{.name = "node-2", .incarnation = new_uuid(from_millis(1)), .seen_at = from_millis(1'000)};
};

TEST_F(Silence, ANodeThatBeatsIsNotSilent) {
  for (int n = 0; n < 10; ++n) {
    EXPECT_EQ(look(), 0U);
    pass(seconds(1));
    beat();
  }
}

TEST_F(Silence, ANodeThatStopsBeatingIsToldOnce) {
  look();
  beat();
  look();
  pass(seconds(2));
  EXPECT_EQ(look(), 0U);
  pass(seconds(1));
  EXPECT_EQ(look(), 1U);
  pass(seconds(5));
  EXPECT_EQ(look(), 0U);
}

TEST_F(Silence, ANodeThatWasDeadBeforeUsIsNobodysDeath) {
  look();
  pass(seconds(60));
  EXPECT_EQ(look(), 0U);
}

TEST_F(Silence, ANodeThatSaidThatItStopsIsNotMissed) {
  look();
  beat();
  row_.stopped_at = row_.seen_at;
  look();
  pass(seconds(10));
  EXPECT_EQ(look(), 0U);
}

TEST_F(Silence, ANodeThatCameBackMayDieAgain) {
  look();
  beat();
  look();
  pass(seconds(3));
  EXPECT_EQ(look(), 1U);
  row_.incarnation = new_uuid(from_millis(2));
  beat();
  EXPECT_EQ(look(), 0U);
  pass(seconds(3));
  EXPECT_EQ(look(), 1U);
}

}  // namespace
}  // namespace waypost
