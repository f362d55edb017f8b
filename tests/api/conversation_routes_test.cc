#include "store/message_marks.h"
#include "store/templates.h"
#include "store/tenants.h"
#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

class Conversations : public ApiTest {
 protected:
  Conversations() : tenant_(given_workspace()), agent_(as_agent(tenant_)) {}
  static std::string path_of(const store::Conversation& conversation) {
    return "/api/conversations/" + conversation.id.text();
  }
  Answer send(const store::Conversation& conversation, const Json& body) {
    return ask("POST", path_of(conversation) + "/messages", agent_, body);
  }

  TenantId tenant_;
  HeaderList agent_;
};

TEST_F(Conversations, AreListedNewestFirstWithContactAndChannel) {
  const auto first = given_conversation(tenant_);
  clock_.pass(seconds(1));
  const auto second = given_conversation(tenant_);
  const auto answer = ask("GET", "/api/conversations?limit=10&offset=0", agent_);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json["total"], 2);
  ASSERT_EQ(answer.json["items"].size(), 2U);
  EXPECT_EQ(answer.json["items"][0]["id"], second.id.text());
  EXPECT_EQ(answer.json["items"][1]["id"], first.id.text());
  EXPECT_EQ(answer.json["items"][0]["contact"]["name"], "Jane Doe");
  EXPECT_EQ(answer.json["items"][0]["channel"]["name"], "Main");
  EXPECT_EQ(answer.json["items"][0]["windowOpen"], true);
  EXPECT_EQ(ask("GET", "/api/conversations?limit=1&offset=1", agent_).json["items"][0]["id"], first.id.text());
}

TEST_F(Conversations, AreFilteredByStatus) {
  const auto open = given_conversation(tenant_);
  const auto closed = given_conversation(tenant_);
  EXPECT_EQ(ask("PATCH", path_of(closed), agent_, {{"status", "closed"}}).status, 200);
  const auto answer = ask("GET", "/api/conversations?status=closed", agent_);
  ASSERT_EQ(answer.json["items"].size(), 1U);
  EXPECT_EQ(answer.json["items"][0]["id"], closed.id.text());
  EXPECT_EQ(answer.json["total"], 1);
  EXPECT_EQ(answer.json["totalIsAtLeast"], false);
  EXPECT_EQ(ask("GET", "/api/conversations?status=open", agent_).json["items"][0]["id"], open.id.text());
  EXPECT_EQ(ask("GET", "/api/conversations?status=all", agent_).json["total"], 2);
  EXPECT_EQ(ask("GET", "/api/conversations?status=lost", agent_).status, 400);
}

TEST_F(Conversations, ArePatched) {
  const auto conversation = given_conversation(tenant_);
  const auto user = given_person("ann@example.com");
  given_member(tenant_, user, store::Role::Agent);
  const auto given =
      ask("PATCH", path_of(conversation), agent_, {{"status", "handoff"}, {"assignedToUserId", user.text()}});
  ASSERT_EQ(given.status, 200) << given.body;
  EXPECT_EQ(given.json["status"], "handoff");
  EXPECT_EQ(given.json["assignedToUserId"], user.text());
  const auto taken = ask("PATCH", path_of(conversation), agent_, {{"assignedToUserId", nullptr}});
  EXPECT_EQ(taken.json["assignedToUserId"], Json());
  EXPECT_EQ(taken.json["status"], "handoff");
}

TEST_F(Conversations, AreAssignedToMembersOnly) {
  const auto conversation = given_conversation(tenant_);
  const auto stranger = given_person("eve@example.com");
  for (const Json& body : {Json{{"assignedToUserId", stranger.text()}}, Json{{"assignedToUserId", "me"}},
                           Json{{"assignedToUserId", 7}}, Json{{"status", "lost"}}, Json{{"status", 1}}}) {
    EXPECT_EQ(ask("PATCH", path_of(conversation), agent_, body).status, 400) << body;
  }
  EXPECT_EQ(ask("GET", path_of(conversation), agent_).json["assignedToUserId"], Json());
}

