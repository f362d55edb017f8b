#include "store/contacts.h"
#include "store/runs.h"
#include "tests/api/api_fixture.h"
#include "workflow/api_start.h"

namespace waypost::test {
namespace {

class TriggerRoutes : public ApiTest {
 protected:
  TriggerRoutes() : tenant_(given_workspace()), admin_(as_admin(tenant_)), agent_(as_agent(tenant_)) {
    id_ = given_published({{"variables", {{{"name", "orderId"}, {"required", true}}}}});
  }
  std::string given_published(const Json& config) {
    const Json graph{
        {"nodes", {{{"id", "t"}, {"type", "trigger.api"}, {"data", config}}, {{"id", "e"}, {"type", "logic.end"}}}},
        {"edges", {{{"source", "t"}, {"target", "e"}}}},
        {"entry", "t"}};
    const Json file{{"waypost", "workflow"}, {"version", 1}, {"name", "Order"}, {"priority", 0}, {"graph", graph}};
    const std::string id = ask("POST", "/api/workflows/import", admin_, file).json["id"];
    const auto answer = ask("POST", "/api/workflows/" + id + "/publish", admin_, Json::object());
    EXPECT_EQ(answer.status, 200) << answer.body;
    return id;
  }
  std::string path() const { return "/api/workflows/" + id_ + "/trigger"; }
  Answer trigger(const Json& body) { return ask("POST", path(), agent_, body); }
  Answer trigger_with_key(const std::string& key, const Json& body) {
    auto headers = agent_;
    headers.emplace_back("Idempotency-Key", key);
    return ask("POST", path(), headers, body);
  }
  static Json body_to(const std::string& phone) { return {{"to", phone}, {"data", {{"orderId", 17}}}}; }
  static Json body_for(const store::Conversation& talk) {
    return {{"contactId", talk.contact.text()}, {"channelId", talk.channel.text()}, {"data", {{"orderId", 17}}}};
  }
  std::vector<std::string> faults_of(const Json& body) {
    const auto answer = trigger(body);
    EXPECT_EQ(answer.status, 400) << answer.body;
    std::vector<std::string> paths;
    for (const auto& detail : answer.json["details"]) paths.push_back(detail["path"]);
    return paths;
  }

