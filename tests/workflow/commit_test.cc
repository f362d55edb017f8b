#include "workflow/commit.h"

#include <span>

#include "tests/workflow/workshop.h"

namespace waypost::workflow {
namespace {

using namespace waypost::test;  // NOLINT(google-build-using-namespace): the fixture's words

class Commit : public testing::Test {
 protected:
  // What a worker that has just read would commit for the oldest trigger: its run says "hi" and ends.
  SprintCommit first_commit() {
    const auto trigger =
        shop.given([&](sql::Connection& c) { return store::pending_triggers(c, shop.tenant, shop.conversation, 1); })
            .at(0);
    return {.run = {.tenant = shop.tenant,
                    .id = RunId::make(shop.now()),
                    .workflow = workflow,
                    .version = 1,
                    .conversation = shop.conversation,
                    .contact = shop.contact,
                    .channel = shop.channel,
                    .message = trigger.message,
                    .status = "running",
                    .created_at = shop.now(),
                    .updated_at = shop.now()},
            .begins = true,
            .trigger = trigger,
            .sprint = saying("hi"),
            .now = shop.now()};
  }
  static Sprint saying(const std::string& text) {
    Plan plan;
    plan.effects.emplace_back(SendEffect{.type = "text", .text = text, .content = {{"body", text}}});
    return {.steps = {{.node_id = "m", .node_type = "wa.send_message", .plan = std::move(plan)}}};
  }
  Result<Committed> commit(const SprintCommit& what) {
    return shop.inner->write_and_wait(1, [&](sql::Connection& c) { return commit_sprint(c, what); });
  }
  void expect_stale(const SprintCommit& what) {
    const auto before = everything();
    const auto refused = commit(what);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind(), ErrorKind::Conflict);
    EXPECT_EQ(everything(), before);
  }
  // Rows by table.
  std::vector<std::int64_t> everything() {
    return {shop.number("SELECT count(*) FROM run"),
            shop.number("SELECT count(*) FROM step"),
            shop.number("SELECT count(*) FROM message"),
            shop.number("SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM event_pending)"),
            shop.number("SELECT count(*) FROM run_trigger"),
            shop.number("SELECT CAST(COALESCE(sum(revision), 0) AS bigint) FROM run"),
            shop.number("SELECT CAST(COALESCE(sum(n), 0) AS bigint) FROM counter WHERE kind = 'runs'")};
  }

  Workshop shop;
  WorkflowId workflow = shop.given_published(say("hi"));
};

TEST_F(Commit, WritesTheRunItsStepsAndItsMessagesAtOnce) {
  shop.given_message("x");
  const auto what = first_commit();
  const auto committed = commit(what);
  ASSERT_TRUE(committed.has_value());
  EXPECT_TRUE(committed->has_sends);
  ASSERT_EQ(shop.runs().size(), 1U);
  EXPECT_EQ(store::to_json(shop.runs()[0]).at("status"), "completed");
  EXPECT_EQ(shop.runs()[0].steps, 1);
  const auto steps = shop.steps(what.run.id);
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].output.at("messageId"), shop.sent().at(0).id.text());
  EXPECT_EQ(shop.sent()[0].run, what.run.id);
  EXPECT_EQ(shop.sent()[0].node_id, "m");
  EXPECT_EQ(shop.sent()[0].author, "workflow");
  EXPECT_EQ(shop.triggers(), 0U);
}

TEST_F(Commit, OfATriggerThatAnotherTookWritesNothing) {
  shop.given_message("x");
  const auto slow = first_commit();
  ASSERT_TRUE(commit(first_commit()).has_value());
  expect_stale(slow);
}

TEST_F(Commit, OfAWorkflowThatWasDeletedOrPublishedAnewWritesNothing) {
  shop.given_message("x");
  const auto slow = first_commit();
  shop.publish(workflow);
  expect_stale(slow);
  auto second = slow;
  second.run.version = 2;
  shop.given([&](sql::Connection& c) { return delete_workflow(c, shop.tenant, workflow, shop.now()); });
  expect_stale(second);
}

TEST_F(Commit, OfAConversationHandedOffMeanwhileWritesNothing) {
  shop.given_message("x");
  const auto slow = first_commit();
  auto talk = shop.talk();
  talk.status = "handoff";
  shop.change(talk);
  expect_stale(slow);
}

