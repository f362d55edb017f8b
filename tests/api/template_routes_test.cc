// Templates through the API, with a Meta that answers what the test says.

#include <gmock/gmock.h>

#include <deque>

#include "store/event_numbers.h"
#include "store/events.h"
#include "store/templates.h"
#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class TemplateRoutes : public ApiTest {
 protected:
  TemplateRoutes() {
    tenant = given_workspace();
    parts_.ask_graph = [this](GraphCall call) -> awaitable<Result<GraphReply>> {
      asked.push_back(call.method + " " + call.path);
      tokens.push_back(call.token.reveal());
      bodies.push_back(call.body);
      if (answers.empty()) co_return fail(ErrorKind::Unavailable, "nothing scripted");
      auto answer = std::move(answers.front());
      answers.pop_front();
      co_return answer;
    };
    admin = as_admin(tenant);
    given_usable_channel("1001");
  }
  void given_usable_channel(const std::string& number) {
    const auto channel = given_channel(tenant, number);
    EXPECT_EQ(ask("PATCH", "/api/channels/" + channel.id.text(), admin, {{"accessToken", "secret-token"}}).status, 200);
  }
  void meta_answers(Json body) { answers.emplace_back(GraphReply{.body = std::move(body)}); }
  void meta_refuses(Error error) { answers.emplace_back(fail(std::move(error))); }

  static Json order(const std::string& text = "Order {{1}} is ready.") {
    return {
        {"name", "order_ready"},
        {"language", "en_US"},
        {"category", "UTILITY"},
        {"components",
         Json::array(
             {{{"type", "BODY"}, {"text", text}, {"example", {{"body_text", Json::array({Json::array({"17"})})}}}}})}};
  }
  std::string given_template(const std::string& status = "APPROVED") {
    const store::Template listed{.tenant = tenant,
                                 .waba_id = "2001",
                                 .meta_id = "900",
                                 .name = "order_ready",
                                 .language = "en_US",
                                 .category = "UTILITY",
                                 .status = status,
                                 .components = order()["components"],
                                 .synced_at = clock_.now()};
    write([&](sql::Connection& connection) { return store::upsert_template(connection, listed, clock_.now()); });
    return ask("GET", "/api/templates?name=order_ready", admin).json["items"][0]["id"];
  }
  int told() {
    number_events();
    return static_cast<int>(std::ranges::count(
        write([&](sql::Connection& connection) { return store::events_after(connection, tenant, 0, 1'000); }),
        "template.updated", &store::Event::type));
  }
  static std::vector<std::string> paths(const Answer& answer) {
    std::vector<std::string> paths;
    for (const auto& one : answer.json["details"]) paths.push_back(one["path"]);
    return paths;
  }

  TenantId tenant;
  HeaderList admin;
  std::deque<Result<GraphReply>> answers;
  std::vector<std::string> asked, tokens;
  std::vector<Json> bodies;
};

TEST_F(TemplateRoutes, MakesATemplateAtMetaAndKeepsWhatMetaSays) {
  meta_answers({{"id", "901"}, {"status", "PENDING"}, {"category", "MARKETING"}});
  const auto made = ask("POST", "/api/templates", admin, order());
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.json["metaId"], "901");
  EXPECT_EQ(made.json["status"], "PENDING");
  EXPECT_EQ(made.json["category"], "MARKETING");
  EXPECT_THAT(asked, ElementsAre("POST /2001/message_templates"));
  EXPECT_EQ(tokens.front(), "secret-token");
  EXPECT_EQ(bodies.front()["parameter_format"], "POSITIONAL");
  EXPECT_EQ(told(), 1);
  EXPECT_EQ(ask("POST", "/api/templates", admin, order()).status, 409);
  EXPECT_EQ(asked.size(), 1U);
}

TEST_F(TemplateRoutes, EveryFaultIsToldBeforeMetaIsAsked) {
  auto bad = order("{{1}} is ready.");
  bad["name"] = "Order Ready";
  bad["category"] = "SALES";
  const auto refused = ask("POST", "/api/templates", admin, bad);
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(paths(refused), ElementsAre("name", "category", "components.0.text"));
  EXPECT_THAT(paths(ask("POST", "/api/templates", admin, Json::object())),
              ElementsAre("name", "language", "category", "components"));
  EXPECT_TRUE(asked.empty());
}

TEST_F(TemplateRoutes, WhatMetaRefusesIsNowhere) {
  meta_refuses(Error(ErrorKind::Rejected, "Meta's code 100: bad name").with_code("meta_refused"));
  const auto refused = ask("POST", "/api/templates", admin, order());
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.json["code"], "meta_refused");
  EXPECT_EQ(rows_of("template"), 0);
  meta_refuses(Error(ErrorKind::Unauthorised, "Meta's code 190: expired"));
  const auto expired = ask("POST", "/api/templates", admin, order());
  EXPECT_EQ(expired.status, 422);
  EXPECT_EQ(expired.json["code"], "needs_token");
  EXPECT_THAT(expired.body, testing::Not(HasSubstr("secret-token")));
}