  TenantId tenant_;
  HeaderList admin_, agent_;
  std::string id_{};
};

using Paths = std::vector<std::string>;

TEST_F(TriggerRoutes, ACallStartsARunWithAContact) {
  const auto talk = given_conversation(tenant_);
  const auto answer = trigger(body_for(talk));
  ASSERT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(answer.json["ok"], true);
  const auto run = ask("GET", "/api/runs/" + answer.json["runId"].get<std::string>(), admin_);
  EXPECT_EQ(run.json["status"], "queued");
  EXPECT_EQ(run.json["workflowId"], id_);
  EXPECT_EQ(run.json["workflowVersion"], 1);
  EXPECT_EQ(run.json["conversationId"], talk.id.text());
  EXPECT_EQ(run.json["triggerMessageId"], Json());
  ASSERT_EQ(signals_.offered.size(), 1U);
  EXPECT_EQ(signals_.offered[0].queue, QueueName::Runs);
  EXPECT_EQ(signals_.offered[0].key.key, talk.id);
}

TEST_F(TriggerRoutes, SomebodyNewBecomesAContactWithAConversation) {
  const auto channel = given_channel(tenant_);
  const auto answer = trigger(body_to("+4915112349999"));
  ASSERT_EQ(answer.status, 202) << answer.body;
  const auto run = ask("GET", "/api/runs/" + answer.json["runId"].get<std::string>(), admin_);
  EXPECT_EQ(run.json["channelId"], channel.id.text());
  EXPECT_EQ(ask("GET", "/api/contacts/" + run.json["contactId"].get<std::string>(), admin_).json["phone"],
            "+4915112349999");
  ASSERT_EQ(trigger(body_to("+4915112349999")).status, 202);
  EXPECT_EQ(rows_of("contact"), 1);
  EXPECT_EQ(rows_of("run"), 2);
}

TEST_F(TriggerRoutes, TheSameKeyStartsOneRun) {
  const auto talk = given_conversation(tenant_);
  const auto first = trigger_with_key("k-1", body_for(talk));
  ASSERT_EQ(first.status, 202) << first.body;
  const auto again = trigger_with_key("k-1", body_for(talk));
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
  EXPECT_EQ(rows_of("run"), 1);
  EXPECT_EQ(signals_.offered.size(), 1U);
  auto other = body_for(talk);
  other["data"]["orderId"] = 18;
  const auto reused = trigger_with_key("k-1", other);
  EXPECT_EQ(reused.status, 422);
  EXPECT_EQ(reused.json["code"], "idempotency_key_reused");
  EXPECT_EQ(trigger_with_key("k-2", body_for(talk)).status, 202);
  EXPECT_EQ(rows_of("run"), 2);
}

TEST_F(TriggerRoutes, ARefusedCallKeepsNoKeyAndLeavesNobodyBehind) {
  given_channel(tenant_);
  const auto refused = trigger_with_key("k-1", {{"to", "+4915112349999"}});
  EXPECT_EQ(refused.status, 422) << refused.body;
  EXPECT_EQ(refused.json["code"], "missing_variables");
  EXPECT_EQ(refused.json["details"][0]["path"], "data.orderId");
  EXPECT_EQ(rows_of("contact"), 0);
  EXPECT_EQ(trigger_with_key("k-1", body_to("+4915112349999")).status, 202);
}

TEST_F(TriggerRoutes, WhatIsWrongIsNamed) {
  const auto talk = given_conversation(tenant_);
  const std::string contact = talk.contact.text();
  EXPECT_EQ(faults_of(Json::object()), Paths{"to"});
  EXPECT_EQ(faults_of({{"contactId", "7"}}), Paths{"contactId"});
  EXPECT_EQ(faults_of({{"contactId", contact}, {"to", "+4915112349999"}}), Paths{"to"});
  EXPECT_EQ(faults_of({{"contactId", contact}, {"channelId", "7"}}), Paths{"channelId"});
  EXPECT_EQ(faults_of({{"contactId", contact}, {"data", 5}}), Paths{"data"});
  const std::string large(workflow::kTriggerDataBytes, 'x');
  EXPECT_EQ(faults_of({{"contactId", contact}, {"data", {{"orderId", large}}}}), Paths{"data"});
  EXPECT_EQ(faults_of({{"contactId", Uuid{}.text()}, {"data", {{"orderId", 1}}}}), Paths{"contactId"});
  const auto theirs = given_conversation(given_workspace("Other"));
  EXPECT_EQ(faults_of(body_for(theirs)), Paths{"contactId"});
  given_channel(tenant_, "1002");
  EXPECT_EQ(faults_of({{"contactId", contact}, {"data", {{"orderId", 1}}}}), Paths{"channelId"}) << "of two numbers";
  EXPECT_EQ(rows_of("run"), 0);
}

TEST_F(TriggerRoutes, OnlyAPublishedWorkflowWithThatTriggerIsStarted) {
  const auto talk = given_conversation(tenant_);
  ASSERT_EQ(ask("POST", "/api/workflows/" + id_ + "/unpublish", admin_, Json::object()).status, 200);
  EXPECT_EQ(trigger(body_for(talk)).json["code"], "not_published");
  id_ = ask("POST", "/api/workflows", admin_, {{"name", "Greeting"}}).json["id"];
  ASSERT_EQ(ask("POST", "/api/workflows/" + id_ + "/publish", admin_, Json::object()).status, 200);
  const auto other_trigger = trigger(body_for(talk));
  EXPECT_EQ(other_trigger.status, 422);
  EXPECT_EQ(other_trigger.json["code"], "not_api_trigger");
}

TEST_F(TriggerRoutes, AnOptedOutContactIsLeftAlone) {
  const auto talk = given_conversation(tenant_);
  ASSERT_EQ(ask("PATCH", "/api/contacts/" + talk.contact.text(), admin_, {{"optedOut", true}}).status, 200);
  const auto answer = trigger(body_for(talk));
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(answer.json["code"], "opted_out");
  EXPECT_EQ(rows_of("run"), 0);
}

TEST_F(TriggerRoutes, TooManyRunsOfAContactAre429) {
  const auto talk = given_conversation(tenant_);
  for (int n = 0; n < 30; ++n) ASSERT_EQ(trigger(body_for(talk)).status, 202);
  const auto answer = trigger_with_key("k-1", body_for(talk));
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.json["code"], "too_many_runs");
  EXPECT_FALSE(answer.header("Retry-After").empty());
  clock_.pass(std::chrono::minutes(1));
  EXPECT_EQ(trigger_with_key("k-1", body_for(talk)).status, 202);
}

TEST_F(TriggerRoutes, AnotherWorkspacesWorkflowIs404) {
  const auto other = given_workspace("Other");
  const auto talk = given_conversation(other);
  EXPECT_EQ(ask("POST", path(), as_admin(other), body_for(talk)).status, 404);
}

TEST_F(TriggerRoutes, AReplayStartsWithTheSameData) {
  const auto talk = given_conversation(tenant_);
  const auto run_id = *RunId::parse(trigger(body_for(talk)).json["runId"].get<std::string>());
  const auto answer = ask("POST", "/api/runs/" + run_id.text() + "/replay", admin_, Json::object());
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto again = write([&](sql::Connection& c) {
    return store::find_run(c, tenant_, *RunId::parse(answer.json["jobId"].get<std::string>())).value();
  });
  EXPECT_EQ(again.message, std::nullopt);
  EXPECT_EQ(again.state["trigger"]["data"], Json({{"orderId", 17}}));
}

}  // namespace
}  // namespace waypost::test
