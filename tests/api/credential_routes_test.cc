#include "store/credentials.h"
#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

class Credentials : public ApiTest {
 protected:
  Credentials() : tenant_(given_workspace()), admin_(as_admin(tenant_)) {}

  Answer create(const Json& change = Json::object()) {
    Json body{{"name", "CRM"}, {"kind", "bearer"}, {"secret", "s3cret"}, {"hosts", Json::array({"API.example.com"})}};
    body.merge_patch(change);
    return ask("POST", "/api/credentials", admin_, body);
  }
  std::string path(const Answer& made) { return "/api/credentials/" + made.json["id"].get<std::string>(); }
  std::string secret() {
    const auto sealed = database_->read_and_wait(
        [](sql::Connection& connection) { return connection.run("SELECT secret FROM credential").front().bytes(0); });
    return parts_.keyring->open(*sealed, store::kCredentialPurpose)->reveal();
  }

  TenantId tenant_;
  HeaderList admin_;
};

TEST_F(Credentials, AreMadeAndNeverTellTheirSecret) {
  const auto made = create();
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.json["name"], "CRM");
  EXPECT_EQ(made.json["kind"], "bearer");
  EXPECT_EQ(made.json["parameter"], nullptr);
  EXPECT_EQ(made.json["hosts"], Json::array({"api.example.com"}));
  const auto changed = ask("PATCH", path(made), admin_, {{"secret", "s3cret-2"}});
  EXPECT_EQ(changed.status, 200) << changed.body;
  const auto listed = ask("GET", "/api/credentials", admin_);
  EXPECT_EQ(listed.json["items"].size(), 1U);
  for (const auto& answer : {made, changed, listed, ask("GET", "/api/events?after=0", admin_)}) {
    EXPECT_FALSE(answer.body.contains("s3cret")) << answer.body;
    EXPECT_FALSE(answer.body.contains("\"secret\"")) << answer.body;
  }
  EXPECT_EQ(secret(), "s3cret-2");
}

TEST_F(Credentials, AreChanged) {
  const auto made = create();
  const auto changed =
      ask("PATCH", path(made), admin_,
          {{"name", "Other"}, {"kind", "header"}, {"parameter", "X-Api-Key"}, {"hosts", Json::array()}});
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(changed.json["name"], "Other");
  EXPECT_EQ(changed.json["kind"], "header");
  EXPECT_EQ(changed.json["parameter"], "X-Api-Key");
  EXPECT_EQ(changed.json["hosts"], Json::array());
  EXPECT_EQ(secret(), "s3cret");
  EXPECT_EQ(ask("PATCH", path(made), admin_, {{"kind", "bearer"}}).json["parameter"], nullptr);
  EXPECT_EQ(ask("PATCH", path(made), admin_, {{"kind", "query"}}).status, 400);
  EXPECT_EQ(ask("DELETE", path(made), admin_).json, Json({{"ok", true}}));
  EXPECT_EQ(ask("DELETE", path(made), admin_).status, 404);
  EXPECT_EQ(ask("PATCH", path(made), admin_, {{"name", "x"}}).status, 404);
}

TEST_F(Credentials, HaveANameOfTheirOwn) {
  create();
  EXPECT_EQ(create().status, 409);
  const auto second = create({{"name", "Second"}});
  EXPECT_EQ(ask("PATCH", path(second), admin_, {{"name", "CRM"}}).status, 409);
  EXPECT_EQ(ask("PATCH", path(second), admin_, {{"name", "Second"}}).status, 200);
}

TEST_F(Credentials, AreCheckedBeforeTheyAreKept) {
  const Json bad[] = {{{"name", nullptr}},
                      {{"kind", nullptr}},
                      {{"kind", "oauth"}},
                      {{"secret", nullptr}},
                      {{"secret", ""}},
                      {{"secret", "a\r\nX: y"}},
                      {{"parameter", "x"}},
                      {{"kind", "basic"}},
                      {{"kind", "basic"}, {"parameter", "a:b"}},
                      {{"kind", "header"}, {"parameter", "X Y"}},
                      {{"kind", "header"}, {"parameter", "Host"}},
                      {{"kind", "query"}, {"parameter", "a\nb"}},
                      {{"hosts", Json::array({"https://x"})}},
                      {{"hosts", "x"}}};
  for (const auto& change : bad) {
    const auto answer = create(change);
    EXPECT_EQ(answer.status, 400) << dump(change) << answer.body;
    EXPECT_FALSE(answer.body.contains("s3cret"));
  }
  EXPECT_EQ(rows_of("credential"), 0);
}

TEST_F(Credentials, AreForAdminsOfTheirWorkspaceOnly) {
  const auto made = create();
  EXPECT_EQ(ask("GET", "/api/credentials", as_agent(tenant_)).status, 403);
  EXPECT_EQ(ask("POST", "/api/credentials", as_agent(tenant_), {{"name", "x"}}).status, 403);
  const auto other = as_admin(given_workspace("Other"));
  EXPECT_EQ(ask("GET", "/api/credentials", other).json["items"], Json::array());
  EXPECT_EQ(ask("PATCH", path(made), other, {{"secret", "theirs"}}).status, 404);
  EXPECT_EQ(ask("DELETE", path(made), other).status, 404);
  EXPECT_EQ(secret(), "s3cret");
}

}  // namespace
}  // namespace waypost::test
