// Sending over the API: forms, parts of a long text, people without a conversation, repeated requests.

#include <thread>

#include "api/send_order.h"
#include "store/retention.h"
#include "store/sending.h"
#include "store/tenants.h"
#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

class Sends : public ApiTest {
 protected:
  Sends() : tenant_(given_workspace()), agent_(as_agent(tenant_)) {}

  static std::string path_of(const store::Conversation& conversation) {
    return "/api/conversations/" + conversation.id.text() + "/messages";
  }
  Answer send(const store::Conversation& conversation, const Json& body) {
    return ask("POST", path_of(conversation), agent_, body);
  }
  Answer send_with_key(const std::string& path, const std::string& key, const Json& body) {
    HeaderList who = agent_;
    who.emplace_back("Idempotency-Key", key);
    return ask("POST", path, who, body);
  }
  Answer send_to(const Json& body) { return ask("POST", "/api/messages", agent_, body); }
  std::vector<std::string> paths_of(const Answer& answer) {
    std::vector<std::string> paths;
    if (!answer.json.contains("details")) return paths;
    for (const auto& one : answer.json["details"]) paths.push_back(one["path"]);
    return paths;
  }

  TenantId tenant_;
  HeaderList agent_;
};

std::string long_text() {
  std::string text;
  while (text.size() < 9'000) text += "A sentence of some words. ";
  return text;
}

TEST_F(Sends, EachFormBecomesMetasContent) {
  const auto conversation = given_conversation(tenant_);
  const Json image{{"link", "https://example.com/a.jpg"}};
  for (const Json& body : {Json{{"type", "image"}, {"content", image}}, Json{{"type", "image"}, {"image", image}},
                           Json{{"type", "image"}, {"link", "https://example.com/a.jpg"}}}) {
    const auto answer = send(conversation, body);
    ASSERT_EQ(answer.status, 201) << answer.body;
    EXPECT_EQ(answer.json["type"], "image");
    EXPECT_EQ(answer.json["content"], image);
    EXPECT_FALSE(answer.json.contains("parts"));
  }
}

TEST_F(Sends, AutomationRestsAfterAnAgentsOwnMessage) {
  const auto conversation = given_conversation(tenant_);
  const auto paused_until = [&] {
    return write([&](sql::Connection& c) { return store::find_conversation(c, tenant_, conversation.id); })
        ->automation_paused_until;
  };
  EXPECT_EQ(send(conversation, {{"text", "Hi"}}).status, 201);
  EXPECT_EQ(paused_until(), std::nullopt);  // as long as the workspace does not ask for it
  write([&](sql::Connection& c) {
    store::set_setting(c, tenant_, "automation", {{"agentPauseMinutes", 30}}, clock_.now());
  });
  EXPECT_EQ(send(conversation, {{"type", "image"}, {"content", Json::object()}}).status, 400);
  EXPECT_EQ(paused_until(), std::nullopt);
  EXPECT_EQ(send(conversation, {{"text", "It is me"}}).status, 201);
  const auto until = clock_.now() + std::chrono::minutes(30);
  EXPECT_EQ(paused_until(), until);
  // A shorter one does not end it.
  write([&](sql::Connection& c) {
    store::set_setting(c, tenant_, "automation", {{"agentPauseMinutes", 5}}, clock_.now());
  });
  EXPECT_EQ(send(conversation, {{"text", "Still me"}}).status, 201);
  EXPECT_EQ(paused_until(), until);
}

TEST_F(Sends, MetasOwnBodySaysWhatItAnswers) {
  const auto conversation = given_conversation(tenant_);
  const auto answer = send(conversation, {{"messaging_product", "whatsapp"},
                                          {"recipient_type", "individual"},
                                          {"context", {{"message_id", "wamid.Q"}}},
                                          {"type", "text"},
                                          {"text", {{"body", "Hi"}}}});
  ASSERT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(answer.json["replyTo"], "wamid.Q");
}

TEST_F(Sends, EveryFaultIsTold) {
  const auto conversation = given_conversation(tenant_);
  const auto answer = send(conversation, {{"type", "interactive"},
                                          {"body", ""},
                                          {"buttons", {"Yes", "Yes"}},
                                          {"replyTo", "x"},
                                          {"outsideWindow", "shout"}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(paths_of(answer), (std::vector<std::string>{"body", "buttons[1].reply.title", "outsideWindow"}));
}

TEST_F(Sends, AReactionNamesAMessageByOurIdToo) {
  const auto conversation = given_conversation(tenant_);
  const auto message = given_inbound(conversation, "Hello");
  const auto answer = send(conversation, {{"type", "reaction"}, {"to", message.id.text()}, {"emoji", "👍"}});
  ASSERT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(answer.json["content"], Json({{"message_id", *message.wamid}, {"emoji", "👍"}}));
  const auto content =
      send(conversation, {{"type", "reaction"}, {"content", {{"message_id", message.id.text()}, {"emoji", ""}}}});
  EXPECT_EQ(content.json["content"]["message_id"], *message.wamid);
}

TEST_F(Sends, APinIsForGroups) {
  const auto conversation = given_conversation(tenant_);
  const Json pin{{"type", "pin"}, {"pin", {{"type", "pin"}, {"message_id", "wamid.A"}, {"expiration_days", 7}}}};
  const auto refused = send(conversation, pin);
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.json["code"], "groups_only");
  write([&](sql::Connection& connection) { connection.run("UPDATE contact SET group_id = 'g1'"); });
  EXPECT_EQ(send(conversation, pin).status, 201);
}

TEST_F(Sends, ALongTextIsSeveralMessagesInOneGo) {
  const auto conversation = given_conversation(tenant_);
  const auto answer = send(conversation, {{"body", long_text()}, {"externalId", "b-1"}, {"replyTo", "wamid.Q"}});
  ASSERT_EQ(answer.status, 201) << answer.body;
  const auto& parts = answer.json["parts"];
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[0]["id"], answer.json["id"]);
  EXPECT_EQ(parts[0]["partOf"], Json());
  EXPECT_EQ(parts[0]["externalId"], "b-1");
  EXPECT_EQ(parts[0]["replyTo"], "wamid.Q");
  for (std::size_t at = 1; at < 3; ++at) {
    EXPECT_EQ(parts[at]["partOf"], answer.json["id"]);
    EXPECT_EQ(parts[at]["externalId"], Json());
    EXPECT_EQ(parts[at]["replyTo"], Json());
    EXPECT_EQ(parts[at]["seq"], parts[at - 1]["seq"].get<int>() + 1);
  }
  EXPECT_EQ(signals_.offered.size(), 1U);
  const auto again = send(conversation, {{"body", long_text()}, {"externalId", "b-1"}});
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.json["parts"], parts);
  EXPECT_EQ(rows_of("message"), 3);
}