TEST_F(TemplateRoutes, OfSeveralAccountsOneIsNamed) {
  write([&](sql::Connection& connection) {
    connection.run("UPDATE channel SET waba_id = '2002' WHERE phone_number_id = '1001'");
  });
  given_usable_channel("1002");
  EXPECT_THAT(paths(ask("POST", "/api/templates", admin, order())), ElementsAre("wabaId"));
  auto named = order();
  named["wabaId"] = "2009";
  EXPECT_THAT(paths(ask("POST", "/api/templates", admin, named)), ElementsAre("wabaId"));
  named["wabaId"] = "2002";
  meta_answers({{"id", "901"}, {"status", "PENDING"}});
  EXPECT_EQ(ask("POST", "/api/templates", admin, named).status, 201);
  EXPECT_THAT(asked, ElementsAre("POST /2002/message_templates"));
}

TEST_F(TemplateRoutes, AnEditIsReadBackFromMeta) {
  const auto id = given_template();
  meta_answers({{"success", true}});
  meta_answers({{"id", "900"},
                {"name", "order_ready"},
                {"language", "en_US"},
                {"status", "PENDING"},
                {"category", "UTILITY"},
                {"components", order("Order {{1}} waits.")["components"]}});
  clock_.pass(milliseconds(1));
  const auto edited =
      ask("PATCH", "/api/templates/" + id, admin, {{"components", order("Order {{1}} waits.")["components"]}});
  ASSERT_EQ(edited.status, 200) << edited.body;
  EXPECT_EQ(edited.json["status"], "PENDING");
  EXPECT_EQ(edited.json["components"][0]["text"], "Order {{1}} waits.");
  EXPECT_THAT(asked, ElementsAre("POST /900", HasSubstr("GET /900?fields=")));
}

TEST_F(TemplateRoutes, AnEditThatCannotBeReadBackIsInReview) {
  const auto id = given_template("REJECTED");
  meta_answers({{"success", true}});
  clock_.pass(milliseconds(1));
  const auto edited = ask("PATCH", "/api/templates/" + id, admin, {{"category", "MARKETING"}});
  EXPECT_EQ(edited.json["status"], "PENDING");
  EXPECT_EQ(edited.json["category"], "MARKETING");
}

TEST_F(TemplateRoutes, WhatMetaWouldNotEditIsRefused) {
  const auto id = given_template();
  EXPECT_THAT(paths(ask("PATCH", "/api/templates/" + id, admin, {{"category", "MARKETING"}})), ElementsAre("category"));
  EXPECT_THAT(paths(ask("PATCH", "/api/templates/" + id, admin, Json::object())), ElementsAre("components"));
  clock_.pass(milliseconds(1));
  given_template("PENDING");
  const auto refused = ask("PATCH", "/api/templates/" + id, admin, {{"category", "MARKETING"}});
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.json["code"], "template_not_editable");
  EXPECT_TRUE(asked.empty());
}

