#include "webhook/applier.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "conversation/callback_data.h"
#include "store/contacts.h"
#include "store/conversations.h"
#include "store/events.h"
#include "store/letter_list.h"
#include "store/messages.h"
#include "tests/webhook/gateway.h"

namespace waypost {
namespace {

using test::Gateway;
using test::Text;
using test::Word;

class Applying : public testing::Test {
 protected:
  std::int64_t count(const std::string& of) { return gateway.store.number("SELECT count(*) FROM " + of); }
  std::vector<store::DeadLetter> letters() {
    return gateway.store.run([](sql::Connection& connection) {
      auto all = store::list_letters(connection, {}, {.limit = 100});
      for (auto& letter : all) letter = *store::find_dead_letter(connection, letter.id);
      return all;
    });
  }
  store::Conversation conversation() {
    auto all = gateway.store.run([this](sql::Connection& connection) {
      return store::list_conversations(connection, gateway.store.tenant, {});
    });
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? store::Conversation{} : all.front();
  }

  store::Conversation conversation_in(sql::Connection& connection) {
    return store::list_conversations(connection, gateway.store.tenant, {}).front();
  }

  Gateway gateway;
};

TEST_F(Applying, AMessageBecomesContactConversationMessageTriggerAndEvent) {
  gateway.start();
  gateway.post_and_settle(test::body_of(Text{}));
  EXPECT_EQ(count("contact"), 1);
  EXPECT_EQ(count("contact_alias"), 2);
  EXPECT_EQ(count("message WHERE direction = 'in' AND state = 'received' AND text = 'hello'"), 1);
  EXPECT_EQ(count("run_trigger"), 1);
  EXPECT_EQ(count("event WHERE type = 'message.received'"), 1);
  const auto found = conversation();
  EXPECT_EQ(found.window_expires_at, from_millis(1'760'086'400'000));
  EXPECT_EQ(found.last_message_text, "hello");
  EXPECT_EQ(found.last_message_at, from_millis(1'760'000'000'000));
  EXPECT_EQ(gateway.signals.count(QueueName::Runs), 1U);
}

// Law 2.
TEST_F(Applying, ARepeatedWebhookChangesNothing) {
  gateway.start();
  for (int i = 0; i < 50; ++i) gateway.post(test::body_of(Text{}));
  gateway.settle();
  EXPECT_EQ(count("message"), 1);
  EXPECT_EQ(count("run_trigger"), 1);
  EXPECT_EQ(count("event WHERE type = 'message.received'"), 1);
  EXPECT_EQ(conversation().next_seq, 2);
}

TEST_F(Applying, MessagesOfOneCustomerKeepTheirOrder) {
  gateway.start();
  for (int i = 0; i < 300; ++i) {
    gateway.post(test::body_of(Text{.id = "wamid." + std::to_string(i), .body = std::to_string(i)}));
  }
  gateway.settle();
  EXPECT_EQ(count("message WHERE text <> CAST(seq - 1 AS text)"), 0);
  EXPECT_EQ(count("message"), 300);
}

// Law 3.
TEST_F(Applying, ABadItemHarmsOnlyItself) {
  gateway.start();
  Json bad = test::message_json({.id = "wamid.bad"});
  bad.erase("timestamp");
  const auto good = test::message_json({.id = "wamid.good"});
  gateway.post_and_settle(test::envelope_of({{"messages", Json::array({bad, good, 7})}}));
  EXPECT_EQ(count("message"), 1);
  const auto dead = letters();
  ASSERT_EQ(dead.size(), 2U);
  for (const auto& letter : dead) EXPECT_EQ(letter.reason, store::DeadReason::WrongShape);
  EXPECT_EQ(count("dead_letter WHERE place = 'entry[0].changes[0].value.messages[0]'"), 1);
  EXPECT_EQ(count("dead_letter WHERE place = 'entry[0].changes[0].value.messages[2]'"), 1);
}

TEST_F(Applying, WhatIsNotJsonIsOneDeadLetterWithItsBytes) {
  gateway.start();
  gateway.post_and_settle("{\"entry\":[");
  const auto dead = letters();
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead.front().reason, store::DeadReason::NotJson);
  EXPECT_EQ(dead.front().raw, "{\"entry\":[");
  EXPECT_EQ(dead.front().place, "");
}

// Law 13.
TEST_F(Applying, NobodyNeedsAPhoneNumber) {
  gateway.start();
  gateway.post_and_settle(test::body_of(Text{.from = ""}));
  EXPECT_EQ(count("contact WHERE phone IS NULL AND user_id = 'US.1'"), 1);
  EXPECT_EQ(count("message"), 1);
}

TEST_F(Applying, BsuidAndPhoneShownTogetherMakeOnePersonOfTwo) {
  gateway.start();
  gateway.post_and_settle(test::body_of(Text{.id = "wamid.1", .user_id = ""}));
  gateway.store.clock.pass(milliseconds(1000));
  gateway.post_and_settle(test::body_of(Text{.id = "wamid.2", .from = ""}));
  EXPECT_EQ(count("contact WHERE merged_into IS NULL"), 2);
  gateway.post_and_settle(test::body_of(Text{.id = "wamid.3"}));
  EXPECT_EQ(count("contact WHERE merged_into IS NULL"), 1);
  EXPECT_EQ(count("contact WHERE merged_into IS NULL AND phone = '16505551234' AND user_id = 'US.1'"), 1);
  EXPECT_EQ(count("conversation WHERE merged_into IS NULL"), 1);
  EXPECT_EQ(count("event WHERE type = 'contact.merged'"), 1);
  EXPECT_EQ(count("message AS m JOIN conversation AS c ON c.id = m.conversation_id WHERE c.merged_into IS NULL"), 3);
  EXPECT_EQ(count("run_trigger AS t JOIN message AS m ON m.id = t.message_id AND m.seq = t.seq AND "
                  "m.conversation_id = t.conversation_id"),
            3);
}

// The queue keeps a workspace's numbers apart: a key with another number's lane would be a second key.
TEST_F(Applying, AMergeSignalsSendsInTheLaneOfTheirOwnNumber) {
  const auto& store = gateway.store;
  const auto second = gateway.store.add_channel(store.tenant, "555");
  gateway.start();
  gateway.post_and_settle(test::body_of(Text{.id = "wamid.1", .user_id = "", .number = "555"}));
  gateway.store.clock.pass(milliseconds(1000));
  gateway.post_and_settle(test::body_of(Text{.id = "wamid.2", .from = "", .number = "555"}));
  gateway.post_and_settle(test::body_of(Text{.id = "wamid.3"}));
  EXPECT_EQ(count("event WHERE type = 'contact.merged'"), 1);
  const auto keys = gateway.signals.keys(QueueName::Sends);
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0].channel, second);
  EXPECT_EQ(keys[1].channel, second);
  EXPECT_NE(keys[0].stream, keys[1].stream);
}