TEST_F(Commit, OfAConversationMergedMeanwhileWritesNothing) {
  shop.given_message("x");
  const auto slow = first_commit();
  shop.given([&](sql::Connection& c) {
    c.run("UPDATE conversation SET merged_into = $2 WHERE id = $1",
          {shop.conversation, ConversationId::make(shop.now())});
  });
  expect_stale(slow);
}

TEST_F(Commit, OfAStaleRevisionWritesNothing) {
  shop.given_message("x");
  auto what = first_commit();
  what.sprint.next = "m";
  ASSERT_TRUE(commit(what).has_value());
  SprintCommit next{.run = shop.runs().at(0), .sprint = saying("again"), .now = shop.now()};
  next.sprint.next = "m";
  ASSERT_TRUE(commit(next).has_value());
  expect_stale(next);
  EXPECT_EQ(shop.sent_texts(), (Texts{"hi", "again"}));
}

TEST_F(Commit, OfATriggerWhileARunIsUnderWayWritesNothing) {
  shop.given_message("x");
  shop.given_message("y");
  auto what = first_commit();
  what.sprint.next = "m";
  ASSERT_TRUE(commit(what).has_value());
  expect_stale(first_commit());
}

TEST_F(Commit, OfARunWhileAnotherIsUnderWayWritesNothing) {
  shop.given_message("x");
  auto what = first_commit();
  what.sprint.next = "m";
  ASSERT_TRUE(commit(what).has_value());
  auto replay = shop.runs().at(0);
  replay.id = RunId::make(shop.now());
  replay.replay_of = what.run.id;
  replay.status = "queued";
  replay.revision = 0;
  shop.given([&](sql::Connection& c) { store::insert_run(c, replay); });
  expect_stale({.run = replay, .sprint = saying("too early"), .now = shop.now()});
}

TEST_F(Commit, TakesATriggerWhoseMessageHasARunAlready) {
  shop.given_message("x");
  const auto what = first_commit();
  ASSERT_TRUE(commit(what).has_value());
  shop.given([&](sql::Connection& c) { store::insert_trigger(c, *what.trigger); });
  auto again = what;
  again.run.id = RunId::make(shop.now());
  ASSERT_TRUE(commit(again).has_value());
  EXPECT_EQ(shop.runs().size(), 1U);
  EXPECT_EQ(shop.sent().size(), 1U);
  EXPECT_EQ(shop.triggers(), 0U);
}

// Lets another worker in between the looks and the last word: runs of any engine with several write lanes.
class RacingConnection final : public sql::Connection {
 public:
  explicit RacingConnection(sql::Connection& inner) : inner_(inner) {}
  sql::Engine engine() const override { return inner_.engine(); }
  sql::Rows run(std::string_view text, std::span<const sql::Value> values) override {
    if (text.starts_with("UPDATE run SET")) inner_.run("UPDATE run SET revision = revision + 1", {});
    return inner_.run(text, values);
  }
  void script(std::string_view text) override { inner_.script(text); }
  std::int64_t total_changes() const override { return inner_.total_changes(); }

 private:
  sql::Connection& inner_;
};

TEST_F(Commit, OvertakenAtTheLastMomentWritesNothing) {
  shop.given_message("x");
  const auto what = first_commit();
  const auto before = everything();
  const auto refused = shop.inner->write_and_wait(1, [&](sql::Connection& c) {
    RacingConnection racing(c);
    return commit_sprint(racing, what);
  });
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind(), ErrorKind::Conflict);
  EXPECT_EQ(everything(), before);
}

// A worker that dies in the middle leaves nothing; the same commit then goes through whole.
TEST_F(Commit, FailingAtAnyStatementLeavesNothing) {
  shop.given_message("x");
  const auto what = first_commit();
  const auto before = everything();
  int statement = 1;
  for (; statement < 100; ++statement) {
    const auto broken = shop.inner->write_and_wait(1, [&](sql::Connection& c) {
      FailingConnection failing(c, statement, sql::FaultKind::Data);
      return commit_sprint(failing, what);
    });
    if (broken) break;
    ASSERT_EQ(everything(), before) << "statement " << statement;
  }
  EXPECT_GT(statement, 10);
  EXPECT_EQ(shop.runs().size(), 1U);
  EXPECT_EQ(shop.sent_texts(), Texts{"hi"});
}

}  // namespace
}  // namespace waypost::workflow
