// What the admin decides after a restore, and the store as a stream.

#include <gmock/gmock.h>

#include <fstream>

#include "journal/journal.h"
#include "store/export_file.h"
#include "store/restored_sends.h"
#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

using testing::HasSubstr;

class MoveRoutes : public ApiTest {
 protected:
  MoveRoutes() { settings_.store.url = place_.url(); }

  MessageId given_held(TenantId tenant) {
    const auto conversation = given_conversation(tenant);
    return write([&](sql::Connection& connection) {
      store::Message message{.text = "hi", .content = {{"body", "hi"}}};
      message.author = "api";
      const auto queued = store::queue_message(connection, conversation, message, clock_.now());
      store::hold_sends(connection);
      return queued.id;
    });
  }
  store::Message message(TenantId tenant, MessageId id) {
    return *write([&](sql::Connection& connection) { return store::find_message(connection, tenant, id); });
  }
  // The whole answer of a streaming route.
  std::string streamed(Response& response) {
    struct Kept final : BodyWriter {
      awaitable<bool> write(std::string_view chunk) override {
        text += chunk;
        co_return true;
      }
      std::string text;
    } kept;
    loop_.wait(response.stream(kept));
    return kept.text;
  }
  Response admin(const std::string& method, const std::string& path, const std::string& body = {}) {
    Router router;
    api().add_admin_routes(router);
    Request request;
    request.method = method;
    request.target = request.path = path;
    request.body = body;
    return loop_.wait(router.match(method, path).route->handler(std::move(request)));
  }
};

TEST_F(MoveRoutes, WhatIsHeldIsListedByWorkspaceAndNumber) {
  const auto tenant = given_workspace("Acme");
  EXPECT_EQ(ask_admin("GET", "/admin/sends/held").json["items"], Json::array());
  given_held(tenant);
  const auto items = ask_admin("GET", "/admin/sends/held").json["items"];
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0]["workspaceId"], tenant.text());
  EXPECT_EQ(items[0]["workspace"], "Acme");
  EXPECT_EQ(items[0]["held"], 1);
  EXPECT_EQ(items[0]["oldest"], iso8601(clock_.now()));
}

TEST_F(MoveRoutes, OneWorkspaceIsReleasedAndOffered) {
  const auto tenant = given_workspace("A");
  const auto other = given_workspace("B");
  const auto id = given_held(tenant);
  given_held(other);
  const auto done = ask_admin("POST", "/admin/sends/release", {{"workspaceId", tenant.text()}});
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(done.json, Json({{"released", 1}}));
  EXPECT_EQ(message(tenant, id).due_at, clock_.now());
  ASSERT_EQ(signals_.offered.size(), 1U);
  EXPECT_EQ(signals_.offered[0].key.owner, tenant);
  EXPECT_EQ(ask_admin("GET", "/admin/sends/held").json["items"].size(), 1U);
}

TEST_F(MoveRoutes, AllAreDropped) {
  const auto tenant = given_workspace("A");
  const auto id = given_held(tenant);
  given_held(given_workspace("B"));
  EXPECT_EQ(ask_admin("POST", "/admin/sends/drop").json, Json({{"dropped", 2}}));
  EXPECT_EQ(message(tenant, id).failure->reason, "dropped_after_restore");
  EXPECT_EQ(ask_admin("POST", "/admin/sends/drop").json, Json({{"dropped", 0}}));
}

TEST_F(MoveRoutes, AWorkspaceThatIsNotThereIsNamed) {
  given_held(given_workspace("A"));
  EXPECT_EQ(ask_admin("POST", "/admin/sends/drop", {{"workspaceId", Uuid{}.text()}}).status, 404);
  EXPECT_EQ(ask_admin("POST", "/admin/sends/release", {{"workspaceId", "no"}}).status, 400);
  EXPECT_EQ(ask_admin("GET", "/admin/sends/held").json["items"][0]["held"], 1);
}

TEST_F(MoveRoutes, ABackupIsAWholeExport) {
  given_held(given_workspace("A"));
  auto response = admin("GET", "/admin/backup");
  ASSERT_EQ(response.status, 200);
  const auto path = folder_.file("backup");
  std::ofstream(path) << streamed(response);
  const auto file = store::check_export(path, nullptr);
  ASSERT_TRUE(file) << file.error().words();
  EXPECT_EQ(file->taken, store::Taken::Online);
  EXPECT_GT(file->tables.size(), 20U);
}

TEST_F(MoveRoutes, AJournalIsAdoptedWithItsProgress) {
  const auto folder = folder_.file("gone");
  {
    auto journal = *Journal::open({.folder = folder}, clock_);
    ASSERT_TRUE(loop_.wait(journal->append("default", "{}")));
  }
  const auto body = dump({{"folder", folder}});
  auto response = admin("POST", "/admin/journals/adopt", body);
  ASSERT_EQ(response.status, 200) << response.body;
  const auto text = streamed(response);
  EXPECT_THAT(text, HasSubstr("\"state\":\"applying\""));
  EXPECT_THAT(text, HasSubstr("\"state\":\"adopted\""));
  EXPECT_THAT(text, HasSubstr("\"applied\":1"));
  const auto again = admin("POST", "/admin/journals/adopt", body);
  EXPECT_EQ(again.status, 409);
  EXPECT_THAT(again.body, HasSubstr("was adopted"));
}

TEST_F(MoveRoutes, AFolderThatIsNoJournalIsRefused) {
  EXPECT_EQ(ask_admin("POST", "/admin/journals/adopt", {{"folder", folder_.file("none")}}).status, 404);
  EXPECT_EQ(ask_admin("POST", "/admin/journals/adopt", {{"folder", "relative"}}).status, 400);
  EXPECT_EQ(ask_admin("POST", "/admin/journals/adopt").status, 400);
}

TEST_F(MoveRoutes, NothingOfItIsOnThePublicListener) {
  for (const auto* path : {"/admin/backup", "/admin/sends/held"}) EXPECT_EQ(ask("GET", path).status, 404) << path;
}

}  // namespace
}  // namespace waypost::test
