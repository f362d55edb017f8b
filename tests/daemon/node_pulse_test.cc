#include "daemon/node_pulse.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/support/run_loop.h"
#include "tests/support/temp_store.h"

namespace waypost {
namespace {

constexpr NodePatience kShort{.limit = milliseconds(300), .look = milliseconds(10)};

class NodeName : public ::testing::Test {
 protected:
  store::Node process() { return {.name = "a", .incarnation = new_uuid(store_.clock.now()), .release = "0.1.0"}; }
  Result<void> claim(const store::Node& node) { return claim_node_name(*store_.database, node, store_.clock, kShort); }
  void beat(const store::Node& node) {
    store_.run([&](sql::Connection& c) { store::beat_node(c, node, store_.clock.now()); });
  }
  std::string state() {
    return store_.run([this](sql::Connection& c) {
      return store::to_json(store::list_nodes(c).front(), store_.clock.now())["state"].get<std::string>();
    });
  }

  test::TempStore store_;
};

TEST_F(NodeName, OfALiveDaemonIsRefusedInClearWords) {
  const auto first = process();
  ASSERT_TRUE(claim(first));
  std::jthread beats([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      store_.clock.pass(milliseconds(1));
      beat(first);
    }
  });
  const auto refused = claim(process());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::Conflict);
  EXPECT_TRUE(refused.error().words().contains("another waypostd named \"a\"")) << refused.error().words();
}

TEST_F(NodeName, OfASilentOneIsWaitedFor) {
  ASSERT_TRUE(claim(process()));
  std::jthread time_passes([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      store_.clock.pass(milliseconds(500));
      std::this_thread::sleep_for(milliseconds(1));
    }
  });
  EXPECT_TRUE(claim(process()));
}

TEST_F(NodeName, ThatIsNotFreeInTimeIsRefused) {
  ASSERT_TRUE(claim(process()));
  EXPECT_FALSE(claim(process()));
}

TEST_F(NodeName, ARivalThatMovesIsRefusedAtOnce) {
  const store::Node first{.incarnation = new_uuid(from_millis(1)), .seen_at = from_millis(10)};
  store::Node beaten = first;
  beaten.seen_at = from_millis(11);
  store::Node other = first;
  other.incarnation = new_uuid(from_millis(2));
  const milliseconds limit(1'000);
  EXPECT_EQ(judge_rival(first, first, milliseconds(0), limit), Rival::Wait);
  EXPECT_EQ(judge_rival(first, first, milliseconds(999), limit), Rival::Wait);
  EXPECT_EQ(judge_rival(first, first, limit, limit), Rival::Refuse);
  EXPECT_EQ(judge_rival(first, beaten, milliseconds(0), limit), Rival::Refuse);
  EXPECT_EQ(judge_rival(first, other, milliseconds(0), limit), Rival::Refuse);
}

TEST_F(NodeName, TheNodeSaysWhenItStops) {
  test::RunLoop loop;
  const auto node = process();
  ASSERT_TRUE(claim(node));
  NodePulse pulse(loop.executor(), *store_.database, node, store_.clock);
  pulse.start({});
  store_.clock.pass(std::chrono::minutes(1));
  EXPECT_TRUE(loop.run_until([&] { return state() == "up"; }, milliseconds(5'000)));
  loop.wait(pulse.stop());
  EXPECT_EQ(state(), "stopped");
}

}  // namespace
}  // namespace waypost
