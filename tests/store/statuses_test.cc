#include "store/statuses.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "store/contacts.h"
#include "store/conversations.h"
#include "store/events.h"
#include "store/message_json.h"
#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

Status status(MetaWord word, std::int64_t at) {
  Status made{.wamid = "wamid.out", .word = word, .at = from_millis(at)};
  if (word == MetaWord::Failed) {
    made.failure = Failure{.reason = "rejected", .code = 131026, .words = "Message undeliverable"};
    made.content = {{"errors", Json::array({{{"code", 131026}, {"title", "Message undeliverable"}}})}};
  }
  return made;
}

class Statuses : public testing::Test {
 protected:
  Message given_message(sql::Connection& connection, MessageState state) {
    const auto contact = create_contact(connection, {.tenant = store.tenant}, {}, store.clock.now());
    const auto conversation =
        open_conversation(connection, store.tenant, contact->id, store.channel, store.clock.now());
    auto message = queue_message(connection, conversation, {.text = "hi"}, store.clock.now());
    connection.run("UPDATE message SET state = $2, wamid = 'wamid.' || $3, attempt = 1 WHERE id = $1",
                   {message.id, name_of(state), message.id.text()});
    return *find_message(connection, store.tenant, message.id);
  }
  StatusOutcome apply(sql::Connection& connection, const Message& message, Status with) {
    with.ours = CallbackData{.message = message.id, .attempt = 1};
    with.wamid = message.wamid.value_or("wamid.out");
    return apply_status(connection, {.tenant = store.tenant, .channel = store.channel}, with, store.clock.now());
  }
  // All that a status may change.
  Json standing(sql::Connection& connection, const Message& message) {
    Json json = to_json(*find_message(connection, store.tenant, message.id));
    for (const auto* key : {"id", "seq", "wamid", "conversationId", "contactId", "updatedAt"}) json.erase(key);
    return json;
  }

  test::TempStore store;
};

// Law 10.
TEST_F(Statuses, EndAlikeInWhateverOrderAndNumberTheyCome) {
  std::vector<Status> words{status(MetaWord::Sent, 10), status(MetaWord::Delivered, 20), status(MetaWord::Read, 30),
                            status(MetaWord::Failed, 15), status(MetaWord::Sent, 12)};
  std::vector<int> order{0, 1, 2, 3, 4};
  std::optional<Json> end;
  store.run([&](sql::Connection& connection) {
    do {
      const auto message = given_message(connection, MessageState::Sending);
      for (const int at : order) apply(connection, message, words.at(static_cast<std::size_t>(at)));
      for (const int at : order) apply(connection, message, words.at(static_cast<std::size_t>(at)));
      const auto now = standing(connection, message);
      if (!end) end = now;
      EXPECT_EQ(now, *end);
    } while (std::ranges::next_permutation(order).found);
  });
  ASSERT_TRUE(end);
  EXPECT_EQ((*end)["status"], "read");
  EXPECT_EQ((*end)["failure"]["code"], 131026);
  EXPECT_EQ((*end)["sentAt"], iso8601(from_millis(10)));
}

TEST_F(Statuses, AnUnknownSendIsSettledAndItsStreamGoesOn) {
  store.run([&](sql::Connection& connection) {
    const auto message = given_message(connection, MessageState::Unknown);
    const auto outcome = apply(connection, message, status(MetaWord::Sent, 10));
    EXPECT_EQ(outcome.sends, message.conversation);
    EXPECT_EQ(find_message(connection, store.tenant, message.id)->state, MessageState::Sent);
    EXPECT_FALSE(apply(connection, message, status(MetaWord::Delivered, 11)).sends);
  });
}

TEST_F(Statuses, AnyWordOfMetaLiftsOurGuess) {
  store.run([&](sql::Connection& connection) {
    const auto message = given_message(connection, MessageState::Failed);
    connection.run("UPDATE message SET failure_reason = 'outcome_unknown', failed_at = 5 WHERE id = $1", {message.id});
    apply(connection, message, status(MetaWord::Delivered, 20));
    const auto now = find_message(connection, store.tenant, message.id);
    EXPECT_EQ(now->state, MessageState::Delivered);
    EXPECT_FALSE(now->failure);
    EXPECT_FALSE(now->failed_at);
  });
}

TEST_F(Statuses, AnotherChannelsWordIsNotHeard) {
  const auto other = store.add_channel(store.tenant, "999");
  store.run([&](sql::Connection& connection) {
    const auto message = given_message(connection, MessageState::Sending);
    auto word = status(MetaWord::Sent, 10);
    word.ours = CallbackData{.message = message.id, .attempt = 1};
    EXPECT_TRUE(apply_status(connection, {.tenant = store.tenant, .channel = other}, word, store.clock.now()).parked);
    EXPECT_EQ(find_message(connection, store.tenant, message.id)->state, MessageState::Sending);
  });
}

