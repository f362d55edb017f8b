// The queues as the installation's admin sees them: on the socket, and signed in.

#include <gmock/gmock.h>

#include "store/queue_pauses.h"
#include "store/runs.h"
#include "store/triggers.h"
#include "store/work_failures.h"
#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

using testing::HasSubstr;

class QueueRoutes : public ApiTest {
 protected:
  QueueRoutes() : tenant_(given_workspace("Acme")) {
    parts_.queue_stats = [this](QueueName queue) { return stats(queue); };
    parts_.sync_pauses = [this] { return sync(); };
  }
  awaitable<Result<QueueState>> stats(QueueName queue) {
    if (!redis_up_) co_return fail(ErrorKind::Unavailable, "Redis is away");
    QueueState state{.stats = {.ready = 3, .leased = 1, .waiting = queue == QueueName::Sends ? 7 : 0}};
    for (unsigned n = 0; n < owners_; ++n)
      state.owners.push_back({.owner = n == 0 ? tenant_ : TenantId::make(clock_.now()), .ready = 100 - n, .leased = 1});
    co_return state;
  }
  awaitable<Result<void>> sync() {
    if (!redis_up_) co_return fail(ErrorKind::Unavailable, "Redis is away");
    ++syncs_;
    co_return Result<void>();
  }
  store::Message given_buried_send() {
    talk_ = given_conversation(tenant_);
    return write([&](sql::Connection& connection) {
      const auto message = store::queue_message(connection, talk_, {.text = "hi", .author = "api"}, clock_.now());
      const store::WorkKey key{.tenant = tenant_, .queue = store::WorkQueue::Sends, .conversation = talk_.id};
      store::record_failure(connection, {.key = key, .words = "it broke"}, {.attempts = 1}, clock_.now());
      return message;
    });
  }
  HeaderList as_installation_admin(const std::string& email = "root@example.com") {
    const auto user = given_person(email);
    write([&](sql::Connection& connection) {
      connection.run("UPDATE person SET installation_admin = $2 WHERE id = $1", {user, true});
    });
    return {{"Cookie", "session_token=" + given_session(user)}};
  }
  std::string buried_path(const char* what) { return "/admin/queues/sends/buried/" + talk_.id.text() + "/" + what; }
  Json of_workspace() const { return {{"workspaceId", tenant_.text()}}; }
  std::vector<store::QueuePause> pauses() {
    return write([](sql::Connection& connection) { return store::paused(connection, store::WorkQueue::Sends); });
  }

  TenantId tenant_;
  store::Conversation talk_;
  bool redis_up_ = true;
  unsigned owners_ = 1;
  int syncs_ = 0;
};

TEST_F(QueueRoutes, BothQueuesAreShown) {
  given_buried_send();
  const auto shown = ask_admin("GET", "/admin/queues");
  ASSERT_EQ(shown.status, 200) << shown.body;
  const auto& runs = shown.json["queues"][0];
  const auto& sends = shown.json["queues"][1];
  EXPECT_EQ(runs["queue"], "runs");
  EXPECT_EQ(sends["redis"]["waiting"], 7);
  EXPECT_EQ(sends["redis"]["owners"][0]["workspace"], "Acme");
  EXPECT_EQ(sends["redis"]["others"]["owners"], 0);
  EXPECT_EQ(sends["redisError"], Json());
  EXPECT_EQ(sends["waiting"]["buried"], 1);
  EXPECT_EQ(sends["buried"], 1);
  EXPECT_EQ(sends["oldest"], Json::array());
}

TEST_F(QueueRoutes, TheOldestIsNamed) {
  const auto talk = given_conversation(tenant_);
  write([&](sql::Connection& connection) {
    store::insert_trigger(connection, {.tenant = tenant_,
                                       .conversation = talk.id,
                                       .seq = 1,
                                       .message = MessageId::make(clock_.now()),
                                       .created_at = clock_.now()});
  });
  clock_.pass(seconds(90));
  const auto oldest = ask_admin("GET", "/admin/queues").json["queues"][0]["oldest"];
  ASSERT_EQ(oldest.size(), 1U);
  EXPECT_EQ(oldest[0]["workspace"], "Acme");
  EXPECT_EQ(oldest[0]["seconds"], 90);
}

