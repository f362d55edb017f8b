#include <gtest/gtest.h>

#include "store/calls.h"
#include "store/contacts.h"
#include "store/conversations.h"
#include "store/groups.h"
#include "store/recipients.h"
#include "tests/webhook/gateway.h"

namespace waypost {
namespace {

using test::Gateway;
using test::Text;

constexpr std::int64_t kNow = 1'760'000'000;  // the gateway's clock

class OfNumber : public testing::Test {
 protected:
  OfNumber() { gateway.start(); }

  std::int64_t count(const std::string& of) { return gateway.store.number("SELECT count(*) FROM " + of); }
  std::vector<store::Conversation> talks() {
    return gateway.store.run([this](sql::Connection& connection) {
      return store::list_conversations(connection, gateway.store.tenant, {});
    });
  }
  void post(const std::string& field, Json value) {
    value["metadata"] = {{"phone_number_id", test::kNumber}};
    const Json change{{"field", field}, {"value", std::move(value)}};
    const Json entry{{"id", "waba"}, {"changes", Json::array({change})}};
    gateway.post_and_settle(dump({{"object", "whatsapp_business_account"}, {"entry", Json::array({entry})}}));
  }

  Gateway gateway;
};

class Groups : public OfNumber {
 protected:
  void writes(const std::string& wamid, const std::string& from) {
    Json message = test::message_json({.id = wamid, .from = from, .user_id = ""});
    message["group_id"] = "g1";
    post("messages", {{"messages", Json::array({message})}});
  }
  void news(const std::string& field, Json group) {
    group["group_id"] = "g1";
    post(field, {{"groups", Json::array({std::move(group)})}});
  }
  std::optional<store::ChatGroup> group() {
    const auto contact = talks().at(0).contact;
    return gateway.store.run([&](sql::Connection& connection) {
      return store::group_of_contact(connection, gateway.store.tenant, contact);
    });
  }
};

TEST_F(Groups, AGroupIsOneConversationAndItsPeopleAreContacts) {
  writes("wamid.1", "111");
  writes("wamid.2", "222");
  writes("wamid.2", "222");
  ASSERT_EQ(talks().size(), 1U);
  EXPECT_EQ(count("message WHERE participant_id IS NOT NULL"), 2);
  EXPECT_EQ(count("contact"), 3);
  EXPECT_EQ(count("run_trigger"), 0);
  ASSERT_TRUE(group());
  EXPECT_EQ(group()->participants.size(), 2U);
  EXPECT_EQ(count("dead_letter"), 0);
}

TEST_F(Groups, NewsOfAGroupStandByMetasTime) {
  writes("wamid.1", "111");
  news("group_settings_update", {{"timestamp", kNow + 20},
                                 {"type", "group_settings_update"},
                                 {"group_subject", {{"text", "Neighbours"}, {"update_successful", true}}}});
  news("group_lifecycle_update",
       {{"timestamp", kNow + 10}, {"type", "group_create"}, {"subject", "Old"}, {"invite_link", "https://l"}});
  news("group_status_update", {{"timestamp", kNow + 30}, {"type", "group_suspend"}});
  EXPECT_EQ(group()->subject, "Neighbours");
  EXPECT_EQ(group()->invite_link, "https://l");
  EXPECT_EQ(group()->state, "suspended");
  EXPECT_EQ(count("contact WHERE profile_name = 'Neighbours'"), 1);
}

TEST_F(Groups, WhoLeftIsInItNoLongerInEitherSpelling) {
  writes("wamid.1", "111");
  news("group_participant_update", {{"timestamp", kNow + 10},
                                    {"type", "group_remove_participants"},
                                    {"removed_participants", Json::array({{{"wa_id", "111"}}})}});
  news("group_participants_update", {{"timestamp", kNow + 5},
                                     {"type", "group_participants_add"},
                                     {"added_participants", Json::array({{{"wa_id", "111"}}, {{"wa_id", "333"}}})}});
  EXPECT_EQ(group()->participants.size(), 1U);
}

TEST_F(Groups, EachParticipantsStatusStandsForItself) {
  writes("wamid.1", "111");
  const auto sent = gateway.store.run([this](sql::Connection& connection) {
    const auto conversation = store::list_conversations(connection, gateway.store.tenant, {}).at(0);
    const auto queued =
        store::queue_message(connection, conversation, {.text = "hi", .author = "api"}, gateway.store.clock.now());
    connection.run("UPDATE message SET wamid = 'wamid.out', state = 'accepted' WHERE id = $1", {queued.id});
    return queued;
  });
  const auto status = [](const std::string& word, const std::string& key, const std::string& who) {
    Json json{
        {"id", "wamid.out"},         {"status", word}, {"timestamp", std::to_string(kNow + 5)}, {"recipient_id", "g1"},
        {"recipient_type", "group"}, {key, who}};
    if (word == "failed") json["errors"] = Json::array({{{"code", 131026}}});
    return json;
  };
  post("messages", {{"statuses", Json::array({status("delivered", "recipient_participant_id", "111"),
                                              status("failed", "participant_recipient_id", "222")})}});
  EXPECT_EQ(count("message WHERE wamid = 'wamid.out' AND state = 'delivered' AND failed_at IS NULL"), 1);
  EXPECT_EQ(count("message_recipient WHERE participant = '111' AND state = 'delivered'"), 1);
  EXPECT_EQ(count("message_recipient WHERE participant = '222' AND state = 'failed' AND failure_code = 131026"), 1);
  const auto shown = gateway.store.run(
      [&](sql::Connection& connection) { return store::recipients_of(connection, gateway.store.tenant, {sent}); });
  EXPECT_EQ(shown.at(sent.id).size(), 2U);
}

TEST_F(Groups, TwoParticipantsStatusesWaitBesideEachOther) {
  const auto delivered = [](const std::string& who) {
    return Json{
        {"id", "wamid.later"}, {"status", "delivered"}, {"timestamp", "1760000005"}, {"recipient_participant_id", who}};
  };
  post("messages", {{"statuses", Json::array({delivered("111"), delivered("222")})}});
  EXPECT_EQ(count("parked_status"), 2);
}

TEST_F(Groups, WhoeverIsErasedIsErasedInGroupsToo) {
  writes("wamid.1", "111");
  writes("wamid.2", "222");
  for (const std::string from : {"111", "222"}) {
    const Json common{{"from", from}, {"group_id", "g1"}, {"timestamp", std::to_string(kNow + 5)}};
    Json image = common;
    image.update({{"id", "wamid.i" + from}, {"type", "image"}, {"image", {{"id", "9"}, {"caption", "by " + from}}}});
    Json reaction = common;
    reaction.update(
        {{"id", "wamid.r" + from}, {"type", "reaction"}, {"reaction", {{"message_id", "wamid.2"}, {"emoji", "x"}}}});
    post("messages", {{"messages", Json::array({reaction, image})}});
  }
  ASSERT_EQ(count("media"), 2);
  ASSERT_EQ(count("message_mark"), 2);
  gateway.store.run([this](sql::Connection& connection) {
    const auto one =
        store::contact_of_alias(connection, gateway.store.tenant, {.kind = AliasKind::Phone, .value = "111"});
    store::delete_contact(connection, gateway.store.tenant, *one, gateway.store.clock.now());
  });
  EXPECT_EQ(count("message"), 3);
  EXPECT_EQ(count("group_participant"), 1);
  EXPECT_EQ(count("media"), 1);
  EXPECT_EQ(count("message_mark"), 1);
  EXPECT_EQ(count("conversation WHERE last_message_text IS NOT NULL"), 0);
}

// Somebody who showed their number first and then their id, in two messages: what they said of a message is one word.
TEST_F(Groups, WhoeverIsOnePersonHasOneReaction) {
  writes("wamid.1", "111");
  const auto react = [&](const char* id, const char* emoji, Json sender) {
    Json reaction{{"id", id},
                  {"group_id", "g1"},
                  {"timestamp", std::to_string(kNow + count("message"))},
                  {"type", "reaction"},
                  {"reaction", {{"message_id", "wamid.1"}, {"emoji", emoji}}}};
    reaction.update(sender);
    post("messages", {{"messages", Json::array({reaction})}});
  };
  react("wamid.r1", "old", {{"from", "222"}});
  react("wamid.r2", "new", {{"from_user_id", "US.2"}});
  ASSERT_EQ(count("message_mark"), 2);
  react("wamid.r3", "x", {{"from", "333"}});
  gateway.post_and_settle(test::body_of(Text{.id = "wamid.both", .from = "222", .user_id = "US.2"}));
  EXPECT_EQ(count("message_mark"), 2);
  EXPECT_EQ(count("message_mark WHERE text = 'new'"), 1);
  gateway.store.run([this](sql::Connection& connection) {
    const auto one =
        store::contact_of_alias(connection, gateway.store.tenant, {.kind = AliasKind::Bsuid, .value = "US.2"});
    store::delete_contact(connection, gateway.store.tenant, *one, gateway.store.clock.now());
  });
  EXPECT_EQ(count("message_mark"), 1);
}

class Calls : public OfNumber {
 protected:
  void call(Json rest) {
    Json call{{"id", "wacid.1"}, {"from", "16505551234"}, {"to", "15550783881"}, {"direction", "USER_INITIATED"}};
    call.update(rest);
    post("calls", {{"calls", Json::array({call})}});
  }
  void connect() { call({{"event", "connect"}, {"timestamp", std::to_string(kNow)}}); }
  void terminate() {
    call({{"event", "terminate"}, {"timestamp", std::to_string(kNow + 60)}, {"status", "Completed"}, {"duration", 50}});
  }
  Json shown() {
    const auto id = talks().at(0).id;
    return gateway.store.run(
        [&](sql::Connection& connection) { return store::calls_of(connection, gateway.store.tenant, id); });
  }
};

TEST_F(Calls, ACustomersCallOpensTheWindowAndStandsInTheConversation) {
  connect();
  terminate();
  connect();
  EXPECT_EQ(talks().at(0).window_expires_at, from_millis((kNow + 86'400) * 1000));
  EXPECT_EQ(count("message WHERE type = 'call' AND direction = 'in'"), 1);
  EXPECT_EQ(count("run_trigger"), 0);
  ASSERT_EQ(shown().size(), 1U);
  EXPECT_EQ(shown()[0]["state"], "ended");
  EXPECT_EQ(shown()[0]["outcome"], "completed");
  EXPECT_EQ(shown()[0]["durationSeconds"], 50);
  EXPECT_EQ(count("event WHERE type = 'call.updated'"), 2);
}

TEST_F(Calls, TheOrderOfWordsDoesNotMatter) {
  terminate();
  EXPECT_EQ(talks().at(0).window_expires_at, std::nullopt);
  connect();
  EXPECT_EQ(shown()[0]["state"], "ended");
  EXPECT_EQ(talks().at(0).window_expires_at, from_millis((kNow + 86'400) * 1000));
}

TEST_F(Calls, OurCallOpensTheWindowWhenTheCustomerTakesIt) {
  const auto say = [this](const std::string& word, std::int64_t at) {
    post("calls", {{"statuses", Json::array({{{"id", "wacid.2"},
                                              {"type", "call"},
                                              {"status", word},
                                              {"timestamp", std::to_string(at)},
                                              {"recipient_id", "16505551234"}}})}});
  };
  say("RINGING", kNow);
  EXPECT_EQ(talks().at(0).window_expires_at, std::nullopt);
  say("ACCEPTED", kNow + 5);
  EXPECT_EQ(talks().at(0).window_expires_at, from_millis((kNow + 5 + 86'400) * 1000));
  EXPECT_EQ(shown()[0]["direction"], "outbound");
  EXPECT_EQ(shown()[0]["state"], "accepted");
}

TEST_F(Calls, HeldMessagesGoWhenTheCustomerCalls) {
  gateway.post_and_settle(test::body_of(Text{.at = kNow - 200'000}));
  gateway.store.run([this](sql::Connection& connection) {
    const auto conversation = store::list_conversations(connection, gateway.store.tenant, {}).at(0);
    store::queue_message(connection, conversation, {.text = "held", .state = MessageState::Held, .author = "api"},
                         gateway.store.clock.now());
  });
  connect();
  EXPECT_EQ(count("message WHERE state = 'queued'"), 1);
  EXPECT_GE(gateway.signals.count(QueueName::Sends), 1U);
}

}  // namespace
}  // namespace waypost