TEST_F(Applying, NumbersWithoutAChannelWaitAsDeadLettersUntilItIsMade) {
  gateway.start();
  for (int i = 0; i < 3; ++i) {
    gateway.post(test::body_of(Text{.id = "wamid." + std::to_string(i), .body = std::to_string(i), .number = "555"}));
  }
  gateway.settle();
  EXPECT_EQ(count("message"), 0);
  EXPECT_EQ(count("dead_letter WHERE reason = 'no_channel' AND phone_number_id = '555'"), 3);
  gateway.store.add_channel(gateway.store.tenant, "555");
  gateway.applier->channel_created("555");
  for (int i = 0; i < 5'000 && count("dead_letter WHERE applied_at IS NULL") > 0; ++i) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_EQ(count("dead_letter WHERE applied_at IS NULL"), 0);
  EXPECT_EQ(count("message WHERE text = CAST(seq - 1 AS text)"), 3);
  EXPECT_EQ(count("run_trigger"), 3);
}

// Another node made the channel: nobody tells this one.
TEST_F(Applying, LettersAreFoundWhoeverMadeTheChannel) {
  gateway.applier = gateway.make_watchful_applier(gateway.store.folder.file("applying"), *gateway.journal);
  gateway.start();
  gateway.post_and_settle(test::body_of(Text{.number = "555"}));
  EXPECT_EQ(count("dead_letter WHERE reason = 'no_channel'"), 1);
  gateway.store.add_channel(gateway.store.tenant, "555");
  for (int i = 0; i < 5'000 && count("message") == 0; ++i) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_EQ(count("message"), 1);
  EXPECT_EQ(count("dead_letter WHERE applied_at IS NULL"), 0);
}

TEST_F(Applying, LettersThatTwoNodesApplyAreAppliedOnceAndInOrder) {
  gateway.applier = gateway.make_watchful_applier(gateway.store.folder.file("applying"), *gateway.journal);
  gateway.start();
  for (int i = 0; i < 30; ++i) {
    gateway.post(test::body_of(Text{.id = "wamid." + std::to_string(i), .body = std::to_string(i), .number = "555"}));
  }
  gateway.settle();
  auto other = Journal::open({.folder = gateway.store.folder.file("other")}, gateway.store.clock);
  ASSERT_TRUE(other);
  auto node = gateway.make_watchful_applier(gateway.store.folder.file("other-applying"), **other);
  ASSERT_TRUE(node->start());
  gateway.store.add_channel(gateway.store.tenant, "555");
  for (int i = 0; i < 20'000 && count("dead_letter WHERE applied_at IS NULL") > 0; ++i) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  node->stop();
  gateway.stop();
  EXPECT_EQ(count("dead_letter WHERE applied_at IS NULL"), 0);
  EXPECT_EQ(count("message WHERE text = CAST(seq - 1 AS text)"), 30);
  EXPECT_EQ(count("event WHERE type = 'message.received'"), 30);
}

// PostgreSQL takes no U+0000 in a text, and none in JSON.
TEST_F(Applying, AMessageWithANulIsKept) {
  std::ifstream file(std::string(WAYPOST_TEST_DATA) + "/webhook/text_with_nul.json", std::ios::binary);
  std::ostringstream body;
  body << file.rdbuf();
  gateway.start();
  gateway.post_and_settle(body.str());
  EXPECT_EQ(count("dead_letter"), 0);
  EXPECT_EQ(count("message WHERE text = 'before\xef\xbf\xbd"
                  "after'"),
            2);
  EXPECT_EQ(count("event WHERE type = 'message.received'"), 2);
}

TEST_F(Applying, WhatIsNotKnownIsAnEventAndOnce) {
  gateway.start();
  const auto body =
      dump({{"entry",
             Json::array({{{"id", test::kWaba},
                           {"time", 1'739'321'024},
                           {"changes", Json::array({{{"field", "telepathy"}, {"value", {{"event", "NEW"}}}}})}}})}});
  gateway.post(body);
  gateway.post_and_settle(body);
  EXPECT_EQ(count("event WHERE type = 'webhook.unhandled'"), 1);
  EXPECT_EQ(count("dead_letter"), 0);
}

TEST_F(Applying, NewsOfAnAccountIsTakenOnce) {
  gateway.start();
  const auto body =
      dump({{"entry", Json::array({{{"id", test::kWaba},
                                    {"time", 1'739'321'024},
                                    {"changes", Json::array({{{"field", "account_update"},
                                                              {"value", {{"event", "DISABLED_UPDATE"}}}}})}}})}});
  gateway.post(body);
  gateway.post_and_settle(body);
  EXPECT_EQ(count("event WHERE type = 'account.updated'"), 1);
  EXPECT_EQ(count("event WHERE type = 'channel.updated'"), 1);
  EXPECT_EQ(count("dead_letter"), 0);
}

// Law 13: the ids of a wish may be those of two whom we took for two.
TEST_F(Applying, AWishThatShowsTwoContactsToBeOneMergesThem) {
  gateway.start();
  Json by_phone = test::message_json({.id = "wamid.1"});
  by_phone.erase("from_user_id");
  Json by_user = test::message_json({.id = "wamid.2"});
  by_user.erase("from");
  gateway.post_and_settle(test::envelope_of({{"messages", Json::array({by_phone})}}));
  gateway.post_and_settle(test::envelope_of({{"messages", Json::array({by_user})}}));
  ASSERT_EQ(count("contact WHERE merged_into IS NULL"), 2);
  const Json wish{{"user_id", by_user["from_user_id"]},
                  {"wa_id", by_phone["from"]},
                  {"category", "marketing_messages"},
                  {"value", "stop"},
                  {"timestamp", 1'739'321'024}};
  const Json value{{"metadata", {{"phone_number_id", test::kNumber}}}, {"user_preferences", Json::array({wish})}};
  const Json change{{"field", "user_preferences"}, {"value", value}};
  gateway.post_and_settle(dump({{"entry", Json::array({{{"id", test::kWaba}, {"changes", Json::array({change})}}})}}));
  EXPECT_EQ(count("contact WHERE merged_into IS NULL"), 1);
  EXPECT_EQ(conversation().next_seq, 3);
  EXPECT_EQ(gateway.store.number("SELECT count(*) FROM contact WHERE merged_into IS NULL AND marketing_said_at = "
                                 "1739321024000"),
            1);
}

TEST_F(Applying, AReactionOpensTheWindowAndStartsNothing) {
  gateway.start();
  Json reaction = test::message_json({});
  reaction["type"] = "reaction";
  reaction["reaction"] = {{"message_id", "wamid.x"}, {"emoji", "+"}};
  gateway.post_and_settle(test::envelope_of({{"messages", Json::array({reaction})}}));
  EXPECT_EQ(count("run_trigger"), 0);
  EXPECT_TRUE(conversation().window_expires_at);
}

TEST_F(Applying, ALateMessageDoesNotShortenTheWindow) {
  gateway.start();
  gateway.post_and_settle(test::body_of(Text{.id = "wamid.1", .at = 1'760'000'500}));
  gateway.post_and_settle(test::body_of(Text{.id = "wamid.2", .body = "older", .at = 1'760'000'100}));
  EXPECT_EQ(conversation().window_expires_at, from_millis((1'760'000'500LL + 86'400) * 1000));
  EXPECT_EQ(conversation().last_message_text, "hello");
}

TEST_F(Applying, AClosedConversationOpensAgainAndOneInHandoffStaysThere) {
  gateway.start();
  gateway.post_and_settle(test::body_of(Text{.id = "wamid.1"}));
  for (const auto& [before, after] : {std::pair{"closed", "open"}, std::pair{"handoff", "handoff"}}) {
    auto changed = conversation();
    changed.status = before;
    gateway.store.run([&](sql::Connection& connection) {
      return store::update_conversation(connection, changed, gateway.store.clock.now());
    });
    gateway.post_and_settle(test::body_of(Text{.id = std::string("wamid.") + before}));
    EXPECT_EQ(conversation().status, after);
  }
  EXPECT_EQ(count("run_trigger"), 2);  // none for the message in handoff
}

TEST_F(Applying, AnInboundLetsHeldMessagesGoWithTheirOldSequence) {
  gateway.start();
  gateway.post_and_settle(test::body_of(Text{.id = "wamid.1"}));
  const auto before = conversation();
  gateway.store.run([&](sql::Connection& connection) {
    auto held = store::queue_message(connection, before, {.text = "later", .state = MessageState::Held},
                                     gateway.store.clock.now());
    return connection.run("UPDATE conversation SET claim_message_id = $1, claimed_at = 1", {held.id}).changed();
  });
  gateway.post_and_settle(test::body_of(Text{.id = "wamid.2", .at = 1'760'000'010}));
  EXPECT_EQ(count("message WHERE state = 'queued' AND seq = 2"), 1);
  EXPECT_FALSE(conversation().claim);
  EXPECT_GT(conversation().window_version, before.window_version);
  EXPECT_GE(gateway.signals.count(QueueName::Sends), 1U);
}

TEST_F(Applying, AStatusFindsItsMessageByOurIdBeforeTheWamidIsKnown) {
  gateway.start();
  gateway.post_and_settle(test::body_of(Text{}));
  const auto sent = gateway.store.run([&](sql::Connection& connection) {
    return store::queue_message(connection, conversation_in(connection), {.text = "hi"}, gateway.store.clock.now());
  });
  gateway.post_and_settle(test::body_of(Word{.ours = format_callback_data({.message = sent.id, .attempt = 1})}));
  EXPECT_EQ(count("message WHERE wamid = 'wamid.out' AND state = 'sent' AND sent_at = 1760000100000"), 1);
  EXPECT_EQ(gateway.signals.count(QueueName::Sends), 1U);
}

TEST_F(Applying, AStatusNobodyKnowsIsParked) {
  gateway.start();
  gateway.post_and_settle(test::body_of(Word{}));
  EXPECT_EQ(count("parked_status"), 1);
}

// Law 3: statuses never hold up messages.
TEST_F(Applying, AMessageBehindManyStatusesIsAppliedBeforeTheyAre) {
  Json statuses = Json::array();
  for (int i = 0; i < 500; ++i) {
    statuses.push_back({{"id", "wamid." + std::to_string(i)}, {"status", "sent"}, {"timestamp", "1760000000"}});
  }
  for (int post = 0; post < 30; ++post) {
    for (auto& status : statuses) status["id"] = status["id"].get<std::string>() + "x";
    gateway.post(test::envelope_of({{"statuses", statuses}}));
  }
  const auto position = gateway.post(test::body_of(Text{}));
  gateway.start();
  EXPECT_TRUE(gateway.loop.wait(gateway.applier->applied(position, std::chrono::seconds(50))));
  EXPECT_LT(count("parked_status"), 15'000);
  gateway.settle();
  EXPECT_EQ(count("parked_status"), 15'000);
}

TEST_F(Applying, ARestartGoesOnFromTheMarks) {
  gateway.start();
  gateway.post_and_settle(test::body_of(Text{.id = "wamid.1"}));
  gateway.stop();
  EXPECT_EQ(gateway.store.number("SELECT position FROM journal_cursor"), 1);
  EXPECT_EQ(gateway.store.number("SELECT status_position FROM journal_cursor"), 1);
  gateway.post(test::body_of(Text{.id = "wamid.2"}));
  gateway.open_applier();
  gateway.start();
  gateway.settle();
  EXPECT_EQ(count("message"), 2);
}

TEST_F(Applying, AMarkBeyondTheJournalsEndRefusesToStart) {
  gateway.store.run([&](sql::Connection& connection) {
    return connection
        .run("INSERT INTO journal_cursor (journal_id, position, status_position, updated_at) VALUES ($1, 9, 0, 0)",
             {gateway.journal->id()})
        .changed();
  });
  const auto started = gateway.applier->start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind(), ErrorKind::InvalidInput);
}

// Law 11: each workspace's slice goes to it alone.
TEST_F(Applying, TwoWorkspacesInOneBodySeeOnlyTheirs) {
  const auto other = gateway.store.run(
      [&](sql::Connection& connection) { return store::create_tenant(connection, "two", gateway.store.clock.now()); });
  gateway.store.add_channel(other.id, "777");
  auto body = Json::parse(test::body_of(Text{.id = "wamid.1"}));
  body["entry"].push_back(Json::parse(test::body_of(Text{.id = "wamid.1", .number = "777"}))["entry"][0]);
  gateway.start();
  gateway.post_and_settle(dump(body));
  EXPECT_EQ(count("message"), 2);
  EXPECT_EQ(count("(SELECT DISTINCT tenant_id FROM message) AS tenants"), 2);
  EXPECT_EQ(count("(SELECT DISTINCT tenant_id FROM contact) AS tenants"), 2);
}

}  // namespace
}  // namespace waypost
