// Calls to outside: what goes out, comes back, fails, is lost.

#include "workflow/outside_desk.h"

#include "store/runs.h"
#include "tests/workflow/workshop.h"
#include "workflow/runner.h"

namespace waypost::workflow {
namespace {

using namespace waypost::test;  // NOLINT(google-build-using-namespace): the fixture's words
using std::chrono::seconds;

Json asking(Json config = {{"method", "GET"}, {"url", "https://shop.example/orders"}}) {
  return graph({node("h", "tool.http_request", std::move(config)),
                node("m", "wa.send_message", {{"body", "It says {{response.status}}"}}),
                node("f", "wa.send_message", {{"body", "It failed"}})},
               {edge("t", "h"), edge("h", "m"), edge("h", "f", "failed")});
}

OutsideTry broken(std::optional<milliseconds> retry_after = std::nullopt) {
  return {.answer = {.failure = store::Complaint{.code = "http_failed", .words = "no answer"}},
          .may_repeat = true,
          .retry_after = retry_after};
}

class Calls : public testing::Test {
 protected:
  store::Step step_of(const std::string& node) {
    for (const auto& step : shop.steps(shop.runs().at(0).id)) {
      if (step.node_id == node) return step;
    }
    throw std::runtime_error("no step of " + node);
  }
  void wait_for_asks(std::size_t count) {
    ASSERT_TRUE(shop.loop.run_until([&] { return shop.outside.asked.size() >= count; }));
  }

