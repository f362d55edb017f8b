#include "workflow/replay.h"

#include "tests/workflow/workshop.h"

namespace waypost::workflow {
namespace {

using namespace waypost::test;  // NOLINT(google-build-using-namespace): the fixture's words

class Replays : public testing::Test {
 protected:
  Result<Replay> replay(RunId run, ReplayVersion version = ReplayVersion::Original) {
    return shop.inner->write_and_wait(1, [&, run, version](sql::Connection& c) {
      return replay_run(c, {.tenant = shop.tenant, .original = run, .version = version}, shop.now());
    });
  }
  std::string code_of(const Result<Replay>& refused) {
    EXPECT_FALSE(refused.has_value());
    return refused ? "" : refused.error().code();
  }
  store::Run given_run(std::optional<MessageId> message, Json state = Json::object()) {
    store::Run run{.tenant = shop.tenant,
                   .id = RunId::make(shop.now()),
                   .workflow = workflow,
                   .version = 1,
                   .conversation = shop.conversation,
                   .contact = shop.contact,
                   .channel = shop.channel,
                   .message = message,
                   .status = "queued",
                   .state = std::move(state),
                   .created_at = shop.now(),
                   .updated_at = shop.now()};
    shop.given([&](sql::Connection& c) {
      EXPECT_TRUE(store::insert_run(c, run));
      return true;
    });
    return run;
  }
  void unpublish() {
    shop.given([&](sql::Connection& c) { return unpublish_workflow(c, shop.tenant, workflow, shop.now()); });
  }

  Workshop shop;
  WorkflowId workflow = shop.given_published(say("one"));
};

TEST_F(Replays, TheVersionIsTheOriginalOneUnlessTheLatestIsAskedFor) {
  const auto original = given_run(shop.given_message("hi"), {{"steps", {{"m", 1}}}});
  shop.redraw(workflow, say("two"));
  shop.publish(workflow);
  EXPECT_EQ(replay(original.id)->run.version, 1);
  const auto latest = replay(original.id, ReplayVersion::Latest);
  ASSERT_TRUE(latest.has_value());
  EXPECT_EQ(latest->run.version, 2);
  EXPECT_EQ(latest->run.message, original.message);
  EXPECT_EQ(latest->run.replay_of, original.id);
  EXPECT_EQ(latest->run.state, Json::object()) << "from the start";
}

TEST_F(Replays, WithoutAPublishedVersionThereIsNoLatest) {
  const auto original = given_run(shop.given_message("hi"));
  unpublish();
  EXPECT_EQ(code_of(replay(original.id, ReplayVersion::Latest)), "not_replayable");
  EXPECT_TRUE(replay(original.id).has_value());
}

TEST_F(Replays, ARunStartedByACallIsStartedWithTheSame) {
  const Json trigger{{"data", {{"orderId", 17}}}};
  const auto original = given_run(std::nullopt, {{"trigger", trigger}, {"steps", {{"m", 1}}}});
  const auto again = replay(original.id);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->run.message, std::nullopt);
  EXPECT_EQ(again->run.conversation, shop.conversation);
  EXPECT_EQ(again->run.state, Json({{"trigger", trigger}}));
  EXPECT_EQ(again->signal.key, shop.key());
}

TEST_F(Replays, WhatIsGoneIsNotReplayed) {
  const auto original = given_run(MessageId::make(shop.now()));
  EXPECT_EQ(code_of(replay(original.id)), "not_replayable");
  EXPECT_EQ(replay(RunId::make(shop.now())).error().kind(), ErrorKind::NotFound);
}

TEST(ReplayVersions, HaveNames) {
  EXPECT_EQ(replay_version_named("original"), ReplayVersion::Original);
  EXPECT_EQ(replay_version_named("latest"), ReplayVersion::Latest);
  EXPECT_EQ(replay_version_named("newest"), std::nullopt);
}

}  // namespace
}  // namespace waypost::workflow
