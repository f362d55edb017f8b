// What becomes of one message when its sender, Meta's statuses and a merge meet.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "sql/postgres_session.h"
#include "store/contacts.h"
#include "store/inbound.h"
#include "store/locks.h"
#include "store/merge.h"
#include "store/sending.h"
#include "store/statuses.h"
#include "tests/support/interleaving.h"
#include "tests/support/whole_store.h"

namespace waypost::store {
namespace {

using test::Unit;
using testing::IsEmpty;

enum class Carries { OurId, WamidOnly };

class SendingRaces : public testing::Test {
 protected:
  // A message that is being sent, first in its conversation.
  void given_begun(std::string author = "api") {
    ++scene_;
    begun_ = store_.run([&](sql::Connection& connection) {
      const Alias alias{.kind = AliasKind::Phone, .value = "4917" + std::to_string(scene_)};
      const auto contact = create_contact(connection, {.tenant = store_.tenant}, {alias}, now()).value();
      const auto opened = open_conversation(connection, store_.tenant, contact.id, store_.channel, now());
      const auto queued =
          queue_message(connection, opened, {.text = "out", .author = author, .policy = WindowPolicy::Hold}, now());
      return begin_send(connection, queued, now(), now()).value();
    });
  }
  // The same, accepted and sent.
  void given_sent() {
    given_begun();
    store_.run(is_accepted());
    store_.run(says(MetaWord::Sent));
  }

  std::string wamid() const { return "wamid." + begun_.id.text(); }
  Unit is_accepted() {
    return [this](sql::Connection& connection) {
      record_accepted(connection, begun_, {.wamid = wamid(), .wa_id = std::nullopt}, now());
    };
  }
  Unit is_refused() {
    return [this](sql::Connection& connection) {
      record_refused(connection, begun_, {.due_at = now(), .failures = 1}, now());
    };
  }
  Unit is_refused_outside() {
    return [this](sql::Connection& connection) { record_outside(connection, begun_, {}, now()); };
  }
  Unit is_taken_back() {
    return [this](sql::Connection& connection) { take_back(connection, begun_, now()); };
  }
  // An impatient worker holds it for lost.
  Unit is_called_unknown() {
    return [this](sql::Connection& connection) { record_unknown(connection, begun_, now(), now()); };
  }
  Unit says(MetaWord word, Carries carries = Carries::OurId, std::optional<std::int64_t> code = std::nullopt) {
    Status status{.wamid = wamid(), .word = word, .at = now()};
    if (carries == Carries::OurId) status.ours = CallbackData{.message = begun_.id, .attempt = 1};
    if (word == MetaWord::Failed) {
      status.failure = Failure{.reason = "rejected", .code = code, .words = "no"};
      status.content = {{"errors", Json::array({{{"code", code.value_or(0)}, {"title", "no"}}})}};
    }
    return [this, status](sql::Connection& connection) {
      apply_status(connection, {.tenant = store_.tenant, .channel = store_.channel}, status, now());
    };
  }
  // The customer is found to be an older contact with a conversation of its own.
  Unit is_merged_away() {
    return [this](sql::Connection& connection) {
      merge_contacts(connection, {.tenant = store_.tenant, .survivor = other_, .lost = begun_.contact}, now());
    };
  }
  void given_another_contact() {
    other_ = store_.run([&](sql::Connection& connection) {
      const auto contact = create_contact(connection, {.tenant = store_.tenant}, {}, now()).value();
      open_conversation(connection, store_.tenant, contact.id, store_.channel, now());
      return contact.id;
    });
  }

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

  std::string phone_of(ContactId contact) {
    return store_.run(
        [&](sql::Connection& connection) { return aliases_of(connection, store_.tenant, contact).at(0).value; });
  }
  Message row_in(sql::Connection& connection) { return find_message(connection, store_.tenant, begun_.id).value(); }
  Message row() {
    return store_.run([&](sql::Connection& connection) { return row_in(connection); });
  }
  std::int64_t replacements() {
    return store_.run([&](sql::Connection& connection) {
      return connection.run("SELECT count(*) FROM message WHERE replaces = $1", {begun_.id}).front().number(0);
    });
  }
  std::int64_t parked() { return store_.number("SELECT count(*) FROM parked_status"); }
  Time now() const { return store_.clock.now(); }

