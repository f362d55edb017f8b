#include "store/ai_settings.h"
#include "store/runs.h"
#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

class Workspaces : public ApiTest {
 protected:
  Workspaces() : tenant_(given_workspace()), admin_(as_admin(tenant_)) {}
  Answer patch(const Json& body) { return ask("PATCH", "/api/workspace", admin_, body); }
  Answer set_opt_out(const Json& opt_out) { return patch({{"settings", {{"optOut", opt_out}}}}); }
  std::string complaint_of(const Json& opt_out) {
    const auto answer = set_opt_out(opt_out);
    EXPECT_EQ(answer.status, 400) << answer.body;
    return answer.json["details"][0]["path"];
  }
  Answer set_ai(const Json& ai) { return patch({{"settings", {{"ai", ai}}}}); }
  std::string complaint_of_ai(const Json& ai) {
    const auto answer = set_ai(ai);
    EXPECT_EQ(answer.status, 400) << answer.body;
    return answer.json["details"][0]["path"];
  }
  Json shown_ai() { return ask("GET", "/api/workspace", admin_).json["settings"].value("ai", Json()); }
  std::optional<std::string> kept_key() {
    const auto settings =
        write([&](sql::Connection& c) { return store::read_ai_settings(c, *parts_.keyring, tenant_); });
    return settings.key ? std::optional(settings.key->reveal()) : std::nullopt;
  }
  std::int64_t events_of(const std::string& type) { return rows_of("event WHERE type = '" + type + "'"); }
  RunId given_run(const store::Conversation& conversation) {
    return write([&](sql::Connection& connection) {
      const store::Run run{.tenant = tenant_,
                           .id = RunId::make(clock_.now()),
                           .workflow = WorkflowId::make(clock_.now()),
                           .version = 1,
                           .conversation = conversation.id,
                           .contact = conversation.contact,
                           .channel = conversation.channel,
                           .message = MessageId::make(clock_.now()),
                           .status = "waiting",
                           .created_at = clock_.now()};
      store::insert_run(connection, run);
      return run.id;
    });
  }

  TenantId tenant_;
  HeaderList admin_;
};

TEST_F(Workspaces, TheOptOutIsSetAsAWholeAndTakenBack) {
  const Json own{{"enabled", true},
                 {"languages", {"es", "en"}},
                 {"stopKeywords", {"No más"}},
                 {"startKeywords", {"Otra vez"}},
                 {"confirmation", "Listo. {{keyword}}"},
                 {"startConfirmation", ""}};
  const auto answer = set_opt_out(own);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json["settings"]["optOut"], own);
  EXPECT_EQ(set_opt_out({{"enabled", false}}).json["settings"]["optOut"], (Json{{"enabled", false}}));
  EXPECT_EQ(patch({{"name", "Renamed"}}).json["settings"]["optOut"], (Json{{"enabled", false}}));
  EXPECT_EQ(set_opt_out(nullptr).json["settings"], Json::object());
}

