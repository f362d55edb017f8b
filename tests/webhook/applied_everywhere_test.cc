#include "webhook/applied_everywhere.h"

#include <gtest/gtest.h>

#include <thread>

#include "store/cursors.h"
#include "tests/webhook/gateway.h"

namespace waypost {
namespace {

using std::chrono::minutes;

class Everywhere : public testing::Test {
 protected:
  ~Everywhere() override { gateway.stop(); }
  void given_other_node(Time applied_until) {
    const auto journal = JournalId::make(now());
    gateway.store.run([&](sql::Connection& connection) {
      return store::move_marks(connection, journal, {.to = {.messages = 1}, .applied_until = applied_until}, now());
    });
  }
  // What is known once the store has answered.
  Time until() {
    gateway.store.clock.pass(seconds(1));
    const auto before = applied.until();
    for (int i = 0; i < 10'000 && applied.until() == before; ++i) std::this_thread::sleep_for(milliseconds(1));
    return applied.until();
  }
  Time now() const { return gateway.store.clock.now(); }
  bool is_alone() const { return gateway.store.database->engine() == sql::Engine::Sqlite; }

  test::Gateway gateway;
  AppliedEverywhere applied{*gateway.store.database, gateway.store.clock, [this] { return now(); }};
};

// Law 8: the status that settles an unknown send may wait in another node's journal.
TEST_F(Everywhere, ANodeThatIsBehindHoldsBackTheOthers) {
  if (is_alone()) GTEST_SKIP() << "SQLite has no other node";
  const Time stuck = now();
  given_other_node(stuck);
  gateway.store.clock.pass(minutes(5));
  EXPECT_EQ(until(), stuck);
  gateway.store.clock.pass(minutes(10));
  EXPECT_EQ(until(), now()) << "gone for good after a quarter of an hour";
}

TEST_F(Everywhere, WhereNoOtherNodeIsOnlyThisOneCounts) {
  if (!is_alone()) GTEST_SKIP() << "PostgreSQL may have other nodes";
  given_other_node(now() - minutes(5));
  EXPECT_EQ(applied.until(), now());
}

TEST_F(Everywhere, AnIdleNodeSaysThatNothingWaitsAndOneThatEndedSaysNothing) {
  const auto said = [&] {
    return gateway.store.run([&](sql::Connection& c) { return store::applied_until_of_all(c, now() - minutes(15)); });
  };
  gateway.start();
  gateway.post_and_settle(test::body_of(test::Text{}));
  for (int i = 0; i < 10'000 && !said(); ++i) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_EQ(said(), now());
  if (!is_alone()) {
    gateway.store.clock.pass(minutes(1));
    for (int i = 0; i < 10'000 && said() != now(); ++i) std::this_thread::sleep_for(milliseconds(1));
    EXPECT_EQ(said(), now());
  }
  gateway.stop();
  EXPECT_EQ(said(), std::nullopt);
}

}  // namespace
}  // namespace waypost
