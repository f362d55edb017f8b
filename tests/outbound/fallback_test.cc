#include "store/fallback.h"

#include <gmock/gmock.h>

#include "store/broadcasts.h"
#include "tests/outbound/stage.h"

namespace waypost::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;

class FallbackTest : public Stage {
 protected:
  void close_window() { pass(hours(25)); }
  store::Message fallback() {
    const auto all = of_author("fallback");
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? store::Message{} : all.front();
  }
  std::optional<MessageId> claim() { return conversation().claim; }
};

// --- Policies --------------------------------------------------------------------------------------------------------

TEST_F(FallbackTest, RejectFailsWhatTheWindowOvertook) {
  const auto id = given_message("late", WindowPolicy::Reject);
  close_window();
  in_store([&](sql::Connection& connection) {
    connection.run("UPDATE message SET expires_at = $1", {clock.now() + hours(1)});
  });
  send();
  EXPECT_EQ(state_of(id), MessageState::Failed);
  EXPECT_EQ(reason_of(id), "window_closed");
  EXPECT_TRUE(graph.posts.empty());
}

TEST_F(FallbackTest, WithoutAFallbackTheDefaultIsReject) {
  close_window();
  const auto id = given_message("late");
  send();
  EXPECT_EQ(reason_of(id), "window_closed");
}

TEST_F(FallbackTest, HoldWaitsForTheCustomerAndThenGoes) {
  close_window();
  const auto id = given_message("late", WindowPolicy::Hold);
  EXPECT_EQ(send(), message(id).expires_at);
  EXPECT_EQ(state_of(id), MessageState::Held);
  EXPECT_EQ(message(id).due_at, message(id).expires_at);
  EXPECT_EQ(events("message.held"), 1);
  pass(hours(1));
  customer_writes();
  EXPECT_EQ(send(), std::nullopt);
  EXPECT_EQ(state_of(id), MessageState::Accepted);
  EXPECT_THAT(texts_posted(), ElementsAre("late"));
}

TEST_F(FallbackTest, AHeldMessageExpires) {
  close_window();
  const auto id = given_message("late", WindowPolicy::Hold);
  clock.set(send().value());
  EXPECT_EQ(send(), std::nullopt);
  EXPECT_EQ(state_of(id), MessageState::Expired);
}

TEST_F(FallbackTest, HeldMessagesStandAsideForTemplatesAndKeepTheirOrder) {
  close_window();
  const auto first = given_message("one", WindowPolicy::Hold);
  const auto second = given_message("two", WindowPolicy::Hold);
  const auto order = given_template_message();
  send();
  EXPECT_EQ(state_of(first), MessageState::Held);
  EXPECT_EQ(state_of(second), MessageState::Held);
  EXPECT_EQ(state_of(order), MessageState::Accepted);
  const auto third = given_message("three");
  customer_writes();
  send();
  EXPECT_EQ(state_of(third), MessageState::Accepted);
  EXPECT_THAT(texts_posted(), ElementsAre("<template>", "one", "two", "three"));
}

TEST_F(FallbackTest, TemplateReplacesTheMessage) {
  given_fallback();
  close_window();
  const auto id = given_message("a\nlate    text", WindowPolicy::Template);
  EXPECT_EQ(send(), std::nullopt);
  const auto sent = fallback();
  EXPECT_EQ(state_of(id), MessageState::Replaced);
  EXPECT_EQ(message(id).replaced_by, sent.id);
  EXPECT_EQ(sent.replaces, id);
  EXPECT_EQ(sent.state, MessageState::Accepted);
  EXPECT_EQ(sent.text, "We wrote: a late text");
  EXPECT_EQ(claim(), sent.id);
  ASSERT_EQ(graph.posts.size(), 1U);
  EXPECT_EQ(graph.posts[0].message["template"], Json::parse(R"({"name":"back","language":{"code":"en_US"},
      "components":[{"type":"body","parameters":[{"type":"text","text":"a late text"}]}]})"));
  EXPECT_EQ(events("message.replaced"), 1);
}