// As of a message that is known: their order must not matter.
TEST_F(Statuses, OfTwoParkedThatSayTheSameTheEarlierIsKept) {
  store.run([&](sql::Connection& connection) {
    const StatusContext context{.tenant = store.tenant, .channel = store.channel};
    for (const std::int64_t at : {20, 10, 30}) {
      auto word = status(MetaWord::Sent, at);
      word.content = {{"timestamp", at}};
      EXPECT_TRUE(apply_status(connection, context, word, store.clock.now()).parked);
    }
    const auto rows = connection.run("SELECT happened_at, payload FROM parked_status");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows.front().number(0), 10);
    EXPECT_EQ(rows.front().json(1)["timestamp"], 10);
  });
}

TEST_F(Statuses, ParkedOnesAreSettledWhenTheWamidIsLearnt) {
  store.run([&](sql::Connection& connection) {
    const StatusContext context{.tenant = store.tenant, .channel = store.channel};
    for (const auto word : {MetaWord::Delivered, MetaWord::Sent}) {
      EXPECT_TRUE(apply_status(connection, context, status(word, 10), store.clock.now()).parked);
    }
    auto message = given_message(connection, MessageState::Accepted);
    connection.run("UPDATE message SET wamid = 'wamid.out' WHERE id = $1", {message.id});
    message.wamid = "wamid.out";
    EXPECT_EQ(settle_parked(connection, message, store.clock.now()), 2U);
    EXPECT_EQ(settle_parked(connection, message, store.clock.now()), 0U);
    EXPECT_EQ(find_message(connection, store.tenant, message.id)->state, MessageState::Delivered);
  });
}

TEST_F(Statuses, ParkedOnesGoAfterEightDays) {
  store.run([&](sql::Connection& connection) {
    apply_status(connection, {.tenant = store.tenant, .channel = store.channel}, status(MetaWord::Sent, 1),
                 store.clock.now());
    EXPECT_EQ(drop_parked(connection, store.clock.now() + kParkedFor - milliseconds(1), 10), 0U);
    EXPECT_EQ(drop_parked(connection, store.clock.now() + kParkedFor, 10), 1U);
  });
}

// What would be applied for nothing is told beforehand, whatever came before.
TEST_F(Statuses, AreNewsAsLongAsTheyWouldChangeTheRow) {
  std::vector<Status> words{status(MetaWord::Sent, 10), status(MetaWord::Delivered, 20), status(MetaWord::Read, 30),
                            status(MetaWord::Failed, 15), status(MetaWord::Sent, 12)};
  for (const int at : {0, 1})
    words.at(static_cast<std::size_t>(at)).content = {{"pricing", {{"category", "utility"}, {"pricing_model", "PMP"}}}};
  std::vector<int> order{0, 1, 2, 3, 4};
  const StatusContext context{.tenant = store.tenant, .channel = store.channel};
  store.run([&](sql::Connection& connection) {
    do {
      const auto message = given_message(connection, MessageState::Sending);
      for (const int at : order) {
        auto word = words.at(static_cast<std::size_t>(at));
        word.wamid = *message.wamid;
        const auto before = standing(connection, message);
        const bool news = is_news(connection, context, word);
        apply(connection, message, word);
        EXPECT_EQ(news, standing(connection, message) != before);
        EXPECT_FALSE(is_news(connection, context, word));
      }
    } while (std::ranges::next_permutation(order).found);
    EXPECT_FALSE(is_news(connection, context, status(MetaWord::Sent, 10))) << "nobody's";
  });
}

TEST_F(Statuses, OfAParticipantAreNewsOnceForEach) {
  const StatusContext context{.tenant = store.tenant, .channel = store.channel};
  store.run([&](sql::Connection& connection) {
    const auto message = given_message(connection, MessageState::Sending);
    for (const auto* participant : {"US.1", "US.2"}) {
      for (auto word : {status(MetaWord::Delivered, 20), status(MetaWord::Failed, 30), status(MetaWord::Sent, 10)}) {
        word.wamid = *message.wamid;
        word.content["recipient_participant_user_id"] = participant;
        word.content["pricing"] = {{"category", "utility"}};
        EXPECT_TRUE(is_news(connection, context, word));
        apply(connection, message, word);
        EXPECT_FALSE(is_news(connection, context, word));
      }
    }
  });
}

}  // namespace
}  // namespace waypost::store
