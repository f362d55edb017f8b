#include "store/counters.h"
#include "store/runs.h"
#include "store/workflows.h"
#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

class Workflows : public ApiTest {
 protected:
  Workflows() : tenant_(given_workspace()), admin_(as_admin(tenant_)) {}
  std::string created(const std::string& name = "My New Workflow") {
    return ask("POST", "/api/workflows", admin_, {{"name", name}}).json["id"];
  }
  // A run of a published workflow, with one step.
  store::Run given_run() {
    const auto id = created();
    EXPECT_EQ(ask("POST", "/api/workflows/" + id + "/publish", admin_, Json::object()).status, 200);
    const auto conversation = given_conversation(tenant_);
    const auto message = given_inbound(conversation, "hello");
    store::Run run{.tenant = tenant_,
                   .id = RunId::make(clock_.now()),
                   .workflow = *WorkflowId::parse(id),
                   .version = 1,
                   .conversation = conversation.id,
                   .contact = conversation.contact,
                   .channel = conversation.channel,
                   .message = message.id,
                   .status = "completed",
                   .created_at = clock_.now(),
                   .updated_at = clock_.now()};
    write([&](sql::Connection& connection) {
      EXPECT_TRUE(store::insert_run(connection, run));
      store::insert_step(connection, {.tenant = tenant_,
                                      .run = run.id,
                                      .number = 1,
                                      .node_id = "trigger_1",
                                      .node_type = "trigger.inbound_message",
                                      .started_at = clock_.now(),
                                      .ended_at = clock_.now()});
    });
    return run;
  }

  TenantId tenant_;
  HeaderList admin_;
};

TEST_F(Workflows, CreateThenPublishWorksAtOnce) {
  const auto made = ask("POST", "/api/workflows", admin_, {{"name", "My New Workflow"}});
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.json["name"], "My New Workflow");
  EXPECT_EQ(made.json["status"], "draft");
  const std::string path = "/api/workflows/" + made.json["id"].get<std::string>();
  const auto published = ask("POST", path + "/publish", admin_, Json::object());
  ASSERT_EQ(published.status, 200) << published.body;
  EXPECT_EQ(published.json["status"], "published");
  EXPECT_EQ(published.json["publishedVersion"], 1);
  EXPECT_EQ(ask("GET", path, admin_).json["status"], "published");
}

TEST_F(Workflows, AreListedWhole) {
  EXPECT_EQ(ask("GET", "/api/workflows", admin_).json, Json({{"items", Json::array()}}));
  for (int i = 0; i < 25; ++i) created("w" + std::to_string(i));
  EXPECT_EQ(ask("GET", "/api/workflows", admin_).json["items"].size(), 25U);
}

TEST_F(Workflows, ANameIsNeeded) {
  for (const Json& body :
       {Json::object(), Json{{"name", ""}}, Json{{"name", 1}}, Json{{"name", std::string(201, 'x')}}}) {
    const auto answer = ask("POST", "/api/workflows", admin_, body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.json["details"][0]["path"], "name");
  }
  EXPECT_EQ(rows_of("workflow"), 0);
}

TEST_F(Workflows, ADraftIsSaved) {
  const std::string path = "/api/workflows/" + created();
  const Json graph = Json::parse(R"({"nodes":[{"id":"trigger_1","type":"trigger.inbound_message",
      "position":{"x":400,"y":100}}],"edges":[],"entry":"trigger_1"})");
  clock_.pass(seconds(5));
  const auto answer = ask("PUT", path + "/draft", admin_, {{"draftGraph", graph}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json, Json({{"ok", true}, {"updatedAt", iso8601(clock_.now())}}));
  EXPECT_EQ(ask("GET", path, admin_).json["draftGraph"], graph);
  EXPECT_EQ(ask("PUT", path + "/draft", admin_, Json::object()).status, 400);
  EXPECT_EQ(ask("PUT", path + "/draft", admin_, {{"draftGraph", "x"}}).status, 400);
}

TEST_F(Workflows, AnInvalidGraphIs422WithDetails) {
  const std::string path = "/api/workflows/" + created();
  ASSERT_EQ(ask("PUT", path + "/draft", admin_, {{"draftGraph", {{"nodes", Json::array()}, {"edges", Json::array()}}}})
                .status,
            200);
  const auto answer = ask("POST", path + "/publish", admin_, Json::object());
  EXPECT_EQ(answer.status, 422) << answer.body;
  EXPECT_EQ(answer.json["code"], "invalid_graph");
  EXPECT_FALSE(answer.json["details"].empty());
  EXPECT_EQ(ask("GET", path, admin_).json["status"], "draft");
}

TEST_F(Workflows, AreRenamedAndRanked) {
  const std::string path = "/api/workflows/" + created();
  const auto answer = ask("PATCH", path, admin_, {{"name", "Second"}, {"priority", 5}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json["name"], "Second");
  EXPECT_EQ(answer.json["priority"], 5);
  EXPECT_EQ(ask("PATCH", path, admin_, {{"priority", "high"}}).status, 400);
}

TEST_F(Workflows, AreDeleted) {
  const std::string path = "/api/workflows/" + created();
  EXPECT_EQ(ask("DELETE", path, admin_).status, 200);
  EXPECT_EQ(ask("GET", path, admin_).status, 404);
  EXPECT_EQ(ask("DELETE", path, admin_).status, 404);
}

TEST_F(Workflows, RunsAndTheirStepsAreShown) {
  const auto run = given_run();
  const auto list = ask("GET", "/api/runs?limit=10&offset=0", admin_);
  ASSERT_EQ(list.status, 200) << list.body;
  EXPECT_EQ(list.json["total"], 1);
  EXPECT_EQ(list.json["items"][0]["id"], run.id.text());
  const auto one = ask("GET", "/api/runs/" + run.id.text(), admin_);
  EXPECT_EQ(one.json["status"], "completed");
  EXPECT_EQ(one.json["workflowName"], "My New Workflow");
  const auto steps = ask("GET", "/api/runs/" + run.id.text() + "/steps", admin_);
  ASSERT_EQ(steps.json["steps"].size(), 1U);
  EXPECT_EQ(steps.json["steps"][0]["nodeId"], "trigger_1");
}

TEST_F(Workflows, AReplayIsANewRun) {
  const auto run = given_run();
  const auto answer = ask("POST", "/api/runs/" + run.id.text() + "/replay", admin_, Json::object());
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json["ok"], true);
  EXPECT_EQ(answer.json["message"], "Replay queued");
  EXPECT_EQ(answer.json["originalRunId"], run.id.text());
  const auto again = ask("GET", "/api/runs/" + answer.json["jobId"].get<std::string>(), admin_);
  EXPECT_EQ(again.json["replayOf"], run.id.text());
  ASSERT_EQ(signals_.offered.size(), 1U);
  EXPECT_EQ(signals_.offered[0].queue, QueueName::Runs);
}

}  // namespace
}  // namespace waypost::test