TEST_F(QueueRoutes, OfManyOwnersFiftyAreShownAndTheRestIsAddedUp) {
  owners_ = 53;
  const auto redis = ask_admin("GET", "/admin/queues").json["queues"][0]["redis"];
  EXPECT_EQ(redis["owners"].size(), 50U);
  EXPECT_EQ(redis["owners"][0]["ready"], 100);
  EXPECT_EQ(redis["others"], Json({{"owners", 3}, {"ready", 50 + 49 + 48}, {"leased", 3}}));
}

TEST_F(QueueRoutes, WithoutRedisTheRowsAreAnswered) {
  redis_up_ = false;
  given_buried_send();
  const auto sends = ask_admin("GET", "/admin/queues").json["queues"][1];
  EXPECT_EQ(sends["redis"], Json());
  EXPECT_EQ(sends["redisError"], "Redis is away");
  EXPECT_EQ(sends["buried"], 1);
}

TEST_F(QueueRoutes, WhatIsBuriedIsListedByPages) {
  EXPECT_EQ(ask_admin("GET", "/admin/queues/buried").json, Json({{"items", Json::array()}, {"hasMore", false}}));
  given_buried_send();
  given_buried_send();
  const auto page = ask_admin("GET", "/admin/queues/buried?limit=1").json;
  EXPECT_EQ(page["hasMore"], true);
  EXPECT_EQ(page["items"][0]["workspace"], "Acme");
  EXPECT_EQ(page["items"][0]["words"], "it broke");
  EXPECT_EQ(page["items"][0]["attempts"], 1);
  EXPECT_EQ(page["items"][0]["buriedAt"], iso8601(clock_.now()));
  EXPECT_EQ(ask_admin("GET", "/admin/queues/buried?queue=runs").json["items"], Json::array());
  EXPECT_EQ(ask_admin("GET", "/admin/queues/buried?queue=none").status, 400);
}

TEST_F(QueueRoutes, ARevivedKeyIsOffered) {
  given_buried_send();
  const auto done = ask_admin("POST", buried_path("revive"), of_workspace());
  EXPECT_EQ(done.json, Json({{"revived", 1}})) << done.body;
  ASSERT_EQ(signals_.offered.size(), 1U);
  EXPECT_EQ(signals_.offered[0].queue, QueueName::Sends);
  EXPECT_EQ(signals_.offered[0].key.key, talk_.id);
  EXPECT_EQ(ask_admin("POST", buried_path("revive"), of_workspace()).status, 404);
}

TEST_F(QueueRoutes, ADroppedMessageHasFailedAndTheRestIsOffered) {
  const auto message = given_buried_send();
  const auto done = ask_admin("POST", buried_path("drop"), of_workspace());
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(done.json["dropped"][0], Json({{"stream", "reply"}, {"what", "message"}, {"id", message.id.text()}}));
  EXPECT_EQ(signals_.offered.size(), 1U);
  const auto row =
      write([&](sql::Connection& connection) { return *store::find_message(connection, tenant_, message.id); });
  EXPECT_EQ(row.failure->reason, "dropped");
}

TEST_F(QueueRoutes, BadKeysAreRefused) {
  given_buried_send();
  EXPECT_EQ(ask_admin("POST", buried_path("drop")).status, 400);
  EXPECT_EQ(ask_admin("POST", buried_path("drop"), {{"workspaceId", "no"}}).status, 400);
  EXPECT_EQ(ask_admin("POST", buried_path("drop"), {{"workspaceId", tenant_.text()}, {"stream", "x"}}).status, 400);
  EXPECT_EQ(ask_admin("POST", "/admin/queues/none/buried/" + talk_.id.text() + "/drop", of_workspace()).status, 404);
  EXPECT_EQ(ask_admin("POST", "/admin/queues/sends/buried/none/drop", of_workspace()).status, 404);
  EXPECT_EQ(ask_admin("POST", buried_path("drop"), {{"workspaceId", given_workspace("B").text()}}).status, 404);
  EXPECT_EQ(rows_of("work_failure"), 1);
}

