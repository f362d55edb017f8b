// What people and other apps do in our conversations: echoes, history, standby, handovers, the address book.

#include "store/elsewhere.h"

#include <gtest/gtest.h>

#include "conversation/throughput.h"
#include "store/channels.h"
#include "store/contacts.h"
#include "store/conversations.h"
#include "store/messages.h"
#include "store/tenants.h"
#include "tests/webhook/gateway.h"

namespace waypost {
namespace {

using test::Gateway;
using test::Text;

// 2025-10-09T08:53:20Z, which is the gateway's clock.
constexpr std::int64_t kNow = 1'760'000'000;

class Elsewhere : public testing::Test {
 protected:
  Elsewhere() { gateway.start(); }

  std::int64_t count(const std::string& of) { return gateway.store.number("SELECT count(*) FROM " + of); }
  store::Conversation talk() {
    return gateway.store.run([this](sql::Connection& connection) {
      return store::list_conversations(connection, gateway.store.tenant, {}).at(0);
    });
  }
  void post(const std::string& field, Json value) {
    value["metadata"] = {{"display_phone_number", "15550783881"}, {"phone_number_id", test::kNumber}};
    const Json change{{"field", field}, {"value", std::move(value)}};
    const Json entry{{"id", "waba"}, {"changes", Json::array({change})}};
    gateway.post_and_settle(dump({{"object", "whatsapp_business_account"}, {"entry", Json::array({entry})}}));
  }
  void customer_writes(const std::string& wamid, std::int64_t at) {
    gateway.post_and_settle(test::body_of(Text{.id = wamid, .at = at}));
  }
  static Json echo(const std::string& wamid, std::int64_t at) {
    return {{"from", "15550783881"},           {"to", "16505551234"}, {"id", wamid},
            {"timestamp", std::to_string(at)}, {"type", "text"},      {"text", {{"body", "On my way"}}}};
  }
  void person_writes(const std::string& wamid, std::int64_t at) {
    post("smb_message_echoes", {{"message_echoes", Json::array({echo(wamid, at)})}});
  }
  static Json past(const std::string& wamid, std::int64_t at, Json rest = Json::object()) {
    Json message{{"from", "16505551234"},           {"id", wamid},
                 {"timestamp", std::to_string(at)}, {"type", "text"},
                 {"text", {{"body", wamid}}},       {"history_context", {{"status", "READ"}}}};
    message.update(rest);
    return message;
  }
  void import(const Json& messages) {
    post("history",
         {{"history", Json::array({{{"metadata", {{"phase", 0}}},
                                    {"threads", Json::array({{{"id", "16505551234"}, {"messages", messages}}})}}})}});
  }

