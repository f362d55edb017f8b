// Runs that wait for a reply or a time.

#include "store/runs.h"
#include "tests/workflow/workshop.h"
#include "workflow/runner.h"

namespace waypost::workflow {
namespace {

using namespace waypost::test;  // NOLINT(google-build-using-namespace): the fixture's words
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Asks, waits an hour, repeats what was said.
Json question() {
  return graph(
      {node("ask", "wa.send_message", {{"body", "Which one?"}}), node("w", "wa.wait_for_reply", {{"timeout", 3'600}}),
       node("yes", "wa.send_message", {{"body", "You chose {{reply.text}}"}}),
       node("no", "wa.send_message", {{"body", "Are you there?"}})},
      {edge("t", "ask"), edge("ask", "w"), edge("w", "yes"), edge("w", "no", "timeout")});
}

Json delayed() {
  return graph({node("d", "logic.delay", {{"duration", 60}}), node("m", "wa.send_message", {{"body", "Later"}})},
               {edge("t", "d"), edge("d", "m")});
}

class Waits : public testing::Test {
 protected:
  // The run of question() has asked and waits.
  void given_a_question() {
    shop.given_published(question());
    shop.given_message("hi");
    shop.work_until_it_waits();
    ASSERT_EQ(shop.runs().at(0).status, "waiting");
  }
  store::Step step_of(const std::string& node) {
    for (const auto& step : shop.steps(shop.runs().at(0).id)) {
      if (step.node_id == node) return step;
    }
    throw std::runtime_error("no step of " + node);
  }

  Workshop shop;
};

TEST_F(Waits, ARunThatWaitsSaysWhenItIsToBeLookedAtAgain) {
  shop.given_published(question());
  shop.given_message("hi");
  EXPECT_EQ(shop.work_until_it_waits(), shop.now() + hours(1));
  const auto run = shop.runs().at(0);
  EXPECT_EQ(run.status, "waiting");
  EXPECT_EQ(run.position, "w");
  EXPECT_EQ(run.due_at, shop.now() + hours(1));
  EXPECT_EQ(step_of("w").status, "waiting");
  EXPECT_EQ(step_of("w").ended_at, std::nullopt);
}

TEST_F(Waits, AReplyGoesToTheRunThatWaits) {
  given_a_question();
  shop.pass(minutes(10));
  shop.given_message("the red one");
  shop.work();
  EXPECT_EQ(shop.sent_texts(), (Texts{"Which one?", "You chose the red one"}));
  ASSERT_EQ(shop.runs().size(), 1U);
  EXPECT_EQ(shop.runs()[0].status, "completed");
  EXPECT_EQ(shop.triggers(), 0U);
}

TEST_F(Waits, TheStepThatWaitedIsOneStep) {
  given_a_question();
  const auto began = shop.now();
  shop.pass(minutes(10));
  shop.given_message("red");
  shop.work();
  EXPECT_EQ(shop.runs().at(0).steps, 4);
  const auto step = step_of("w");
  EXPECT_EQ(step.number, 3);
  EXPECT_EQ(step.status, "completed");
  EXPECT_EQ(step.handle, "out");
  EXPECT_EQ(step.started_at, began);
  EXPECT_EQ(step.ended_at, began + minutes(10));
  EXPECT_EQ(step.attempt, 1);
}

TEST_F(Waits, WithoutAReplyItsTimeEndsIt) {
  given_a_question();
  shop.pass(hours(1));
  shop.work();
  EXPECT_EQ(shop.sent_texts(), (Texts{"Which one?", "Are you there?"}));
  EXPECT_EQ(step_of("w").handle, "timeout");
}

TEST_F(Waits, AReplyBeforeItsTimeIsOneThoughItIsReadLater) {
  given_a_question();
  shop.pass(minutes(59));
  shop.given_message("red");
  shop.pass(minutes(5));
  shop.work();
  EXPECT_EQ(shop.sent_texts().back(), "You chose red");
}

TEST_F(Waits, AReplyBehindItsTimeIsNone) {
  given_a_question();
  shop.pass(hours(1) + seconds(1));
  shop.given_message("red");
  shop.work_until_it_waits();
  // The first run's time was over; the message started a second one.
  EXPECT_EQ(shop.sent_texts(), (Texts{"Which one?", "Are you there?", "Which one?"}));
  EXPECT_EQ(shop.runs().size(), 2U);
}

TEST_F(Waits, TheSecondOfTwoRepliesStartsARun) {
  given_a_question();
  shop.given_message("red");
  shop.given_message("and blue");
  shop.work_until_it_waits();
  ASSERT_EQ(shop.runs().size(), 2U);
  EXPECT_EQ(shop.runs()[0].status, "completed");
  EXPECT_EQ(shop.runs()[1].status, "waiting");
  EXPECT_EQ(shop.sent_texts(), (Texts{"Which one?", "You chose red", "Which one?"}));
}

TEST_F(Waits, AnotherProcessGoesOn) {
  given_a_question();
  shop.restart();
  shop.given_message("red");
  shop.restart();
  shop.work();
  EXPECT_EQ(shop.sent_texts().back(), "You chose red");
}

TEST_F(Waits, AVersionPublishedMeanwhileIsNotTheRuns) {
  shop.given_published(question());
  shop.given_message("hi");
  shop.work_until_it_waits();
  const auto workflow = shop.runs().at(0).workflow;
  shop.redraw(workflow, say("New"));
  shop.publish(workflow);
  shop.given_message("red");
  shop.work();
  EXPECT_EQ(shop.sent_texts().back(), "You chose red");
}

// Nothing is published any more, and the workspace is known for it.
TEST_F(Waits, ADeletedWorkflowsRunStillGetsItsReply) {
  given_a_question();
  const auto workflow = shop.runs().at(0).workflow;
  shop.given([&](sql::Connection& c) { return delete_workflow(c, shop.tenant, workflow, shop.now()); });
  shop.work_until_it_waits();
  shop.given_message("red");
  shop.work();
  EXPECT_EQ(shop.sent_texts().back(), "You chose red");
}

TEST_F(Waits, TwoRunsThatWaitTheYoungerGetsTheReply) {
  shop.given_published(delayed(), 1);
  shop.given_message("first");
  shop.work_until_it_waits();
  shop.given_published(question(), 2);
  shop.given_message("second");
  shop.work_until_it_waits();
  ASSERT_EQ(shop.runs().size(), 2U);
  shop.given_message("red");
  shop.work_until_it_waits();
  EXPECT_EQ(shop.runs()[0].status, "waiting");
  EXPECT_EQ(shop.runs()[1].status, "completed");
}

TEST_F(Waits, ADelayIsNoReplysBusiness) {
  shop.given_published(delayed());
  shop.given_message("one");
  EXPECT_EQ(shop.work_until_it_waits(), shop.now() + minutes(1));
  shop.given_message("two");
  shop.work_until_it_waits();
  EXPECT_EQ(shop.runs().size(), 2U);
  EXPECT_EQ(shop.sent_texts(), Texts{});
  shop.pass(minutes(1));
  shop.work();
  EXPECT_EQ(shop.sent_texts(), (Texts{"Later", "Later"}));
}

// More than are read at once: each has its time, and the one that waits for a reply gets it.
TEST_F(Waits, ManyInOneConversationAllWake) {
  shop.settings.limits.max_equal_texts_in_five_minutes = 1'000;
  shop.restart();
  shop.given_published(delayed(), 1);
  for (int n = 0; n < 60; ++n) shop.given_message(std::to_string(n));
  shop.work_until_it_waits();
  EXPECT_EQ(shop.number("SELECT count(*) FROM run WHERE status = 'waiting'"), 60);
  shop.pass(minutes(1));
  shop.work();
  EXPECT_EQ(shop.sent_texts().size(), 60U);
  EXPECT_EQ(shop.number("SELECT count(*) FROM run WHERE status = 'completed'"), 60);
}

TEST_F(Waits, InHandoffItsTimeEndsTheRunWithoutAWord) {
  given_a_question();
  auto talk = shop.talk();
  talk.status = "handoff";
  shop.change(talk);
  shop.pass(hours(1));
  shop.work();
  const auto run = shop.runs().at(0);
  EXPECT_EQ(run.status, "cancelled");
  EXPECT_EQ(run.error->code, "handed_off");
  EXPECT_EQ(step_of("w").status, "cancelled");
  EXPECT_EQ(shop.sent_texts(), Texts{"Which one?"});
}

TEST_F(Waits, WhileAnAgentIsAtItItsTimeIsPutOff) {
  given_a_question();
  auto talk = shop.talk();
  talk.automation_paused_until = shop.now() + hours(2);
  shop.change(talk);
  shop.pass(hours(1));
  EXPECT_EQ(shop.work_until_it_waits(), shop.now() + hours(1));
  EXPECT_EQ(shop.sent_texts(), Texts{"Which one?"});
  shop.pass(hours(1));
  shop.work();
  EXPECT_EQ(shop.sent_texts().back(), "Are you there?");
}

TEST_F(Waits, ARunThatIsCancelledWaitsNoMore) {
  given_a_question();
  const auto run = shop.runs().at(0).id;
  const store::Complaint why{.code = "cancelled", .words = "by a test"};
  EXPECT_TRUE(shop.given([&](sql::Connection& c) { return store::cancel_run(c, shop.tenant, run, why, shop.now()); }));
  EXPECT_FALSE(shop.given([&](sql::Connection& c) { return store::cancel_run(c, shop.tenant, run, why, shop.now()); }));
  EXPECT_EQ(step_of("w").error->code, "cancelled");
  shop.given_message("red");
  shop.work_until_it_waits();
  EXPECT_EQ(shop.runs().size(), 2U);
}

TEST_F(Waits, ARunEndsWithItsTime) {
  shop.settings.limits.max_run_time = hours(2);
  shop.restart();
  shop.given_published(
      graph({node("w", "wa.wait_for_reply", {{"timeout", {{"value", 3}, {"unit", "days"}}}})}, {edge("t", "w")}));
  shop.given_message("hi");
  EXPECT_EQ(shop.work_until_it_waits(), shop.now() + hours(2));
  shop.pass(hours(2));
  shop.work();
  EXPECT_EQ(shop.runs().at(0).error->code, "run_too_long");
  EXPECT_EQ(step_of("w").status, "failed");
}

TEST_F(Waits, ACircleThroughAWaitGoesRound) {
  shop.given_published(graph({node("w", "wa.wait_for_reply", {{"timeout", 60}}),
                              node("m", "wa.send_message", {{"body", "Again: {{reply.text}}"}})},
                             {edge("t", "w"), edge("w", "m"), edge("m", "w")}));
  for (const auto* text : {"hi", "a", "b", "c"}) {
    shop.given_message(text);
    shop.work_until_it_waits();
  }
  EXPECT_EQ(shop.sent_texts(), (Texts{"Again: a", "Again: b", "Again: c"}));
  EXPECT_EQ(shop.runs().size(), 1U);
  EXPECT_EQ(shop.runs()[0].steps, 8);
}

// Of a step that sent and waits, both are told.
TEST_F(Waits, ButtonsSendAndWait) {
  shop.given_published(
      graph({node("b", "wa.send_interactive",
                  {{"body", "Red or blue?"},
                   {"buttons", {{{"id", "red"}, {"title", "Red"}}, {{"id", "blue"}, {"title", "Blue"}}}}}),
             node("r", "wa.send_message", {{"body", "Red it is"}}),
             node("o", "wa.send_message", {{"body", "I do not know {{reply.text}}"}})},
            {edge("t", "b"), edge("b", "r", "red"), edge("b", "o", "other")}));
  shop.given_message("hi");
  shop.work_until_it_waits();
  EXPECT_EQ(step_of("b").status, "waiting");
  EXPECT_TRUE(step_of("b").output.contains("messageId"));
  shop.given_message("green");
  shop.work();
  EXPECT_EQ(shop.sent_texts().back(), "I do not know green");
  EXPECT_EQ(step_of("b").status, "completed");
  EXPECT_TRUE(step_of("b").output.contains("messageId"));
}

TEST_F(Waits, ATriggerThatFitsNothingIsLetGo) {
  shop.given_published(
      {{"nodes", {node("t", "trigger.keyword", {{"keywords", {"order"}}})}}, {"edges", Json::array()}, {"entry", "t"}});
  shop.given_message("hello");
  shop.work();
  EXPECT_EQ(shop.runs().size(), 0U);
  EXPECT_EQ(shop.triggers(), 0U);
  shop.given_message("Order");
  shop.work();
  EXPECT_EQ(shop.runs().size(), 1U);
}

TEST_F(Waits, OnlyTheFirstMessageIsOfANewContact) {
  shop.given_published({{"nodes", {node("t", "trigger.new_contact")}}, {"edges", Json::array()}, {"entry", "t"}});
  shop.given_message("one");
  shop.given_message("two");
  shop.work();
  ASSERT_EQ(shop.runs().size(), 1U);
  EXPECT_EQ(shop.triggers(), 0U);
}

TEST_F(Waits, OnlySoManyPass) {
  shop.given_published(graph({node("l", "logic.rate_limit", {{"maxCount", 2}, {"window", 60}}),
                              node("m", "wa.send_message", {{"body", "{{message.text}}"}})},
                             {edge("t", "l"), edge("l", "m", "allowed")}));
  for (const auto* text : {"a", "b", "c"}) shop.given_message(text);
  shop.work();
  EXPECT_EQ(shop.sent_texts(), (Texts{"a", "b"}));
  shop.pass(minutes(1));
  shop.given_message("d");
  shop.work();
  EXPECT_EQ(shop.sent_texts().back(), "d");
}

TEST_F(Waits, AHandoffIsThePersonsFromThereOn) {
  shop.given_published(graph({node("h", "wa.handoff", {{"note", "Angry"}})}, {edge("t", "h")}));
  shop.given_message("hi");
  shop.given_message("hello?");
  shop.work();
  EXPECT_EQ(shop.talk().status, "handoff");
  EXPECT_EQ(shop.runs().size(), 1U);
}

TEST_F(Waits, TagsAndEventsAreWritten) {
  shop.given_published(
      graph({node("f", "state.set_field", {{"target", "tags"}, {"add", {"vip"}}}),
             node("e", "event.emit", {{"name", "order.paid"}, {"payload", {{"who", "{{contact.name}}"}}}})},
            {edge("t", "f"), edge("f", "e")}));
  shop.given_message("hi");
  shop.work();
  EXPECT_EQ(shop.customer().tags, Json::array({"vip"}));
  const auto types = shop.event_types();
  EXPECT_NE(std::ranges::find(types, "workflow.event"), types.end());
}

}  // namespace
}  // namespace waypost::workflow