TEST_F(QueueRoutes, AWorkspaceIsPausedAndResumed) {
  Json body = of_workspace();
  EXPECT_EQ(ask_admin("POST", "/admin/queues/sends/pause", body).status, 400);
  body["reason"] = "wrong prices";
  const auto done = ask_admin("POST", "/admin/queues/sends/pause", body);
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(done.json["inForce"], true);
  EXPECT_EQ(syncs_, 1);
  const auto shown = ask_admin("GET", "/admin/queues").json["queues"][1]["paused"];
  EXPECT_EQ(shown[0]["reason"], "wrong prices");
  EXPECT_EQ(shown[0]["pausedBy"], "admin");
  EXPECT_EQ(ask_admin("POST", "/admin/queues/sends/resume", of_workspace()).status, 200);
  EXPECT_EQ(ask_admin("POST", "/admin/queues/sends/resume", of_workspace()).status, 404);
  EXPECT_TRUE(pauses().empty());
}

TEST_F(QueueRoutes, WithoutRedisAPauseIsWrittenAndSaysThatItWaits) {
  redis_up_ = false;
  const Json body{{"workspaceId", tenant_.text()}, {"reason", "x"}};
  const auto done = ask_admin("POST", "/admin/queues/sends/pause", body);
  EXPECT_EQ(done.status, 202);
  EXPECT_EQ(done.json["inForce"], false);
  EXPECT_THAT(done.json["words"].get<std::string>(), HasSubstr("when Redis answers"));
  EXPECT_EQ(pauses().size(), 1U);
}

TEST_F(QueueRoutes, AChannelIsStoppedByItself) {
  talk_ = given_conversation(tenant_);
  const Json of{{"channelId", talk_.channel.text()}};
  Json body = of;
  body["reason"] = "wrong prices";
  const auto done = ask_admin("POST", "/admin/queues/sends/pause", body);
  EXPECT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(done.json["workspaceId"], tenant_.text());
  EXPECT_EQ(syncs_, 0);  // Redis knows nothing of channels
  const auto shown = ask_admin("GET", "/admin/queues").json["queues"][1]["paused"][0];
  EXPECT_EQ(shown["scope"], "channel");
  EXPECT_EQ(shown["channelId"], talk_.channel.text());
  EXPECT_EQ(shown["channel"], "Main");
  EXPECT_EQ(shown["pausedBy"], "admin");
  EXPECT_EQ(shown["reason"], "wrong prices");
  const auto seen = ask("GET", "/api/channels/" + talk_.channel.text(), as_agent(tenant_)).json["pauses"];
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0]["queue"], "sends");
  EXPECT_EQ(seen[0]["reason"], "wrong prices");
  EXPECT_FALSE(seen[0].contains("pausedBy"));
  EXPECT_EQ(ask_admin("POST", "/admin/queues/sends/resume", of_workspace()).status, 404);
  EXPECT_EQ(ask_admin("POST", "/admin/queues/sends/resume", of).status, 200);
  EXPECT_TRUE(pauses().empty());
}

TEST_F(QueueRoutes, EverythingIsStoppedAtOnce) {
  const auto other = given_workspace("Other");
  EXPECT_EQ(ask_admin("POST", "/admin/queues/sends/pause", {{"all", true}, {"reason", "x"}}).status, 200);
  EXPECT_EQ(syncs_, 1);
  const auto owners =
      write([](sql::Connection& connection) { return store::paused_owners(connection, store::WorkQueue::Sends); });
  EXPECT_THAT(owners, testing::UnorderedElementsAre(tenant_, other));
  EXPECT_EQ(ask_admin("GET", "/admin/queues").json["queues"][1]["paused"][0]["scope"], "installation");
  EXPECT_EQ(ask_admin("POST", "/admin/queues/sends/resume", {{"all", true}}).status, 200);
  EXPECT_TRUE(pauses().empty());
}

