#include "store/message_marks.h"

#include <gtest/gtest.h>

#include "store/contacts.h"
#include "store/inbound.h"
#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

class Marks : public testing::Test {
 protected:
  Inbound from_customer(const std::string& wamid, int seconds_on) const {
    Inbound inbound{.phone_number_id = test::kNumber};
    inbound.sender.phone = "491701234567";
    inbound.message = {.tenant = store.tenant, .channel = store.channel};
    inbound.message.wamid = wamid;
    inbound.message.happened_at = store.clock.now() + seconds(seconds_on);
    return inbound;
  }
  Inbound marking(const std::string& wamid, int seconds_on, const MessageMark& mark) const {
    auto inbound = from_customer(wamid, seconds_on);
    inbound.message.type = std::string(name_of(mark.kind));
    inbound.mark = mark;
    return inbound;
  }
  void receive(const Inbound& inbound) {
    store.run([&](sql::Connection& connection) { receive_message(connection, inbound, store.clock.now()); });
  }
  // What is said of the message, as the API shows it.
  Json said_of(const std::string& wamid) {
    return store.run([&](sql::Connection& connection) {
      const auto talk = list_conversations(connection, store.tenant, {}).front();
      auto marks = marks_of_page(connection, talk, {.limit = 100, .offset = 0});
      return to_json(marks[wamid]);
    });
  }

  test::TempStore store;
};

TEST_F(Marks, TheLastReactionStandsInWhateverOrderTheyCome) {
  const auto first = marking("m1", 10, {.kind = MarkKind::Reaction, .wamid = "m0", .text = "a"});
  const auto second = marking("m2", 20, {.kind = MarkKind::Reaction, .wamid = "m0", .text = "b"});
  receive(second);
  receive(from_customer("m0", 0));
  receive(first);
  const auto said = said_of("m0");
  ASSERT_EQ(said["reactions"].size(), 1U);
  EXPECT_EQ(said["reactions"][0]["emoji"], "b");
  EXPECT_EQ(said["reactions"][0]["author"], "contact");
  EXPECT_EQ(said["reactions"][0]["at"], iso8601(store.clock.now() + seconds(20)));
}

TEST_F(Marks, AReactionTakenBackIsGone) {
  receive(from_customer("m0", 0));
  receive(marking("m1", 10, {.kind = MarkKind::Reaction, .wamid = "m0", .text = "a"}));
  receive(marking("m2", 20, {.kind = MarkKind::Reaction, .wamid = "m0", .text = std::nullopt}));
  EXPECT_TRUE(said_of("m0")["reactions"].empty());
}

TEST_F(Marks, AnEditAndARevokeStandBesideEachOther) {
  receive(from_customer("m0", 0));
  receive(marking("m1", 10, {.kind = MarkKind::Edit, .wamid = "m0", .text = "better"}));
  receive(marking("m2", 20, {.kind = MarkKind::Revoke, .wamid = "m0"}));
  const auto said = said_of("m0");
  EXPECT_EQ(said["editedText"], "better");
  EXPECT_EQ(said["revokedAt"], iso8601(store.clock.now() + seconds(20)));
  EXPECT_EQ(said_of("m1")["revokedAt"], Json());
}

// Only in the conversation in which it was said.
TEST_F(Marks, NobodyMarksAnothersMessage) {
  receive(from_customer("m0", 0));
  auto stranger = marking("m1", 10, {.kind = MarkKind::Revoke, .wamid = "m0"});
  stranger.sender.phone = "15550001111";
  receive(stranger);
  const auto said = store.run([&](sql::Connection& connection) {
    const auto contact =
        contact_of_alias(connection, store.tenant, {.kind = AliasKind::Phone, .value = "491701234567"});
    const auto talk = open_conversation(connection, store.tenant, *contact, store.channel, store.clock.now());
    return marks_of_page(connection, talk, {.limit = 100, .offset = 0});
  });
  EXPECT_TRUE(said.empty());
}

TEST_F(Marks, TheyFollowAMergeAndGoWithTheContact) {
  auto by_user = from_customer("m0", 0);
  by_user.sender = {.user_id = "US.1"};
  auto mark = marking("m1", 10, {.kind = MarkKind::Revoke, .wamid = "m0"});
  mark.sender = {.user_id = "US.1"};
  auto both = from_customer("m3", 30);
  both.sender.user_id = "US.1";
  receive(from_customer("m2", 5));
  receive(by_user);
  receive(mark);
  receive(both);
  EXPECT_NE(said_of("m0")["revokedAt"], Json());
  store.run([&](sql::Connection& connection) {
    const auto contact = contact_of_alias(connection, store.tenant, {.kind = AliasKind::Bsuid, .value = "US.1"});
    delete_contact(connection, store.tenant, *contact, store.clock.now());
  });
  EXPECT_EQ(store.number("SELECT count(*) FROM message_mark"), 0);
}

TEST_F(Marks, OnlyThePagesMarksAreRead) {
  for (int n = 0; n < 5; ++n) receive(from_customer("m" + std::to_string(n), n));
  receive(marking("r0", 10, {.kind = MarkKind::Reaction, .wamid = "m0", .text = "a"}));
  receive(marking("r4", 11, {.kind = MarkKind::Reaction, .wamid = "m4", .text = "b"}));
  const auto marks = store.run([&](sql::Connection& connection) {
    const auto talk = list_conversations(connection, store.tenant, {}).front();
    return marks_of_page(connection, talk, {.limit = 3, .offset = 0});
  });
  ASSERT_EQ(marks.size(), 1U);
  EXPECT_EQ(marks.begin()->first, "m4");
}

}  // namespace
}  // namespace waypost::store
