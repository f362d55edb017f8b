// A channel that Meta has stopped: who waits, who tries, and what sets it free.

#include "store/channel_blocks.h"

#include <gtest/gtest.h>

#include "tests/outbound/stage.h"

namespace waypost::test {
namespace {

using std::chrono::minutes;

class ChannelBlocks : public Stage {
 protected:
  ChannelBlocks() {
    settings.pacing = false;
    restart();
  }
};

TEST_F(ChannelBlocks, ABlockBurnsNoAttemptAndOneSendTriesAfterThePause) {
  const auto first = given_message("one");
  const auto second = given_message("two");
  graph.answers(131031);
  send();
  EXPECT_EQ(channel().state, "blocked");
  EXPECT_EQ(channel().state_code, 131031);
  EXPECT_NE(channel().state_words->find("WhatsApp Manager"), std::string::npos);
  EXPECT_EQ(events("channel.updated"), 1);
  pass(minutes(5));
  EXPECT_EQ(sends_once(), 0U);
  pass(store::kBlockPause);
  graph.answers(131031);
  EXPECT_EQ(sends_once(), 1U);
  EXPECT_EQ(state_of(first), MessageState::Queued);
  EXPECT_EQ(message(first).failures, 0);
  EXPECT_EQ(events("channel.updated"), 1);
  pass(store::kBlockPause);
  EXPECT_EQ(sends_once(), 1U);
  EXPECT_EQ(state_of(first), MessageState::Accepted);
  EXPECT_EQ(state_of(second), MessageState::Queued);
  pass(store::kProbeQuiet);
  EXPECT_EQ(sends_once(), 1U);
  EXPECT_EQ(state_of(second), MessageState::Accepted);
  EXPECT_EQ(channel().state, "active");
  EXPECT_EQ(channel().state_words, std::nullopt);
}

// Meta tells of some blocks only late: without the quiet time the whole queue would fail.
TEST_F(ChannelBlocks, ATryThatFailsLateKeepsTheOthersWaiting) {
  const auto first = given_message("one");
  const auto second = given_message("two");
  graph.answers(131042);
  send();
  pass(store::kBlockPause);
  send();
  status_fails(first, 131042);
  pass(store::kProbeQuiet);
  EXPECT_EQ(sends_once(), 0U);
  EXPECT_EQ(reason_of(first), "payment_missing");
  EXPECT_EQ(state_of(second), MessageState::Queued);
  EXPECT_EQ(channel().state, "blocked");
}

TEST_F(ChannelBlocks, ARestrictedNumberStillAnswers) {
  const auto id = given_template_message();
  graph.answers(131048);
  send();
  EXPECT_EQ(channel().state, "restricted");
  in_store([&](sql::Connection& connection) { connection.run("DELETE FROM message WHERE id = $1", {id}); });
  const auto text = given_message("an answer");
  send();
  EXPECT_EQ(state_of(text), MessageState::Accepted);
  const auto another = given_template_message();
  EXPECT_EQ(sends_once(), 0U);
  EXPECT_EQ(state_of(another), MessageState::Queued);
}

TEST_F(ChannelBlocks, AnAnswerThatMeetsARestrictionBlocksTheNumber) {
  given_message("an answer");
  graph.answers(131048);
  send();
  EXPECT_EQ(channel().state, "blocked");
  EXPECT_EQ(sends_once(), 0U);
}

TEST_F(ChannelBlocks, ABlockOfTheAccountReachesItsOtherNumbers) {
  const auto other = in_store([&](sql::Connection& connection) {
    const store::Channel made{.tenant = tenant, .name = "2", .phone_number_id = "107", .waba_id = "waba"};
    return store::create_channel(connection, made, clock.now())->id;
  });
  given_message("one");
  graph.answers(368);
  send();
  const auto state = [&] {
    return in_store([&](sql::Connection& connection) { return store::find_channel(connection, tenant, other)->state; });
  };
  EXPECT_EQ(state(), "blocked");
  pass(store::kBlockPause);
  send();
  pass(store::kProbeQuiet);
  given_message("two");
  send();
  EXPECT_EQ(state(), "active");
}

// Else the next try is a quarter of an hour later, though nothing was tried.
TEST_F(ChannelBlocks, AMessagingLimitDoesNotSpendTheOneTry) {
  pass(std::chrono::hours(25));
  const auto id = given_template_message();
  graph.answers(131031);
  send();
  pass(store::kBlockPause);
  meta_limits_to(0);
  EXPECT_EQ(sends_once(), 0U);
  EXPECT_EQ(state_of(id), MessageState::Queued);
  EXPECT_LE(channel().look_at, clock.now());
  meta_limits_to(1);
  EXPECT_EQ(sends_once(), 1U);
  EXPECT_EQ(state_of(id), MessageState::Accepted);
}

// Nobody counts as reached by a send that does not go.
TEST_F(ChannelBlocks, WhoWaitsForTheOneTryDoesNotCountAsReached) {
  pass(std::chrono::hours(25));
  given_template_message();
  graph.answers(131031);
  send();
  EXPECT_EQ(channel().state, "blocked");
  EXPECT_EQ(reached(), 0);
  pass(store::kBlockPause / 2);
  EXPECT_EQ(sends_once(), 0U);
  EXPECT_EQ(reached(), 0);
}

TEST_F(ChannelBlocks, AMessageAtFaultDoesNotKeepABlockedChannelWaiting) {
  given_message("one");
  graph.answers(131031);
  send();
  const auto second = given_message("two");
  pass(store::kBlockPause);
  graph.answers(131026);
  send();
  EXPECT_EQ(state_of(second), MessageState::Accepted);
}

}  // namespace
}  // namespace waypost::test
