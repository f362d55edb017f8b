// How long automation rests after an agent's own message (store/elsewhere.h).

#include <gtest/gtest.h>

#include "store/elsewhere.h"
#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

using std::chrono::minutes;

class AgentPause : public testing::Test {
 protected:
  AgentPause() { customer_writes(); }

  void given_pause(minutes length) {
    store.run([&](sql::Connection& c) {
      set_setting(c, store.tenant, "automation", {{"agentPauseMinutes", length.count()}}, store.clock.now());
    });
  }
  void writes(const std::string& author) {
    store.run([&](sql::Connection& c) {
      const auto talk = list_conversations(c, store.tenant, {}).at(0);
      const auto sent = queue_message(c, talk, {.text = "Hi", .author = author}, store.clock.now());
      pause_for_agent(c, sent, store.clock.now());
    });
  }
  // Whether it left a trigger, which starts a run or reaches the one that waits.
  bool customer_writes() {
    Inbound inbound{.phone_number_id = test::kNumber};
    inbound.sender.phone = "491701234567";
    inbound.message.tenant = store.tenant;
    inbound.message.channel = store.channel;
    inbound.message.text = "hello";
    inbound.message.wamid = "wamid." + std::to_string(++wamids_);
    inbound.message.happened_at = store.clock.now();
    const auto before = store.number("SELECT count(*) FROM run_trigger");
    store.run([&](sql::Connection& c) { receive_message(c, inbound, store.clock.now()); });
    return store.number("SELECT count(*) FROM run_trigger") > before;
  }

  test::TempStore store;

 private:
  int wamids_ = 0;
};

TEST_F(AgentPause, IsNoneUnlessTheWorkspaceSaysSo) {
  writes("user");
  EXPECT_TRUE(customer_writes());
  given_pause(minutes(0));
  writes("user");
  EXPECT_TRUE(customer_writes());
}

TEST_F(AgentPause, KeepsMessagesFromRunsUntilItIsOver) {
  given_pause(minutes(10));
  writes("user");
  EXPECT_FALSE(customer_writes());
  store.clock.pass(minutes(9));
  EXPECT_FALSE(customer_writes());
  store.clock.pass(minutes(1));
  EXPECT_TRUE(customer_writes());
}

TEST_F(AgentPause, BeginsAnewWithEachMessageAndNeverEndsEarlier) {
  given_pause(minutes(10));
  writes("user");
  store.clock.pass(minutes(6));
  writes("user");
  store.clock.pass(minutes(6));
  EXPECT_FALSE(customer_writes());
  given_pause(minutes(1));
  writes("user");
  store.clock.pass(minutes(2));
  EXPECT_FALSE(customer_writes());
}

TEST_F(AgentPause, OnlyAnAgentsMessageBeginsIt) {
  given_pause(minutes(10));
  for (const auto* author : {"api", "workflow", "broadcast", "fallback", "opt_out"}) writes(author);
  EXPECT_TRUE(customer_writes());
}

}  // namespace
}  // namespace waypost::store