TEST_F(Sends, APartBehindAFailedOneIsNotSent) {
  const auto conversation = given_conversation(tenant_);
  const auto parts = send(conversation, {{"body", long_text()}}).json["parts"];
  send(conversation, {{"body", "Something else"}});
  const auto is_behind = [&] {
    return write([&](sql::Connection& connection) {
      return store::read_sends(connection, {.tenant = tenant_, .conversation = conversation.id}, clock_.now())
          ->is_behind_failed_part;
    });
  };
  const auto end_head = [&](const char* state) {
    write([&](sql::Connection& connection) {
      const auto view =
          store::read_sends(connection, {.tenant = tenant_, .conversation = conversation.id}, clock_.now());
      connection.run("UPDATE message SET state = $2 WHERE id = $1", {view->head->id, state});
    });
  };
  EXPECT_FALSE(is_behind());
  end_head("accepted");
  EXPECT_FALSE(is_behind());
  end_head("failed");
  EXPECT_TRUE(is_behind());
  end_head("failed");
  EXPECT_FALSE(is_behind()) << "another text is not behind it";
}

TEST_F(Sends, APersonIsFoundByNumber) {
  const auto conversation = given_conversation(tenant_);
  const auto contact = write(
      [&](sql::Connection& connection) { return *store::find_contact(connection, tenant_, conversation.contact); });
  const auto answer = send_to({{"to", "+" + *contact.phone}, {"body", "Hi"}});
  ASSERT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(answer.json["conversationId"], conversation.id.text());
  EXPECT_EQ(answer.json["contactId"], contact.id.text());
  ASSERT_EQ(signals_.offered.size(), 1U);
  EXPECT_EQ(signals_.offered[0].key.key, conversation.id);
}

TEST_F(Sends, SomebodyNewBecomesAContactWithAConversation) {
  const auto channel = given_channel(tenant_);
  const auto answer =
      send_to({{"to", "+49 151 1234-9999"}, {"type", "template"}, {"name", "hi"}, {"language", "en_US"}});
  ASSERT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(answer.json["channelId"], channel.id.text());
  const auto contact = ask("GET", "/api/contacts/" + answer.json["contactId"].get<std::string>(), agent_);
  EXPECT_EQ(contact.json["phone"], "+4915112349999");
  const auto again = send_to({{"to", "+4915112349999"}, {"type", "template"}, {"name", "hi"}, {"language", "en_US"}});
  EXPECT_EQ(again.json["conversationId"], answer.json["conversationId"]);
  EXPECT_EQ(rows_of("contact"), 1);
  EXPECT_EQ(rows_of("conversation"), 1);
}

