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
