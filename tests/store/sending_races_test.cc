// What becomes of one message when its sender, Meta's statuses and a merge meet.

#include "tests/store/sending_races.h"

#include "store/inbound.h"

namespace waypost::store {
namespace {

using test::Unit;

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

}  // namespace
}  // namespace waypost::store
