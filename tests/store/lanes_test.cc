// Several lanes write what belongs together: on PostgreSQL at the same time, on SQLite one after the other.

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

#include "store/event_numbers.h"
#include "store/events.h"
#include "store/inbound.h"
#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

class Lanes : public ::testing::Test {
 protected:
  static constexpr int kThreads = 6;
  static constexpr int kMessages = 20;  // of each thread
  static constexpr int kCustomers = 3;

  Inbound inbound(int number) {
    Inbound inbound{.phone_number_id = test::kNumber,
                    .sender = {.phone = "4917012345" + std::to_string(number % kCustomers)}};
    inbound.message.tenant = store_.tenant;
    inbound.message.channel = store_.channel;
    inbound.message.text = "hello";
    inbound.message.wamid = "wamid." + std::to_string(number);
    inbound.message.happened_at = store_.clock.now();
    return inbound;
  }
  // Every thread writes messages of all customers, each by another lane.
  void receive_from_all_lanes() {
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([this, thread] {
        for (int at = 0; at < kMessages; ++at) {
          const int number = thread * kMessages + at;
          const auto received = store_.database->write_and_wait(
              static_cast<std::uint64_t>(number),
              [&](sql::Connection& connection) { receive_message(connection, inbound(number), store_.clock.now()); });
          EXPECT_TRUE(received) << (received ? "" : received.error().words());
        }
      });
    }
    for (auto& thread : threads) thread.join();
  }

  test::TempStore store_;
};

TEST_F(Lanes, MessagesOfOneCustomerMakeOneContactAndOneConversation) {
  receive_from_all_lanes();
  EXPECT_EQ(store_.number("SELECT count(*) FROM contact"), kCustomers);
  EXPECT_EQ(store_.number("SELECT count(*) FROM conversation"), kCustomers);
  EXPECT_EQ(store_.number("SELECT count(*) FROM message"), kThreads * kMessages);
}

TEST_F(Lanes, AConversationsSequenceHasNoGapAndNoDouble) {
  receive_from_all_lanes();
  EXPECT_EQ(
      store_.number("SELECT count(*) FROM (SELECT conversation_id, seq FROM message GROUP BY conversation_id, seq) "
                    "AS places"),
      kThreads * kMessages);
  EXPECT_EQ(store_.number("SELECT CAST(sum(next_seq - 1) AS bigint) FROM conversation"), kThreads * kMessages);
}

TEST_F(Lanes, EventsAreNumberedWithoutGap) {
  receive_from_all_lanes();
  store_.run([](sql::Connection& connection) { number_events(connection, 1'000); });
  const auto range = store_.run([this](sql::Connection& connection) { return event_range(connection, store_.tenant); });
  EXPECT_EQ(range.newest - range.oldest + 1, store_.number("SELECT count(*) FROM event"));
  EXPECT_EQ(store_.number("SELECT count(*) FROM event WHERE type = 'message.received'"), kThreads * kMessages);
}

// The same message by two lanes at once: Meta sends twice, two nodes apply.
TEST_F(Lanes, AMessageThatComesTwiceAtOnceIsThereOnce) {
  for (int number = 0; number < 20; ++number) {
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 3; ++thread) {
      threads.emplace_back([this, thread, number] {
        const auto received = store_.database->write_and_wait(
            static_cast<std::uint64_t>(thread),
            [&](sql::Connection& connection) { receive_message(connection, inbound(number), store_.clock.now()); });
        EXPECT_TRUE(received) << (received ? "" : received.error().words());
      });
    }
    for (auto& thread : threads) thread.join();
  }
  EXPECT_EQ(store_.number("SELECT count(*) FROM message"), 20);
  EXPECT_EQ(store_.number("SELECT count(*) FROM event WHERE type = 'message.received'"), 20);
}

}  // namespace
}  // namespace waypost::store
