#include "store/counters.h"
#include "store/events.h"
#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

class Contacts : public ApiTest {
 protected:
  Contacts() : tenant_(given_workspace()), admin_(as_admin(tenant_)) {}
  Answer create(const Json& body) { return ask("POST", "/api/contacts", admin_, body); }
  std::string last_event() {
    return *database_->read_and_wait([&](sql::Connection& connection) {
      const auto events = store::events_after(connection, tenant_, 0, 1000);
      return events.empty() ? std::string() : events.back().type;
    });
  }

  TenantId tenant_;
  HeaderList admin_;
};

TEST_F(Contacts, AreMadeAsTheGuideSays) {
  const auto answer = create({{"name", "Jane Doe"}, {"phone", "+14155551234"}});
  ASSERT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(answer.json["name"], "Jane Doe");
  EXPECT_EQ(answer.json["displayName"], "Jane Doe");
  EXPECT_EQ(answer.json["phone"], "+14155551234");
  EXPECT_EQ(answer.json["waId"], "14155551234");
  EXPECT_EQ(answer.json["createdAt"], iso8601(clock_.now()));
  const std::string id = answer.json["id"];
  EXPECT_EQ(ask("GET", "/api/contacts/" + id, admin_).json, answer.json);
}

TEST_F(Contacts, AreMadeByTheOtherNamesToo) {
  const auto answer = create({{"displayName", "Jo"},
                              {"waId", "49 (151) 123-456"},
                              {"language", "de"},
                              {"fields", {{"plan", "gold"}}},
                              {"tags", {"vip", "vip", "new"}}});
  ASSERT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(answer.json["name"], "Jo");
  EXPECT_EQ(answer.json["phone"], "+49151123456");
  EXPECT_EQ(answer.json["language"], "de");
  EXPECT_EQ(answer.json["fields"], Json({{"plan", "gold"}}));
  EXPECT_EQ(answer.json["tags"], Json::array({"vip", "new"}));
}

TEST_F(Contacts, ADuplicatePhoneIs409AndLeavesNothing) {
  ASSERT_EQ(create({{"phone", "+14155551234"}}).status, 201);
  const auto answer = create({{"phone", "1 415 555 1234"}});
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(rows_of("contact"), 1);
  EXPECT_EQ(rows_of("event"), 1);
  EXPECT_EQ(ask("GET", "/api/contacts", admin_).json["total"], 1);
}

TEST_F(Contacts, TheSamePhoneMayBeInTwoWorkspaces) {
  ASSERT_EQ(create({{"phone", "+14155551234"}}).status, 201);
  const auto other = given_workspace("Other");
  EXPECT_EQ(ask("POST", "/api/contacts", as_admin(other), {{"phone", "+14155551234"}}).status, 201);
}

