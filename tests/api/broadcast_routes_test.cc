#include <gmock/gmock.h>

#include "conversation/messaging_limit.h"
#include "outbound/broadcast_runner.h"
#include "store/templates.h"
#include "store/tenants.h"
#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

using testing::HasSubstr;

class BroadcastRoutes : public ApiTest {
 protected:
  BroadcastRoutes() : tenant_(given_workspace()), admin_(as_admin(tenant_)), channel_(given_channel(tenant_)) {
    given_template("APPROVED");
  }

  void given_template(const std::string& status) {
    write([&](sql::Connection& connection) {
      clock_.pass(seconds(1));
      const store::Template row{.tenant = tenant_,
                                .waba_id = channel_.waba_id,
                                .name = "offer",
                                .language = "en_US",
                                .category = "UTILITY",
                                .status = status,
                                .components = Json::array({{{"type", "BODY"}, {"text", "Hi {{1}}"}}}),
                                .synced_at = clock_.now()};
      return store::upsert_template(connection, row, clock_.now());
    });
  }
  void given_tagged(const std::string& digits, const char* tag, bool opted_out = false) {
    auto contact = given_contact(tenant_, digits);
    contact.tags = {tag};
    contact.opted_out = opted_out;
    write([&](sql::Connection& connection) { return store::update_contact(connection, contact, clock_.now()); });
  }
  static Json offer(Json audience = {{"tags", {"vip"}}}) {
    return {{"name", "Offer"},
            {"template", {{"name", "offer"}, {"language", "en_US"}}},
            {"parameters", {"{{contact.name}}"}},
            {"audience", std::move(audience)}};
  }
  std::string given_draft(Json body = offer()) {
    return ask("POST", "/api/broadcasts", admin_, body).json.value("id", "");
  }
  Answer post(const std::string& id, const std::string& action, Json body = Json::object()) {
    return ask("POST", "/api/broadcasts/" + id + "/" + action, admin_, body);
  }
  Answer get(const std::string& id, const std::string& what = "") {
    return ask("GET", "/api/broadcasts/" + id + what, admin_);
  }
  Answer upload(const std::string& id, const std::string& csv) {
    auto headers = admin_;
    headers.emplace_back("Content-Type", "text/csv");
    return ask("POST", "/api/broadcasts/" + id + "/recipients", Ask{.headers = headers, .body = csv});
  }
  void run() {
    BroadcastRunner runner({.loop = loop_.executor(), .database = *database_, .signals = signals_, .clock = clock_},
                           {});
    while (loop_.wait(runner.round())) {
    }
  }
  static std::vector<std::string> paths(const Answer& answer) {
    std::vector<std::string> found;
    if (!answer.json.contains("details")) return found;
    for (const auto& one : answer.json["details"]) found.push_back(one["path"]);
    return found;
  }

  TenantId tenant_;
  HeaderList admin_;
  store::Channel channel_;
};

TEST_F(BroadcastRoutes, ADraftIsMadeShownChangedClonedAndDeleted) {
  const auto made = ask("POST", "/api/broadcasts", admin_, offer());
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.json["status"], "draft");
  EXPECT_EQ(made.json["channelId"], channel_.id.text());
  const std::string id = made.json["id"];
  EXPECT_EQ(get(id).json["name"], "Offer");
  EXPECT_EQ(ask("PATCH", "/api/broadcasts/" + id, admin_, {{"name", "Better"}}).json["name"], "Better");
  EXPECT_EQ(get(id).json["audience"]["tags"][0], "vip");
  const auto copy = post(id, "clone");
  EXPECT_EQ(copy.status, 201);
  EXPECT_EQ(copy.json["name"], "Better (copy)");
  EXPECT_EQ(ask("GET", "/api/broadcasts", admin_).json["total"], 2);
  EXPECT_EQ(ask("DELETE", "/api/broadcasts/" + id, admin_).status, 200);
  EXPECT_EQ(get(id).status, 404);
  EXPECT_EQ(ask("GET", "/api/broadcasts", admin_).json["items"].size(), 1U);
}

