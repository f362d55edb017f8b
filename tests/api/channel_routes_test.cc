#include <algorithm>
#include <map>

#include "outbound/template_sync.h"
#include "store/messages.h"
#include "store/portfolio.h"
#include "store/templates.h"
#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

class Channels : public ApiTest {
 protected:
  Channels() : tenant_(given_workspace()), admin_(as_admin(tenant_)) {
    parts_.sync_templates = [this](store::Channel channel) { return synced(synced_, std::move(channel)); };
    parts_.channel_created = [this](const store::Channel& channel) { made_.push_back(channel.phone_number_id); };
  }
  static awaitable<Result<SyncedTemplates>> synced(std::vector<std::string>& accounts, store::Channel channel) {
    accounts.push_back(channel.waba_id);
    co_return SyncedTemplates{.listed = 3, .changed = 2, .deleted = 1};
  }
  Answer create(Json change = Json::object()) {
    ask_admin("POST", "/admin/apps", {{"name", "default"}, {"secret", "s3cret"}, {"verifyToken", "verify"}});
    Json body{{"name", "Main"},
              {"phoneNumberId", "106540352242922"},
              {"wabaId", "102290129340398"},
              {"displayPhoneNumber", "+1 555 010 0000"},
              {"accessToken", "EAAG-token"}};
    body.merge_patch(change);
    return ask("POST", "/api/channels", admin_, body);
  }

  TenantId tenant_;
  HeaderList admin_;
  std::vector<std::string> synced_;
  std::vector<std::string> made_;
};

TEST_F(Channels, AreMadeAndNeverTellTheToken) {
  const auto made = create();
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.json["phoneNumberId"], "106540352242922");
  EXPECT_EQ(made.json["app"], "default");
  EXPECT_EQ(made.json["state"], "active");
  EXPECT_EQ(made_, std::vector<std::string>{"106540352242922"});
  const std::string path = "/api/channels/" + made.json["id"].get<std::string>();
  for (const auto& answer : {made, ask("GET", path, admin_), ask("GET", "/api/channels", admin_),
                             ask("GET", "/api/events?after=0", admin_)}) {
    EXPECT_FALSE(answer.body.contains("EAAG")) << answer.body;
    EXPECT_FALSE(answer.body.contains("ccess")) << answer.body;
  }
  const auto sealed = database_->read_and_wait(
      [](sql::Connection& connection) { return connection.run("SELECT access_token FROM channel").front().text(0); });
  EXPECT_EQ(parts_.keyring->open(*sealed, store::kAccessTokenPurpose)->reveal(), "EAAG-token");
}

TEST_F(Channels, ShowWhatOfMetasLimitIsUsed) {
  const std::string path = "/api/channels/" + create().json["id"].get<std::string>();
  EXPECT_EQ(ask("GET", path, admin_).json["messagingLimit"],
            (Json{{"limit", nullptr}, {"used", 0}, {"room", nullptr}, {"portfolioId", nullptr}}));
  write([this](sql::Connection& connection) {
    auto known = *store::lock_channel(connection, tenant_, store::list_channels(connection, tenant_).front().id);
    known.standing["number"] = {{"at", "x"}, {"value", {{"whatsapp_business_manager_messaging_limit", "TIER_2K"}}}};
    store::update_standing(connection, known, clock_.now());
    store::note_reached(connection,
                        {.tenant = tenant_, .contact = ContactId::make(clock_.now()), .waba_id = known.waba_id},
                        clock_.now());
    store::note_owner_of_account(connection, {.waba_id = known.waba_id, .portfolio = "77", .at = clock_.now()});
    return 0;
  });
  const Json used{{"limit", 2'000}, {"used", 1}, {"room", 1'999}, {"portfolioId", "77"}};
  EXPECT_EQ(ask("GET", path, admin_).json["messagingLimit"], used);
  EXPECT_EQ(ask("GET", "/api/channels", admin_).json["items"][0]["messagingLimit"], used);
}

TEST_F(Channels, ANumberHasOneChannelInTheInstallation) {
  EXPECT_EQ(create().status, 201);
  EXPECT_EQ(create().status, 409);
  EXPECT_EQ(rows_of("channel"), 1);
}