TEST_F(Contacts, BadInputIs400WithDetails) {
  const std::vector<std::pair<Json, std::string>> wrong{
      {{{"name", "Jane"}}, "phone"},
      {{{"phone", "12345"}}, "phone"},
      {{{"phone", "+1234567890123456"}}, "phone"},
      {{{"phone", "+1415555CALL"}}, "phone"},
      {{{"phone", 14155551234}}, "phone"},
      {{{"phone", "+14155551234"}, {"name", ""}}, "name"},
      {{{"phone", "+14155551234"}, {"name", 7}}, "name"},
      {{{"phone", "+14155551234"}, {"name", std::string(201, 'n')}}, "name"},
      {{{"phone", "+14155551234"}, {"language", "english please"}}, "language"},
      {{{"phone", "+14155551234"}, {"optedOut", "yes"}}, "optedOut"},
      {{{"phone", "+14155551234"}, {"fields", Json::array()}}, "fields"},
      {{{"phone", "+14155551234"}, {"fields", {{"big", std::string(17'000, 'x')}}}}, "fields"},
      {{{"phone", "+14155551234"}, {"tags", "vip"}}, "tags"},
      {{{"phone", "+14155551234"}, {"tags", {"vip", 7}}}, "tags.1"},
  };
  for (const auto& [body, path] : wrong) {
    const auto answer = create(body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.json["error"], "Validation failed");
    ASSERT_EQ(answer.json["details"].size(), 1U) << answer.body;
    EXPECT_EQ(answer.json["details"][0]["path"], path);
    EXPECT_FALSE(answer.json["details"][0]["message"].get<std::string>().empty());
  }
  EXPECT_EQ(rows_of("contact"), 0);
  EXPECT_EQ(rows_of("event"), 0);
}

TEST_F(Contacts, MalformedJsonIs400) {
  const auto answer = ask("POST", "/api/contacts", Ask{.headers = admin_, .body = R"({"name": )"});
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.json["error"], "Malformed JSON");
  EXPECT_FALSE(answer.json.contains("details"));
}

TEST_F(Contacts, AreListedByPages) {
  for (int i = 0; i < 25; ++i) {
    create({{"name", "c" + std::to_string(i)}, {"phone", "+4915100000" + std::to_string(10 + i)}});
    clock_.pass(milliseconds(1));
  }
  const auto first = ask("GET", "/api/contacts", admin_);
  EXPECT_EQ(first.json["items"].size(), 20U);
  EXPECT_EQ(first.json["total"], 25);
  EXPECT_EQ(first.json["items"][0]["name"], "c24");
  const auto second = ask("GET", "/api/contacts?limit=20&offset=20", admin_);
  EXPECT_EQ(second.json["items"].size(), 5U);
  EXPECT_EQ(second.json["items"][4]["name"], "c0");
  EXPECT_EQ(ask("GET", "/api/contacts?limit=1000", admin_).json["items"].size(), 25U);
  for (const auto query : {"limit=0", "limit=-1", "limit=x", "limit=", "offset=-1", "offset=1.5", "offset=10001"})
    EXPECT_EQ(ask("GET", "/api/contacts?" + std::string(query), admin_).status, 400) << query;
}

TEST_F(Contacts, APatchAnswersOkAndTheContact) {
  const std::string id = create({{"name", "Jane Doe"}, {"phone", "+14155551234"}}).json["id"];
  const auto answer = ask("PATCH", "/api/contacts/" + id, admin_, {{"name", "Jane Smith"}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json["ok"], true);
  EXPECT_EQ(answer.json["name"], "Jane Smith");
  EXPECT_EQ(answer.json["phone"], "+14155551234");
  EXPECT_EQ(ask("GET", "/api/contacts/" + id, admin_).json["name"], "Jane Smith");
  EXPECT_EQ(last_event(), "contact.updated");
}

TEST_F(Contacts, APatchChangesOnlyWhatItNames) {
  const std::string id =
      create({{"name", "Jane"}, {"phone", "+14155551234"}, {"fields", {{"a", 1}, {"b", 2}}}, {"tags", {"vip"}}})
          .json["id"];
  const auto fields = ask("PATCH", "/api/contacts/" + id, admin_, {{"fields", {{"b", nullptr}, {"c", 3}}}});
  EXPECT_EQ(fields.json["fields"], Json({{"a", 1}, {"c", 3}}));
  EXPECT_EQ(fields.json["tags"], Json::array({"vip"}));
  const auto rest = ask("PATCH", "/api/contacts/" + id, admin_,
                        {{"displayName", nullptr}, {"tags", Json::array()}, {"optedOut", true}});
  EXPECT_EQ(rest.json["displayName"], Json());
  EXPECT_EQ(rest.json["name"], "+14155551234");
  EXPECT_EQ(rest.json["tags"], Json::array());
  EXPECT_EQ(rest.json["optedOut"], true);
}

TEST_F(Contacts, ANewPhoneLetsTheOldOneGo) {
  const std::string id = create({{"phone", "+14155551234"}}).json["id"];
  create({{"phone", "+14155550000"}});
  EXPECT_EQ(ask("PATCH", "/api/contacts/" + id, admin_, {{"phone", "+14155550000"}}).status, 409);
  EXPECT_EQ(ask("PATCH", "/api/contacts/" + id, admin_, {{"waId", "14155559999"}}).json["phone"], "+14155559999");
  EXPECT_EQ(create({{"phone", "+14155551234"}}).status, 201);
  EXPECT_EQ(create({{"phone", "+14155559999"}}).status, 409);
}

TEST_F(Contacts, ADeletedOneLeavesNothingOfItself) {
  const auto conversation = given_conversation(tenant_);
  given_inbound(conversation, "hello");
  const std::string path = "/api/contacts/" + conversation.contact.text();
  EXPECT_EQ(ask("DELETE", path, admin_).status, 200);
  for (const auto table : {"contact", "contact_alias", "conversation", "message"})
    EXPECT_EQ(rows_of(table), 0) << table;
  EXPECT_EQ(ask("GET", path, admin_).status, 404);
  EXPECT_EQ(ask("DELETE", path, admin_).status, 404);
  EXPECT_EQ(ask("GET", "/api/contacts", admin_).json["total"], 0);
  EXPECT_EQ(ask("GET", "/api/conversations", admin_).json["total"], 0);
  EXPECT_EQ(last_event(), "contact.deleted");
}

TEST_F(Contacts, AMergedOneSaysIntoWhom) {
  const auto lost = given_contact(tenant_, "491511111111");
  const auto survivor = given_contact(tenant_, "491522222222");
  write([&](sql::Connection& connection) {
    connection.run("UPDATE contact SET merged_into = $3 WHERE tenant_id = $1 AND id = $2",
                   {tenant_, lost.id, survivor.id});
  });
  EXPECT_EQ(ask("GET", "/api/contacts/" + lost.id.text(), admin_).json["mergedInto"], survivor.id.text());
  const auto patched = ask("PATCH", "/api/contacts/" + lost.id.text(), admin_, {{"name", "One"}});
  EXPECT_EQ(patched.json["id"], survivor.id.text());
  EXPECT_EQ(ask("DELETE", "/api/contacts/" + lost.id.text(), admin_).status, 409);
}

}  // namespace
}  // namespace waypost::test
