#include "store/pricing.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "store/contacts.h"
#include "store/message_json.h"
#include "store/statuses.h"
#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

class Metering : public testing::Test {
 protected:
  Metering() {
    store.run([this](sql::Connection& connection) {
      const Alias alias{.kind = AliasKind::Phone, .value = "1"};
      const auto contact = create_contact(connection, {.tenant = store.tenant, .phone = "1"}, {alias}, kSecond);
      const auto talk = open_conversation(connection, store.tenant, contact->id, store.channel, kSecond);
      message = queue_message(connection, talk, {.text = "hi", .author = "api"}, kSecond);
      connection.run("UPDATE message SET wamid = 'w', state = 'accepted' WHERE id = $1", {message.id});
    });
  }
  void say(const std::string& word, std::int64_t at, const std::string& category = "utility") {
    Json content{{"status", word}};
    if (!recipient.empty()) content["recipient_id"] = recipient;
    if (!category.empty()) content["pricing"] = {{"pricing_model", "PMP"}, {"type", "regular"}, {"category", category}};
    const Status status{
        .wamid = "w", .word = *meta_word(word), .at = from_millis(at * 1000), .content = std::move(content)};
    store.run([&](sql::Connection& connection) {
      apply_status(connection, {.tenant = store.tenant, .channel = store.channel}, status, kSecond);
    });
  }
  std::vector<PricedDay> days() {
    return store.run(
        [this](sql::Connection& connection) { return priced_days(connection, store.tenant, {.from = 0, .until = 9}); });
  }

  static constexpr std::int64_t kDay = 86'400;
  const Time kSecond = from_millis(1000);
  std::string recipient{};
  test::TempStore store;
  Message message{};
};

TEST_F(Metering, AMessageIsCountedOnceThoughMetaSaysItTwice) {
  say("sent", 10);
  say("delivered", 20);
  say("read", 30, "");
  ASSERT_EQ(days().size(), 1U);
  EXPECT_EQ(days()[0].messages, 1);
  EXPECT_EQ(days()[0].pricing.category, "utility");
  EXPECT_EQ(days()[0].channel, store.channel);
}

// Over midnight, in every order, with a word that was changed meanwhile: the earliest counts.
TEST_F(Metering, TheEarliestWordCountsOnItsDayWhateverTheOrder) {
  say("delivered", kDay + 1, "service");
  EXPECT_EQ(days()[0].day, 1);
  say("sent", kDay - 1);
  ASSERT_EQ(days().size(), 1U);
  EXPECT_EQ(days()[0].day, 0);
  EXPECT_EQ(days()[0].pricing.category, "utility");
  EXPECT_EQ(days()[0].messages, 1);
}

TEST_F(Metering, ItIsCountedByTheMarketOfWhoGotIt) {
  recipient = "4915112345678";
  say("sent", 10);
  ASSERT_EQ(days().size(), 1U);
  EXPECT_EQ(days()[0].market, "49");
  // A status that names nobody takes back what was counted, not something else.
  recipient.clear();
  say("delivered", 5);
  ASSERT_EQ(days().size(), 1U);
  EXPECT_EQ(days()[0].market, "");
  EXPECT_EQ(days()[0].messages, 1);
}

TEST_F(Metering, TheDayIsTheWorkspacesThoughItMovesMeanwhile) {
  const auto move_to = [this](const char* zone) {
    store.run([&](sql::Connection& connection) {
      set_setting(connection, store.tenant, "timeZone", zone, kSecond);
      return true;
    });
  };
  move_to("Asia/Kolkata");
  say("delivered", kDay - 3'600);
  ASSERT_EQ(days().size(), 1U);
  EXPECT_EQ(days()[0].day, 1);
  move_to("UTC");
  say("sent", kDay - 3'601);
  ASSERT_EQ(days().size(), 1U);
  EXPECT_EQ(days()[0].day, 0);
  EXPECT_EQ(days()[0].messages, 1);
}

TEST_F(Metering, TheMessageShowsIt) {
  say("sent", 10);
  const auto shown = store.run(
      [this](sql::Connection& connection) { return to_json(*find_message(connection, store.tenant, message.id)); });
  EXPECT_EQ(shown["pricing"]["category"], "utility");
  EXPECT_EQ(shown["pricing"]["type"], "regular");
  EXPECT_EQ(shown["pricing"]["day"], "1970-01-01");
}

TEST_F(Metering, AnotherWorkspaceSeesNothing) {
  say("sent", 10);
  const auto other =
      store.run([this](sql::Connection& connection) { return create_tenant(connection, "two", store.clock.now()).id; });
  const auto theirs =
      store.run([&](sql::Connection& connection) { return priced_days(connection, other, {.from = 0, .until = 9}); });
  EXPECT_TRUE(theirs.empty());
}

}  // namespace
}  // namespace waypost::store
