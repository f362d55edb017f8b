#include "workflow/work.h"

#include <gtest/gtest.h>

namespace waypost::workflow {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Time kNow = from_millis(1'760'000'000'000);

const Json kAnyMessage{{"id", "t"}, {"type", "trigger.inbound_message"}, {"config", Json::object()}};

WaitingTrigger waiting(std::int64_t seq, Time wrote = kNow) {
  return {.trigger = {.seq = seq, .created_at = wrote}, .message = store::Message{.seq = seq, .happened_at = wrote}};
}

// One message waits, and one workflow is published.
Work usual() {
  return {.conversation = store::Conversation{},
          .contact = store::Contact{},
          .triggers = {waiting(1)},
          .published = {{.name = "first", .version = 3, .trigger = kAnyMessage},
                        {.name = "second", .version = 1, .trigger = kAnyMessage}}};
}

WaitingRun standing(const std::string& position, std::optional<Time> due, Stop stop) {
  return {.run = {.status = "waiting", .position = position, .due_at = due}, .state = {.stop = std::move(stop)}};
}
WaitingRun for_reply(std::optional<Time> due = std::nullopt) { return standing("reply", due, {.reply = true}); }
WaitingRun for_time(Time due) { return standing("time", due, {}); }

NextWork decide(const Work& work) { return next_work(work, kNow, hours(24)); }

TEST(NextWork, StartsTheFirstPublishedWorkflow) {
  const auto next = decide(usual());
  ASSERT_TRUE(std::holds_alternative<Start>(next));
  EXPECT_EQ(std::get<Start>(next).workflow.name, "first");
  EXPECT_EQ(std::get<Start>(next).trigger.seq, 1);
}

TEST(NextWork, IsNothingWithoutTriggersAndRuns) {
  auto work = usual();
  work.triggers.clear();
  EXPECT_TRUE(std::holds_alternative<Idle>(decide(work)));
}

TEST(NextWork, WaitsWhileItsChannelIsStopped) {
  auto work = usual();
  work.is_paused = true;
  const auto next = decide(work);
  ASSERT_TRUE(std::holds_alternative<Wait>(next));
  EXPECT_GT(std::get<Wait>(next).until, kNow);
}

TEST(NextWork, IsARunUnderWayBeforeATrigger) {
  auto work = usual();
  work.run = store::Run{.status = "running"};
  EXPECT_TRUE(std::holds_alternative<GoOn>(decide(work)));
}

TEST(NextWork, WaitsForARunThatIsNotDueYet) {
  auto work = usual();
  work.run = store::Run{.status = "running", .due_at = kNow + minutes(1)};
  ASSERT_TRUE(std::holds_alternative<Wait>(decide(work)));
  EXPECT_EQ(std::get<Wait>(decide(work)).until, kNow + minutes(1));
  work.run->due_at = kNow;
  EXPECT_TRUE(std::holds_alternative<GoOn>(decide(work)));
}

TEST(NextWork, OfAMergedConversationIsTheSurvivors) {
  auto work = usual();
  const auto survivor = ConversationId::make(kNow);
  work.conversation->merged_into = survivor;
  ASSERT_TRUE(std::holds_alternative<Moved>(decide(work)));
  EXPECT_EQ(std::get<Moved>(decide(work)).to, survivor);
}

void expect_dropped(const Work& work, std::int64_t last) {
  const auto next = decide(work);
  ASSERT_TRUE(std::holds_alternative<Drop>(next));
  EXPECT_EQ(std::get<Drop>(next).last, last);
}

TEST(Trigger, StartsNothingWhileNothingIsPublished) {
  auto work = usual();
  work.published.clear();
  work.triggers.push_back(waiting(2));
  expect_dropped(work, 2);
}

TEST(Trigger, StartsNothingInHandoff) {
  auto work = usual();
  work.conversation->status = "handoff";
  expect_dropped(work, 1);
}

TEST(Trigger, StartsNothingForAContactThatOptedOut) {
  auto work = usual();
  work.contact->opted_out = true;
  expect_dropped(work, 1);
}

TEST(Trigger, StartsNothingWithoutItsContactOrMessage) {
  auto work = usual();
  work.contact.reset();
  expect_dropped(work, 1);
  work = usual();
  work.triggers[0].message.reset();
  expect_dropped(work, 1);
}

TEST(Trigger, StartsNothingAfterADay) {
  auto work = usual();
  work.triggers = {waiting(1, kNow - hours(24)), waiting(2, kNow - hours(25)), waiting(3, kNow - hours(23))};
  expect_dropped(work, 2);
  work.triggers.erase(work.triggers.begin(), work.triggers.begin() + 2);
  EXPECT_TRUE(std::holds_alternative<Start>(decide(work)));
}

// Meta may hand over a message days late: the customer's time counts then.
TEST(Trigger, IsAsOldAsItsMessage) {
  auto work = usual();
  work.triggers[0].message->happened_at = kNow - hours(30);
  expect_dropped(work, 1);
}

TEST(Trigger, StartsTheFirstWorkflowThatItFits) {
  auto work = usual();
  work.triggers[0].message->text = "my order, please";
  work.published[0].trigger = {{"type", "trigger.keyword"}, {"config", {{"keywords", {"order"}}}}};
  EXPECT_EQ(std::get<Start>(decide(work)).workflow.name, "second");
  work.triggers[0].message->text = "Order";
  EXPECT_EQ(std::get<Start>(decide(work)).workflow.name, "first");
}

TEST(Trigger, ThatFitsNoWorkflowIsDropped) {
  auto work = usual();
  for (auto& workflow : work.published) workflow.trigger = {{"type", "trigger.api"}, {"config", Json::object()}};
  expect_dropped(work, 1);
}

TEST(Waiting, AMessageIsForTheYoungestThatWaitsForOne) {
  auto work = usual();
  work.waiting = {for_reply(), for_reply(), for_time(kNow + minutes(1))};
  work.waiting[1].run.steps = 7;
  const auto next = decide(work);
  ASSERT_TRUE(std::holds_alternative<Resume>(next));
  EXPECT_EQ(std::get<Resume>(next).run.steps, 7);
  EXPECT_TRUE(std::holds_alternative<Reply>(std::get<Resume>(next).cause));
  EXPECT_EQ(std::get<Resume>(next).trigger->seq, 1);
}

TEST(Waiting, AMessageIsForARunAlsoWhenNothingIsPublishedAndWhenItIsOld) {
  auto work = usual();
  work.published.clear();
  work.waiting = {for_reply()};
  work.triggers[0] = waiting(1, kNow - hours(30));
  EXPECT_TRUE(std::holds_alternative<Resume>(decide(work)));
}

TEST(Waiting, AMessageOfOneWhoOptedOutIsForNobody) {
  auto work = usual();
  work.waiting = {for_reply()};
  work.contact->opted_out = true;
  expect_dropped(work, 1);
}

TEST(Waiting, ATimeThatCameBeforeTheMessageGoesFirst) {
  auto work = usual();
  work.waiting = {for_reply(kNow - minutes(1))};
  EXPECT_TRUE(std::holds_alternative<TimeUp>(std::get<Resume>(decide(work)).cause));
  work.triggers[0] = waiting(1, kNow - minutes(2));
  EXPECT_TRUE(std::holds_alternative<Reply>(std::get<Resume>(decide(work)).cause));
}

TEST(Waiting, IsLookedAtAgainWithTheFirstTime) {
  auto work = usual();
  work.triggers.clear();
  work.waiting = {for_time(kNow + hours(2)), for_reply(kNow + hours(1)), for_reply()};
  EXPECT_EQ(std::get<Wait>(decide(work)).until, kNow + hours(1));
  work.waiting = {for_reply()};
  EXPECT_TRUE(std::holds_alternative<Idle>(decide(work)));
}

TEST(Waiting, InHandoffItsTimeEndsIt) {
  auto work = usual();
  work.triggers.clear();
  work.waiting = {for_time(kNow)};
  work.conversation->status = "handoff";
  EXPECT_TRUE(std::holds_alternative<GiveUp>(decide(work)));
}

TEST(Waiting, WhileAutomationIsPausedItsTimeWaits) {
  auto work = usual();
  work.triggers.clear();
  work.waiting = {for_time(kNow)};
  work.conversation->automation_paused_until = kNow + minutes(5);
  EXPECT_EQ(std::get<Wait>(decide(work)).until, kNow + minutes(5));
}

Work under_way() {
  auto work = usual();
  work.run = store::Run{.message = MessageId::make(kNow), .status = "running", .due_at = kNow + minutes(1)};
  return work;
}

TEST(UnderWay, EndsWhenAPersonTakesTheConversation) {
  auto work = under_way();
  EXPECT_TRUE(std::holds_alternative<Wait>(decide(work)));
  work.conversation->status = "handoff";
  EXPECT_TRUE(std::holds_alternative<GiveUp>(decide(work)));
}

TEST(UnderWay, EndsWhenAPersonWritesAndPausesIt) {
  auto work = under_way();
  work.conversation->automation_paused_until = kNow + minutes(30);
  EXPECT_TRUE(std::holds_alternative<GiveUp>(decide(work)));
  work.conversation->automation_paused_until = kNow;
  EXPECT_TRUE(std::holds_alternative<Wait>(decide(work)));
}

TEST(UnderWay, GoesOnInHandoffWhenAPersonWantsIt) {
  auto work = under_way();
  work.conversation->status = "handoff";
  work.run->replay_of = RunId::make(kNow);
  EXPECT_TRUE(std::holds_alternative<Wait>(decide(work)));
  work.run->replay_of.reset();
  work.run->message.reset();
  EXPECT_TRUE(std::holds_alternative<Wait>(decide(work)));
}

}  // namespace
}  // namespace waypost::workflow
