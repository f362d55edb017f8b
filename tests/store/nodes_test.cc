#include "store/nodes.h"

#include <gtest/gtest.h>

#include "store/leases.h"
#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

class Nodes : public ::testing::Test {
 protected:
  Node process(const std::string& name, std::optional<JournalId> journal = std::nullopt) {
    return {.name = name,
            .incarnation = new_uuid(store_.clock.now()),
            .roles = "webhook api",
            .release = "0.1.0",
            .journal = journal};
  }
  std::optional<Node> claim(const Node& node) {
    return store_.run([&](sql::Connection& c) { return claim_node(c, node, store_.clock.now()); });
  }
  bool beat(const Node& node) {
    return store_.run([&](sql::Connection& c) { return beat_node(c, node, store_.clock.now()); });
  }
  void leave(const Node& node) {
    store_.run([&](sql::Connection& c) { leave_node(c, node, store_.clock.now()); });
  }
  std::vector<Node> all() { return store_.run(list_nodes); }

  test::TempStore store_;
};

TEST_F(Nodes, AreListedWithWhatTheyDo) {
  const auto journal = JournalId::make(store_.clock.now());
  ASSERT_FALSE(claim(process("b", journal)));
  ASSERT_FALSE(claim(process("a")));
  const auto nodes = all();
  ASSERT_EQ(nodes.size(), 2U);
  const auto json = to_json(nodes.at(1), store_.clock.now());
  EXPECT_EQ(json["name"], "b");
  EXPECT_EQ(json["state"], "up");
  EXPECT_EQ(json["roles"], Json({"webhook", "api"}));
  EXPECT_EQ(json["journalId"], journal.text());
  EXPECT_EQ(json["stoppedAt"], Json());
}

TEST_F(Nodes, ANameThatLivesIsNotGiven) {
  const auto first = process("a");
  claim(first);
  const auto rival = claim(process("a"));
  ASSERT_TRUE(rival.has_value());
  EXPECT_EQ(rival->incarnation, first.incarnation);
  EXPECT_FALSE(claim(first));
}

TEST_F(Nodes, ANameIsFreeWhenNobodyWasHeardOfForAWhile) {
  const auto first = process("a");
  claim(first);
  store_.clock.pass(kNodeStale - milliseconds(1));
  EXPECT_TRUE(claim(process("a")));
  store_.clock.pass(milliseconds(1));
  const auto second = process("a");
  EXPECT_FALSE(claim(second));
  EXPECT_FALSE(beat(first));
  EXPECT_TRUE(beat(second));
}

TEST_F(Nodes, ANodeThatStoppedLeavesItsName) {
  const auto first = process("a");
  claim(first);
  leave(first);
  EXPECT_EQ(to_json(all().front(), store_.clock.now())["state"], "stopped");
  EXPECT_FALSE(claim(process("a")));
  EXPECT_EQ(to_json(all().front(), store_.clock.now())["state"], "up");
}

TEST_F(Nodes, WhoHasItsJournalKnowsThatItIsDeadAndFreesItsLeases) {
  const auto journal = JournalId::make(store_.clock.now());
  const auto first = process("a", journal);
  claim(first);
  store_.run([&](sql::Connection& c) {
    take_lease(c, {.name = "sweep", .holder = lease_holder(first), .version = 0, .expires_at = store_.clock.now()});
  });
  EXPECT_TRUE(claim(process("a", JournalId::make(store_.clock.now()))));
  EXPECT_FALSE(claim(process("a", journal)));
  EXPECT_EQ(store_.run([](sql::Connection& c) { return look_at_lease(c, "sweep"); }).holder, "");
}

TEST_F(Nodes, ASilentOneShowsAsSuch) {
  claim(process("a"));
  store_.clock.pass(kNodeStale);
  EXPECT_EQ(to_json(all().front(), store_.clock.now())["state"], "silent");
}

}  // namespace
}  // namespace waypost::store
