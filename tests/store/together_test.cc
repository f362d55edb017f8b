// Messages received together leave what they leave one by one, whoever writes, and whoever turns out to be whom.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "store/contacts.h"
#include "store/inbound.h"
#include "store/sending.h"
#include "tests/support/interleaving.h"
#include "tests/support/temp_store.h"
#include "tests/support/whole_store.h"

namespace waypost::store {
namespace {

using testing::IsEmpty;

class Together : public testing::TestWithParam<unsigned> {
 protected:
  static constexpr int kMessages = 160;

  // Few people and two numbers; some show both ids, change their name or their number, or come twice.
  Inbound any_inbound(int number) {
    const auto person = std::to_string(roll(6));
    const auto shows = roll(10);
    Inbound inbound{.phone_number_id = test::kNumber};
    if (shows < 8) inbound.sender.phone = "4917" + person;
    if (shows >= 7) inbound.sender.user_id = "US." + person;
    if (roll(8) == 0) inbound.sender.profile_name = "name " + std::to_string(roll(3));
    if (roll(20) == 0) {
      inbound.change = IdentityChange{.before = inbound.sender, .after = {.phone = "4918" + std::to_string(roll(6))}};
    }
    inbound.message.text = "message " + std::to_string(number);
    inbound.message.type = roll(9) == 0 ? "reaction" : "text";
    inbound.message.wamid = "wamid." + std::to_string(roll(12) == 0 ? number / 2 : number);
    inbound.message.happened_at = start_ + milliseconds(1'000 * number - (roll(5) == 0 ? 90'000'000 : 0));
    return inbound;
  }
  std::vector<Inbound> any_inbounds() {
    std::vector<Inbound> inbounds;
    for (int number = 0; number < kMessages; ++number) inbounds.push_back(any_inbound(number));
    return inbounds;
  }
  // Everybody once, a moment apart: of two who are one person the older one stays, and nobody is as old as another.
  std::vector<Inbound> everybody() const {
    std::vector<Inbound> inbounds;
    for (int person = 0; person < 18; ++person) {
      const auto name = std::to_string(person / 3);
      Inbound inbound{.phone_number_id = test::kNumber};
      if (person % 3 == 0) inbound.sender.phone = "4917" + name;
      if (person % 3 == 1) inbound.sender.phone = "4918" + name;
      if (person % 3 == 2) inbound.sender.user_id = "US." + name;
      inbound.message.text = "first";
      inbound.message.wamid = "wamid.of." + std::to_string(person);
      inbound.message.happened_at = start_;
      inbounds.push_back(inbound);
    }
    return inbounds;
  }
  unsigned roll(unsigned below) { return std::uniform_int_distribution(0U, below - 1)(dice_); }

  // Between the groups somebody closes conversations, takes them in hand, opts out.
  static void meddle(sql::Connection& connection) {
    connection.run("UPDATE conversation SET status = 'closed' WHERE next_seq = 4 OR next_seq = 9");
    connection.run("UPDATE conversation SET status = 'handoff' WHERE next_seq = 6");
    connection.run("UPDATE contact SET opted_out = true WHERE phone = '49173'");
  }

  static void receive(test::TempStore& store, const std::vector<Inbound*>& inbounds) {
    for (auto* inbound : inbounds) {
      inbound->message.tenant = store.tenant;
      inbound->message.channel = store.channel;
    }
    store.clock.pass(milliseconds(1));
    const std::vector<const Inbound*> together(inbounds.begin(), inbounds.end());
    store.run([&](sql::Connection& connection) { receive_messages(connection, together, store.clock.now()); });
  }

  // In groups of these sizes, over and over; all of `sizes` 1: one by one.
  std::vector<std::string> outcome_of(std::vector<Inbound> inbounds, const std::vector<std::size_t>& sizes) {
    test::TempStore store;
    for (auto& inbound : everybody()) receive(store, {&inbound});
    std::size_t done = 0;
    for (std::size_t group = 0; done < inbounds.size(); ++group) {
      const auto size = std::min(sizes[group % sizes.size()], inbounds.size() - done);
      std::vector<Inbound*> together;
      for (std::size_t at = done; at < done + size; ++at) together.push_back(&inbounds[at]);
      receive(store, together);
      done += size;
      if (done % 32 == 0) store.run(meddle);
    }
    EXPECT_THAT(test::wrongs_of(*store.database), IsEmpty());
    return picture_of(store);
  }
  // Without ids, which differ each time: a line of text for each row.
  static std::vector<std::string> picture_of(test::TempStore& store) {
    static constexpr std::string_view kPictures[] = {
        "SELECT m.wamid || ' ' || CAST(m.seq AS text) || ' ' || m.text || ' ' || m.state || ' ' || COALESCE(c.phone, "
        "c.user_id) || ' ' || v.status || ' ' || CAST(v.next_seq AS text) || ' ' || v.last_message_text || ' ' || "
        "CAST(v.window_version AS text) || ' ' || CAST(COALESCE(v.window_expires_at, 0) AS text) FROM message AS m "
        "JOIN contact AS c ON c.id = m.contact_id JOIN conversation AS v ON v.id = m.conversation_id ORDER BY m.wamid",
        "SELECT a.kind || ' ' || a.value || ' ' || COALESCE(c.phone, '-') || ' ' || COALESCE(c.user_id, '-') || ' ' || "
        "COALESCE(c.profile_name, '-') FROM contact_alias AS a JOIN contact AS c ON c.id = a.contact_id "
        "ORDER BY a.kind, a.value",
        "SELECT m.wamid || ' ' || CAST(t.seq AS text) FROM run_trigger AS t JOIN message AS m ON m.id = t.message_id "
        "ORDER BY m.wamid",
        "SELECT type || ' ' || CAST(count(*) AS text) FROM event GROUP BY type ORDER BY type"};
    std::vector<std::string> picture;
    store.number("SELECT 1");  // the events have their numbers
    store.run([&](sql::Connection& connection) {
      for (const auto text : kPictures) {
        for (const auto row : connection.run(text)) picture.push_back(row.text(0));
      }
    });
    return picture;
  }

  std::minstd_rand dice_{GetParam()};
  Time start_ = test::TempStore().clock.now();
};

TEST_P(Together, IsAsOneByOne) {
  const auto inbounds = any_inbounds();
  const auto one_by_one = outcome_of(inbounds, {1});
  EXPECT_EQ(outcome_of(inbounds, {32}), one_by_one);
  EXPECT_EQ(outcome_of(inbounds, {8, 1, 16, 7}), one_by_one);
}

INSTANTIATE_TEST_SUITE_P(Dice, Together, testing::Range(1U, 7U));

TEST(ReceivedTogether, KnownPeoplesMessagesTakeAsManyStatementsAsOne) {
  test::TempStore store;
  if (store.database->engine() != sql::Engine::Postgres) GTEST_SKIP() << "PostgreSQL's number";
  std::vector<Inbound> inbounds;
  for (int number = 0; number < 40; ++number) {
    Inbound inbound{.phone_number_id = test::kNumber};
    inbound.sender.phone = "4917" + std::to_string(number);
    inbound.message.tenant = store.tenant;
    inbound.message.channel = store.channel;
    inbound.message.wamid = "first." + std::to_string(number);
    inbound.message.happened_at = store.clock.now();
    inbounds.push_back(inbound);
  }
  const auto receive = [&] {
    std::vector<const Inbound*> together;
    for (const auto& inbound : inbounds) together.push_back(&inbound);
    std::int64_t statements = 0;
    store.run([&](sql::Connection& connection) {
      test::CountingConnection counted(connection);
      receive_messages(counted, together, store.clock.now());
      statements = counted.count();
    });
    return statements;
  };
  receive();
  for (auto& inbound : inbounds) inbound.message.wamid = "second" + inbound.message.wamid->substr(5);
  EXPECT_EQ(receive(), 3);
  EXPECT_EQ(store.number("SELECT count(*) FROM message"), 80);
  EXPECT_EQ(store.number("SELECT count(*) FROM conversation WHERE next_seq = 3"), 40);
}

}  // namespace
}  // namespace waypost::store