TEST_F(QueueRoutes, APauseNamesOneReach) {
  const auto paths = [&](Json body) {
    body["reason"] = "x";
    std::string told;
    const auto answer = ask_admin("POST", "/admin/queues/media/pause", body);
    EXPECT_GE(answer.status, 400);
    for (const auto& one : answer.json["details"]) told += one["path"].get<std::string>() + " ";
    return told;
  };
  EXPECT_EQ(paths(Json::object()), "workspaceId ");
  EXPECT_EQ(paths({{"channelId", talk_.channel.text()}}), "channelId ");  // files have no such pause
  EXPECT_EQ(paths({{"all", true}, {"workspaceId", tenant_.text()}}), "all ");
  EXPECT_EQ(ask_admin("POST", "/admin/queues/sends/pause", {{"channelId", ChannelId{}.text()}, {"reason", "x"}}).status,
            404);
  EXPECT_EQ(rows_of("queue_pause"), 0);
}

TEST_F(QueueRoutes, AWorkspaceThatIsNotThereIsNotPaused) {
  const Json body{{"workspaceId", Uuid{}.text()}, {"reason", "x"}};
  EXPECT_EQ(ask_admin("POST", "/admin/queues/sends/pause", body).status, 404);
  EXPECT_EQ(rows_of("queue_pause"), 0);
}

TEST_F(QueueRoutes, TheInstallationsAdminDoesItSignedIn) {
  const auto root = as_installation_admin();
  EXPECT_EQ(ask("GET", "/api/admin/queues", root).status, 200);
  const Json body{{"workspaceId", tenant_.text()}, {"reason", "x"}};
  EXPECT_EQ(ask("POST", "/api/admin/queues/sends/pause", root, body).status, 200);
  EXPECT_EQ(pauses().at(0).paused_by, "root@example.com");
  given_buried_send();
  EXPECT_EQ(ask("GET", "/api/admin/queues/buried", root).json["items"].size(), 1U);
  EXPECT_EQ(ask("POST", "/api" + buried_path("revive"), root, of_workspace()).status, 200);
}

TEST_F(QueueRoutes, NobodyElseDoes) {
  given_buried_send();
  const auto token = ask("POST", "/api/tokens", as_admin(tenant_), {{"name", "cli"}, {"role", "admin"}}).json["token"];
  const HeaderList bearer{{"Authorization", "Bearer " + token.get<std::string>()}};
  const std::vector<std::pair<HeaderList, int>> callers{{as_admin(tenant_), 403},
                                                        {as_agent(tenant_), 403},
                                                        {bearer, 403},
                                                        {{}, 401},
                                                        {{{"Authorization", "Bearer wp_none"}}, 401}};
  const Json body{{"workspaceId", tenant_.text()}, {"reason", "x"}};
  for (const auto& [who, status] : callers) {
    EXPECT_EQ(ask("GET", "/api/admin/queues", who).status, status);
    EXPECT_EQ(ask("GET", "/api/admin/queues/buried", who).status, status);
    for (const auto* what : {"pause", "resume"})
      EXPECT_EQ(ask("POST", std::string("/api/admin/queues/sends/") + what, who, body).status, status);
    for (const auto* what : {"revive", "drop"})
      EXPECT_EQ(ask("POST", "/api" + buried_path(what), who, of_workspace()).status, status);
  }
  EXPECT_EQ(rows_of("work_failure"), 1);
  EXPECT_EQ(rows_of("queue_pause"), 0);
}

TEST_F(QueueRoutes, TheSocketsPathsAreNotOnThePublicListener) {
  EXPECT_EQ(ask("GET", "/admin/queues").status, 404);
  EXPECT_EQ(ask_admin("GET", "/api/admin/queues").status, 404);
}

TEST_F(QueueRoutes, AnInstallationsAdminIsMadeOnTheSocket) {
  const Json user{{"email", "root@example.com"}, {"password", "long enough"}, {"installationAdmin", true}};
  EXPECT_EQ(ask_admin("POST", "/admin/users", user).status, 201);
  const std::string cookie = sign_in("root@example.com", "long enough").json["token"];
  EXPECT_EQ(ask("GET", "/api/admin/queues", {{"Cookie", "session_token=" + cookie}}).status, 200);
}

}  // namespace
}  // namespace waypost::test