TEST_F(FallbackTest, AFallbackIsRecordedAsABroadcastOfOne) {
  given_fallback();
  close_window();
  given_message("late", WindowPolicy::Template);
  send();
  const auto sent = fallback();
  ASSERT_TRUE(sent.broadcast.has_value());
  const auto recipients = in_store(
      [&](sql::Connection& connection) { return store::list_recipients(connection, tenant, *sent.broadcast); });
  ASSERT_EQ(recipients.size(), 1U);
  EXPECT_EQ(recipients[0].contact, contact);
  EXPECT_EQ(recipients[0].message, sent.id);
}

TEST_F(FallbackTest, TemplateThenHoldIsTheDefaultWithAFallbackAndDeliversTheTextOnTheAnswer) {
  given_fallback();
  close_window();
  const auto id = given_message("late");
  send();
  EXPECT_EQ(state_of(id), MessageState::Held);
  EXPECT_EQ(fallback().state, MessageState::Accepted);
  pass(minutes(5));
  customer_writes();
  EXPECT_EQ(claim(), std::nullopt);
  send();
  EXPECT_EQ(state_of(id), MessageState::Accepted);
  EXPECT_THAT(texts_posted(), ElementsAre("<template>", "late"));
}

TEST_F(FallbackTest, AConversationGetsOneFallbackAtATime) {
  given_fallback();
  close_window();
  const auto first = given_message("one", WindowPolicy::Template);
  const auto second = given_message("two", WindowPolicy::Template);
  const auto third = given_message("three", WindowPolicy::TemplateThenHold);
  send();
  const auto sent = fallback();
  EXPECT_EQ(message(first).replaced_by, sent.id);
  EXPECT_EQ(message(second).replaced_by, sent.id);
  EXPECT_EQ(state_of(third), MessageState::Held);
  EXPECT_THAT(texts_posted(), ElementsAre("<template>"));
}

TEST_F(FallbackTest, OfTwoHandlersOnlyOneClaims) {
  given_fallback();
  close_window();
  given_message("one");
  graph.takes(milliseconds(10));
  int ended = 0;
  for (int i = 0; i < 2; ++i) {
    asio::co_spawn(loop.context(), sender->handle(key()), [&](std::exception_ptr, const WorkOutcome&) { ++ended; });
  }
  loop.run_until([&] { return ended == 2; });
  send_until(fallback().id, MessageState::Accepted);
  EXPECT_EQ(graph.posts.size(), 1U);
}

TEST_F(FallbackTest, AClaimIsOutlivedAfterADay) {
  given_fallback();
  close_window();
  given_message("one", WindowPolicy::Template);
  send();
  pass(settings.fallback_claim);
  given_message("two", WindowPolicy::Template);
  send();
  EXPECT_EQ(of_author("fallback").size(), 2U);
  EXPECT_EQ(claim(), of_author("fallback")[1].id);
}

TEST_F(FallbackTest, OnlyAnApprovedTemplateOfTheExactLanguageGoes) {
  given_fallback("PAUSED");
  close_window();
  const auto id = given_message("late");
  send();
  EXPECT_EQ(reason_of(id), "window_closed");
  EXPECT_TRUE(of_author("fallback").empty());
}

TEST_F(FallbackTest, WhoStoppedMarketingGetsNoMarketingTemplate) {
  given_fallback("APPROVED", "MARKETING");
  in_store([&](sql::Connection& connection) { connection.run("UPDATE contact SET marketing_stopped = $1", {true}); });
  close_window();
  const auto id = given_message("late");
  send();
  EXPECT_EQ(reason_of(id), "window_closed");
}

// Also one that was queued before they said so.
TEST_F(FallbackTest, WhoStoppedMarketingGetsNoMarketingTemplateOfOthersEither) {
  given_fallback("APPROVED", "MARKETING");
  const auto id = given_template_message("back");
  in_store([&](sql::Connection& connection) { connection.run("UPDATE contact SET marketing_stopped = $1", {true}); });
  send();
  EXPECT_EQ(reason_of(id), "marketing_stopped");
}

TEST_F(FallbackTest, WhoStoppedMarketingGetsOtherTemplates) {
  given_fallback("APPROVED", "UTILITY");
  const auto id = given_template_message("back");
  in_store([&](sql::Connection& connection) { connection.run("UPDATE contact SET marketing_stopped = $1", {true}); });
  send();
  EXPECT_EQ(state_of(id), MessageState::Accepted);
}