TEST_F(BroadcastRoutes, FaultsNameTheirFieldAndNothingIsWritten) {
  const auto faults = [&](Json body) { return paths(ask("POST", "/api/broadcasts", admin_, body)); };
  using testing::ElementsAre;
  EXPECT_THAT(faults(Json::object()), ElementsAre("name", "template"));
  auto bad = offer({{"groups", {"x"}}, {"cities", {"Lima"}}});
  EXPECT_THAT(faults(bad), testing::UnorderedElementsAre("audience.groups.0", "audience.cities"));
  bad = offer({{"groups", {new_uuid(clock_.now()).text()}}});
  EXPECT_THAT(faults(bad), ElementsAre("audience.groups.0"));
  bad = offer();
  bad["parameters"] = {"a", "b"};
  EXPECT_THAT(faults(bad), ElementsAre("parameters"));
  bad["parameters"] = {"{{contact.email}}"};
  EXPECT_THAT(faults(bad), ElementsAre("parameters.0"));
  bad = offer();
  bad["template"]["name"] = "none";
  EXPECT_THAT(faults(bad), ElementsAre("template"));
  bad = offer();
  bad["channelId"] = new_uuid(clock_.now()).text();
  EXPECT_THAT(faults(bad), ElementsAre("channelId"));
  EXPECT_EQ(rows_of("broadcast"), 0);
}

TEST_F(BroadcastRoutes, AnAgentReadsAndDoesNotWrite) {
  const auto id = given_draft();
  const auto agent = as_agent(tenant_);
  EXPECT_EQ(ask("GET", "/api/broadcasts/" + id, agent).status, 200);
  EXPECT_EQ(ask("POST", "/api/broadcasts", agent, offer()).status, 403);
  EXPECT_EQ(ask("POST", "/api/broadcasts/" + id + "/send", agent, Json::object()).status, 403);
}

TEST_F(BroadcastRoutes, IsEstimatedSentAndCounted) {
  given_tagged("491700001", "vip");
  given_tagged("491700002", "vip");
  given_tagged("491700003", "vip", true);
  given_tagged("491700004", "other");
  const auto id = given_draft();
  const auto estimate = post(id, "estimate");
  EXPECT_EQ(estimate.json["recipients"], 2);
  EXPECT_EQ(estimate.json["excludedByReason"], (Json{{"opted_out", 1}}));
  EXPECT_EQ(estimate.json["perMinute"], 3'600);
  EXPECT_EQ(estimate.json["endsAt"], iso8601(clock_.now() + seconds(1)));
  EXPECT_EQ(estimate.json["messagingLimit"],
            (Json{{"limit", nullptr}, {"used", 0}, {"room", nullptr}, {"portfolioId", nullptr}}));
  EXPECT_EQ(estimate.json["withinLimit"], 2);
  const auto sent = post(id, "send");
  EXPECT_EQ(sent.json, (Json{{"ok", true}, {"status", "preparing"}, {"totalRecipients", 2}}));
  EXPECT_EQ(post(id, "send").status, 409);
  run();
  EXPECT_EQ(signals_.offered.size(), 2U);
  const auto stats = get(id, "/stats");
  EXPECT_EQ(stats.json["queued"], 2);
  EXPECT_EQ(stats.json["excludedByReason"], (Json{{"opted_out", 1}}));
  const auto list = get(id, "/recipients?state=queued&limit=1");
  EXPECT_EQ(list.json["items"].size(), 1U);
  EXPECT_EQ(list.json["total"], 2);
  EXPECT_EQ(get(id, "/recipients?reason=opted_out").json["items"][0]["phone"], "+491700003");
  EXPECT_EQ(get(id, "/recipients").json["total"], 3);
}

TEST_F(BroadcastRoutes, WhatStopsItStopsItsBeginningToo) {
  given_tagged("491700001", "vip");
  const auto id = given_draft();
  given_template("PAUSED");
  const auto refused = post(id, "send");
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.json["code"], "template_paused");
  EXPECT_EQ(post(given_draft(offer({{"tags", {"nobody"}}})), "send").json["code"], "no_recipients");
}

TEST_F(BroadcastRoutes, IsScheduledInTheWorkspacesTimeZone) {
  const auto id = given_draft();
  ASSERT_EQ(ask("PATCH", "/api/workspace", admin_, {{"settings", {{"timeZone", "Europe/Berlin"}}}}).status, 200);
  EXPECT_EQ(post(id, "schedule", {{"localTime", "2030-12-01T09:00"}}).json["scheduledAt"], "2030-12-01T08:00:00.000Z");
  EXPECT_EQ(post(id, "schedule", {{"localTime", "2030-12-01T09:00"}, {"timeZone", "UTC"}}).json["scheduledAt"],
            "2030-12-01T09:00:00.000Z");
  EXPECT_EQ(post(id, "schedule", {{"at", "2030-12-01T09:00:00+02:00"}}).json["scheduledAt"],
            "2030-12-01T07:00:00.000Z");
  EXPECT_EQ(get(id).json["status"], "scheduled");
  using testing::ElementsAre;
  EXPECT_THAT(paths(post(id, "schedule")), ElementsAre("at"));
  EXPECT_THAT(paths(post(id, "schedule", {{"at", "2001-01-01T00:00:00Z"}})), ElementsAre("at"));
  EXPECT_THAT(paths(post(id, "schedule", {{"localTime", "2030-03-31T02:30"}})), ElementsAre("localTime"));
  EXPECT_THAT(paths(ask("PATCH", "/api/workspace", admin_, {{"settings", {{"timeZone", "Mars/Base"}}}})),
              ElementsAre("settings.timeZone"));
}

