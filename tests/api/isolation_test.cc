// Law 11: a workspace sees only its own. Every route with an id, asked with another workspace's id, with an id that
// nobody has and with no id at all, is a 404; and it changes nothing.

#include "store/broadcasts.h"
#include "store/media.h"
#include "store/runs.h"
#include "store/templates.h"
#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

struct IdRoute {
  std::string method;
  std::string before;
  std::string after;
  Json body = Json::object();
};

// Every route with {id}, by what the id is of.
const std::vector<std::pair<std::string, IdRoute>>& id_routes() {
  static const Json kGraph{{"nodes", Json::array()}, {"edges", Json::array()}};
  static const Json kCall{{"to", "+4915112349999"}};
  static const Json kGroup{{"name", "Eve"}, {"filters", {{"conditions", Json::array()}}}};
  static const std::vector<std::pair<std::string, IdRoute>> kRoutes{
      {"contact", {"GET", "/api/contacts/", ""}},
      {"contact", {"PATCH", "/api/contacts/", "", {{"name", "Eve"}}}},
      {"contact", {"DELETE", "/api/contacts/", ""}},
      {"conversation", {"GET", "/api/conversations/", ""}},
      {"conversation", {"PATCH", "/api/conversations/", "", {{"status", "closed"}}}},
      {"conversation", {"GET", "/api/conversations/", "/messages"}},
      {"conversation", {"POST", "/api/conversations/", "/messages", {{"body", "hi"}}}},
      {"workflow", {"GET", "/api/workflows/", ""}},
      {"workflow", {"PATCH", "/api/workflows/", "", {{"name", "Eve"}}}},
      {"workflow", {"PUT", "/api/workflows/", "/draft", {{"draftGraph", kGraph}}}},
      {"workflow", {"POST", "/api/workflows/", "/publish"}},
      {"workflow", {"GET", "/api/workflows/", "/versions"}},
      {"workflow", {"GET", "/api/workflows/", "/versions/1"}},
      {"workflow", {"POST", "/api/workflows/", "/versions/1/restore"}},
      {"workflow", {"POST", "/api/workflows/", "/unpublish"}},
      {"workflow", {"GET", "/api/workflows/", "/export"}},
      {"workflow", {"POST", "/api/workflows/", "/trigger", kCall}},
      {"workflow", {"DELETE", "/api/workflows/", ""}},
      {"run", {"GET", "/api/runs/", ""}},
      {"run", {"GET", "/api/runs/", "/steps"}},
      {"run", {"POST", "/api/runs/", "/replay"}},
      {"run", {"POST", "/api/runs/", "/cancel"}},
      {"channel", {"GET", "/api/channels/", ""}},
      {"channel", {"PATCH", "/api/channels/", "", {{"name", "Eve"}}}},
      {"channel", {"GET", "/api/channels/", "/budget"}},
      {"channel", {"PUT", "/api/channels/", "/budget", {{"amount", "1"}, {"currency", "EUR"}}}},
      {"channel", {"DELETE", "/api/channels/", "/budget"}},
      {"template", {"GET", "/api/templates/", ""}},
      {"token", {"DELETE", "/api/tokens/", ""}},
      {"media", {"GET", "/api/media/", ""}},
      {"message", {"GET", "/api/messages/", ""}},
      {"message", {"GET", "/api/messages/", "/timeline"}},
      {"message", {"POST", "/api/messages/", "/resend"}},
      {"broadcast", {"GET", "/api/broadcasts/", ""}},
      {"broadcast", {"PATCH", "/api/broadcasts/", "", {{"name", "Eve"}}}},
      {"broadcast", {"DELETE", "/api/broadcasts/", ""}},
      {"broadcast", {"POST", "/api/broadcasts/", "/clone"}},
      {"broadcast", {"POST", "/api/broadcasts/", "/estimate"}},
      {"broadcast", {"POST", "/api/broadcasts/", "/send"}},
      {"broadcast", {"POST", "/api/broadcasts/", "/schedule", {{"at", "2099-01-01T00:00:00Z"}}}},
      {"broadcast", {"POST", "/api/broadcasts/", "/pause"}},
      {"broadcast", {"POST", "/api/broadcasts/", "/resume"}},
      {"broadcast", {"POST", "/api/broadcasts/", "/cancel"}},
      {"broadcast", {"POST", "/api/broadcasts/", "/retry"}},
      {"broadcast", {"GET", "/api/broadcasts/", "/recipients"}},
      {"broadcast", {"GET", "/api/broadcasts/", "/stats"}},
      {"group", {"GET", "/api/groups/", ""}},
      {"group", {"PUT", "/api/groups/", "", kGroup}},
      {"group", {"DELETE", "/api/groups/", ""}},
      {"group", {"GET", "/api/groups/", "/contacts"}},
      {"credential", {"PATCH", "/api/credentials/", "", {{"name", "Eve"}}}},
      {"credential", {"DELETE", "/api/credentials/", ""}},
  };
  return kRoutes;
}

class Isolation : public ApiTest {
 protected:
  Isolation() : mine_(given_workspace("Mine")), other_(given_workspace("Other")), admin_(as_admin(mine_)) {}