TEST_F(Sends, SomebodyIsKnownByUserIdAlone) {
  given_channel(tenant_);
  const auto answer =
      send_to({{"userId", "DE.1349001122334455"}, {"type", "template"}, {"name", "hi"}, {"language", "en_US"}});
  ASSERT_EQ(answer.status, 201) << answer.body;
  const auto contact = ask("GET", "/api/contacts/" + answer.json["contactId"].get<std::string>(), agent_);
  EXPECT_EQ(contact.json["userId"], "DE.1349001122334455");
  EXPECT_EQ(contact.json["phone"], Json());
}

TEST_F(Sends, ARefusedFirstMessageLeavesNobodyBehind) {
  given_channel(tenant_);
  const auto answer = send_to({{"to", "+4915112349999"}, {"body", "Hi"}});
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(answer.json["code"], "window_closed");
  EXPECT_EQ(answer.json["windowExpiresAt"], Json());
  EXPECT_EQ(rows_of("contact"), 0);
  EXPECT_EQ(rows_of("conversation"), 0);
  EXPECT_EQ(rows_of("contact_alias"), 0);
}

TEST_F(Sends, TheNumberToSendFromIsClear) {
  const Json hi{{"to", "+4915112349999"}, {"type", "template"}, {"name", "hi"}, {"language", "en_US"}};
  EXPECT_EQ(paths_of(send_to(hi)), std::vector<std::string>{"channelId"});
  given_channel(tenant_, "1001");
  const auto second = given_channel(tenant_, "1002");
  EXPECT_EQ(paths_of(send_to(hi)), std::vector<std::string>{"channelId"});
  Json chosen = hi;
  chosen["channelId"] = second.id.text();
  EXPECT_EQ(send_to(chosen).json["channelId"], second.id.text());
  chosen["channelId"] = given_channel(given_workspace("Other"), "1003").id.text();
  EXPECT_EQ(paths_of(send_to(chosen)), std::vector<std::string>{"channelId"});
}