  Gateway gateway;
};

TEST_F(Elsewhere, AnEchoIsAnOutboundMessageAndOpensNothing) {
  person_writes("wamid.e", kNow);
  person_writes("wamid.e", kNow);
  EXPECT_EQ(count("message WHERE direction = 'out' AND author = 'app' AND via = 'echo' AND state = 'sent'"), 1);
  EXPECT_EQ(count("message"), 1);
  EXPECT_EQ(count("run_trigger"), 0);
  EXPECT_EQ(count("event WHERE type = 'message.echoed'"), 1);
  EXPECT_EQ(count("contact_alias WHERE kind = 'phone' AND value = '16505551234'"), 1);
  EXPECT_EQ(talk().window_expires_at, std::nullopt);
  EXPECT_EQ(talk().last_message_text, "On my way");
}

// Meta lets such a number send 20 a second.
TEST_F(Elsewhere, AnEchoSaysThatTheNumberIsInTheApp) {
  const auto allowed = [this] {
    return gateway.store.run([this](sql::Connection& connection) {
      return throughput(store::find_channel(connection, gateway.store.tenant, gateway.store.channel)->standing);
    });
  };
  EXPECT_EQ(allowed(), kStandardThroughput);
  person_writes("wamid.e", kNow);
  person_writes("wamid.f", kNow + 1);
  EXPECT_EQ(allowed(), kThroughputBesideApp);
  EXPECT_EQ(count("event WHERE type = 'channel.updated'"), 1);
}

TEST_F(Elsewhere, AnEchoOfWhatWeSentIsNothingNew) {
  customer_writes("wamid.1", kNow);
  gateway.store.run([this](sql::Connection& connection) {
    const auto conversation = store::list_conversations(connection, gateway.store.tenant, {}).at(0);
    const auto queued =
        store::queue_message(connection, conversation, {.text = "ours", .author = "api"}, gateway.store.clock.now());
    connection.run("UPDATE message SET wamid = 'wamid.ours', state = 'sent' WHERE id = $1", {queued.id});
  });
  person_writes("wamid.ours", kNow);
  EXPECT_EQ(count("message WHERE direction = 'out'"), 1);
}

TEST_F(Elsewhere, AStatusFindsAnEchoAlsoWhenItCameFirst) {
  gateway.post_and_settle(test::body_of(test::Word{.status = "read", .id = "wamid.e"}));
  person_writes("wamid.e", kNow);
  EXPECT_EQ(count("message WHERE wamid = 'wamid.e' AND state = 'read'"), 1);
}

TEST_F(Elsewhere, AutomationRestsWhileAPersonIsAtIt) {
  person_writes("wamid.e", kNow);
  customer_writes("wamid.1", kNow + 60);
  EXPECT_EQ(count("run_trigger"), 0);
  customer_writes("wamid.2", kNow + 3'601);
  EXPECT_EQ(count("run_trigger"), 1);
  EXPECT_EQ(talk().automation_paused_until, from_millis((kNow + 3'600) * 1000));
}

TEST_F(Elsewhere, AWorkspaceMayWantNoRest) {
  gateway.store.run([this](sql::Connection& connection) {
    store::set_setting(connection, gateway.store.tenant, "coexistence", {{"echoPauseMinutes", 0}},
                       gateway.store.clock.now());
  });
  person_writes("wamid.e", kNow);
  customer_writes("wamid.1", kNow + 60);
  EXPECT_EQ(count("run_trigger"), 1);
}

TEST_F(Elsewhere, HistoryOpensNoWindowAndStartsNothing) {
  import(Json::array({past("wamid.h2", kNow - 100), past("wamid.h1", kNow - 200),
                      past("wamid.h3", kNow - 50, {{"from", "15550783881"}, {"to", "16505551234"}})}));
  EXPECT_EQ(count("message WHERE via = 'history'"), 3);
  EXPECT_EQ(count("message WHERE direction = 'out' AND state = 'read' AND author = 'app'"), 1);
  EXPECT_EQ(count("run_trigger"), 0);
  EXPECT_EQ(count("event WHERE type = 'message.imported'"), 3);
  EXPECT_EQ(count("event WHERE type = 'history.progressed'"), 1);
  EXPECT_EQ(talk().window_expires_at, std::nullopt);
  EXPECT_EQ(talk().last_message_text, "wamid.h3");
  const auto id = talk().id;
  const auto messages = gateway.store.run([this, id](sql::Connection& connection) {
    return store::list_messages(connection, gateway.store.tenant, id, {.limit = 10, .offset = 0});
  });
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(messages.at(0).wamid, "wamid.h3");
  EXPECT_EQ(messages.at(2).wamid, "wamid.h1");
}

TEST_F(Elsewhere, HistoryMovesNoNewerPreview) {
  customer_writes("wamid.1", kNow);
  import(Json::array({past("wamid.h1", kNow - 200)}));
  EXPECT_EQ(talk().last_message_text, "hello");
  EXPECT_EQ(talk().window_expires_at, from_millis((kNow + 86'400) * 1000));
}

TEST_F(Elsewhere, APlaceholderIsFilledLater) {
  const Json rest{{"type", "media_placeholder"}};
  Json placeholder = past("wamid.h1", kNow - 200, rest);
  placeholder.erase("text");
  import(Json::array({placeholder}));
  Json image = past("wamid.h1", kNow - 200, {{"type", "image"}, {"image", {{"id", "9"}, {"caption", "the cat"}}}});
  image.erase("text");
  for (int n = 0; n < 2; ++n) post("history", {{"messages", Json::array({image})}});
  EXPECT_EQ(count("message"), 1);
  EXPECT_EQ(count("message WHERE type = 'image' AND text = 'the cat'"), 1);
  EXPECT_EQ(count("event WHERE type = 'message.imported'"), 2);
  import(Json::array({placeholder}));
  EXPECT_EQ(count("message WHERE type = 'image'"), 1);
}

TEST_F(Elsewhere, ARefusedHistoryIsToldOf) {
  post("history", {{"history", Json::array({{{"errors", Json::array({{{"code", 2593109}}})}}})}});
  EXPECT_EQ(count("event WHERE type = 'history.declined'"), 1);
  EXPECT_EQ(count("dead_letter"), 0);
}

TEST_F(Elsewhere, ACopyWhileAnotherAppOwnsTheConversationStartsNothing) {
  const auto copy = test::message_json({.id = "wamid.s", .at = kNow});
  post("standby", {{"messages", Json::array({copy})}});
  EXPECT_EQ(count("message WHERE via = 'standby'"), 1);
  EXPECT_EQ(count("run_trigger"), 0);
  EXPECT_EQ(count("event WHERE type = 'message.standby'"), 1);
  EXPECT_EQ(talk().thread_owner, "other");
  EXPECT_NE(talk().window_expires_at, std::nullopt);
}

TEST_F(Elsewhere, AMessageToUsSaysThatTheConversationIsOursAgain) {
  post("standby", {{"messages", Json::array({test::message_json({.id = "wamid.s", .at = kNow})})}});
  customer_writes("wamid.early", kNow - 10);
  EXPECT_EQ(talk().thread_owner, "other");
  EXPECT_EQ(count("run_trigger"), 0);
  customer_writes("wamid.late", kNow + 10);
  EXPECT_EQ(talk().thread_owner, std::nullopt);
  EXPECT_EQ(count("run_trigger"), 1);
}

TEST_F(Elsewhere, AHandoverNamesTheOwnerWhateverTheOrder) {
  const auto handover = [this](const std::string& what, std::int64_t at) {
    post("messaging_handovers", {{"sender", {{"phone_number", "16505551234"}}},
                                 {"timestamp", std::to_string(at)},
                                 {what, {{"new_owner_role", "secondary"}}}});
  };
  handover("control_passed", kNow + 20);
  handover("control_taken", kNow + 10);
  EXPECT_EQ(talk().thread_owner, std::nullopt);
  handover("control_taken", kNow + 30);
  EXPECT_EQ(talk().thread_owner, "secondary");
  EXPECT_EQ(count("event WHERE type = 'conversation.handed_over'"), 3);
}

// Whatever comes first: what was said last stands.
TEST_F(Elsewhere, AnOldHandoverTakesNothingFromUs) {
  const auto taken_at = [this](std::int64_t at) {
    post("messaging_handovers", {{"control_taken",
                                  {{"sender", {{"phone_number", "16505551234"}}},
                                   {"recipient", {{"phone_number_id", test::kNumber}}},
                                   {"new_owner_role", "secondary"},
                                   {"timestamp", std::to_string(at)}}}});
  };
  customer_writes("wamid.1", kNow + 30);
  taken_at(kNow + 10);
  EXPECT_EQ(talk().thread_owner, std::nullopt);
  taken_at(kNow + 40);
  EXPECT_EQ(talk().thread_owner, "secondary");
  customer_writes("wamid.2", kNow + 50);
  customer_writes("wamid.3", kNow + 70);
  EXPECT_EQ(talk().thread_owner, std::nullopt);
  taken_at(kNow + 60);
  EXPECT_EQ(talk().thread_owner, std::nullopt);
  EXPECT_EQ(count("message WHERE failure_reason IS NOT NULL"), 0);
}

// One person under two ids: of one it is known that another app took the conversation, of the other that it came back.
TEST_F(Elsewhere, ConversationsThatBecomeOneAreWhoseWasSaidLast) {
  const Json copy = test::message_json({.id = "wamid.s", .from = "16505551234", .user_id = "", .at = kNow + 10});
  post("standby", {{"messages", Json::array({copy})}});
  gateway.post_and_settle(test::body_of(Text{.id = "wamid.u", .from = "", .user_id = "US.1", .at = kNow + 20}));
  ASSERT_EQ(count("conversation WHERE thread_owner IS NOT NULL"), 1);
  gateway.post_and_settle(
      test::body_of(Text{.id = "wamid.both", .from = "16505551234", .user_id = "US.1", .at = kNow + 5}));
  EXPECT_EQ(count("conversation WHERE merged_into IS NULL"), 1);
  EXPECT_EQ(count("conversation WHERE merged_into IS NULL AND thread_owner IS NOT NULL"), 0);
}

TEST_F(Elsewhere, TheAddressBookNamesContactsAndTakesNamesAway) {
  const auto entry = [this](const std::string& action, std::int64_t at) {
    Json contact{{"phone_number", "16505551234"}};
    if (action == "add") contact["full_name"] = "Pat Doe";
    post("smb_app_state_sync", {{"state_sync", Json::array({{{"type", "contact"},
                                                             {"contact", contact},
                                                             {"action", action},
                                                             {"metadata", {{"timestamp", std::to_string(at)}}}}})}});
  };
  entry("add", kNow + 10);
  EXPECT_EQ(count("contact WHERE book_name = 'Pat Doe'"), 1);
  entry("remove", kNow + 5);
  EXPECT_EQ(count("contact WHERE book_name = 'Pat Doe'"), 1);
  entry("remove", kNow + 20);
  EXPECT_EQ(count("contact WHERE book_name IS NULL"), 1);
}

}  // namespace
}  // namespace waypost