TEST_F(Conversations, TheNewestMessagesComeInTheOrderOfReading) {
  const auto conversation = given_conversation(tenant_);
  for (int i = 0; i < 5; ++i) given_inbound(conversation, "m" + std::to_string(i));
  const auto all = ask("GET", path_of(conversation) + "/messages", agent_);
  ASSERT_EQ(all.json["messages"].size(), 5U);
  EXPECT_EQ(all.json["messages"][0]["text"], "m0");
  EXPECT_EQ(all.json["messages"][4]["body"], "m4");
  EXPECT_EQ(all.json["messages"][0]["direction"], "inbound");
  EXPECT_EQ(all.json["hasMore"], false);
  const auto page = ask("GET", path_of(conversation) + "/messages?limit=2&offset=1", agent_);
  ASSERT_EQ(page.json["messages"].size(), 2U);
  EXPECT_EQ(page.json["messages"][0]["text"], "m2");
  EXPECT_EQ(page.json["messages"][1]["text"], "m3");
  EXPECT_EQ(page.json["hasMore"], true);
}

TEST_F(Conversations, AMessageComesWithWhatLaterOnesSayOfIt) {
  const auto conversation = given_conversation(tenant_);
  const auto message = given_inbound(conversation, "m0");
  given_inbound(conversation, "m1");
  ASSERT_TRUE(message.wamid);
  write([&](sql::Connection& connection) {
    store::note_mark(connection, message, {.kind = MarkKind::Reaction, .wamid = *message.wamid, .text = "+"});
  });
  const auto messages = ask("GET", path_of(conversation) + "/messages", agent_).json["messages"];
  EXPECT_EQ(messages[0]["reactions"][0]["emoji"], "+");
  EXPECT_EQ(messages[0]["revokedAt"], Json());
  EXPECT_TRUE(messages[1]["reactions"].empty());
}

TEST_F(Conversations, ABodyIsQueuedAndSignalled) {
  const auto conversation = given_conversation(tenant_);
  const auto answer = send(conversation, {{"body", "Hello! How can I help you today?"}});
  ASSERT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(answer.json["text"], "Hello! How can I help you today?");
  EXPECT_EQ(answer.json["status"], "queued");
  EXPECT_EQ(answer.json["direction"], "outbound");
  EXPECT_EQ(answer.json["author"], "user");
  EXPECT_FALSE(answer.json["authorUserId"].is_null());
  EXPECT_EQ(answer.json["content"], Json({{"body", "Hello! How can I help you today?"}}));
  ASSERT_EQ(signals_.offered.size(), 1U);
  EXPECT_EQ(signals_.offered[0].queue, QueueName::Sends);
  EXPECT_EQ(signals_.offered[0].key,
            (ReadyKey{.owner = tenant_, .key = conversation.id, .channel = conversation.channel}));
  EXPECT_EQ(ask("GET", path_of(conversation) + "/messages", agent_).json["messages"][0]["id"], answer.json["id"]);
}

TEST_F(Conversations, ATextIsQueuedToo) {
  const auto conversation = given_conversation(tenant_);
  EXPECT_EQ(send(conversation, {{"text", "Hi"}}).json["body"], "Hi");
}

TEST_F(Conversations, AProgramsMessageIsItsOwn) {
  const auto conversation = given_conversation(tenant_);
  const auto token = ask("POST", "/api/tokens", as_admin(tenant_), {{"name", "t"}}).json["token"].get<std::string>();
  const auto answer = ask("POST", path_of(conversation) + "/messages", HeaderList{{"Authorization", "Bearer " + token}},
                          {{"body", "Hi"}});
  EXPECT_EQ(answer.json["author"], "api");
  EXPECT_EQ(answer.json["authorUserId"], Json());
}

TEST_F(Conversations, ATemplateMayGoAtAnyTime) {
  const auto conversation = given_conversation(tenant_, Window::NeverOpened);
  const auto answer = send(conversation, {{"type", "template"}, {"content", {{"name", "hi"}, {"language", "en_US"}}}});
  ASSERT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(answer.json["type"], "template");
  EXPECT_EQ(answer.json["content"], Json({{"name", "hi"}, {"language", {{"code", "en_US"}}}}));
}

