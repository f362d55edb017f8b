#include "sql/mailbox.h"

#include <gtest/gtest.h>

#include <thread>

namespace waypost::sql {
namespace {

// Jobs that are told apart by the number they answer with.
Job numbered(int number, std::uint64_t owner = 0) {
  return {.unit = [number](Connection&) { return Error(ErrorKind::Internal, std::to_string(number)); },
          .done = [](std::optional<Error>) {},
          .owner = owner};
}

class NoConnection final : public Connection {
 public:
  Engine engine() const override { return Engine::Sqlite; }
  Rows run(std::string_view, std::span<const Value>) override { return {0, {}, 0}; }
  void script(std::string_view) override {}
  std::int64_t total_changes() const override { return 0; }
};

std::vector<int> numbers(Batch& batch) {
  NoConnection none;
  std::vector<int> all;
  for (Job& job : batch.jobs) all.push_back(std::stoi(job.unit(none)->words()));
  return all;
}

void fill(Mailbox& mailbox, Urgency urgency, int first, int count, std::uint64_t owner = 0) {
  for (int at = 0; at < count; ++at) ASSERT_FALSE(mailbox.put(urgency, numbered(first + at, owner)));
}

TEST(Mailbox, HandsOutUrgentJobsBeforeBulkOnesEachInOrder) {
  Mailbox mailbox(100);
  fill(mailbox, Urgency::Bulk, 10, 2);
  fill(mailbox, Urgency::Urgent, 1, 3);
  Batch batch = mailbox.take(100);
  EXPECT_EQ(batch.urgent, 3U);
  EXPECT_EQ(numbers(batch), (std::vector{1, 2, 3, 10, 11}));
}

TEST(Mailbox, KeepsOneEighthForBulk) {
  Mailbox mailbox(100);
  fill(mailbox, Urgency::Urgent, 1, 50);
  fill(mailbox, Urgency::Bulk, 100, 5);
  Batch batch = mailbox.take(16);
  EXPECT_EQ(batch.urgent, 14U);
  EXPECT_EQ(numbers(batch).back(), 101);
  EXPECT_EQ(mailbox.take(100).jobs.size(), 39U);
}

TEST(Mailbox, WhatIsGivenBackComesFirstAgain) {
  Mailbox mailbox(100);
  fill(mailbox, Urgency::Bulk, 1, 4);
  Batch batch = mailbox.take(3);
  mailbox.give_back(std::move(batch), 1);
  Batch rest = mailbox.take(10);
  EXPECT_EQ(numbers(rest), (std::vector{2, 3, 4}));
}

TEST(Mailbox, OwnersTakeTurnsAndEachKeepsItsOrder) {
  Mailbox mailbox(2000);
  fill(mailbox, Urgency::Urgent, 1000, 500, 1);
  fill(mailbox, Urgency::Urgent, 1, 2, 2);
  fill(mailbox, Urgency::Urgent, 11, 1, 3);
  Batch batch = mailbox.take(6);
  EXPECT_EQ(numbers(batch), (std::vector{1000, 1, 11, 1001, 2, 1002}));
}

TEST(Mailbox, UrgentJobsThatThereWasNoTimeForComeFirstAgainEachInItsOwnersOrder) {
  Mailbox mailbox(100);
  fill(mailbox, Urgency::Urgent, 100, 4, 1);
  fill(mailbox, Urgency::Urgent, 1, 2, 2);
  Batch batch = mailbox.take(5);  // 100, 1, 101, 2, 102
  mailbox.give_back(std::move(batch), 2);
  Batch rest = mailbox.take(10);
  EXPECT_EQ(numbers(rest), (std::vector{101, 2, 102, 103}));
}

TEST(Mailbox, BulkThatNeverFoundTimeGetsABatchOfItsOwn) {
  Mailbox mailbox(1000);
  fill(mailbox, Urgency::Urgent, 1, 100);
  fill(mailbox, Urgency::Bulk, 500, 1);
  int batches = 1;
  for (Batch batch = mailbox.take(16); batch.urgent > 0 && batches < 20; batch = mailbox.take(16), ++batches) {
    mailbox.give_back(std::move(batch), 1);
  }
  EXPECT_EQ(batches, 8);
}

TEST(Mailbox, RefusesWhatIsTooMuch) {
  Mailbox mailbox(3);
  fill(mailbox, Urgency::Urgent, 1, 2);
  fill(mailbox, Urgency::Bulk, 3, 1);
  EXPECT_TRUE(mailbox.put(Urgency::Urgent, numbered(4)).has_value());
  (void)mailbox.take(1);
  EXPECT_FALSE(mailbox.put(Urgency::Urgent, numbered(5)).has_value());
}

TEST(Mailbox, AClosedOneHandsOutWhatWaitsAndThenNothing) {
  Mailbox mailbox(10);
  fill(mailbox, Urgency::Urgent, 1, 2);
  mailbox.close();
  EXPECT_TRUE(mailbox.put(Urgency::Urgent, numbered(3)).has_value());
  EXPECT_EQ(mailbox.take(10).jobs.size(), 2U);
  EXPECT_TRUE(mailbox.take(10).jobs.empty());
}

TEST(Mailbox, ASleepingLaneWakesForAJob) {
  Mailbox mailbox(10);
  std::size_t taken = 0;
  std::thread lane([&] { taken = mailbox.take(10).jobs.size(); });
  fill(mailbox, Urgency::Bulk, 1, 1);
  lane.join();
  EXPECT_EQ(taken, 1U);
}

}  // namespace
}  // namespace waypost::sql