TEST_F(FallbackTest, TheVerdictIsJudgedAgainWhenTheCustomerWroteMeanwhile) {
  given_fallback();
  close_window();
  const auto row = message(given_message("late"));
  customer_writes();
  const auto outcome = in_store(
      [&](sql::Connection& connection) { return store::apply_window_policy(connection, row, {}, clock.now()); });
  EXPECT_FALSE(outcome.applied);
  EXPECT_EQ(outcome.verdict, WindowVerdict::SendNow);
  EXPECT_EQ(state_of(row.id), MessageState::Queued);
  EXPECT_TRUE(of_author("fallback").empty());
}

TEST_F(FallbackTest, AFallbackThatIsOvertakenByTheCustomerIsNotSent) {
  given_fallback();
  close_window();
  const auto id = given_message("late");
  const auto row = message(id);
  in_store([&](sql::Connection& connection) { return store::apply_window_policy(connection, row, {}, clock.now()); });
  customer_writes();
  send();
  EXPECT_EQ(state_of(id), MessageState::Accepted);
  EXPECT_EQ(fallback().state, MessageState::Expired);
  EXPECT_EQ(reason_of(fallback().id), "not_needed");
  EXPECT_THAT(texts_posted(), ElementsAre("late"));
}

// --- The template's failure
// -------------------------------------------------------------------------------------------

TEST_F(FallbackTest, ARefusedTemplateFailsTheHeldTextsAndFreesTheClaim) {
  given_fallback();
  close_window();
  const auto waiting = given_message("one");
  const auto own = given_message("two", WindowPolicy::Hold);
  graph.answers(132001);
  send();
  EXPECT_EQ(fallback().state, MessageState::Failed);
  EXPECT_EQ(state_of(waiting), MessageState::Failed);
  EXPECT_EQ(message(waiting).failure->code, 132001);
  EXPECT_EQ(state_of(own), MessageState::Held);
  EXPECT_EQ(claim(), std::nullopt);
}

TEST_F(FallbackTest, ALateFailureOfTheTemplateDoesTheSame) {
  given_fallback();
  close_window();
  const auto waiting = given_message("one");
  send();
  status_says(fallback().id, "failed", 131026);
  EXPECT_EQ(state_of(waiting), MessageState::Failed);
  EXPECT_EQ(message(waiting).failure->code, 131026);
  EXPECT_EQ(claim(), std::nullopt);
}

TEST_F(FallbackTest, ADeliveredTemplateKeepsItsClaim) {
  given_fallback();
  close_window();
  const auto waiting = given_message("one");
  send();
  status_says(fallback().id, "delivered");
  status_says(fallback().id, "failed", 131026);
  EXPECT_EQ(state_of(waiting), MessageState::Held);
  EXPECT_EQ(claim(), fallback().id);
}

// The customer may have it, and answer.
TEST_F(FallbackTest, AnUnknownOutcomeOfTheTemplateKeepsTheTextsHeld) {
  given_fallback();
  close_window();
  const auto waiting = given_message("one");
  graph.loses_the_answer();
  send();
  send_until(fallback().id, MessageState::Failed);
  EXPECT_EQ(reason_of(fallback().id), "outcome_unknown");
  EXPECT_EQ(state_of(waiting), MessageState::Held);
  status_says(fallback().id, "delivered");
  EXPECT_EQ(fallback().state, MessageState::Delivered);
}

// --- Meta's own word: 131047
// -------------------------------------------------------------------------------------------

TEST_F(FallbackTest, A131047AtOnceClosesTheWindowAndTakesThePathOnce) {
  given_fallback();
  const auto id = given_message("hi");
  graph.answers(131047);
  EXPECT_EQ(send(), message(id).expires_at);
  EXPECT_EQ(state_of(id), MessageState::Held);
  EXPECT_EQ(fallback().state, MessageState::Accepted);
  EXPECT_EQ(fallback().replaces, id);
  EXPECT_LE(conversation().window_expires_at, clock.now());
  EXPECT_THAT(texts_posted(), ElementsAre("hi", "<template>"));
  EXPECT_EQ(message(id).exchange["number"], 1);
}

