#include "store/cursors.h"

#include <gtest/gtest.h>

#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

using std::chrono::minutes;

class Cursors : public ::testing::Test {
 protected:
  // A node that writes its cursor now.
  JournalId given_node(std::optional<Time> applied_until) {
    const auto journal = JournalId::make(store_.clock.now());
    move(journal, {.to = {.messages = 1, .statuses = 1}, .applied_until = applied_until});
    return journal;
  }
  void move(JournalId journal, const MarksMove& how) {
    EXPECT_TRUE(store_.run([&](sql::Connection& c) { return move_marks(c, journal, how, store_.clock.now()); }));
  }
  std::optional<Time> of_all() {
    return store_.run([&](sql::Connection& c) { return applied_until_of_all(c, store_.clock.now() - minutes(15)); });
  }

  test::TempStore store_;
};

TEST_F(Cursors, TheNodeThatIsFurthestBehindCounts) {
  const Time now = store_.clock.now();
  EXPECT_EQ(of_all(), std::nullopt);
  given_node(now);
  const auto behind = given_node(now - minutes(5));
  EXPECT_EQ(of_all(), now - minutes(5));
  const Marks marks{.messages = 1, .statuses = 1};
  move(behind, {.from = marks, .to = marks, .applied_until = now - minutes(1)});
  EXPECT_EQ(of_all(), now - minutes(1));
}

TEST_F(Cursors, ANodeThatDiedCountsForAQuarterOfAnHour) {
  const Time died = store_.clock.now();
  given_node(died);
  store_.clock.pass(minutes(15));
  const Time now = store_.clock.now();
  given_node(now);
  EXPECT_EQ(of_all(), died);
  store_.clock.pass(milliseconds(1));
  EXPECT_EQ(of_all(), now);
}

TEST_F(Cursors, ANodeThatEndedWithEverythingAppliedCountsNoMore) {
  given_node(std::nullopt);
  EXPECT_EQ(of_all(), std::nullopt);
  given_node(store_.clock.now());
  EXPECT_EQ(of_all(), store_.clock.now());
}

}  // namespace
}  // namespace waypost::store