  test::TempStore store_;
  test::Interleaving meeting_{store_.place, *store_.database};
  Message begun_;
  ContactId other_{};

 private:
  int scene_ = 0;
};

TEST_F(SendingRaces, StatusesThatMeetClimb) {
  in_every_order([&] { given_begun(); }, [&] { return std::pair(says(MetaWord::Read), says(MetaWord::Sent)); },
                 [&] {
                   EXPECT_EQ(row().state, MessageState::Read);
                   EXPECT_TRUE(row().sent_at && row().read_at);
                   EXPECT_EQ(row().wamid, wamid());
                 });
}

TEST_F(SendingRaces, AStatusAndTheAcceptanceAreBothKept) {
  in_every_order([&] { given_begun(); }, [&] { return std::pair(says(MetaWord::Delivered), is_accepted()); },
                 [&] {
                   EXPECT_EQ(row().state, MessageState::Delivered);
                   EXPECT_TRUE(row().accepted_at);
                   EXPECT_EQ(row().wamid, wamid());
                 });
}

TEST_F(SendingRaces, AStatusWithoutOurIdIsNotLeftParkedByTheAcceptance) {
  in_every_order([&] { given_begun(); },
                 [&] { return std::pair(says(MetaWord::Delivered, Carries::WamidOnly), is_accepted()); },
                 [&] {
                   EXPECT_EQ(row().state, MessageState::Delivered);
                   EXPECT_EQ(parked(), 0);
                 });
}

TEST_F(SendingRaces, AParkedFailureMeetsTheAcceptance) {
  in_every_order(
      [&] { given_begun(); },
      [&] { return std::pair(says(MetaWord::Failed, Carries::WamidOnly, kOutsideWindowCode), is_accepted()); },
      [&] {
        EXPECT_EQ(row().state, MessageState::Failed);
        EXPECT_EQ(replacements(), 1);
        EXPECT_EQ(parked(), 0);
      });
}

// Delivered is the end, and what came before it stands by the order in which they came; never twice.
TEST_F(SendingRaces, AFailureThatMeetsADeliveryDoublesNothing) {
  in_every_order(
      [&] { given_sent(); },
      [&] { return std::pair(says(MetaWord::Failed, Carries::OurId, kOutsideWindowCode), says(MetaWord::Delivered)); },
      [&] {
        EXPECT_EQ(row().state, MessageState::Delivered);
        EXPECT_EQ(replacements(), row().replaced_by ? 1 : 0);
      });
}

TEST_F(SendingRaces, OneFailureTwiceIsReplacedOnce) {
  in_every_order([&] { given_sent(); },
                 [&] {
                   return std::pair(says(MetaWord::Failed, Carries::OurId, kOutsideWindowCode),
                                    says(MetaWord::Failed, Carries::WamidOnly, kOutsideWindowCode));
                 },
                 [&] { EXPECT_EQ(replacements(), 1); });
}

TEST_F(SendingRaces, AProvenRefusalIsNotLostToAGuess) {
  in_every_order([&] { given_begun(); }, [&] { return std::pair(is_refused(), is_called_unknown()); },
                 [&] {
                   EXPECT_EQ(row().state, MessageState::Queued);
                   EXPECT_EQ(row().failures, 1);
                 });
}

TEST_F(SendingRaces, AnAcceptanceIsNotLostToAGuess) {
  in_every_order([&] { given_begun(); }, [&] { return std::pair(is_accepted(), is_called_unknown()); },
                 [&] {
                   EXPECT_EQ(row().state, MessageState::Accepted);
                   EXPECT_EQ(row().wamid, wamid());
                 });
}

TEST_F(SendingRaces, WhatWasTakenBackIsQueued) {
  in_every_order([&] { given_begun(); }, [&] { return std::pair(is_taken_back(), is_called_unknown()); },
                 [&] { EXPECT_EQ(row().state, MessageState::Queued); });
}

TEST_F(SendingRaces, ARefusalOutsideTheWindowIsNotLostToAGuess) {
  in_every_order([&] { given_begun(); }, [&] { return std::pair(is_refused_outside(), is_called_unknown()); },
                 [&] { EXPECT_EQ(row().state, MessageState::Held); });
}

TEST_F(SendingRaces, ARefusalOutsideTheWindowFollowsAMerge) {
  in_every_order(
      [&] {
        given_another_contact();
        given_begun();
      },
      [&] { return std::pair(is_refused_outside(), is_merged_away()); },
      [&] { EXPECT_EQ(row().state, MessageState::Held); });
}

TEST_F(SendingRaces, WhatIsSentInsteadFollowsAMerge) {
  in_every_order(
      [&] {
        given_another_contact();
        given_sent();
      },
      [&] { return std::pair(says(MetaWord::Failed, Carries::OurId, kOutsideWindowCode), is_merged_away()); },
      [&] { EXPECT_EQ(replacements(), 1); });
}

// The claim went to the survivor's conversation, and is over there.
TEST_F(SendingRaces, AFallbacksFailureEndsItsClaimAlsoAfterAMerge) {
  const Unit fails = [&](sql::Connection& connection) {
    record_failed(connection, begun_, {.reason = "rejected", .code = std::nullopt, .words = "no"}, now());
  };
  in_every_order(
      [&] {
        given_another_contact();
        given_begun("fallback");
        store_.run([&](sql::Connection& connection) {
          connection.run("UPDATE conversation SET claim_message_id = $2, claimed_at = 1 WHERE id = $1",
                         {begun_.conversation, begun_.id});
        });
      },
      [&] { return std::pair(fails, is_merged_away()); },
      [&] {
        EXPECT_EQ(row().state, MessageState::Failed);
        EXPECT_EQ(
            store_.number("SELECT count(*) FROM conversation WHERE claim_message_id IS NOT NULL AND merged_into IS "
                          "NULL"),
            0);
      });
}

// Meta named two of our messages by one wamid.
TEST_F(SendingRaces, AWamidThatAnotherMessageHasStaysWithIt) {
  given_begun();
  const std::string taken = wamid();
  store_.run(is_accepted());
  given_begun();
  store_.run([&](sql::Connection& connection) {
    EXPECT_TRUE(record_accepted(connection, begun_, {.wamid = taken, .wa_id = std::nullopt}, now()));
  });
  EXPECT_EQ(row().state, MessageState::Accepted);
  EXPECT_EQ(row().wamid, std::nullopt);
}

TEST_F(SendingRaces, OneWamidForTwoMessagesThatAreAcceptedAtOnceIsTheFirstOnes) {
  std::string shared;
  Message other;
  const auto accepts = [&](const Message& begun) -> Unit {
    return [&, begun](sql::Connection& connection) {
      record_accepted(connection, begun, {.wamid = shared, .wa_id = std::nullopt}, now());
    };
  };
  in_every_order(
      [&] {
        given_begun();
        other = begun_;
        given_begun();
        shared = wamid();
      },
      [&] { return std::pair(accepts(begun_), accepts(other)); },
      [&] {
        EXPECT_EQ(row().state, MessageState::Accepted);
        begun_ = other;
        EXPECT_EQ(row().state, MessageState::Accepted);
      });
}

// The lower number is held when the second head is looked at, and begins before that one's commit.
TEST_F(SendingRaces, OfTwoThatBeginInOneStreamOneIsSending) {
  Message first;
  Message second;
  const Unit released_and_begun = [&](sql::Connection& connection) {
    connection.run("UPDATE message SET state = 'queued' WHERE id = $1 AND state = 'held'", {first.id});
    begin_send(connection, first, now(), now());
  };
  const Unit begun = [&](sql::Connection& connection) { begin_send(connection, second, now(), now()); };
  in_every_order(
      [&] {
        given_begun();
        store_.run([&](sql::Connection& connection) {
          take_back(connection, begun_, now());
          first = find_message(connection, store_.tenant, begun_.id).value();
          const auto talk = find_conversation(connection, store_.tenant, begun_.conversation).value();
          second = queue_message(connection, talk, {.text = "second"}, now());
          connection.run("UPDATE message SET state = 'held' WHERE id = $1", {first.id});
        });
      },
      [&] { return std::pair(released_and_begun, begun); },
      [&] {
        const auto sending = store_.run([&](sql::Connection& connection) {
          return connection
              .run("SELECT count(*) FROM message WHERE conversation_id = $1 AND state = 'sending'",
                   {first.conversation})
              .front()
              .number(0);
        });
        EXPECT_EQ(sending, 1);
      });
}

// A fallback that fails takes its conversation first, as a customer's message does.
TEST_F(SendingRaces, AFallbacksFailureMeetsTheCustomersMessage) {
  const auto fails = [&](sql::Connection& connection) {
    const auto row = undecided(connection, begun_);
    if (row) record_failed(connection, *row, {.reason = "rejected", .code = std::nullopt, .words = "no"}, now());
  };
  int wamids = 0;
  in_every_order([&] { given_begun("fallback"); },
                 [&] {
                   Inbound inbound{.phone_number_id = test::kNumber};
                   inbound.sender.phone = phone_of(begun_.contact);
                   inbound.message.tenant = store_.tenant;
                   inbound.message.channel = store_.channel;
                   inbound.message.wamid = "in." + std::to_string(++wamids);
                   inbound.message.happened_at = now();
                   return std::pair(Unit(fails), Unit([this, inbound](sql::Connection& connection) {
                                      receive_message(connection, inbound, now());
                                    }));
                 },
                 [&] { EXPECT_EQ(row().state, MessageState::Failed); });
}

// Two nodes that really wait for each other.
class PostgresSendingRaces : public SendingRaces {
 protected:
  // Until somebody waits for a lock of this database, or `is_over`.
  void wait_for_a_waiter(const std::atomic<bool>& is_over) {
    const auto observer = session();
    while (!is_over && observer
                           ->run("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND "
                                 "wait_event_type = 'Lock'")
                           .empty()) {
      std::this_thread::yield();
    }
  }
  // `second` begins and waits while `first` has run and is not committed.
  void meet_in_waiting(const Unit& first, const Unit& second) {
    const auto node = session();
    node->begin();
    first(*node);
    std::atomic<bool> is_over = false;
    std::jthread other([&] {
      store_.run(second);
      is_over = true;
    });
    wait_for_a_waiter(is_over);
    EXPECT_FALSE(is_over) << "nothing made it wait";
    node->commit();
  }
  std::unique_ptr<sql::Session> session() { return sql::make_postgres_session({.url = store_.place.url()}).value(); }
};

TEST_F(PostgresSendingRaces, ASecondHeadThatMeetsTheFirstOnesCommitIsNotBegun) {
  given_begun();
  const Message first = store_.run([&](sql::Connection& connection) {
    take_back(connection, begun_, now());
    connection.run("UPDATE message SET state = 'held' WHERE id = $1", {begun_.id});
    return row_in(connection);
  });
  const Message second = store_.run([&](sql::Connection& connection) {
    const auto talk = find_conversation(connection, store_.tenant, begun_.conversation).value();
    return queue_message(connection, talk, {.text = "second"}, now());
  });
  meet_in_waiting(
      [&](sql::Connection& connection) {
        connection.run("UPDATE message SET state = 'queued' WHERE id = $1", {first.id});
        EXPECT_TRUE(begin_send(connection, first, now(), now()));
      },
      [&](sql::Connection& connection) { EXPECT_FALSE(begin_send(connection, second, now(), now())); });
  EXPECT_EQ(row().state, MessageState::Sending);
}

TEST_F(PostgresSendingRaces, AFailureWaitsForTheDeliveryAndChangesNothing) {
  given_sent();
  meet_in_waiting(says(MetaWord::Delivered), says(MetaWord::Failed, Carries::OurId, kOutsideWindowCode));
  EXPECT_EQ(row().state, MessageState::Delivered);
  EXPECT_EQ(replacements(), 0);
}

TEST_F(PostgresSendingRaces, ASendWaitsForTheMergeAndFollowsIt) {
  given_another_contact();
  given_begun();
  meet_in_waiting(is_merged_away(), [this](sql::Connection& connection) {
    const auto talk = lock_surviving_conversation(connection, store_.tenant, begun_.conversation).value();
    queue_message(connection, talk, {.text = "late"}, now());
  });
  EXPECT_THAT(test::wrongs_of(*store_.database), IsEmpty());
  EXPECT_EQ(row().contact, other_);
}

}  // namespace
}  // namespace waypost::store