TEST_F(FallbackTest, A131047UnderRejectKeepsMetasCode) {
  const auto id = given_message("hi");
  graph.answers(131047);
  send();
  EXPECT_EQ(reason_of(id), "window_closed");
  EXPECT_EQ(message(id).failure->code, 131047);
}

TEST_F(FallbackTest, ALate131047SendsTheTemplateAndHoldsTheTextAsANewMessage) {
  given_fallback();
  const auto id = given_message("hi");
  send();
  status_says(id, "failed", 131047);
  EXPECT_EQ(state_of(id), MessageState::Failed);
  const auto again = message(message(id).replaced_by.value());
  EXPECT_EQ(again.state, MessageState::Held);
  EXPECT_EQ(again.replaces, id);
  EXPECT_EQ(again.text, "hi");
  send();
  EXPECT_EQ(fallback().state, MessageState::Accepted);
  pass(minutes(5));
  customer_writes();
  send();
  EXPECT_EQ(state_of(again.id), MessageState::Accepted);
  EXPECT_THAT(texts_posted(), ElementsAre("hi", "<template>", "hi"));
}

// A bridge's own id is unique a channel: it stays with the row that the bridge made.
TEST_F(FallbackTest, ALate131047OfABridgesMessageTakesThePathToo) {
  given_fallback();
  const auto id = given_message("from the bridge");
  in_store([](sql::Connection& connection) { connection.run("UPDATE message SET external_id = 'bridge-1'"); });
  send();
  status_says(id, "failed", 131047);
  EXPECT_EQ(state_of(id), MessageState::Failed);
  EXPECT_EQ(message(id).external_id, "bridge-1");
  EXPECT_TRUE(message(id).replaced_by);
}

TEST_F(FallbackTest, ALate131047TakesItsPathOnceWhateverIsSaidAgain) {
  given_fallback();
  const auto id = given_message("hi", WindowPolicy::Template);
  send();
  for (int i = 0; i < 3; ++i) status_says(id, "failed", 131047);
  const auto row = message(id);
  in_store([&](sql::Connection& connection) { return store::outside_window(connection, row, {}, clock.now()); });
  EXPECT_EQ(fallback().id, row.replaced_by);
  send();
  EXPECT_THAT(texts_posted(), ElementsAre("hi", "<template>"));
}

TEST_F(FallbackTest, ALate131047HoldsTheTextOnce) {
  const auto id = given_message("hi", WindowPolicy::Hold);
  send();
  status_says(id, "failed", 131047);
  const auto row = message(id);
  const auto repeated =
      in_store([&](sql::Connection& connection) { return store::outside_window(connection, row, {}, clock.now()); });
  EXPECT_FALSE(repeated.applied);
  EXPECT_EQ(of_author("api").size(), 2U);
}

TEST_F(FallbackTest, ALate131047OfAMessageOlderThanTheCustomersLastIsSentAgain) {
  const auto id = given_message("hi", WindowPolicy::Hold);
  send();
  pass(minutes(1));
  customer_writes();
  status_says(id, "failed", 131047);
  send();
  EXPECT_EQ(state_of(message(id).replaced_by.value()), MessageState::Accepted);
  EXPECT_THAT(texts_posted(), ElementsAre("hi", "hi"));
}

TEST_F(FallbackTest, ALate131047UnderHoldWaitsForTheCustomer) {
  const auto id = given_message("hi", WindowPolicy::Hold);
  send();
  status_says(id, "failed", 131047);
  const auto again = message(id).replaced_by.value();
  EXPECT_EQ(state_of(again), MessageState::Held);
  pass(minutes(1));
  customer_writes();
  send();
  EXPECT_EQ(state_of(again), MessageState::Accepted);
}

TEST_F(FallbackTest, ALate131047UnderRejectIsTheEnd) {
  const auto id = given_message("hi", WindowPolicy::Reject);
  send();
  status_says(id, "failed", 131047);
  EXPECT_EQ(state_of(id), MessageState::Failed);
  EXPECT_EQ(message(id).replaced_by, std::nullopt);
  EXPECT_EQ(send(), std::nullopt);
}

}  // namespace
}  // namespace waypost::test
