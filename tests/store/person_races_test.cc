// Who a person is, against everything that is attached to a person meanwhile: messages, sends, numbers, fields.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/contacts.h"
#include "store/groups.h"
#include "store/inbound.h"
#include "store/locks.h"
#include "store/outbox.h"
#include "store/sending.h"
#include "tests/support/interleaving.h"
#include "tests/support/whole_store.h"

namespace waypost::store {
namespace {

using test::Unit;
using testing::IsEmpty;

class PersonRaces : public testing::Test {
 protected:
  // Two contacts that turn out to be one person: by phone, older, and by user id.
  void given_two() {
    ++scene_;
    store_.clock.pass(milliseconds(1));
    by_phone_ = given_contact({.kind = AliasKind::Phone, .value = phone()});
    store_.clock.pass(milliseconds(1));
    by_user_id_ = given_contact({.kind = AliasKind::Bsuid, .value = user_id()});
  }
  void given_conversations() {
    for (const auto contact : {by_phone_, by_user_id_}) given_conversation(contact);
  }
  ConversationId given_conversation(ContactId contact) {
    return store_.run([&](sql::Connection& connection) {
      const auto opened = open_conversation(connection, store_.tenant, contact, store_.channel, now());
      queue_message(connection, opened, {.text = "before"}, now());
      return opened.id;
    });
  }
  ConversationId conversation_of_user() {
    return store_.run([&](sql::Connection& connection) {
      return conversation_of(connection, store_.tenant, by_user_id_, store_.channel).value().id;
    });
  }

  Unit arrives(Sighting sender) { return comes(std::move(sender), ""); }
  Unit writes_in_group(Sighting sender) { return comes(std::move(sender), group_); }
  Unit comes(Sighting sender, std::string group) {
    Inbound inbound{.phone_number_id = test::kNumber, .sender = std::move(sender)};
    inbound.group = std::move(group);
    inbound.message.tenant = store_.tenant;
    inbound.message.channel = store_.channel;
    inbound.message.text = "hello";
    inbound.message.wamid = "wamid.in." + std::to_string(++wamids_);
    inbound.message.happened_at = now();
    return [this, inbound](sql::Connection& connection) { receive_message(connection, inbound, now()); };
  }
  // Both ids in one message: the two are one.
  Unit both_arrive() { return arrives({.user_id = user_id(), .phone = phone()}); }
  Unit joins_group(Sighting who) {
    const GroupNews news{.group_id = group_, .at = now(), .added = {std::move(who)}};
    return [this, news](sql::Connection& connection) {
      apply_group_news(connection, {.tenant = store_.tenant, .id = store_.channel}, news, now());
    };
  }
  Unit is_sent_to(ConversationId id) {
    return [this, id](sql::Connection& connection) {
      const auto conversation = lock_surviving_conversation(connection, store_.tenant, id);
      if (conversation)
        accept_message(connection, *conversation, {.type = "template", .text = "out"}, {}, now()).value();
    };
  }
  Unit is_accepted(const Message& begun, const std::string& wa_id) {
    return [this, begun, wa_id](sql::Connection& connection) {
      record_accepted(connection, begun, {.wamid = "wamid.out." + begun.id.text(), .wa_id = wa_id}, now());
    };
  }
  Unit is_erased(ContactId id) {
    return [this, id](sql::Connection& connection) {
      const auto contact = surviving_contact(connection, store_.tenant, id);
      if (contact) delete_contact(connection, store_.tenant, contact->id, now());
    };
  }
  Unit opts_out(ContactId id) {
    return [this, id](sql::Connection& connection) {
      auto contact = lock_contact(connection, store_.tenant, id).value();
      contact.opted_out = true;
      contact.fields["vip"] = true;
      update_contact(connection, contact, now());
    };
  }
  Message begun_send(ContactId contact) {
    return store_.run([&](sql::Connection& connection) {
      const auto opened = open_conversation(connection, store_.tenant, contact, store_.channel, now());
      const auto queued = queue_message(connection, opened, {.text = "out"}, now());
      return begin_send(connection, queued, now(), now()).value();
    });
  }

  // In every order, both ways round. `given` makes the scene, `units` what meets, `check` looks.
  void in_every_order(const std::function<void()>& given, const std::function<std::pair<Unit, Unit>()>& units,
                      const std::function<void()>& check) {
    for (const bool turned : {false, true}) {
      SCOPED_TRACE(turned ? "turned round" : "as written");
      meeting_.at_every_step([&] {
        given();
        auto [first, second] = units();
        if (turned) std::swap(first, second);
        meeting_.meet(first, second);
        EXPECT_THAT(test::wrongs_of(*store_.database), IsEmpty());
        check();
      });
    }
  }

