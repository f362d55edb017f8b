// Two nodes that really wait for each other over one message: PostgreSQL.

#include <atomic>
#include <thread>

#include "sql/postgres_session.h"
#include "store/locks.h"
#include "tests/store/sending_races.h"

namespace waypost::store {
namespace {

using test::Unit;

class PostgresSendingWaits : public SendingRaces {
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

TEST_F(PostgresSendingWaits, ASecondHeadThatMeetsTheFirstOnesCommitIsNotBegun) {
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

TEST_F(PostgresSendingWaits, AFailureWaitsForTheDeliveryAndChangesNothing) {
  given_sent();
  meet_in_waiting(says(MetaWord::Delivered), says(MetaWord::Failed, Carries::OurId, kOutsideWindowCode));
  EXPECT_EQ(row().state, MessageState::Delivered);
  EXPECT_EQ(replacements(), 0);
}

TEST_F(PostgresSendingWaits, ASendWaitsForTheMergeAndFollowsIt) {
  given_another_contact();
  given_begun();
  meet_in_waiting(is_merged_away(), [this](sql::Connection& connection) {
    const auto talk = lock_surviving_conversation(connection, store_.tenant, begun_.conversation).value();
    queue_message(connection, talk, {.text = "late"}, now());
  });
  EXPECT_THAT(test::wrongs_of(*store_.database), testing::IsEmpty());
  EXPECT_EQ(row().contact, other_);
}

}  // namespace
}  // namespace waypost::store