TEST_F(Conversations, OutsideTheWindowASendIs422WithItsEnd) {
  const auto conversation = given_conversation(tenant_);
  clock_.pass(std::chrono::hours(25));
  const auto answer = send(conversation, {{"body", "Late"}});
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(answer.json["code"], "window_closed");
  EXPECT_EQ(answer.json["windowExpiresAt"], iso8601(*conversation.window_expires_at));
  EXPECT_FALSE(answer.json["error"].get<std::string>().empty());
  EXPECT_EQ(rows_of("message"), 0);
  EXPECT_TRUE(signals_.offered.empty());
}

TEST_F(Conversations, AWindowThatNeverOpenedHasNoEnd) {
  const auto answer = send(given_conversation(tenant_, Window::NeverOpened), {{"body", "Hello"}});
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(answer.json["code"], "window_closed");
  EXPECT_TRUE(answer.json.contains("windowExpiresAt"));
  EXPECT_EQ(answer.json["windowExpiresAt"], Json());
}

TEST_F(Conversations, AnotherPolicyQueuesOutsideTheWindow) {
  const auto conversation = given_conversation(tenant_, Window::NeverOpened);
  const auto answer = send(conversation, {{"body", "Later"}, {"outsideWindow", "hold"}});
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.json["outsideWindow"], "hold");
}

TEST_F(Conversations, AnOptedOutContactIs422) {
  const auto conversation = given_conversation(tenant_);
  ask("PATCH", "/api/contacts/" + conversation.contact.text(), as_admin(tenant_), {{"optedOut", true}});
  const auto answer = send(conversation, {{"body", "Hello"}});
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(answer.json["code"], "opted_out");
  EXPECT_FALSE(answer.json.contains("windowExpiresAt"));
}

TEST_F(Conversations, AMarketingTemplateForWhomStoppedMarketingIs422) {
  const auto conversation = given_conversation(tenant_);
  write([&](sql::Connection& connection) {
    const auto channel = store::find_channel(connection, tenant_, conversation.channel);
    store::upsert_template(connection,
                           {.tenant = tenant_,
                            .waba_id = channel->waba_id,
                            .name = "sale",
                            .language = "en_US",
                            .category = "MARKETING",
                            .status = "APPROVED",
                            .synced_at = clock_.now()},
                           clock_.now());
    connection.run("UPDATE contact SET marketing_stopped = $1", {true});
  });
  const Json sale{{"type", "template"}, {"content", {{"name", "sale"}, {"language", "en_US"}}}};
  const auto answer = send(conversation, sale);
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(answer.json["code"], "marketing_stopped");
  EXPECT_EQ(send(conversation, {{"body", "Hello"}}).status, 201);
}

TEST_F(Conversations, AMissingChannelIs422) {
  const auto conversation = given_conversation(tenant_);
  write([](sql::Connection& connection) { connection.run("DELETE FROM channel"); });
  const auto answer = send(conversation, {{"body", "Hello"}});
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(answer.json["code"], "no_channel");
  EXPECT_EQ(ask("GET", path_of(conversation), agent_).json["channel"], Json());
}