  std::int64_t number(std::string_view text) { return store_.number(text); }
  Contact survivor() {
    return store_.run(
        [&](sql::Connection& connection) { return surviving_contact(connection, store_.tenant, by_user_id_).value(); });
  }
  ContactId only_member() {
    return store_.run([&](sql::Connection& connection) {
      const auto rows =
          connection.run("SELECT contact_id FROM group_participant WHERE tenant_id = $1", {store_.tenant});
      return rows.size() == 1 ? rows.front().id<ContactId>(0) : ContactId();
    });
  }
  std::string phone() const { return "4917" + std::to_string(scene_); }
  std::string user_id() const { return "US." + std::to_string(scene_); }
  Time now() const { return store_.clock.now(); }
  // Messages in conversations of the present scene's person.
  std::size_t messages() {
    return store_.run([&](sql::Connection& connection) {
      const auto conversation = conversation_of(connection, store_.tenant, by_phone_, store_.channel).value();
      return list_messages(connection, store_.tenant, conversation.id, {.limit = 100, .offset = 0}).size();
    });
  }

  const std::string group_ = "group-1";
  test::TempStore store_;
  test::Interleaving meeting_{store_.place, *store_.database};
  ContactId by_phone_{};
  ContactId by_user_id_{};

 private:
  ContactId given_contact(const Alias& alias) {
    return store_.run([&](sql::Connection& connection) {
      return create_contact(connection, {.tenant = store_.tenant}, {alias}, now()).value().id;
    });
  }