TEST_F(Sends, WhomAMessageIsForIsClear) {
  given_channel(tenant_);
  const std::vector<std::pair<Json, std::string>> wrong{
      {{{"body", "x"}}, "to"},
      {{{"body", "x"}, {"to", "4915112349999"}}, "to"},
      {{{"body", "x"}, {"to", "+0151"}}, "to"},
      {{{"body", "x"}, {"to", 5}}, "to"},
      {{{"body", "x"}, {"userId", "1349"}}, "userId"},
      {{{"body", "x"}, {"userId", "DE.1349"}, {"to", "+4915112349999"}}, "userId"},
      {{{"body", "x"}, {"to", "+4915112349999"}, {"channelId", "7"}}, "channelId"},
  };
  for (const auto& [body, path] : wrong) {
    const auto answer = send_to(body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(paths_of(answer), std::vector<std::string>{path}) << answer.body;
  }
  EXPECT_EQ(rows_of("contact"), 0);
}

TEST_F(Sends, TheSameKeyIsAnsweredTheSame) {
  const auto conversation = given_conversation(tenant_);
  const auto first = send_with_key(path_of(conversation), "k-1", {{"body", "Hi"}, {"previewUrl", true}});
  clock_.pass(std::chrono::hours(23));
  const auto again = send_with_key(path_of(conversation), "k-1", {{"previewUrl", true}, {"body", "Hi"}});
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(first.header("Idempotent-Replayed"), "");
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
  EXPECT_EQ(rows_of("message"), 1);
  EXPECT_EQ(signals_.offered.size(), 1U);
}

TEST_F(Sends, AKeyWithAnotherRequestIs422) {
  const auto conversation = given_conversation(tenant_);
  const auto other = given_conversation(tenant_);
  EXPECT_EQ(send_with_key(path_of(conversation), "k-1", {{"body", "Hi"}}).status, 201);
  for (const auto& answer : {send_with_key(path_of(conversation), "k-1", {{"body", "Ho"}}),
                             send_with_key(path_of(other), "k-1", {{"body", "Hi"}})}) {
    EXPECT_EQ(answer.status, 422);
    EXPECT_EQ(answer.json["code"], "idempotency_key_reused");
  }
  EXPECT_EQ(rows_of("message"), 1);
}

TEST_F(Sends, AKeyIsItsWorkspaces) {
  const auto mine = given_conversation(tenant_);
  const auto other = given_workspace("Other");
  const auto theirs = given_conversation(other);
  EXPECT_EQ(send_with_key(path_of(mine), "k-1", {{"body", "Hi"}}).status, 201);
  HeaderList who = as_agent(other);
  who.emplace_back("Idempotency-Key", "k-1");
  EXPECT_EQ(ask("POST", path_of(theirs), who, {{"body", "Hi"}}).status, 201);
  EXPECT_EQ(rows_of("message"), 2);
}

TEST_F(Sends, WhatWasRefusedMayBeTriedAgainWithItsKey) {
  const auto conversation = given_conversation(tenant_, Window::NeverOpened);
  EXPECT_EQ(send_with_key(path_of(conversation), "k-1", {{"body", "Hi"}}).json["code"], "window_closed");
  EXPECT_EQ(rows_of("idempotency_key"), 0);
  write([&](sql::Connection& connection) {
    connection.run("UPDATE conversation SET window_expires_at = $1", {window_end(clock_.now())});
  });
  EXPECT_EQ(send_with_key(path_of(conversation), "k-1", {{"body", "Hi"}}).status, 201);
}

TEST_F(Sends, AKeyAlsoSpeaksOfSomebodyNew) {
  given_channel(tenant_);
  const Json hi{{"to", "+4915112349999"}, {"type", "template"}, {"name", "hi"}, {"language", "en_US"}};
  const auto first = send_with_key("/api/messages", "k-1", hi);
  const auto again = send_with_key("/api/messages", "k-1", hi);
  EXPECT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(rows_of("message"), 1);
}

TEST_F(Sends, AKeyHas1To255VisibleCharacters) {
  const auto conversation = given_conversation(tenant_);
  for (const auto& key : {std::string(), std::string("a b"), std::string("ü"), std::string(256, 'k')}) {
    const auto answer = send_with_key(path_of(conversation), key, {{"body", "Hi"}});
    EXPECT_EQ(answer.status, 400) << key;
    EXPECT_EQ(paths_of(answer), std::vector<std::string>{"Idempotency-Key"});
  }
  EXPECT_EQ(send_with_key(path_of(conversation), std::string(255, 'k'), {{"body", "Hi"}}).status, 201);
}

TEST_F(Sends, AKeyIsForgottenAfterADay) {
  const auto conversation = given_conversation(tenant_);
  EXPECT_EQ(send_with_key(path_of(conversation), "k-1", {{"body", "Hi"}}).status, 201);
  EXPECT_EQ(send_with_key(path_of(conversation), "k-2", {{"body", "Hi"}}).status, 201);
  clock_.pass(std::chrono::hours(24) + milliseconds(1));
  const auto later = send_with_key(path_of(conversation), "k-1", {{"body", "Ho"}, {"outsideWindow", "hold"}});
  EXPECT_EQ(later.status, 201) << later.body;
  EXPECT_EQ(rows_of("idempotency_key"), 2);
  EXPECT_TRUE(store::drop_outlived_rows(*database_, {.events = std::chrono::days(30), .runs = std::chrono::days(90)},
                                        clock_.now()));
  EXPECT_EQ(rows_of("idempotency_key"), 1);
}

TEST_F(Sends, AnErasedContactsAnswersAreGone) {
  const auto conversation = given_conversation(tenant_);
  EXPECT_EQ(send_with_key(path_of(conversation), "k-1", {{"body", "Hi"}}).status, 201);
  EXPECT_EQ(ask("DELETE", "/api/contacts/" + conversation.contact.text(), as_admin(tenant_)).status, 200);
  EXPECT_EQ(rows_of("idempotency_key"), 0);
}

// On PostgreSQL on several lanes, as several nodes would.
TEST_F(Sends, AtTheSameTimeTheyMakeOneContactAndOneConversation) {
  given_channel(tenant_);
  constexpr std::uint64_t kSends = 6;
  std::vector<std::thread> threads;
  for (std::uint64_t lane = 0; lane < kSends; ++lane) {
    threads.emplace_back([&, lane] {
      api::SendOrder order{.tenant = tenant_,
                           .to = api::Person{.alias = {.kind = AliasKind::Phone, .value = "4915112349999"}},
                           .now = clock_.now()};
      order.outgoing.messages.push_back({.type = "template", .content = {{"name", "hi"}}});
      // Half of them are one request that comes again.
      if (lane % 2 == 0) order.key = store::RequestKey{.tenant = tenant_, .key = "k-1", .hash = std::string(32, 'a')};
      const auto sent = database_->write_and_wait(
          lane, [order](sql::Connection& connection) { return api::carry_out(connection, order); });
      EXPECT_TRUE(sent) << (sent ? "" : sent.error().words());
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(rows_of("contact"), 1);
  EXPECT_EQ(rows_of("conversation"), 1);
  EXPECT_EQ(rows_of("message"), 1 + kSends / 2);
}

}  // namespace
}  // namespace waypost::test