TEST_F(TemplateRoutes, DeletesOneLanguageOrAll) {
  const auto id = given_template();
  meta_answers({{"success", true}});
  clock_.pass(milliseconds(1));
  EXPECT_EQ(ask("DELETE", "/api/templates/" + id, admin).status, 200);
  EXPECT_EQ(ask("GET", "/api/templates/" + id, admin).json["status"], "DELETED");
  meta_answers({{"success", true}});
  EXPECT_EQ(ask("DELETE", "/api/templates/" + id + "?allLanguages=true", admin).status, 200);
  EXPECT_THAT(asked, ElementsAre("DELETE /2001/message_templates?name=order_ready&hsm_id=900",
                                 "DELETE /2001/message_templates?name=order_ready"));
  EXPECT_EQ(told(), 2);
}

TEST_F(TemplateRoutes, TheListIsFiltered) {
  given_template();
  const auto count = [&](const std::string& query) {
    return ask("GET", "/api/templates?" + query, admin).json["items"].size();
  };
  EXPECT_EQ(count("status=APPROVED&category=UTILITY&name=order_ready&language=en_US&wabaId=2001"), 1U);
  for (const auto* other : {"status=PENDING", "category=MARKETING", "name=b", "language=en", "wabaId=1"})
    EXPECT_EQ(count(other), 0U) << other;
}

TEST_F(TemplateRoutes, ThePreviewShowsTextAndFaults) {
  const auto id = given_template("PAUSED");
  const auto shown = ask("POST", "/api/templates/" + id + "/preview", admin, {{"parameters", Json::array({"17"})}});
  EXPECT_EQ(shown.json["body"], "Order 17 is ready.");
  ASSERT_EQ(shown.json["faults"].size(), 1U);
  EXPECT_EQ(shown.json["faults"][0]["path"], "status");
  const auto bare = ask("POST", "/api/templates/" + id + "/preview", as_agent(tenant), Json::object());
  EXPECT_EQ(bare.json["faults"][0]["path"], "components");
  EXPECT_EQ(bare.json["body"], "Order {{1}} is ready.");
  EXPECT_EQ(ask("POST", "/api/templates/" + id + "/preview", admin, {{"parameters", 7}}).status, 400);
}

TEST_F(TemplateRoutes, AWrongSendIsRefusedBeforeItIsQueued) {
  given_template();
  const auto conversation = given_conversation(tenant);
  const auto path = "/api/conversations/" + conversation.id.text() + "/messages";
  const Json good{{"type", "body"}, {"parameters", Json::array({{{"type", "text"}, {"text", "17"}}})}};
  Json content{{"name", "order_ready"}, {"language", "en_US"}};
  const auto refused = ask("POST", path, admin, {{"type", "template"}, {"content", content}});
  EXPECT_EQ(refused.status, 422) << refused.body;
  EXPECT_EQ(refused.json["code"], "template_parameters");
  EXPECT_THAT(paths(refused), ElementsAre("content.components"));
  EXPECT_EQ(rows_of("message"), 0);
  content["components"] = Json::array({good});
  EXPECT_LT(ask("POST", path, admin, {{"type", "template"}, {"content", content}}).status, 300);
  content["name"] = "never_listed";
  EXPECT_LT(ask("POST", path, admin, {{"type", "template"}, {"content", content}}).status, 300);
  EXPECT_EQ(rows_of("message"), 2);
}

TEST_F(TemplateRoutes, OnlyAdminsWriteAndOnlyTheirOwn) {
  const auto id = given_template();
  for (const auto* method : {"PATCH", "DELETE"})
    EXPECT_EQ(ask(method, "/api/templates/" + id, as_agent(tenant), {{"category", "MARKETING"}}).status, 403);
  EXPECT_EQ(ask("POST", "/api/templates", as_agent(tenant), order()).status, 403);
  const auto other = as_admin(given_workspace("Other"));
  for (const auto* method : {"PATCH", "DELETE"})
    EXPECT_EQ(ask(method, "/api/templates/" + id, other, {{"category", "MARKETING"}}).status, 404);
  EXPECT_EQ(ask("POST", "/api/templates/" + id + "/preview", other, Json::object()).status, 404);
  EXPECT_TRUE(asked.empty());
}

}  // namespace
}  // namespace waypost::test
