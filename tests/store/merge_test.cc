#include "store/merge.h"

#include <gtest/gtest.h>

#include "store/broadcasts.h"
#include "store/messages.h"
#include "store/triggers.h"
#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

class Merge : public testing::Test {
 protected:
  Contact given_contact(sql::Connection& connection, AliasKind kind, const std::string& value) {
    const auto made = create_contact(connection, {.tenant = store.tenant}, {{.kind = kind, .value = value}}, now());
    EXPECT_TRUE(made);
    return *made;
  }
  Conversation given_conversation(sql::Connection& connection, const Contact& contact, int messages) {
    const auto opened = open_conversation(connection, store.tenant, contact.id, store.channel, now());
    for (int i = 0; i < messages; ++i) {
      const auto message = queue_message(connection, opened, {.text = std::to_string(i)}, now());
      insert_trigger(connection, {.tenant = store.tenant,
                                  .conversation = opened.id,
                                  .seq = message.seq,
                                  .message = message.id,
                                  .created_at = now()});
    }
    return *find_conversation(connection, store.tenant, opened.id);
  }
  void set_first_sending(sql::Connection& connection, const Conversation& conversation) {
    connection.run("UPDATE message SET state = 'sending' WHERE conversation_id = $1 AND seq = 1", {conversation.id});
  }
  SamePerson same(const Contact& survivor, const Contact& lost) const {
    return {.tenant = store.tenant, .survivor = survivor.id, .lost = lost.id};
  }
  Time now() const { return store.clock.now(); }

  test::TempStore store;
  int contacts = 0;
};