TEST_F(Channels, BadInputIs400) {
  for (const auto& [change, path] :
       std::vector<std::pair<Json, std::string>>{{{{"phoneNumberId", nullptr}}, "phoneNumberId"},
                                                 {{{"phoneNumberId", "106/../1"}}, "phoneNumberId"},
                                                 {{{"wabaId", "x"}}, "wabaId"},
                                                 {{{"accessToken", ""}}, "accessToken"},
                                                 {{{"accessToken", "two\r\nlines"}}, "accessToken"},
                                                 {{{"app", "other"}}, "app"}}) {
    const auto answer = create(change);
    EXPECT_EQ(answer.status, 400) << change;
    ASSERT_FALSE(answer.json["details"].empty());
    EXPECT_EQ(answer.json["details"][0]["path"], path);
  }
  EXPECT_EQ(rows_of("channel"), 0);
}

TEST_F(Channels, ANewTokenEndsTheWaitForOne) {
  const std::string path = "/api/channels/" + create().json["id"].get<std::string>();
  write([](sql::Connection& connection) {
    connection.run("UPDATE channel SET state = 'needs_token', state_words = 'code 190'");
  });
  const auto answer = ask("PATCH", path, admin_, {{"accessToken", "EAAG-new"}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json["state"], "active");
  EXPECT_EQ(answer.json["stateReason"], Json());
  EXPECT_EQ(ask("PATCH", path, admin_, {{"state", "paused"}}).json["state"], "paused");
  EXPECT_EQ(ask("PATCH", path, admin_, {{"state", "needs_token"}}).status, 400);
}

TEST_F(Channels, ABlockedOneShowsWhenItTriesAndIsSetFreeByHand) {
  const std::string path = "/api/channels/" + create().json["id"].get<std::string>();
  write([this](sql::Connection& connection) {
    connection.run("UPDATE channel SET state = 'blocked', state_words = 'locked', state_code = 131031, look_at = $1",
                   {clock_.now() + seconds(60)});
  });
  const auto blocked = ask("GET", path, admin_).json;
  EXPECT_EQ(blocked["state"], "blocked");
  EXPECT_EQ(blocked["stateCode"], 131031);
  EXPECT_EQ(blocked["triesAgainAt"], iso8601(clock_.now() + seconds(60)));
  const auto set_free = ask("PATCH", path, admin_, {{"state", "active"}}).json;
  EXPECT_EQ(set_free["state"], "active");
  for (const auto* key : {"stateReason", "stateCode", "triesAgainAt"}) EXPECT_EQ(set_free[key], Json()) << key;
}

// Law 4 and the stop buttons: nobody waits for the next look of the sender.
TEST_F(Channels, ANewTokenLetsWhatWaitsGoAtOnce) {
  const auto conversation = given_conversation(tenant_);
  write([&](sql::Connection& connection) {
    store::Message message{.type = "text", .text = "held", .content = {{"body", "held"}}, .author = "api"};
    store::queue_message(connection, conversation, message, clock_.now());
    connection.run("UPDATE channel SET state = 'needs_token'");
  });
  const std::string path = "/api/channels/" + conversation.channel.text();
  EXPECT_EQ(ask("PATCH", path, admin_, {{"name", "Renamed"}}).status, 200);
  EXPECT_TRUE(signals_.offered.empty());
  EXPECT_EQ(ask("PATCH", path, admin_, {{"accessToken", "EAAG-new"}}).json["state"], "active");
  ASSERT_EQ(signals_.offered.size(), 1U);
  EXPECT_EQ(signals_.offered[0].queue, QueueName::Sends);
  EXPECT_EQ(signals_.offered[0].key.key, conversation.id);
  EXPECT_EQ(signals_.offered[0].key.channel, conversation.channel);
}

TEST_F(Channels, HealthIsWhatTheLastLookShowedOrANewLook) {
  const std::string id = create().json["id"];
  const std::string path = "/api/channels/" + id + "/health";
  EXPECT_EQ(ask("GET", path, admin_).json["checkedAt"], Json());
  int looks = 0;
  parts_.look_at_channel = [&](store::Channel channel) -> awaitable<Result<store::ChannelHealth>> {
    ++looks;
    co_return store::ChannelHealth{.channel = channel.id, .status = "bad", .report = {{"status", "bad"}}};
  };
  EXPECT_EQ(ask("GET", path + "?now=true", admin_).status, 503);  // this node does not ask Meta
  EXPECT_EQ(ask("GET", path, as_admin(given_workspace("Other"))).status, 404);
  EXPECT_EQ(looks, 0);
}

TEST_F(Channels, ALookAtOnceIsAsked) {
  int looks = 0;
  parts_.look_at_channel = [&](store::Channel channel) -> awaitable<Result<store::ChannelHealth>> {
    ++looks;
    co_return store::ChannelHealth{.channel = channel.id, .status = "bad", .report = {{"status", "bad"}}};
  };
  const std::string id = create().json["id"];
  EXPECT_EQ(ask("GET", "/api/channels/" + id + "/health?now=true", admin_).json["status"], "bad");
  EXPECT_EQ(looks, 1);
}

TEST_F(Channels, TheDoctorNamesWhatIsWrong) {
  parts_.node_checks = []() -> awaitable<std::vector<HealthCheck>> {
    co_return std::vector<HealthCheck>{
        {.name = "redis", .status = HealthStatus::Bad, .words = "away", .next = "start it"}};
  };
  create();
  write([](sql::Connection& connection) {
    connection.run("UPDATE channel SET state = 'needs_token', state_words = 'code 190'");
  });
  std::map<std::string, std::string> statuses;
  for (const auto& check : ask_admin("GET", "/admin/doctor").json["checks"]) statuses[check["name"]] = check["status"];
  EXPECT_EQ(statuses, (std::map<std::string, std::string>{
                          {"settings", "good"}, {"store", "good"}, {"redis", "bad"}, {"sends", "bad"}}));
}

TEST_F(Channels, TemplatesAreSyncedOnceAnAccount) {
  const auto none = ask("POST", "/api/templates/sync", admin_);
  EXPECT_EQ(none.status, 422);
  EXPECT_EQ(none.json["code"], "no_channel");
  create();
  create({{"phoneNumberId", "1002"}});
  create({{"phoneNumberId", "1003"}, {"wabaId", "77"}});
  const auto answer = ask("POST", "/api/templates/sync", admin_);
  EXPECT_EQ(answer.json, Json({{"ok", true}, {"listed", 6}, {"changed", 4}, {"deleted", 2}}));
  std::sort(synced_.begin(), synced_.end());  // channels of one millisecond stand in any order
  EXPECT_EQ(synced_, (std::vector<std::string>{"102290129340398", "77"}));
}

TEST_F(Channels, TemplatesAreListed) {
  write([this](sql::Connection& connection) {
    store::upsert_template(connection,
                           {.tenant = tenant_,
                            .waba_id = "77",
                            .name = "hi",
                            .language = "en",
                            .category = "UTILITY",
                            .status = "APPROVED",
                            .synced_at = clock_.now()},
                           clock_.now());
  });
  const auto answer = ask("GET", "/api/templates", admin_);
  ASSERT_EQ(answer.json["items"].size(), 1U);
  EXPECT_EQ(answer.json["items"][0]["name"], "hi");
  const std::string id = answer.json["items"][0]["id"];
  EXPECT_EQ(ask("GET", "/api/templates/" + id, admin_).json["status"], "APPROVED");
}

TEST_F(Channels, TheWorkspaceNamesItsFallback) {
  EXPECT_EQ(ask("GET", "/api/workspace", admin_).json["fallbackTemplate"], Json());
  const Json fallback{{"name", "hi"}, {"language", "en"}, {"parameters", {"{{text}}"}}};
  const auto answer = ask("PATCH", "/api/workspace", admin_, {{"name", "New"}, {"fallbackTemplate", fallback}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json["name"], "New");
  EXPECT_EQ(answer.json["fallbackTemplate"], fallback);
  const auto wrong = ask("PATCH", "/api/workspace", admin_, {{"fallbackTemplate", {{"name", "hi"}}}});
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(wrong.json["details"][0]["path"], "fallbackTemplate.language");
  EXPECT_EQ(ask("PATCH", "/api/workspace", admin_, {{"fallbackTemplate", nullptr}}).json["fallbackTemplate"], Json());
}

}  // namespace
}  // namespace waypost::test