TEST_F(BroadcastRoutes, IsPausedResumedAndCancelled) {
  given_tagged("491700001", "vip");
  const auto id = given_draft();
  EXPECT_EQ(post(id, "pause").status, 409);
  post(id, "send");
  run();
  signals_.offered.clear();
  EXPECT_EQ(post(id, "pause").json["status"], "paused");
  EXPECT_EQ(get(id).json["statusReason"], "by_person");
  EXPECT_EQ(ask("DELETE", "/api/broadcasts/" + id, admin_).status, 409);
  EXPECT_TRUE(signals_.offered.empty());
  EXPECT_EQ(post(id, "resume").json["status"], "sending");
  EXPECT_EQ(get(id).json["statusReason"], Json());
  ASSERT_EQ(signals_.offered.size(), 1U);
  EXPECT_EQ(signals_.offered[0].key.stream, Stream::Bulk);
  EXPECT_EQ(post(id, "cancel").json["status"], "cancelled");
  EXPECT_EQ(post(id, "resume").status, 409);
  EXPECT_EQ(ask("DELETE", "/api/broadcasts/" + id, admin_).status, 409);  // its message is not settled
}

TEST_F(BroadcastRoutes, RecipientsComeByCsvWithTheirParameters) {
  given_contact(tenant_, "491700001", "Ann");
  auto body = offer(Json::object());
  body["parameters"] = {"{{row.code}}"};
  const auto id = given_draft(body);
  const auto added = upload(id, "phone,name,code\r\n+49 170 0001,Ann,A-1\r\n+491700002,\"Bob, jr\",B-2\r\n");
  EXPECT_EQ(added.status, 200) << added.body;
  EXPECT_EQ(added.json["added"], 2);
  EXPECT_EQ(upload(id, "phone,code\n491700002,B-3\n491700003,C-4\n").json["total"], 3);
  EXPECT_EQ(rows_of("contact"), 3);
  EXPECT_EQ(post(id, "estimate").json["recipients"], 3);
  EXPECT_EQ(post(id, "send").json["totalRecipients"], 3);
  run();
  EXPECT_EQ(signals_.offered.size(), 3U);
  EXPECT_EQ(upload(id, "phone,code\n491700004,D\n").status, 409);
  const auto csv = ask("GET", "/api/broadcasts/" + id + "/recipients?format=csv", admin_);
  EXPECT_EQ(csv.header("Content-Type"), "text/csv; charset=utf-8");
}

TEST_F(BroadcastRoutes, BadRowsAreToldByTheirLinesAndNothingIsWritten) {
  using testing::ElementsAre;
  const auto id = given_draft();
  EXPECT_THAT(paths(upload(id, "phone,code\n491700001,a\nxyz,b\n491700002\n\n,c\n")),
              ElementsAre("line 3", "line 4", "line 6"));
  EXPECT_THAT(paths(upload(id, "phone\n491700001\n+49 170 0001\n")), ElementsAre("line 3"));
  EXPECT_THAT(paths(upload(id, "contactId\n" + new_uuid(clock_.now()).text() + "\n")), ElementsAre("line 2"));
  EXPECT_THAT(paths(upload(id, "name\nAnn\n")), ElementsAre("line 1"));
  EXPECT_THAT(paths(upload(id, "phone,code,code\n1,2,3\n")), ElementsAre("line 1"));
  EXPECT_THAT(paths(upload(id, "phone\n\"491700001\n")), ElementsAre("line 2"));
  EXPECT_THAT(paths(upload(id, "phone\n")), ElementsAre("line 1"));
  EXPECT_THAT(paths(upload(id, "")), ElementsAre("line 1"));
  std::string many = "phone\n";
  for (int n = 0; n < 1'001; ++n) many += "49170" + std::to_string(10'000 + n) + "\n";
  EXPECT_THAT(paths(upload(id, many)), ElementsAre("line 1002"));
  EXPECT_EQ(ask("POST", "/api/broadcasts/" + id + "/recipients", admin_, Json::object()).status, 400);
  EXPECT_EQ(rows_of("contact"), 0);
  EXPECT_EQ(rows_of("broadcast_recipient"), 0);
}