TEST_F(Workspaces, ASettingThatCannotBeIsNamed) {
  EXPECT_EQ(complaint_of(7), "settings.optOut");
  EXPECT_EQ(complaint_of({{"stopKeyword", {"x"}}}), "settings.optOut.stopKeyword");
  EXPECT_EQ(complaint_of({{"enabled", "yes"}}), "settings.optOut.enabled");
  EXPECT_EQ(complaint_of({{"languages", {"en", "tlh"}}}), "settings.optOut.languages.1");
  EXPECT_EQ(complaint_of({{"languages", "en"}}), "settings.optOut.languages");
  EXPECT_EQ(complaint_of({{"stopKeywords", {"ok", "!!"}}}), "settings.optOut.stopKeywords.1");
  EXPECT_EQ(complaint_of({{"stopKeywords", {std::string(41, 'x')}}}), "settings.optOut.stopKeywords.0");
  EXPECT_EQ(complaint_of({{"confirmation", std::string(1'025, 'x')}}), "settings.optOut.confirmation");
  EXPECT_EQ(complaint_of({{"startKeywords", {"more", "Stop!"}}}), "settings.optOut.startKeywords.1");
  EXPECT_EQ(complaint_of({{"languages", Json::array()}, {"stopKeywords", {"x"}}, {"startKeywords", {"X."}}}),
            "settings.optOut.startKeywords.0");
  EXPECT_EQ(patch({{"settings", {{"colour", "red"}}}}).json["details"][0]["path"], "settings.colour");
  EXPECT_EQ(patch({{"settings", 7}}).json["details"][0]["path"], "settings");
  EXPECT_EQ(ask("GET", "/api/workspace", admin_).json["settings"], Json::object());
}

constexpr const char* kKey = "sk-proj-0123456789";

TEST_F(Workspaces, TheModelsKeyIsNeverShown) {
  const auto set = set_ai({{"model", "gpt-5"}, {"apiKey", kKey}, {"inputPrice", "0.10"}, {"outputPrice", 2.5}});
  ASSERT_EQ(set.status, 200) << set.body;
  const Json shown{{"model", "gpt-5"}, {"inputPrice", "0.1"}, {"outputPrice", "2.5"}, {"hasApiKey", true}};
  EXPECT_EQ(set.json["settings"]["ai"], shown);
  EXPECT_EQ(shown_ai(), shown);
  EXPECT_EQ(kept_key(), kKey);
  EXPECT_FALSE(set.body.contains(kKey));
  EXPECT_FALSE(ask("GET", "/api/workspace", admin_).body.contains(kKey));
  EXPECT_FALSE(ask_admin("GET", "/admin/workspaces").body.contains(kKey));
  EXPECT_FALSE(ask("GET", "/api/events", admin_).body.contains(kKey));
  EXPECT_EQ(rows_of("tenant WHERE CAST(settings AS text) LIKE '%sk-proj%'"), 0);
}

TEST_F(Workspaces, TheModelsKeyStaysUntilItIsTakenAway) {
  EXPECT_EQ(set_ai({{"apiKey", kKey}}).json["settings"]["ai"], (Json{{"hasApiKey", true}}));
  EXPECT_EQ(set_ai({{"model", "gpt-5"}, {"hasApiKey", true}}).json["settings"]["ai"]["hasApiKey"], true);
  EXPECT_EQ(patch({{"name", "Renamed"}}).json["settings"]["ai"]["hasApiKey"], true);
  EXPECT_EQ(kept_key(), kKey);
  EXPECT_EQ(set_ai({{"model", "gpt-5"}, {"apiKey", nullptr}}).json["settings"]["ai"],
            (Json{{"model", "gpt-5"}, {"hasApiKey", false}}));
  EXPECT_EQ(kept_key(), std::nullopt);
  set_ai({{"apiKey", kKey}});
  EXPECT_EQ(set_ai(nullptr).json["settings"], Json::object());
  EXPECT_EQ(kept_key(), std::nullopt);
}

TEST_F(Workspaces, TheModelsKeyGoesToNoOtherAddress) {
  set_ai({{"apiKey", kKey}});
  EXPECT_EQ(set_ai({{"baseUrl", "https://api.openai.com/v1/"}}).json["settings"]["ai"]["hasApiKey"], true);
  EXPECT_EQ(set_ai({{"baseUrl", "https://evil.example/v1"}}).json["settings"]["ai"]["hasApiKey"], false);
  EXPECT_EQ(kept_key(), std::nullopt);
  EXPECT_EQ(set_ai({{"baseUrl", "http://localhost:8080/v1"}, {"apiKey", "local"}}).status, 200);
  EXPECT_EQ(kept_key(), "local");
}

TEST_F(Workspaces, AnAiSettingThatCannotBeIsNamed) {
  EXPECT_EQ(complaint_of_ai(7), "settings.ai");
  EXPECT_EQ(complaint_of_ai({{"key", "x"}}), "settings.ai.key");
  for (const auto* url : {"ftp://x/v1", "unix:/a:/b", "localhost:1", "https://u:p@host/v1", "https://host/v1?x=1",
                          "https://host/v1/chat/completions", "https://"})
    EXPECT_EQ(complaint_of_ai({{"baseUrl", url}}), "settings.ai.baseUrl") << url;
  EXPECT_EQ(complaint_of_ai({{"model", ""}}), "settings.ai.model");
  EXPECT_EQ(complaint_of_ai({{"inputPrice", -1}}), "settings.ai.inputPrice");
  EXPECT_EQ(complaint_of_ai({{"outputPrice", "much"}}), "settings.ai.outputPrice");
  EXPECT_EQ(complaint_of_ai({{"currency", "usd"}}), "settings.ai.currency");
  for (const auto& key : {Json(7), Json(""), Json("a b"), Json("clé"), Json(std::string(501, 'x'))})
    EXPECT_EQ(complaint_of_ai({{"apiKey", key}}), "settings.ai.apiKey");
  EXPECT_FALSE(set_ai({{"apiKey", std::string(kKey) + " x"}}).body.contains(kKey));
  EXPECT_TRUE(shown_ai().is_null());
  EXPECT_EQ(kept_key(), std::nullopt);
}

TEST_F(Workspaces, TheAgentsPauseIsWithinAWeek) {
  EXPECT_EQ(patch({{"settings", {{"automation", {{"agentPauseMinutes", 10'080}}}}}}).status, 200);
  EXPECT_EQ(patch({{"settings", {{"automation", {{"agentPauseMinutes", 10'081}}}}}}).json["details"][0]["path"],
            "settings.automation.agentPauseMinutes");
  EXPECT_EQ(patch({{"settings", {{"automation", {{"pause", 1}}}}}}).json["details"][0]["path"],
            "settings.automation.pause");
}

TEST_F(Workspaces, APersonsOptOutEndsRunsAndIsAWordOfItsMoment) {
  const auto conversation = given_conversation(tenant_);
  const auto run = given_run(conversation);
  const std::string contact = "/api/contacts/" + conversation.contact.text();
  EXPECT_EQ(ask("PATCH", contact, admin_, {{"name", "Ann"}}).status, 200);
  EXPECT_EQ(events_of("contact.opted_out"), 0);
  EXPECT_EQ(ask("PATCH", contact, admin_, {{"optedOut", true}}).json["optedOut"], true);
  EXPECT_EQ(ask("PATCH", contact, admin_, {{"optedOut", true}}).status, 200);
  EXPECT_EQ(events_of("contact.opted_out"), 1);
  EXPECT_EQ(ask("GET", "/api/runs/" + run.text(), admin_).json["status"], "cancelled");
  EXPECT_EQ(ask("PATCH", contact, admin_, {{"optedOut", false}}).json["optedOut"], false);
  EXPECT_EQ(events_of("contact.opted_in"), 1);
}

}  // namespace
}  // namespace waypost::test
