#include "workflow/runner.h"

#include "store/counters.h"
#include "tests/workflow/workshop.h"
#include "workflow/replay.h"

namespace waypost::workflow {
namespace {

using namespace waypost::test;  // NOLINT(google-build-using-namespace): the fixture's words
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class RunnerOf : public testing::Test {
 protected:
  Workshop shop;
};

TEST_F(RunnerOf, AMessageAnswersIt) {
  const auto workflow = shop.given_published(echo());
  const auto message = shop.given_message("hi");
  shop.work();
  EXPECT_EQ(shop.sent_texts(), Texts{"You said hi"});
  ASSERT_EQ(shop.runs().size(), 1U);
  const auto json = store::to_json(shop.runs()[0]);
  EXPECT_EQ(json.at("status"), "completed");
  EXPECT_EQ(json.at("workflowId"), workflow.text());
  EXPECT_EQ(json.at("workflowName"), "Greeting");
  EXPECT_EQ(json.at("workflowVersion"), 1);
  EXPECT_EQ(json.at("triggerMessageId"), message.text());
  EXPECT_EQ(json.at("conversationId"), shop.conversation.text());
  EXPECT_EQ(json.at("error"), nullptr);
  EXPECT_EQ(json.at("stepCount"), 2);
  EXPECT_EQ(json.at("durationMs"), 0);
  EXPECT_EQ(shop.triggers(), 0U);
}

TEST_F(RunnerOf, AMessageRecordsItsSteps) {
  shop.given_published(say("Hi {{contact.name}}{{contact.fields.x}}"));
  shop.given_message("hi");
  shop.work();
  const auto steps = shop.steps(shop.runs().at(0).id);
  ASSERT_EQ(steps.size(), 2U);
  const auto trigger = store::to_json(steps[0]);
  EXPECT_EQ(trigger.at("id"), 1);
  EXPECT_EQ(trigger.at("nodeType"), "trigger.inbound_message");
  EXPECT_EQ(trigger.at("input").at("message").at("text"), "hi");
  EXPECT_EQ(trigger.at("handle"), "out");
  const auto send = store::to_json(steps[1]);
  EXPECT_EQ(send.at("nodeId"), "m");
  EXPECT_EQ(send.at("status"), "completed");
  EXPECT_EQ(send.at("input").at("body"), "Hi Ana");
  EXPECT_EQ(send.at("output").at("unknownVariables"), Json{"contact.fields.x"});
  EXPECT_EQ(send.at("output").at("messageId"), shop.sent().at(0).id.text());
  EXPECT_EQ(send.at("attempt"), 1);
}

TEST_F(RunnerOf, AMessageLeavesItsEventsInOrderAndIsCounted) {
  shop.given_published(echo());
  shop.given_message("hi");
  shop.work();
  const auto types = shop.event_types();
  ASSERT_GE(types.size(), 3U);
  EXPECT_EQ(Texts(types.end() - 3, types.end()), (Texts{"run.started", "message.queued", "run.completed"}));
  EXPECT_EQ(shop.given([&](sql::Connection& c) { return store::total(c, shop.tenant, "runs"); }), 1);
}

TEST_F(RunnerOf, AMessageSignalsTheSendsAfterTheCommit) {
  shop.given_published(echo());
  shop.given_message("hi");
  shop.work();
  ASSERT_EQ(shop.signals.offered.size(), 1U);
  EXPECT_EQ(shop.signals.offered[0].queue, QueueName::Sends);
  auto key = shop.key();
  key.channel = shop.channel;
  EXPECT_EQ(shop.signals.offered[0].key, key);
}

TEST_F(RunnerOf, AShortWorkflowCommitsOnce) {
  shop.given_published(echo());
  shop.given_message("hi");
  shop.work();
  EXPECT_EQ(shop.database->writes, 1);
}

TEST_F(RunnerOf, MessagesAnswersThemInOrder) {
  shop.given_published(echo());
  Texts expected;
  for (int n = 0; n < 40; ++n) {
    shop.given_message(std::to_string(n));
    expected.push_back("You said " + std::to_string(n));
  }
  shop.work();
  EXPECT_EQ(shop.sent_texts(), expected);
  EXPECT_EQ(shop.runs().size(), 40U);
}

// Each turn is bounded, so that others have theirs.
TEST_F(RunnerOf, ManyMessagesComesBackForTheRest) {
  shop.given_published(echo());
  for (int n = 0; n < 40; ++n) shop.given_message(std::to_string(n));
  const auto outcome = shop.handle();
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(*outcome, shop.now());
  EXPECT_EQ(shop.triggers(), 24U);
}

TEST_F(RunnerOf, OneConversationIsOutrunWithoutHarm) {
  shop.given_published(echo());
  Texts expected;
  for (int n = 0; n < 12; ++n) {
    shop.given_message(std::to_string(n));
    expected.push_back("You said " + std::to_string(n));
  }
  std::vector<std::unique_ptr<Runner>> runners;
  int ended = 0;
  for (int n = 0; n < 6; ++n) {
    runners.push_back(shop.make_runner());
    asio::co_spawn(shop.loop.context(), runners.back()->handle(shop.key()),
                   [&](std::exception_ptr escaped, const WorkOutcome&) {
                     EXPECT_FALSE(escaped);
                     ++ended;
                   });
  }
  ASSERT_TRUE(shop.loop.run_until([&] { return ended == 6; }));
  shop.work();
  EXPECT_EQ(shop.sent_texts(), expected);
  EXPECT_EQ(shop.runs().size(), 12U);
  EXPECT_EQ(shop.triggers(), 0U);
}

TEST_F(RunnerOf, AWorkflowThatBranchesTakesTheRightWay) {
  const Json conditions{{{"field", "message.text"}, {"operator", "equals"}, {"value", "menu"}, {"label", "Menu"}},
                        {{"field", "message.text"}, {"operator", "equals"}, {"value", "bye"}, {"label", "Bye"}}};
  shop.given_published(graph(
      {node("s", "logic.switch", {{"conditions", conditions}}), node("m", "wa.send_message", {{"body", "The menu"}}),
       node("f", "state.set_field", {{"target", "contact"}, {"field", "left"}, {"value", true}}),
       node("e", "logic.end")},
      {edge("t", "s"), edge("s", "m", "Menu"), edge("s", "f", "Bye"), edge("f", "e")}));
  shop.given_message("Menu");
  shop.given_message("bye");
  shop.given_message("what?");
  shop.work();
  EXPECT_EQ(shop.sent_texts(), Texts{"The menu"});
  EXPECT_EQ(shop.customer().fields, Json({{"left", true}}));
  ASSERT_EQ(shop.runs().size(), 3U);
  for (const auto& run : shop.runs()) EXPECT_EQ(run.status, "completed");
  EXPECT_EQ(shop.steps(shop.runs()[2].id).back().handle, "default");
}

TEST_F(RunnerOf, FieldsWritesOnlyThem) {
  shop.given_published(graph(
      {node("a", "state.set_field", {{"target", "conversation"}, {"field", "last"}, {"value", "{{message.text}}"}}),
       node("b", "state.set_field", {{"target", "contact"}, {"field", "city"}, {"value", nullptr}})},
      {edge("t", "a"), edge("a", "b")}));
  auto customer = shop.customer();
  customer.fields = {{"city", "Porto"}, {"age", 41}};
  customer.language = "pt";
  shop.change(customer);
  shop.given_message("hi");
  shop.work();
  EXPECT_EQ(shop.talk().fields, Json({{"last", "hi"}}));
  EXPECT_EQ(shop.customer().fields, Json({{"age", 41}}));
  EXPECT_EQ(shop.customer().language, "pt");
  const auto types = shop.event_types();
  EXPECT_NE(std::ranges::find(types, "conversation.updated"), types.end());
}

TEST_F(RunnerOf, ALongTextSendsItInParts) {
  shop.given_published(say(std::string(4'000, 'a') + ". " + std::string(4'000, 'b')));
  shop.given_message("hi");
  shop.work();
  EXPECT_EQ(shop.sent_texts(), (Texts{std::string(4'000, 'a') + ".", std::string(4'000, 'b')}));
  const auto ids = shop.steps(shop.runs().at(0).id).at(1).output.at("messageIds");
  ASSERT_EQ(ids.size(), 2U);
  const auto part_of = [&](const Json& id) {
    return shop.given([&](sql::Connection& c) {
      return store::find_message(c, shop.tenant, *MessageId::parse(id.get<std::string>()))->part_of;
    });
  };
  EXPECT_EQ(part_of(ids[0]), std::nullopt);
  EXPECT_EQ(part_of(ids[1]), MessageId::parse(ids[0].get<std::string>()));
}

// What a step fails of ends the run; what it wrote before stands.
void expect_failed(Workshop& shop, const std::string& code) {
  ASSERT_EQ(shop.runs().size(), 1U);
  const auto run = shop.runs()[0];
  EXPECT_EQ(run.status, "failed");
  ASSERT_TRUE(run.error.has_value());
  EXPECT_EQ(run.error->code, code);
  EXPECT_EQ(store::to_json(run).at("error").at("code"), code);
  EXPECT_EQ(shop.event_types().back(), "run.failed");
  EXPECT_EQ(shop.triggers(), 0U);
  const auto steps = shop.steps(run.id);
  ASSERT_FALSE(steps.empty());
  EXPECT_EQ(steps.back().status, "failed");
  EXPECT_EQ(steps.back().error.value().code, code);
  EXPECT_EQ(steps.back().handle, std::nullopt);
}

TEST_F(RunnerOf, AClosedWindowFails) {
  shop.given_published(graph({node("m", "wa.send_message", {{"body", "late"}}), node("e", "logic.end")},
                             {edge("t", "m"), edge("m", "e")}));
  shop.given_message("hi");
  shop.given([&](sql::Connection& c) { c.run("UPDATE conversation SET window_expires_at = 0"); });
  shop.work();
  expect_failed(shop, "window_closed");
  EXPECT_EQ(shop.steps(shop.runs()[0].id).size(), 2U);
  EXPECT_TRUE(shop.sent().empty());
}

TEST_F(RunnerOf, AClosedWindowHoldsWhereThePolicySaysSo) {
  shop.given_published(
      graph({node("m", "wa.send_message", {{"body", "late"}, {"outsideWindow", "hold"}})}, {edge("t", "m")}));
  shop.given_message("hi");
  shop.given([&](sql::Connection& c) { c.run("UPDATE conversation SET window_expires_at = 0"); });
  shop.work();
  EXPECT_EQ(shop.runs().at(0).status, "completed");
  EXPECT_EQ(shop.sent().at(0).policy, WindowPolicy::Hold);
}

TEST_F(RunnerOf, AClosedWindowSendsATemplate) {
  shop.given_published(
      graph({node("m", "wa.send_template",
                  {{"name", "order"}, {"language", "en"}, {"parameters", Json::array({"{{contact.name}}"})}})},
            {edge("t", "m")}));
  shop.given_message("hi");
  shop.given([&](sql::Connection& c) { c.run("UPDATE conversation SET window_expires_at = 0"); });
  shop.work();
  EXPECT_EQ(shop.runs().at(0).status, "completed");
  EXPECT_EQ(shop.sent().at(0).type, "template");
}

TEST_F(RunnerOf, AMissingChannelFails) {
  shop.given_published(echo());
  shop.given_message("hi");
  shop.given([&](sql::Connection& c) { c.run("DELETE FROM channel"); });
  shop.work();
  expect_failed(shop, "no_channel");
}

TEST_F(RunnerOf, AnEmptyTextFails) {
  shop.given_published(say("{{contact.fields.x}}"));
  shop.given_message("hi");
  shop.work();
  expect_failed(shop, "empty_text");
}

TEST_F(RunnerOf, EqualTextsRefusesOneTooMany) {
  shop.settings.limits.max_equal_texts_in_five_minutes = 3;
  shop.restart();
  shop.given_published(say("I am a machine"));
  for (int n = 0; n < 4; ++n) shop.given_message("so am I");
  shop.work();
  EXPECT_EQ(shop.sent().size(), 3U);
  EXPECT_EQ(shop.runs().back().error.value().code, "equal_texts");
  shop.clock.pass(minutes(6));
  shop.given_message("still there?");
  shop.work();
  EXPECT_EQ(shop.runs().back().status, "completed");
}

TEST_F(RunnerOf, RunsOfAContactAreLimitedByTheMinute) {
  shop.settings.limits.max_runs_per_contact_per_minute = 2;
  shop.restart();
  shop.given_published(echo());
  for (int n = 0; n < 2; ++n) shop.given_message(std::to_string(n));
  shop.work();
  shop.clock.pass(seconds(30));
  for (int n = 2; n < 4; ++n) shop.given_message(std::to_string(n));
  shop.work();
  EXPECT_EQ(shop.sent_texts(), (Texts{"You said 0", "You said 1"}));
  ASSERT_EQ(shop.runs().size(), 4U);
  EXPECT_EQ(shop.runs()[3].error.value().code, "too_many_runs");
  EXPECT_EQ(shop.triggers(), 0U);
  // Those refused do not count: the contact is not locked out for as long as it writes.
  shop.clock.pass(seconds(31));
  shop.given_message("again");
  shop.work();
  EXPECT_EQ(shop.runs().back().status, "completed");
}

Json long_chain(int messages) {
  std::vector<Json> nodes;
  std::vector<Json> edges;
  std::string before = "t";
  for (int n = 1; n <= messages; ++n) {
    const auto id = "n" + std::to_string(n);
    nodes.push_back(node(id, "wa.send_message", {{"body", "text " + std::to_string(n)}}));
    edges.push_back(edge(before, id));
    before = id;
  }
  return graph(std::move(nodes), std::move(edges));
}

TEST_F(RunnerOf, ALongRunCommitsInSprints) {
  shop.settings.limits.max_steps_per_sprint = 4;
  shop.restart();
  shop.given_published(long_chain(10));
  shop.given_message("hi");
  shop.given_message("again");
  shop.work();
  EXPECT_EQ(shop.database->writes, 6);
  ASSERT_EQ(shop.runs().size(), 2U);
  EXPECT_EQ(shop.runs()[0].status, "completed");
  EXPECT_EQ(shop.runs()[0].steps, 11);
  ASSERT_EQ(shop.sent().size(), 20U);
  // The second message's run began when the first's had ended.
  EXPECT_EQ(shop.sent()[9].text, "text 10");
  EXPECT_EQ(shop.sent()[9].run, shop.runs()[0].id);
  EXPECT_EQ(shop.sent()[10].run, shop.runs()[1].id);
  const auto steps = shop.steps(shop.runs()[0].id);
  EXPECT_EQ(steps.back().number, 11);
}

TEST_F(RunnerOf, ARunGoesOnAfterARestart) {
  shop.settings.limits.max_steps_per_sprint = 4;
  shop.settings.limits.max_equal_texts_in_five_minutes = 100;
  shop.restart();
  shop.given_published(long_chain(200));
  shop.given_message("hi");
  ASSERT_TRUE(shop.handle()->has_value());
  EXPECT_EQ(shop.runs().at(0).status, "running");
  EXPECT_EQ(shop.runs()[0].due_at, shop.now());
  shop.restart();
  shop.work();
  EXPECT_EQ(shop.runs()[0].status, "completed");
  EXPECT_EQ(shop.sent().size(), 200U);
}

TEST_F(RunnerOf, ARunEndsAtItsLimitOfSteps) {
  shop.settings.limits.max_steps_per_run = 5;
  shop.settings.limits.max_steps_per_sprint = 3;
  shop.restart();
  shop.given_published(long_chain(10));
  shop.given_message("hi");
  shop.work();
  EXPECT_EQ(shop.runs().at(0).status, "failed");
  EXPECT_EQ(shop.runs()[0].error.value().code, "too_many_steps");
  EXPECT_EQ(shop.runs()[0].steps, 5);
  EXPECT_EQ(shop.sent().size(), 4U);
}

TEST_F(RunnerOf, ARunNotYetDueSaysWhenItIs) {
  shop.settings.limits.max_steps_per_sprint = 2;
  shop.restart();
  shop.given_published(long_chain(40));
  shop.given_message("hi");
  ASSERT_TRUE(shop.handle()->has_value());
  shop.given([&](sql::Connection& c) { c.run("UPDATE run SET due_at = $1", {shop.now() + seconds(9)}); });
  shop.given_message("behind it");
  EXPECT_EQ(shop.handle().value(), shop.now() + seconds(9));
  EXPECT_EQ(shop.triggers(), 1U);
  shop.clock.pass(seconds(9));
  shop.work();
  EXPECT_EQ(shop.sent().size(), 80U);
}

TEST_F(RunnerOf, ARunUsesTheVersionItBeganWith) {
  shop.settings.limits.max_steps_per_sprint = 2;
  shop.restart();
  const auto workflow = shop.given_published(long_chain(40));
  shop.given_message("hi");
  ASSERT_TRUE(shop.handle()->has_value());
  shop.redraw(workflow, say("other"));
  shop.publish(workflow);
  shop.given_message("next");
  shop.work();
  EXPECT_EQ(shop.runs().at(0).version, 1);
  EXPECT_EQ(shop.runs()[0].steps, 41);
  EXPECT_EQ(shop.runs().at(1).version, 2);
  EXPECT_EQ(shop.sent_texts().back(), "other");
}

TEST_F(RunnerOf, SeveralWorkflowsTakesTheOneOfHighestPriority) {
  shop.given_published(say("low"));
  shop.given_published(say("high"), 1);
  shop.given_message("hi");
  shop.work();
  EXPECT_EQ(shop.sent_texts(), Texts{"high"});
  EXPECT_EQ(shop.runs().size(), 1U);
}

TEST_F(RunnerOf, NothingPublishedDropsTheTriggers) {
  shop.given_workflow(echo());
  for (int n = 0; n < 40; ++n) shop.given_message("hi");
  shop.work();
  EXPECT_EQ(shop.triggers(), 0U);
  EXPECT_TRUE(shop.runs().empty());
}

// Thousands of conversations a second in a workspace without workflows: no reading, one small write each.
TEST_F(RunnerOf, NothingPublishedReadsNothingTheSecondTime) {
  shop.given_message("hi");
  shop.work();
  shop.database->reads = shop.database->writes = 0;
  shop.given_message("hi");
  shop.work();
  EXPECT_EQ(shop.triggers(), 0U);
  EXPECT_EQ(shop.database->reads, 0);
  EXPECT_EQ(shop.database->writes, 1);
}

// The cheap path only guesses: the store has the last word.
TEST_F(RunnerOf, AWorkflowPublishedAMomentAgoLosesNoMessage) {
  shop.given_message("before");
  shop.work();
  shop.given_published(echo());
  shop.given_message("after");
  shop.work();
  EXPECT_EQ(shop.sent_texts(), Texts{"You said after"});
}

TEST_F(RunnerOf, AWorkflowDeletedAMomentAgoRunsNoMore) {
  const auto workflow = shop.given_published(echo());
  shop.given_message("before");
  shop.work();
  shop.given([&](sql::Connection& c) { return delete_workflow(c, shop.tenant, workflow, shop.now()); });
  shop.given_message("after");
  shop.work();
  EXPECT_EQ(shop.sent_texts(), Texts{"You said before"});
  EXPECT_EQ(shop.triggers(), 0U);
}

TEST_F(RunnerOf, AHandedOffConversationStartsNothing) {
  shop.given_published(echo());
  auto talk = shop.talk();
  talk.status = "handoff";
  shop.change(talk);
  shop.given_message("hi");
  shop.work();
  EXPECT_TRUE(shop.runs().empty());
  EXPECT_EQ(shop.triggers(), 0U);
}

TEST_F(RunnerOf, AContactThatOptedOutStartsNothing) {
  shop.given_published(echo());
  auto customer = shop.customer();
  customer.opted_out = true;
  shop.change(customer);
  shop.given_message("hi");
  shop.work();
  EXPECT_TRUE(shop.runs().empty());
  EXPECT_EQ(shop.triggers(), 0U);
}

TEST_F(RunnerOf, AnOldMessageStartsNothing) {
  shop.given_published(echo());
  shop.given_message("old");
  shop.clock.pass(hours(24));
  shop.given_message("new");
  shop.work();
  EXPECT_EQ(shop.sent_texts(), Texts{"You said new"});
  EXPECT_EQ(shop.triggers(), 0U);
}

TEST_F(RunnerOf, AMergedConversationOffersTheSurvivor) {
  shop.given_published(echo());
  const auto survivor = ConversationId::make(shop.now());
  shop.given([&](sql::Connection& c) {
    c.run("UPDATE conversation SET merged_into = $2 WHERE id = $1", {shop.conversation, survivor});
  });
  shop.work();
  ASSERT_EQ(shop.signals.offered.size(), 1U);
  EXPECT_EQ(shop.signals.offered[0].queue, QueueName::Runs);
  EXPECT_EQ(shop.signals.offered[0].key.key, survivor);
}

// Law 7: the store going away at any statement leaves the run undone or done, and the next worker makes it done.
TEST_F(RunnerOf, AnOutageAtAnyStatementDoesItOnce) {
  shop.given_published(echo());
  Texts expected;
  int statement = 1;
  for (bool broken = true; broken; ++statement) {
    ASSERT_LT(statement, 100);
    expected.push_back("You said " + std::to_string(statement));
    shop.given_message(std::to_string(statement));
    shop.database->break_at(statement, sql::FaultKind::Unavailable);
    broken = !shop.handle().has_value();
    shop.database->mend();
    shop.restart();
    shop.work();
    ASSERT_EQ(shop.sent_texts(), expected) << "statement " << statement;
    ASSERT_EQ(shop.triggers(), 0U);
  }
  EXPECT_GT(statement, 10);
}

// Law 3: a sprint that the store can never take does not hold up the conversation.
TEST_F(RunnerOf, ASprintThatCannotBeWrittenFailsAlone) {
  shop.given_published(long_chain(6));
  shop.given_message("bad");
  shop.database->break_at(40, sql::FaultKind::Data);
  shop.work();
  shop.database->mend();
  ASSERT_EQ(shop.runs().size(), 1U);
  EXPECT_EQ(shop.runs()[0].status, "failed");
  EXPECT_EQ(shop.runs()[0].error.value().code, "internal");
  EXPECT_EQ(shop.runs()[0].steps, 0);
  EXPECT_TRUE(shop.sent().empty());
  shop.given_message("good");
  shop.work();
  EXPECT_EQ(shop.runs().back().status, "completed");
}

class ReplayOf : public RunnerOf {
 protected:
  Result<Replay> replay(RunId run) {
    return shop.inner->write_and_wait(
        1, [&](sql::Connection& c) { return replay_run(c, {.tenant = shop.tenant, .original = run}, shop.now()); });
  }
};

TEST_F(ReplayOf, ARunDoesItAgainOnItsOwnVersion) {
  const auto workflow = shop.given_published(echo());
  shop.given_message("hi");
  shop.work();
  shop.redraw(workflow, say("other"));
  shop.publish(workflow);
  shop.clock.pass(seconds(5));
  const auto original = shop.runs().at(0);
  const auto replayed = replay(original.id);
  ASSERT_TRUE(replayed.has_value());
  EXPECT_EQ(to_json(*replayed), Json({{"ok", true},
                                      {"message", "Replay queued"},
                                      {"originalRunId", original.id.text()},
                                      {"jobId", replayed->run.id.text()}}));
  EXPECT_EQ(replayed->signal.key, shop.key());
  EXPECT_EQ(shop.runs().at(1).status, "queued");
  shop.work();
  EXPECT_EQ(shop.sent_texts(), (Texts{"You said hi", "You said hi"}));
  const auto run = shop.runs().at(1);
  EXPECT_EQ(run.status, "completed");
  EXPECT_EQ(run.version, 1);
  EXPECT_EQ(run.replay_of, original.id);
  EXPECT_EQ(run.message, original.message);
  EXPECT_EQ(shop.steps(run.id).size(), 2U);
}

TEST_F(ReplayOf, ARunWorksWhereNothingIsPublishedAnyMore) {
  const auto workflow = shop.given_published(echo());
  shop.given_message("hi");
  shop.work();
  shop.given([&](sql::Connection& c) { return delete_workflow(c, shop.tenant, workflow, shop.now()); });
  shop.given_message("dropped");
  shop.work();
  ASSERT_TRUE(replay(shop.runs().at(0).id).has_value());
  shop.work();
  EXPECT_EQ(shop.runs().back().status, "completed");
}

TEST_F(ReplayOf, ARunOutsideTheWindowFails) {
  shop.given_published(echo());
  shop.given_message("hi");
  shop.work();
  shop.clock.pass(hours(25));
  ASSERT_TRUE(replay(shop.runs().at(0).id).has_value());
  shop.work();
  EXPECT_EQ(shop.runs().back().error.value().code, "window_closed");
}

TEST_F(ReplayOf, AnUnknownRunOrOneWithoutItsMessageIsRefused) {
  EXPECT_EQ(replay(RunId::make(shop.now())).error().kind(), ErrorKind::NotFound);
  shop.given_published(echo());
  shop.given_message("hi");
  shop.work();
  shop.given([&](sql::Connection& c) { c.run("DELETE FROM message"); });
  const auto refused = replay(shop.runs().at(0).id);
  EXPECT_EQ(refused.error().kind(), ErrorKind::Rejected);
  EXPECT_EQ(refused.error().code(), "not_replayable");
  EXPECT_EQ(shop.runs().size(), 1U);
}

TEST_F(ReplayOf, ARunWhoseMessageIsGoneMeanwhileFails) {
  shop.given_published(echo());
  shop.given_message("hi");
  shop.work();
  ASSERT_TRUE(replay(shop.runs().at(0).id).has_value());
  shop.given([&](sql::Connection& c) { c.run("DELETE FROM message"); });
  shop.work();
  EXPECT_EQ(shop.runs().back().error.value().code, "no_message");
}

}  // namespace
}  // namespace waypost::workflow