  // One of everything in the other workspace.
  std::map<std::string, std::string> given_others() {
    const auto theirs = as_admin(other_);
    const auto conversation = given_conversation(other_);
    const auto message = given_inbound(conversation, "hello");
    std::map<std::string, std::string> ids{{"contact", conversation.contact.text()},
                                           {"conversation", conversation.id.text()},
                                           {"channel", conversation.channel.text()}};
    ids["workflow"] = ask("POST", "/api/workflows", theirs, {{"name", "Theirs"}}).json["id"];
    ask("POST", "/api/workflows/" + ids["workflow"] + "/publish", theirs, Json::object());
    ids["token"] = ask("POST", "/api/tokens", theirs, {{"name", "theirs"}}).json["id"];
    ids["run"] = given_run(*WorkflowId::parse(ids["workflow"]), message).text();
    ids["template"] = given_template().text();
    ids["media"] = given_media(message).text();
    ids["message"] = message.id.text();
    ids["broadcast"] = given_broadcast(conversation.channel).text();
    const Json group{{"name", "Theirs"}, {"filters", {{"conditions", Json::array()}}}};
    ids["group"] = ask("POST", "/api/groups", theirs, group).json["id"];
    const Json credential{{"name", "Theirs"}, {"kind", "bearer"}, {"secret", "x"}};
    ids["credential"] = ask("POST", "/api/credentials", theirs, credential).json["id"];
    return ids;
  }
  RunId given_run(WorkflowId workflow, const store::Message& message) {
    store::Run run{.tenant = other_, .id = RunId::make(clock_.now()), .workflow = workflow, .version = 1};
    run.conversation = message.conversation;
    run.contact = message.contact;
    run.channel = message.channel;
    run.message = message.id;
    run.created_at = run.updated_at = clock_.now();
    write([&](sql::Connection& connection) { EXPECT_TRUE(store::insert_run(connection, run)); });
    return run.id;
  }
  MediaId given_media(const store::Message& message) {
    return write([&](sql::Connection& connection) {
      return store::note_media(connection, message, {.kind = "image", .id = "7"}, clock_.now()).id;
    });
  }
  BroadcastId given_broadcast(ChannelId channel) {
    return write([&](sql::Connection& connection) {
      return store::create_broadcast(
                 connection,
                 {.tenant = other_, .kind = "bulk", .name = "x", .channel = channel, .status = BroadcastStatus::Draft},
                 clock_.now())
          .id;
    });
  }
  TemplateId given_template() {
    return write([this](sql::Connection& connection) {
      store::upsert_template(connection,
                             {.tenant = other_,
                              .waba_id = "7",
                              .name = "hi",
                              .language = "en",
                              .category = "UTILITY",
                              .status = "APPROVED",
                              .synced_at = clock_.now()},
                             clock_.now());
      return store::list_templates(connection, other_).at(0).id;
    });
  }

  TenantId mine_, other_;
  HeaderList admin_;
};

TEST_F(Isolation, AnotherWorkspacesIdIs404OnEveryRoute) {
  auto ids = given_others();
  const auto events = rows_of("event");
  for (const auto& [kind, route] : id_routes()) {
    const std::string target = route.before + ids.at(kind) + route.after;
    EXPECT_EQ(ask(route.method, target, admin_, route.body).status, 404) << route.method << " " << target;
  }
  EXPECT_EQ(rows_of("event"), events);
}

TEST_F(Isolation, TheOwnerReachesEachOfThem) {
  auto ids = given_others();
  const auto theirs = as_admin(other_);
  for (const auto& [kind, route] : id_routes()) {
    if (route.method != "GET") continue;
    const std::string target = route.before + ids.at(kind) + route.after;
    const int expected = kind == "media" ? 409 : 200;  // its file has not come yet
    EXPECT_EQ(ask(route.method, target, theirs).status, expected) << target;
  }
}

TEST_F(Isolation, AnUnknownOrMalformedIdIs404) {
  const std::string nobody = Uuid{}.text();
  for (const auto& [kind, route] : id_routes()) {
    for (const std::string& id : {nobody, std::string("42"), nobody + "0", std::string("%0A"), std::string("a%2Fb")}) {
      const std::string target = route.before + id + route.after;
      EXPECT_EQ(ask(route.method, target, admin_, route.body).status, 404) << route.method << " " << target;
    }
  }
}

TEST_F(Isolation, ListsHoldNothingOfOthers) {
  given_others();
  for (const auto target : {"/api/contacts", "/api/conversations", "/api/workflows", "/api/runs", "/api/channels",
                            "/api/templates", "/api/tokens", "/api/events", "/api/broadcasts", "/api/groups"}) {
    const auto answer = ask("GET", target, admin_);
    EXPECT_EQ(answer.status, 200) << target;
    EXPECT_TRUE(answer.json["items"].empty()) << target << " " << answer.body;
    if (answer.json.contains("total")) {
      EXPECT_EQ(answer.json["total"], 0) << target;
    }
  }
}

TEST_F(Isolation, EveryRouteNeedsACaller) {
  std::vector<std::pair<std::string, std::string>> all{
      {"GET", "/api/contacts"},         {"POST", "/api/contacts"},   {"GET", "/api/conversations"},
      {"GET", "/api/workflows"},        {"POST", "/api/workflows"},  {"GET", "/api/runs"},
      {"GET", "/api/channels"},         {"POST", "/api/channels"},   {"GET", "/api/templates"},
      {"POST", "/api/templates/sync"},  {"GET", "/api/tokens"},      {"POST", "/api/tokens"},
      {"GET", "/api/workspace"},        {"PATCH", "/api/workspace"}, {"GET", "/api/events"},
      {"GET", "/api/events/stream"},    {"GET", "/api/runs/counts"}, {"GET", "/api/node-types"},
      {"POST", "/api/workflows/import"}};
  for (const auto& [kind, route] : id_routes())
    all.emplace_back(route.method, route.before + Uuid{}.text() + route.after);
  for (const auto& [method, target] : all) {
    EXPECT_EQ(ask(method, target).status, 401) << method << " " << target;
    EXPECT_EQ(ask(method, target, HeaderList{{"x-tenant-id", mine_.text()}}).status, 401) << method << " " << target;
  }
}

}  // namespace
}  // namespace waypost::test