TEST_F(Conversations, BadMessagesAre400AndNothingIsQueued) {
  const auto conversation = given_conversation(tenant_);
  const std::vector<std::pair<Json, std::string>> wrong{
      {Json::object(), "text"},
      {{{"body", ""}}, "body"},
      {{{"body", "  \n"}}, "body"},
      {{{"body", 5}}, "body"},
      {{{"body", std::string(65'537, 'x')}}, "body"},
      {{{"body", "x"}, {"to", "+4915112345678"}}, "to"},
      {{{"body", "x"}, {"userId", "DE.1349"}}, "userId"},
      {{{"text", {{"body", "x"}}}, {"recipient", "DE.1349"}}, "recipient"},
      {{{"body", "x"}, {"biz_opaque_callback_data", "x"}}, "biz_opaque_callback_data"},
      {{{"body", "x"}, {"context", {{"message_id", "42"}}}}, "context.message_id"},
      {{{"body", "x"}, {"outsideWindow", "shout"}}, "outsideWindow"},
      {{{"body", "x"}, {"replyTo", "42"}}, "replyTo"},
      {{{"body", "x"}, {"replyTo", MessageId::make(clock_.now()).text()}}, "replyTo"},
      {{{"body", "x"}, {"externalId", ""}}, "externalId"},
      {{{"type", "fax"}, {"body", "x"}}, "type"},
      {{{"type", "image"}}, "link"},
      {{{"type", "image"}, {"image", {{"id", "1"}}}, {"caption", "c"}}, "caption"},
      {{{"type", "reaction"}, {"to", "wamid.A"}, {"emoji", "x"}, {"replyTo", "wamid.B"}}, "replyTo"},
      {{{"type", "reaction"}, {"to", "+4915112345678"}, {"emoji", "x"}}, "to"},
      {{{"type", "reaction"}, {"reaction", {{"message_id", "42"}, {"emoji", "x"}}}}, "reaction.message_id"},
      {{{"type", "reaction"}, {"to", MessageId::make(clock_.now()).text()}, {"emoji", "x"}}, "to"},
      {{{"type", "image"}, {"content", "x"}}, "content"},
      {{{"type", "contacts"}, {"content", Json::object()}}, "content"},
      {{{"type", "text"}, {"content", Json::object()}}, "content.body"},
      {{{"type", "template"}, {"content", {{"name", "hi"}}}}, "content.language"},
      {{{"type", "template"}, {"content", {{"language", "en"}}}}, "content.name"},
  };
  for (const auto& [body, path] : wrong) {
    const auto answer = send(conversation, body);
    EXPECT_EQ(answer.status, 400) << body;
    ASSERT_EQ(answer.json["details"].size(), 1U) << answer.body;
    EXPECT_EQ(answer.json["details"][0]["path"], path);
  }
  EXPECT_EQ(rows_of("message"), 0);
}

TEST_F(Conversations, AReplyNamesAMessageOfTheConversation) {
  const auto conversation = given_conversation(tenant_);
  const auto question = given_inbound(conversation, "Where?");
  EXPECT_EQ(send(conversation, {{"body", "Here"}, {"replyTo", question.id.text()}}).json["replyTo"], *question.wamid);
  EXPECT_EQ(send(conversation, {{"body", "Here"}, {"replyTo", "wamid.X"}}).json["replyTo"], "wamid.X");
  const auto other = given_conversation(tenant_);
  EXPECT_EQ(send(other, {{"body", "Here"}, {"replyTo", question.id.text()}}).status, 400);
}

TEST_F(Conversations, AnExternalIdIsSentOnce) {
  const auto conversation = given_conversation(tenant_);
  const auto first = send(conversation, {{"body", "Hi"}, {"externalId", "b-1"}});
  const auto again = send(conversation, {{"body", "Hi"}, {"externalId", "b-1"}});
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.json["id"], first.json["id"]);
  EXPECT_EQ(rows_of("message"), 1);
  EXPECT_EQ(signals_.offered.size(), 1U);
}

TEST_F(Conversations, AMergedOneIsShownAndItsSendsGoToTheSurvivor) {
  const auto lost = given_conversation(tenant_);
  const auto survivor = given_conversation(tenant_);
  write([&](sql::Connection& connection) {
    connection.run("UPDATE conversation SET merged_into = $3 WHERE tenant_id = $1 AND id = $2",
                   {tenant_, lost.id, survivor.id});
  });
  EXPECT_EQ(ask("GET", path_of(lost), agent_).json["mergedInto"], survivor.id.text());
  EXPECT_EQ(send(lost, {{"body", "Hi"}}).json["conversationId"], survivor.id.text());
  EXPECT_EQ(signals_.offered.at(0).key.key, survivor.id);
  EXPECT_EQ(ask("GET", path_of(lost) + "/messages", agent_).json["messages"].size(), 1U);
}

}  // namespace
}  // namespace waypost::test