TEST_F(Merge, OfTwoMarketingWishesTheLaterStands) {
  store.run([&](sql::Connection& connection) {
    auto survivor = given_contact(connection, AliasKind::Phone, "1");
    auto lost = given_contact(connection, AliasKind::Bsuid, "US.1");
    survivor.marketing_stopped = true;
    survivor.marketing_said_at = from_millis(1'000);
    lost.marketing_said_at = from_millis(2'000);
    update_contact(connection, survivor, now());
    update_contact(connection, lost, now());
    merge_contacts(connection, same(survivor, lost), now());
    const auto whole = find_contact(connection, store.tenant, survivor.id);
    EXPECT_FALSE(whole->marketing_stopped);
    EXPECT_EQ(whole->marketing_said_at, from_millis(2'000));
  });
}

TEST_F(Merge, OfTwoEmbargoesTheLongerHolds) {
  store.run([&](sql::Connection& connection) {
    const auto survivor = given_contact(connection, AliasKind::Phone, "1");
    auto lost = given_contact(connection, AliasKind::Bsuid, "US.1");
    lost.embargo_until = from_millis(2'000);
    update_contact(connection, lost, now());
    merge_contacts(connection, same(survivor, lost), now());
    EXPECT_EQ(find_contact(connection, store.tenant, survivor.id)->embargo_until, from_millis(2'000));
  });
}

TEST_F(Merge, ConversationsOfOneChannelBecomeOneInOrder) {
  store.run([&](sql::Connection& connection) {
    const auto survivor = given_contact(connection, AliasKind::Phone, "1");
    const auto lost = given_contact(connection, AliasKind::Bsuid, "US.1");
    const auto first = given_conversation(connection, survivor, 2);
    const auto second = given_conversation(connection, lost, 3);
    connection.run("UPDATE conversation SET window_expires_at = 50 WHERE id = $1", {first.id});
    connection.run("UPDATE conversation SET window_expires_at = 70 WHERE id = $1", {second.id});
    const auto touched = merge_contacts(connection, same(survivor, lost), now());
    EXPECT_EQ(touched, std::vector{first.id});
    const auto whole = find_conversation(connection, store.tenant, first.id);
    EXPECT_EQ(whole->next_seq, 6);
    EXPECT_EQ(whole->window_expires_at, from_millis(70));
    EXPECT_EQ(find_conversation(connection, store.tenant, second.id)->merged_into, first.id);
    const auto pending = pending_messages(connection, store.tenant, first.id, "reply", 10);
    std::string texts;
    for (const auto& message : pending) {
      texts += *message.text;
      EXPECT_EQ(message.contact, survivor.id);
    }
    EXPECT_EQ(texts, "01012");
    const auto triggers = pending_triggers(connection, store.tenant, first.id, 10);
    ASSERT_EQ(triggers.size(), 5U);
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(triggers[i].message, pending[i].id);
  });
}

// The survivor's stream has one row that is sending; the other's outcome is still written by its id.
TEST_F(Merge, OfTwoSendsInFlightTheLostOnesIsUnknown) {
  store.run([&](sql::Connection& connection) {
    const auto survivor = given_contact(connection, AliasKind::Phone, "1");
    const auto lost = given_contact(connection, AliasKind::Bsuid, "US.1");
    const auto first = given_conversation(connection, survivor, 1);
    const auto second = given_conversation(connection, lost, 1);
    set_first_sending(connection, first);
    set_first_sending(connection, second);
    merge_contacts(connection, same(survivor, lost), now());
    const auto pending = pending_messages(connection, store.tenant, first.id, "reply", 10);
    ASSERT_EQ(pending.size(), 2U);
    EXPECT_EQ(pending[0].state, MessageState::Sending);
    EXPECT_EQ(pending[1].state, MessageState::Unknown);
    EXPECT_EQ(pending[1].due_at, now() + kMergedSendGrace);
  });
}

TEST_F(Merge, ASendInFlightStaysSoWhereTheSurvivorHasNone) {
  store.run([&](sql::Connection& connection) {
    const auto survivor = given_contact(connection, AliasKind::Phone, "1");
    const auto lost = given_contact(connection, AliasKind::Bsuid, "US.1");
    const auto first = given_conversation(connection, survivor, 1);
    set_first_sending(connection, given_conversation(connection, lost, 1));
    merge_contacts(connection, same(survivor, lost), now());
    EXPECT_EQ(pending_messages(connection, store.tenant, first.id, "reply", 10)[1].state, MessageState::Sending);
  });
}

TEST_F(Merge, AConversationOnAnotherChannelMovesWhole) {
  const auto other = store.add_channel(store.tenant, "999");
  store.run([&](sql::Connection& connection) {
    const auto survivor = given_contact(connection, AliasKind::Phone, "1");
    const auto lost = given_contact(connection, AliasKind::Bsuid, "US.1");
    given_conversation(connection, survivor, 1);
    const auto moved = open_conversation(connection, store.tenant, lost.id, other, now());
    const auto touched = merge_contacts(connection, same(survivor, lost), now());
    EXPECT_EQ(touched, std::vector{moved.id});
    EXPECT_EQ(find_conversation(connection, store.tenant, moved.id)->contact, survivor.id);
  });
}

TEST_F(Merge, WishesAliasesAndFieldsAreUnited) {
  store.run([&](sql::Connection& connection) {
    auto survivor = given_contact(connection, AliasKind::Phone, "1");
    auto lost = given_contact(connection, AliasKind::Bsuid, "US.1");
    survivor.fields = {{"a", 1}};
    survivor.tags = {"x"};
    lost.opted_out = true;
    lost.fields = {{"a", 2}, {"b", 3}};
    lost.tags = {"x", "y"};
    lost.name = "Ann";
    update_contact(connection, survivor, now());
    update_contact(connection, lost, now());
    merge_contacts(connection, same(survivor, lost), now());
    const auto whole = find_contact(connection, store.tenant, survivor.id);
    EXPECT_TRUE(whole->opted_out);
    EXPECT_EQ(whole->fields, (Json{{"a", 1}, {"b", 3}}));
    EXPECT_EQ(whole->tags, (Json{"x", "y"}));
    EXPECT_EQ(whole->name, "Ann");
    EXPECT_EQ(aliases_of(connection, store.tenant, survivor.id).size(), 2U);
    EXPECT_EQ(find_contact(connection, store.tenant, lost.id)->merged_into, survivor.id);
  });
}

// Of two rows the one that counts more stands, and its message with it.
TEST_F(Merge, APersonIsInABroadcastOnce) {
  const auto state_of_one = [&](const char* of_survivor, const char* of_lost) {
    return store.run([&](sql::Connection& connection) {
      const auto survivor = given_contact(connection, AliasKind::Phone, std::to_string(++contacts));
      const auto lost = given_contact(connection, AliasKind::Bsuid, "US." + std::to_string(contacts));
      const auto broadcast = create_broadcast(connection, {.tenant = store.tenant, .channel = store.channel}, now());
      add_recipient(connection, broadcast, {.contact = survivor.id}, now());
      add_recipient(connection, broadcast, {.contact = lost.id}, now());
      for (const auto& [contact, state] : {std::pair(survivor.id, of_survivor), std::pair(lost.id, of_lost)})
        connection.run("UPDATE broadcast_recipient SET state = $2, reason = $2 WHERE contact_id = $1",
                       {contact, state});
      merge_contacts(connection, same(survivor, lost), now());
      const auto rows =
          connection.run("SELECT state, reason FROM broadcast_recipient WHERE broadcast_id = $1 AND contact_id = $2",
                         {broadcast.id, survivor.id});
      EXPECT_EQ(list_recipients(connection, store.tenant, broadcast.id).size(), 1U) << of_survivor << of_lost;
      return rows.empty() ? std::string() : rows.front().text(0);
    });
  };
  EXPECT_EQ(state_of_one("waiting", "waiting"), "waiting");
  EXPECT_EQ(state_of_one("taken", "waiting"), "taken");
  EXPECT_EQ(state_of_one("waiting", "taken"), "taken");
  EXPECT_EQ(state_of_one("excluded", "waiting"), "waiting");
  EXPECT_EQ(state_of_one("waiting", "excluded"), "waiting");
  EXPECT_EQ(state_of_one("excluded", "excluded"), "excluded");
}

}  // namespace
}  // namespace waypost::store
