#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

class Callers : public ApiTest {
 protected:
  Callers() : tenant_(given_workspace()), cookie_(given_session(member())) {}
  UserId member() {
    const auto user = given_person("ann@example.com");
    given_member(tenant_, user, store::Role::Admin);
    return user;
  }
  Answer contacts(const HeaderList& headers) { return ask("GET", "/api/contacts", headers); }
  std::string given_token(const Json& body) {
    return ask("POST", "/api/tokens", as(cookie_, tenant_), body).json["token"];
  }

  TenantId tenant_;
  std::string cookie_;
};

TEST_F(Callers, WithoutASessionIs401) {
  const auto answer = contacts({{"x-tenant-id", tenant_.text()}});
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.body, R"({"error":"Unauthorized"})");
}

TEST_F(Callers, WithoutAWorkspaceIs401) {
  const auto answer = contacts({{"Cookie", "session_token=" + cookie_}});
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.body, R"({"error":"Unauthorized"})");
}

TEST_F(Callers, AMalformedWorkspaceIs403) {
  const auto answer = contacts({{"Cookie", "session_token=" + cookie_}, {"x-tenant-id", "acme"}});
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.body, R"({"error":"Forbidden"})");
}

TEST_F(Callers, AWorkspaceOfOthersIs403) {
  EXPECT_EQ(contacts(as(cookie_, given_workspace("Other"))).status, 403);
  EXPECT_EQ(contacts(as(cookie_, TenantId::make(clock_.now()))).status, 403);
}

TEST_F(Callers, TheWorkspaceMayBeNamedByEitherHeader) {
  EXPECT_EQ(contacts({{"Cookie", "session_token=" + cookie_}, {"X-Workspace-Id", tenant_.text()}}).status, 200);
}

TEST_F(Callers, ATokenBringsItsWorkspace) {
  const auto token = given_token({{"name", "bridge"}});
  EXPECT_TRUE(token.starts_with("wp_"));
  EXPECT_EQ(contacts({{"Authorization", "Bearer " + token}}).status, 200);
  EXPECT_EQ(contacts({{"Authorization", "bearer " + token}, {"x-tenant-id", tenant_.text()}}).status, 200);
  EXPECT_EQ(contacts({{"Authorization", "Bearer " + token}, {"x-tenant-id", given_workspace("B").text()}}).status, 403);
  EXPECT_EQ(contacts({{"Authorization", "Bearer " + token}, {"x-tenant-id", "acme"}}).status, 403);
  EXPECT_EQ(contacts({{"Authorization", "Bearer wp_" + token}}).status, 401);
  EXPECT_EQ(contacts({{"Authorization", "Bearer " + cookie_}, {"Cookie", "session_token=" + cookie_}}).status, 401);
}

TEST_F(Callers, ARevokedTokenIs401) {
  const auto token = given_token({{"name", "bridge"}, {"role", "admin"}});
  const auto listed = ask("GET", "/api/tokens", HeaderList{{"Authorization", "Bearer " + token}});
  ASSERT_EQ(listed.json["items"].size(), 1U);
  EXPECT_FALSE(listed.body.contains(token));
  const std::string id = listed.json["items"][0]["id"];
  EXPECT_EQ(ask("DELETE", "/api/tokens/" + id, as(cookie_, tenant_)).status, 200);
  EXPECT_EQ(ask("DELETE", "/api/tokens/" + id, as(cookie_, tenant_)).status, 404);
  EXPECT_EQ(contacts({{"Authorization", "Bearer " + token}}).status, 401);
}

TEST_F(Callers, ATokensUseIsNoted) {
  const auto token = given_token({{"name", "bridge"}});
  contacts({{"Authorization", "Bearer " + token}});
  const auto listed = ask("GET", "/api/tokens", as(cookie_, tenant_));
  EXPECT_EQ(listed.json["items"][0]["lastUsedAt"], iso8601(clock_.now()));
}

TEST_F(Callers, AnAgentMayNotWhatOnlyAdminsMay) {
  const auto agent = as_agent(tenant_);
  const std::string id = "/" + ContactId::make(clock_.now()).text();
  const std::vector<std::pair<std::string, std::string>> admins_only{{"PATCH", "/api/contacts" + id},
                                                                     {"DELETE", "/api/contacts" + id},
                                                                     {"PATCH", "/api/workflows" + id},
                                                                     {"DELETE", "/api/workflows" + id},
                                                                     {"POST", "/api/workflows" + id + "/publish"},
                                                                     {"POST", "/api/workflows" + id + "/unpublish"},
                                                                     {"POST", "/api/runs" + id + "/replay"},
                                                                     {"POST", "/api/runs" + id + "/cancel"},
                                                                     {"POST", "/api/templates/sync"},
                                                                     {"POST", "/api/channels"},
                                                                     {"PATCH", "/api/channels" + id},
                                                                     {"GET", "/api/tokens"},
                                                                     {"POST", "/api/tokens"},
                                                                     {"DELETE", "/api/tokens" + id},
                                                                     {"PATCH", "/api/workspace"}};
  for (const auto& [method, target] : admins_only) {
    const auto answer = ask(method, target, agent);
    EXPECT_EQ(answer.status, 403) << method << " " << target;
    EXPECT_EQ(answer.body, R"({"error":"Forbidden"})");
  }
  EXPECT_EQ(ask("POST", "/api/workflows", agent, {{"name", "Mine"}}).status, 201);
  EXPECT_EQ(ask("POST", "/api/contacts", agent, {{"phone", "+14155550000"}}).status, 201);
}

}  // namespace
}  // namespace waypost::test