TEST_F(BroadcastRoutes, AnEstimateSaysWhoFitsIntoTheMessagingLimit) {
  const auto limited_to = [this](std::int64_t people) {
    write([&](sql::Connection& connection) {
      auto known = *store::lock_channel(connection, tenant_, channel_.id);
      known.standing["capability"] = {{"at", iso8601(clock_.now())},
                                      {"value", {{"max_daily_conversations_per_business", people}}}};
      store::update_standing(connection, known, clock_.now());
      return 0;
    });
  };
  for (int n = 1; n <= 5; ++n) given_tagged("49170000" + std::to_string(n), "vip");
  const auto id = given_draft();
  limited_to(2);
  const auto estimate = post(id, "estimate").json;
  EXPECT_EQ(estimate["recipients"], 5);
  EXPECT_EQ(estimate["withinLimit"], 2);
  EXPECT_EQ(estimate["messagingLimit"], (Json{{"limit", 2}, {"used", 0}, {"room", 2}, {"portfolioId", nullptr}}));
  EXPECT_EQ(estimate["endsAt"], iso8601(clock_.now() + 2 * kCountsFor + seconds(1)));
  limited_to(0);
  EXPECT_EQ(post(id, "estimate").json["withinLimit"], 0);
  EXPECT_EQ(post(id, "estimate").json["endsAt"], Json());
  limited_to(5);
  EXPECT_EQ(post(id, "estimate").json["withinLimit"], 5);
  EXPECT_EQ(post(id, "estimate").json["endsAt"], iso8601(clock_.now() + seconds(1)));
}

TEST_F(BroadcastRoutes, FailedOnesAreRetried) {
  given_tagged("491700001", "vip");
  const auto id = given_draft();
  post(id, "send");
  run();
  write([](sql::Connection& connection) {
    connection.run("UPDATE message SET state = 'failed', failure_reason = 'rejected' WHERE broadcast_id IS NOT NULL");
    return 0;
  });
  run();
  EXPECT_EQ(get(id).json["status"], "completed");
  EXPECT_EQ(post(id, "retry", {{"reasons", {"other"}}}).json["retried"], 0);
  EXPECT_EQ(get(id).json["status"], "completed");
  EXPECT_EQ(post(id, "retry").json["retried"], 1);
  EXPECT_EQ(get(id).json["status"], "sending");
  run();
  EXPECT_EQ(get(id, "/stats").json["states"], (Json{{"queued", 1}}));
}

TEST_F(BroadcastRoutes, GroupsAreSavedFilters) {
  given_tagged("491700001", "vip");
  given_tagged("491700002", "other");
  const Json filters{{"version", 1},
                     {"logic", "AND"},
                     {"conditions", Json::array({{{"field", "tags"}, {"operator", "contains"}, {"value", "vip"}}})}};
  const auto made = ask("POST", "/api/groups", admin_, {{"name", "VIPs"}, {"filters", filters}});
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string id = made.json["id"];
  const auto contacts = ask("GET", "/api/groups/" + id + "/contacts", admin_);
  EXPECT_EQ(contacts.json["total"], 1);
  EXPECT_EQ(contacts.json["items"][0]["phone"], "+491700001");
  const auto broadcast = given_draft(offer({{"groups", {id}}}));
  EXPECT_EQ(post(broadcast, "estimate").json["recipients"], 1);
  EXPECT_EQ(
      ask("PUT", "/api/groups/" + id, admin_, {{"name", "All"}, {"filters", {{"conditions", Json::array()}}}}).status,
      200);
  EXPECT_EQ(ask("GET", "/api/groups/" + id, admin_).json["name"], "All");
  EXPECT_EQ(post(broadcast, "estimate").json["recipients"], 2);
  EXPECT_EQ(ask("GET", "/api/groups", admin_).json["items"].size(), 1U);
  EXPECT_EQ(ask("POST", "/api/groups", admin_, {{"name", ""}, {"filters", {{"logic", "XOR"}}}}).status, 400);
  EXPECT_EQ(ask("DELETE", "/api/groups/" + id, admin_).status, 200);
  EXPECT_EQ(ask("GET", "/api/groups/" + id + "/contacts", admin_).status, 404);
  EXPECT_EQ(post(broadcast, "estimate").json["recipients"], 0);
}

}  // namespace
}  // namespace waypost::test