  Workshop shop;
};

TEST_F(Calls, AnAnswerLetsTheRunGoOn) {
  shop.given_published(asking());
  shop.given_message("hi");
  shop.work_until("completed");
  EXPECT_EQ(shop.outside.asked.size(), 1U);
  EXPECT_EQ(shop.sent_texts(), Texts{"It says 200"});
  EXPECT_EQ(step_of("h").status, "completed");
  EXPECT_EQ(step_of("h").attempt, 1);
  EXPECT_EQ(shop.runs().at(0).steps, 3);
}

TEST_F(Calls, WhileOneIsOutItsIntentIsWritten) {
  shop.outside.hold();
  shop.given_published(asking());
  shop.given_message("hi");
  const auto due = shop.work_until_it_waits();
  wait_for_asks(1);
  const auto run = shop.runs().at(0);
  EXPECT_EQ(run.status, "running");
  EXPECT_EQ(run.position, "h");
  EXPECT_EQ(run.due_at, due);
  EXPECT_GT(*due, shop.now() + seconds(10));
  EXPECT_EQ(step_of("h").status, "running");
  shop.outside.let_go();
  shop.work_until("completed");
}

// None overtakes the run, none is dropped.
TEST_F(Calls, MessagesWaitUntilTheAnswerIsThere) {
  shop.outside.hold();
  shop.given_published(asking());
  shop.given_message("one");
  shop.work_until_it_waits();
  shop.given_message("two");
  shop.work_until_it_waits();
  EXPECT_EQ(shop.runs().size(), 1U);
  EXPECT_EQ(shop.triggers(), 1U);
  wait_for_asks(1);
  shop.outside.let_go();
  shop.work_until("completed");
  ASSERT_TRUE(shop.loop.run_until([&] {
    shop.work_until_it_waits();
    return shop.runs().size() == 2 && shop.runs()[1].status == "completed";
  }));
  EXPECT_EQ(shop.sent_texts(), (Texts{"It says 200", "It says 200"}));
}

TEST_F(Calls, AFailureLeavesByItsOutput) {
  shop.outside.answers({.failure = store::Complaint{.code = "http_failed", .words = "no route"}});
  shop.given_published(asking());
  shop.given_message("hi");
  shop.work_until("completed");
  EXPECT_EQ(shop.sent_texts(), Texts{"It failed"});
  const auto step = step_of("h");
  EXPECT_EQ(step.status, "failed");
  EXPECT_EQ(step.handle, "failed");
  EXPECT_EQ(step.error->code, "http_failed");
}

TEST_F(Calls, AFailureWithoutAWayEndsTheRun) {
  shop.outside.answers({.failure = store::Complaint{.code = "http_failed", .words = "no route"}});
  shop.given_published(
      graph({node("h", "tool.http_request", {{"method", "GET"}, {"url", "https://shop.example"}})}, {edge("t", "h")}));
  shop.given_message("hi");
  shop.work_until("failed");
  EXPECT_EQ(shop.runs().at(0).error->code, "http_failed");
}

TEST_F(Calls, OneThatMayBeRepeatedIsAfterAPause) {
  shop.outside.tries(broken());
  shop.given_published(asking());
  shop.given_message("hi");
  shop.work_until_it_waits();
  wait_for_asks(1);
  ASSERT_TRUE(shop.loop.run_until([&] { return step_of("h").attempt == 2; }));
  EXPECT_EQ(shop.runs().at(0).due_at, shop.now() + milliseconds(500));
  EXPECT_EQ(shop.outside.asked.size(), 1U);
  shop.pass(milliseconds(500));
  shop.work_until("completed");
  EXPECT_EQ(shop.outside.asked.size(), 2U);
  EXPECT_EQ(shop.sent_texts(), Texts{"It says 200"});
  EXPECT_EQ(step_of("h").attempt, 2);
}

TEST_F(Calls, AfterTheLastTryTheFailureStands) {
  for (int n = 0; n < 3; ++n) shop.outside.tries(broken());
  shop.given_published(asking());
  shop.given_message("hi");
  for (int n = 0; n < 3; ++n) {
    shop.work_until_it_waits();
    wait_for_asks(static_cast<std::size_t>(n) + 1);
    shop.loop.run_until([&] { return shop.runs().at(0).status == "completed" || step_of("h").attempt == n + 2; });
    shop.pass(seconds(30));
  }
  shop.work_until("completed");
  EXPECT_EQ(shop.sent_texts(), Texts{"It failed"});
  EXPECT_EQ(step_of("h").attempt, 3);
}

// A process died with the answer; another one asks again, and says so.
TEST_F(Calls, ALostAnswerIsAskedForAgain) {
  shop.outside.hold();
  shop.given_published(asking());
  shop.given_message("hi");
  const auto due = shop.work_until_it_waits();
  wait_for_asks(1);
  const auto other = shop.make_runner();
  shop.clock.set(*due);
  EXPECT_TRUE(shop.loop.wait(other->handle(shop.key())).has_value());
  wait_for_asks(2);
  EXPECT_EQ(step_of("h").attempt, 2);
  shop.outside.let_go();
  shop.work_until("completed");
  EXPECT_EQ(shop.sent_texts(), Texts{"It says 200"});
}

TEST_F(Calls, AnAnswerToARunThatWasCancelledIsDropped) {
  shop.outside.hold();
  shop.given_published(asking());
  shop.given_message("hi");
  shop.work_until_it_waits();
  wait_for_asks(1);
  const auto run = shop.runs().at(0).id;
  shop.given([&](sql::Connection& c) {
    return store::cancel_run(c, shop.tenant, run, {.code = "cancelled", .words = ""}, shop.now());
  });
  shop.outside.let_go();
  shop.loop.wait(shop.runner->stop(seconds(10)));
  shop.work();
  EXPECT_EQ(shop.sent_texts(), Texts{});
  EXPECT_EQ(shop.runs().at(0).status, "cancelled");
}

TEST_F(Calls, AnAnswerIsNotSaidIntoAPersonsTalk) {
  shop.outside.hold();
  shop.given_published(asking());
  shop.given_message("hi");
  shop.work_until_it_waits();
  wait_for_asks(1);
  auto talk = shop.talk();
  talk.status = "handoff";
  shop.change(talk);
  shop.outside.let_go();
  shop.loop.wait(shop.runner->stop(seconds(10)));
  shop.work();
  EXPECT_EQ(shop.sent_texts(), Texts{});
  EXPECT_EQ(shop.runs().at(0).status, "cancelled");
  EXPECT_EQ(shop.runs().at(0).error->code, "handed_off");
  EXPECT_EQ(step_of("h").status, "cancelled");
}

TEST_F(Calls, OneBehindTheOtherGoByTheQueue) {
  const Json ask{{"method", "GET"}, {"url", "https://shop.example/"}};
  shop.given_published(graph({node("h", "tool.http_request", ask), node("i", "tool.http_request", ask),
                              node("m", "wa.send_message", {{"body", "Both"}})},
                             {edge("t", "h"), edge("h", "i"), edge("i", "m")}));
  shop.given_message("hi");
  shop.work_until("completed");
  EXPECT_EQ(shop.outside.asked.size(), 2U);
  EXPECT_EQ(shop.sent_texts(), Texts{"Both"});
  EXPECT_EQ(step_of("i").attempt, 1);
}

TEST_F(Calls, AnAnswerThatIsLostForEverIsOne) {
  shop.outside.hold();
  shop.given_published(asking());
  shop.given_message("hi");
  auto due = shop.work_until_it_waits();
  std::vector<std::unique_ptr<Runner>> dead;  // whose processes died with the answer
  for (int died = 0; due && died < 20; ++died) {
    shop.clock.set(*due);
    dead.push_back(std::exchange(shop.runner, shop.make_runner()));
    due = shop.work_until_it_waits();
  }
  EXPECT_EQ(shop.runs().at(0).status, "completed");
  EXPECT_EQ(step_of("h").error->code, "answer_lost");
  EXPECT_EQ(shop.sent_texts(), Texts{"It failed"});
  shop.outside.let_go();
  for (auto& runner : dead) shop.loop.wait(runner->stop(seconds(10)));
}

TEST_F(Calls, WhatIsAskedGoesWithTheRun) {
  shop.given_published(asking());
  shop.given_message("hi");
  shop.work_until("completed");
  EXPECT_FALSE(shop.runs().at(0).state.contains("stop"));
}

TEST_F(Calls, BeyondWhatTheWorkspaceMayTheyWait) {
  shop.settings.calls_per_workspace = 0;
  shop.restart();
  shop.given_published(asking());
  shop.given_message("hi");
  EXPECT_EQ(shop.work_until_it_waits(), shop.now() + kCallPause);
  EXPECT_EQ(shop.outside.asked.size(), 0U);
  EXPECT_EQ(step_of("h").status, "running");
  shop.settings.calls_per_workspace = 1;
  shop.restart();
  shop.pass(kCallPause);
  shop.work_until("completed");
  EXPECT_EQ(shop.outside.asked.size(), 1U);
  EXPECT_EQ(step_of("h").attempt, 1);
}

TEST_F(Calls, AStopLetsThemEnd) {
  shop.outside.hold();
  shop.given_published(asking());
  shop.given_message("hi");
  shop.work_until_it_waits();
  wait_for_asks(1);
  shop.loop.wait(shop.runner->stop(milliseconds(20)));  // it does not wait for ever
  EXPECT_EQ(shop.runs().at(0).status, "running");
  shop.outside.let_go();
  shop.loop.wait(shop.runner->stop(seconds(10)));
  shop.work();
  EXPECT_EQ(shop.runs().at(0).status, "completed");
}

TEST(PauseBeforeRetry, DoublesAndIsNoShorterThanAsked) {
  EXPECT_EQ(pause_before_retry(broken(), 1, 5), milliseconds(500));
  EXPECT_EQ(pause_before_retry(broken(), 3, 5), milliseconds(2'000));
  EXPECT_EQ(pause_before_retry(broken(seconds(7)), 1, 5), seconds(7));
  EXPECT_EQ(pause_before_retry(broken(seconds(900)), 1, 5), seconds(60));
  EXPECT_EQ(pause_before_retry(broken(), 5, 5), std::nullopt);
  EXPECT_EQ(pause_before_retry(broken(), 60, 100), seconds(60));
}

TEST(PauseBeforeRetry, IsThereForAStatusToo) {
  EXPECT_EQ(pause_before_retry({.answer = {.value = {{"status", 503}}}, .may_repeat = true}, 1, 3), milliseconds(500));
}

TEST(PauseBeforeRetry, IsNoneForWhatMustNotBeRepeatedOrIsFine) {
  auto once = broken();
  once.may_repeat = false;
  EXPECT_EQ(pause_before_retry(once, 1, 5), std::nullopt);
  EXPECT_EQ(pause_before_retry({}, 1, 5), std::nullopt);
}

}  // namespace
}  // namespace waypost::workflow
