#include "tests/api/api_fixture.h"
#include "tests/workflow/fake_outside.h"
#include "workflow/rehearsal.h"

namespace waypost::test {
namespace {

class WorkflowTestRoutes : public ApiTest {
 protected:
  WorkflowTestRoutes() : tenant_(given_workspace()), admin_(as_admin(tenant_)) {
    parts_.test_draft = [this](workflow::DraftTest test) {
      return workflow::test_draft(outside_, places_, std::move(test));
    };
  }

  // A chain of them behind the trigger.
  std::string given_draft(Json trigger, const std::vector<Json>& nodes) {
    Json all = Json::array();
    Json edges = Json::array();
    trigger["id"] = "t";
    std::string before = "t";
    all.push_back(std::move(trigger));
    for (const auto& node : nodes) {
      edges.push_back({{"source", before}, {"target", node.at("id")}});
      before = node.at("id");
      all.push_back(node);
    }
    const Json graph{{"nodes", all}, {"edges", edges}, {"entry", "t"}};
    const Json file{{"waypost", "workflow"}, {"version", 1}, {"name", "Order"}, {"priority", 0}, {"graph", graph}};
    return ask("POST", "/api/workflows/import", admin_, file).json["id"];
  }
  static Json say(const std::string& id, const std::string& body) {
    return {{"id", id}, {"type", "wa.send_message"}, {"data", {{"body", body}}}};
  }
  static Json trigger(const std::string& type, Json config = Json::object()) {
    return {{"type", type}, {"data", std::move(config)}};
  }
  // Says what it was told, waits, says what was answered.
  std::string given_talk() {
    return given_draft(trigger("trigger.inbound_message"), {say("m", "{{contact.name}}: {{message.text}}"),
                                                            {{"id", "w"}, {"type", "wa.wait_for_reply"}},
                                                            say("n", "{{reply.text}} {{reply.id}}")});
  }
  Answer test(const std::string& id, const Json& body) {
    return ask("POST", "/api/workflows/" + id + "/test", admin_, body);
  }

  TenantId tenant_;
  HeaderList admin_;
  FakeOutside outside_;
  workflow::CallPlaces places_{4, 2};
};

TEST_F(WorkflowTestRoutes, ADraftIsPlannedAndNothingIsSent) {
  const Json yes{{"id", "yes"}, {"title", "Yes"}};
  const auto told =
      test(given_talk(), {{"message", "hi"}, {"contact", {{"name", "Ana"}}}, {"replies", Json::array({yes, nullptr})}});
  ASSERT_EQ(told.status, 200) << told.body;
  EXPECT_EQ(told.json["status"], "completed");
  ASSERT_EQ(told.json["sends"].size(), 2U);
  EXPECT_EQ(told.json["sends"][0]["text"], "Ana: hi");
  EXPECT_EQ(told.json["sends"][1]["text"], "Yes yes");
  EXPECT_EQ(ask("GET", "/api/runs", admin_).json["total"], 0);
}

TEST_F(WorkflowTestRoutes, WithoutRepliesItWaits) {
  EXPECT_EQ(test(given_talk(), Json::object()).json["status"], "waiting");
}

TEST_F(WorkflowTestRoutes, AManualTestHasItsOwnMessage) {
  const auto id =
      given_draft(trigger("trigger.manual_test", {{"testMessage", "Where is it?"}}), {say("m", "{{message.text}}")});
  EXPECT_EQ(test(id, Json::object()).json["sends"][0]["text"], "Where is it?");
}

TEST_F(WorkflowTestRoutes, ACallBringsItsData) {
  const auto id = given_draft(trigger("trigger.api"), {say("m", "{{trigger.data.order}}")});
  EXPECT_EQ(test(id, {{"data", {{"order", 7}}}}).json["sends"][0]["text"], "7");
}

TEST_F(WorkflowTestRoutes, ARealConversationLendsItsContact) {
  const auto talk = given_conversation(tenant_);
  const auto id = given_draft(trigger("trigger.inbound_message"), {say("m", "{{contact.id}}")});
  EXPECT_EQ(test(id, {{"conversationId", talk.id.text()}}).json["sends"][0]["text"], talk.contact.text());
}

TEST_F(WorkflowTestRoutes, AGraphWithFaultsNamesThem) {
  const auto told = test(given_draft(trigger("trigger.inbound_message"), {say("m", "")}), Json::object());
  EXPECT_EQ(told.status, 422);
  EXPECT_EQ(told.json["code"], "invalid_graph");
  ASSERT_FALSE(told.json["details"].empty());
}

TEST_F(WorkflowTestRoutes, BadInputIsNamed) {
  const auto told =
      test(given_talk(),
           {{"message", 7}, {"replies", Json::array({8})}, {"contact", {{"tags", "x"}}}, {"conversationId", "x"}});
  EXPECT_EQ(told.status, 400);
  EXPECT_EQ(told.json["details"].size(), 4U) << told.body;
}

TEST_F(WorkflowTestRoutes, IsAnAdminsAndTheWorkspacesOwn) {
  const auto id = given_talk();
  EXPECT_EQ(ask("POST", "/api/workflows/" + id + "/test", as_agent(tenant_), Json::object()).status, 403);
  const auto other = given_workspace();
  EXPECT_EQ(ask("POST", "/api/workflows/" + id + "/test", as_admin(other), Json::object()).status, 404);
  const auto strangers = given_conversation(other);
  EXPECT_EQ(test(id, {{"conversationId", strangers.id.text()}}).status, 404);
}

TEST_F(WorkflowTestRoutes, TooManyAtATimeAreRefused) {
  ASSERT_TRUE(places_.take(tenant_) && places_.take(tenant_));
  EXPECT_EQ(test(given_talk(), Json::object()).status, 429);
}

}  // namespace
}  // namespace waypost::test