  int scene_ = 0;
  int wamids_ = 0;
};

TEST_F(PersonRaces, ASendIntoAConversationThatIsMergedIsInTheSurvivors) {
  in_every_order(
      [&] {
        given_two();
        given_conversations();
      },
      [&] { return std::pair(is_sent_to(conversation_of_user()), both_arrive()); }, [&] { EXPECT_EQ(messages(), 4U); });
}

TEST_F(PersonRaces, AMessageOfAContactThatIsMergedIsTheSurvivors) {
  in_every_order(
      [&] {
        given_two();
        given_conversations();
      },
      [&] { return std::pair(arrives({.user_id = user_id()}), both_arrive()); }, [&] { EXPECT_EQ(messages(), 4U); });
}

TEST_F(PersonRaces, AFirstMessageOfAContactThatIsMergedOpensNoConversationOfTheLostOne) {
  in_every_order([&] { given_two(); }, [&] { return std::pair(arrives({.user_id = user_id()}), both_arrive()); },
                 [&] { EXPECT_EQ(messages(), 2U); });
}

TEST_F(PersonRaces, TwoWhoFindOutTheSameMergeOnce) {
  in_every_order(
      [&] {
        given_two();
        given_conversations();
      },
      [&] { return std::pair(both_arrive(), both_arrive()); },
      [&] {
        EXPECT_EQ(messages(), 4U);
        EXPECT_EQ(survivor().id, by_phone_);
      });
}

TEST_F(PersonRaces, AnAliasGivenToAContactThatIsMergedIsTheSurvivors) {
  in_every_order(
      [&] {
        given_two();
        given_conversations();
      },
      [&] {
        return std::pair(arrives({.user_id = user_id(), .parent_user_id = "parent." + user_id()}), both_arrive());
      },
      [&] {
        const auto owner = store_.run([&](sql::Connection& connection) {
          return contact_of_alias(connection, store_.tenant,
                                  {.kind = AliasKind::ParentBsuid, .value = "parent." + user_id()});
        });
        EXPECT_EQ(owner, by_phone_);
      });
}

TEST_F(PersonRaces, AGroupsMemberWhoIsMergedIsTheSurvivor) {
  const auto given = [&] {
    given_two();
    store_.run([&](sql::Connection& connection) { connection.run("DELETE FROM group_participant"); });
  };
  const auto check = [&] { EXPECT_EQ(only_member(), by_phone_); };
  in_every_order(given, [&] { return std::pair(joins_group({.user_id = user_id()}), both_arrive()); }, check);
  in_every_order(given, [&] { return std::pair(writes_in_group({.user_id = user_id()}), both_arrive()); }, check);
}

TEST_F(PersonRaces, ANumberLearntOfAContactThatIsMergedIsTheSurvivors) {
  Message begun;
  in_every_order(
      [&] {
        given_two();
        given_conversation(by_phone_);
        begun = begun_send(by_user_id_);
      },
      [&] { return std::pair(is_accepted(begun, "1" + phone()), both_arrive()); },
      [&] {
        const auto owner = store_.run([&](sql::Connection& connection) {
          return contact_of_alias(connection, store_.tenant, {.kind = AliasKind::Phone, .value = "1" + phone()});
        });
        EXPECT_EQ(owner, by_phone_);
      });
}

TEST_F(PersonRaces, ANewNameAndAWishAreBothKept) {
  in_every_order(
      [&] { given_two(); },
      [&] { return std::pair(arrives({.user_id = user_id(), .profile_name = "Ann"}), opts_out(by_user_id_)); },
      [&] {
        EXPECT_EQ(survivor().profile_name, "Ann");
        EXPECT_TRUE(survivor().opted_out);
        EXPECT_EQ(survivor().fields, (Json{{"vip", true}}));
      });
}

TEST_F(PersonRaces, AWishOutlivesAMerge) {
  in_every_order([&] { given_two(); }, [&] { return std::pair(opts_out(by_user_id_), both_arrive()); },
                 [&] {
                   EXPECT_EQ(survivor().id, by_phone_);
                   EXPECT_TRUE(survivor().opted_out);
                 });
}

TEST_F(PersonRaces, AnErasedPersonLeavesNothingWhateverMeetsTheErasure) {
  Message begun;
  const auto given = [&] {
    given_two();
    given_conversations();
  };
  const auto nothing = [] {};
  in_every_order(given, [&] { return std::pair(is_erased(by_user_id_), both_arrive()); }, nothing);
  in_every_order(given, [&] { return std::pair(is_erased(by_user_id_), arrives({.user_id = user_id()})); }, nothing);
  in_every_order(given, [&] { return std::pair(is_erased(by_user_id_), is_sent_to(conversation_of_user())); }, nothing);
  in_every_order(given, [&] { return std::pair(is_erased(by_user_id_), is_erased(by_user_id_)); }, nothing);
  in_every_order(
      [&] {
        given_two();
        begun = begun_send(by_user_id_);
      },
      [&] { return std::pair(is_erased(by_user_id_), is_accepted(begun, "1" + phone())); }, nothing);
}

// An alias that a former release left behind: its person is somebody new, and others' messages are not held up.
TEST_F(PersonRaces, AnAliasOfNobodyIsDropped) {
  given_two();
  store_.run([&](sql::Connection& connection) { connection.run("DELETE FROM contact WHERE id = $1", {by_phone_}); });
  store_.run(arrives({.phone = phone()}));
  const auto owner = store_.run([&](sql::Connection& connection) {
    return contact_of_alias(connection, store_.tenant, {.kind = AliasKind::Phone, .value = phone()});
  });
  ASSERT_TRUE(owner);
  EXPECT_NE(*owner, by_phone_);
}

TEST_F(PersonRaces, AnAliasOfAMergedContactLeadsToTheSurvivor) {
  given_two();
  store_.run([&](sql::Connection& connection) {
    connection.run("UPDATE contact SET merged_into = $2 WHERE id = $1", {by_user_id_, by_phone_});
  });
  store_.run(arrives({.user_id = user_id()}));
  EXPECT_EQ(messages(), 1U);
}

// Damage by hand: each is merged into the other.
TEST_F(PersonRaces, AnErasureEndsWhereMergesGoInACircle) {
  given_two();
  store_.run([&](sql::Connection& connection) {
    connection.run("UPDATE contact SET merged_into = $2 WHERE id = $1", {by_user_id_, by_phone_});
    connection.run("UPDATE contact SET merged_into = $2 WHERE id = $1", {by_phone_, by_user_id_});
    EXPECT_TRUE(delete_contact(connection, store_.tenant, by_phone_, now()));
  });
  EXPECT_EQ(number("SELECT count(*) FROM contact"), 0);
}

TEST_F(PersonRaces, TwoAtOnceWithOneIdOfTheirOwnMakeOneMessage) {
  ConversationId talk;
  const Unit post = [&](sql::Connection& connection) {
    const auto conversation = lock_surviving_conversation(connection, store_.tenant, talk).value();
    const std::string external = talk.text();
    if (message_of_external(connection, store_.tenant, store_.channel, external)) return;
    accept_message(connection, conversation, {.type = "template", .text = "x", .external_id = external}, {}, now())
        .value();
  };
  in_every_order(
      [&] {
        given_two();
        talk = given_conversation(by_phone_);
      },
      [&] { return std::pair(post, post); }, [&] { EXPECT_EQ(messages(), 2U); });
}

}  // namespace
}  // namespace waypost::store
