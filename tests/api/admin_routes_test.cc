#include "store/nodes.h"
#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

class Admin : public ApiTest {};

TEST_F(Admin, AnInstallationIsSetUp) {
  const auto workspace = ask_admin("POST", "/admin/workspaces", {{"name", "Acme"}});
  ASSERT_EQ(workspace.status, 201) << workspace.body;
  const std::string id = workspace.json["id"];
  const Json user{{"email", "Ann@Example.com"},
                  {"password", "long enough"},
                  {"name", "Ann"},
                  {"workspaceId", id},
                  {"role", "admin"}};
  const auto person = ask_admin("POST", "/admin/users", user);
  ASSERT_EQ(person.status, 201) << person.body;
  EXPECT_EQ(person.json["email"], "ann@example.com");
  EXPECT_EQ(ask_admin("POST", "/admin/apps", {{"secret", "s"}, {"verifyToken", "v"}}).status, 201);
  const Json channel{{"workspaceId", id}, {"phoneNumberId", "1"}, {"wabaId", "2"}, {"accessToken", "t"}};
  EXPECT_EQ(ask_admin("POST", "/admin/channels", channel).status, 201);
  const auto token = ask_admin("POST", "/admin/tokens", {{"workspaceId", id}, {"name", "cli"}, {"role", "admin"}});
  ASSERT_EQ(token.status, 201) << token.body;
  const auto signed_in = sign_in("ann@example.com", "long enough");
  EXPECT_EQ(signed_in.json["workspaces"][0]["id"], id);
  const HeaderList bearer{{"Authorization", "Bearer " + token.json["token"].get<std::string>()}};
  EXPECT_EQ(ask("GET", "/api/channels", bearer).json["items"].size(), 1U);
  EXPECT_EQ(ask_admin("GET", "/admin/workspaces").json["items"].size(), 1U);
  EXPECT_EQ(ask_admin("GET", "/admin/channels").json["items"][0]["workspaceId"], id);
}

TEST_F(Admin, APersonJoinsASecondWorkspace) {
  const auto first = given_workspace("A");
  const auto second = given_workspace("B");
  given_member(first, given_person("ann@example.com"), store::Role::Admin);
  const Json member{
      {"email", "ann@example.com"}, {"password", "another one"}, {"workspaceId", second.text()}, {"role", "agent"}};
  EXPECT_EQ(ask_admin("POST", "/admin/users", member).status, 201);
  EXPECT_EQ(sign_in("ann@example.com", "another one").status, 401);
  EXPECT_EQ(sign_in("ann@example.com", kPassword).json["workspaces"].size(), 2U);
}

TEST_F(Admin, AnEmailIsTakenOnce) {
  const Json user{{"email", "ann@example.com"}, {"password", "long enough"}};
  EXPECT_EQ(ask_admin("POST", "/admin/users", user).status, 201);
  EXPECT_EQ(ask_admin("POST", "/admin/users", user).status, 409);
}

TEST_F(Admin, AnUnknownWorkspaceLeavesNothing) {
  const std::string id = Uuid{}.text();
  const Json user{{"email", "ann@example.com"}, {"password", "long enough"}, {"workspaceId", id}};
  EXPECT_EQ(ask_admin("POST", "/admin/users", user).status, 404);
  EXPECT_EQ(rows_of("person"), 0);
  EXPECT_EQ(ask_admin("POST", "/admin/tokens", {{"workspaceId", id}, {"name", "x"}}).status, 404);
  EXPECT_EQ(rows_of("api_token"), 0);
}

TEST_F(Admin, AShortPasswordIs400) {
  const auto answer = ask_admin("POST", "/admin/users", {{"email", "a@example.com"}, {"password", "short"}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.json["details"][0]["path"], "password");
  EXPECT_FALSE(answer.body.contains("short\""));
}

TEST_F(Admin, AnAppWithoutASecretIsRefused) {
  EXPECT_EQ(ask_admin("POST", "/admin/apps", {{"name", "a"}, {"verifyToken", "v"}}).status, 400);
  EXPECT_EQ(ask_admin("POST", "/admin/apps", {{"name", "a"}, {"verifyToken", "v"}, {"secret", ""}}).status, 400);
  EXPECT_EQ(rows_of("webhook_app"), 0);
}

TEST_F(Admin, AnAppsSecretsAreNeverShown) {
  const Json app{{"name", "a"}, {"verifyToken", "verify-me"}, {"secret", "s3cret"}, {"previousSecret", "0ld"}};
  const auto saved = ask_admin("POST", "/admin/apps", app);
  EXPECT_EQ(saved.status, 201) << saved.body;
  const auto listed = ask_admin("GET", "/admin/apps");
  for (const auto word : {"verify-me", "s3cret", "0ld"}) {
    EXPECT_FALSE(saved.body.contains(word));
    EXPECT_FALSE(listed.body.contains(word));
  }
}

TEST_F(Admin, TheAdminsRoutesAreNotOnThePublicListener) {
  for (const auto target : {"/admin/workspaces", "/admin/apps", "/healthz", "/metrics"})
    EXPECT_EQ(ask("GET", target).status, 404) << target;
  EXPECT_EQ(ask_health("/admin/workspaces").status, 404);
}

TEST_F(Admin, NodesAreListed) {
  EXPECT_EQ(ask_admin("GET", "/admin/nodes").json["items"], Json::array());
  write([this](sql::Connection& connection) {
    const store::Node node{.name = "a", .incarnation = new_uuid(clock_.now()), .roles = "sender api"};
    return store::claim_node(connection, node, clock_.now()).has_value();
  });
  const auto node = ask_admin("GET", "/admin/nodes").json["items"][0];
  EXPECT_EQ(node["name"], "a");
  EXPECT_EQ(node["roles"], Json({"sender", "api"}));
  EXPECT_EQ(node["state"], "up");
}

TEST_F(Admin, HealthReadinessAndMetricsAnswer) {
  EXPECT_EQ(ask_health("/healthz").status, 200);
  EXPECT_EQ(ask_health("/readyz").status, 200);
  const auto metrics = ask_health("/metrics");
  EXPECT_EQ(metrics.header("Content-Type"), "text/plain; version=0.0.4");
  EXPECT_EQ(metrics.status, 200);
}

TEST_F(Admin, WhatIsNotReadyIsNamed) {
  parts_.readiness = []() -> awaitable<std::vector<Readiness>> {
    co_return std::vector<Readiness>{{.name = "journal", .ready = false, .words = "disk full"}};
  };
  const auto answer = ask_health("/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.json["ready"], false);
  EXPECT_EQ(answer.json["status"], "down");
  EXPECT_EQ(answer.json["checks"][1], Json({{"name", "journal"}, {"ready", false}, {"words", "disk full"}}));
}

TEST_F(Admin, WithoutWhatIsNotVitalItIsDegraded) {
  parts_.readiness = []() -> awaitable<std::vector<Readiness>> {
    co_return std::vector<Readiness>{{.name = "redis", .ready = false, .vital = false, .words = "away"}};
  };
  const auto answer = ask_health("/readyz");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json["ready"], true);
  EXPECT_EQ(answer.json["status"], "degraded");
}

}  // namespace
}  // namespace waypost::test
