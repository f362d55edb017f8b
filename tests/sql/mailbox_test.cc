#include "sql/mailbox.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
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

// This owner has had much of the lane.
void make_heavy(Mailbox& mailbox, std::uint64_t owner = 0) {
  fill(mailbox, Urgency::Urgent, 0, 64, owner);
  while (mailbox.waiting() > 0) (void)mailbox.take(100);
}

TEST(Mailbox, HandsOutUrgentJobsBeforeBulkOnesEachInOrder) {
  Mailbox mailbox(100);
  make_heavy(mailbox);
  fill(mailbox, Urgency::Bulk, 10, 2);
  fill(mailbox, Urgency::Urgent, 1, 3);
  Batch batch = mailbox.take(100);
  EXPECT_EQ(batch.urgent, 3U);
  EXPECT_EQ(numbers(batch), (std::vector{1, 2, 3, 10, 11}));
}

TEST(Mailbox, KeepsOneEighthForBulk) {
  Mailbox mailbox(100);
  make_heavy(mailbox);
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
  Batch light = mailbox.take(6);
  EXPECT_EQ(numbers(light), (std::vector{1, 11, 2, 1000}));
  fill(mailbox, Urgency::Urgent, 5000, 500, 4);
  Batch heavy = mailbox.take(4);
  EXPECT_EQ(numbers(heavy), (std::vector{1001, 5000, 1002, 5001}));
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

TEST(Mailbox, WhoHadLittleComesFirstWithOneOfEachOtherAndNoBulk) {
  Mailbox mailbox(1000);
  make_heavy(mailbox, 1);
  make_heavy(mailbox, 2);
  fill(mailbox, Urgency::Urgent, 100, 50, 1);
  fill(mailbox, Urgency::Urgent, 200, 50, 2);
  fill(mailbox, Urgency::Bulk, 300, 5, 2);
  EXPECT_FALSE(mailbox.is_light_waiting());
  fill(mailbox, Urgency::Urgent, 1, 2, 3);
  EXPECT_TRUE(mailbox.is_light_waiting());
  Batch batch = mailbox.take(64);
  EXPECT_FALSE(mailbox.is_light_waiting());
  EXPECT_EQ(batch.light, 2U);
  EXPECT_EQ(batch.urgent, 4U);
  EXPECT_EQ(numbers(batch), (std::vector{1, 2, 100, 200}));
  EXPECT_EQ(mailbox.take(64).light, 0U);
}

TEST(Mailbox, WhoHadMuchIsLightAgainWhenOthersHadMore) {
  Mailbox mailbox(10'000);
  make_heavy(mailbox, 1);
  for (std::uint64_t owner = 10; owner < 13; ++owner) {
    fill(mailbox, Urgency::Urgent, 0, 2'000, owner);
    while (mailbox.waiting() > 0) (void)mailbox.take(512);
  }
  fill(mailbox, Urgency::Urgent, 1, 1, 1);
  EXPECT_TRUE(mailbox.is_light_waiting());
}

TEST(Mailbox, WhoIsNotLightHasItsBatchAlsoWhenLightOnesFillTheLane) {
  Mailbox mailbox(100'000);
  make_heavy(mailbox, 1);
  fill(mailbox, Urgency::Urgent, 500, 3, 1);
  std::uint64_t light_owner = 100;
  const auto takes_until_it_comes = [&] {
    for (int takes = 1; takes < 100; ++takes) {
      for (int more = 0; more < 16; ++more) fill(mailbox, Urgency::Urgent, 1, 1, 100 + light_owner++ % 200);
      Batch batch = mailbox.take(8);
      if (batch.light == 0) return numbers(batch).front() == 500 ? takes : -1;
    }
    return 0;
  };
  EXPECT_EQ(takes_until_it_comes(), 8);
}

TEST(Mailbox, WhoNeverFoundTimeBehindLightOnesGetsABatchWithoutThem) {
  Mailbox mailbox(1000);
  make_heavy(mailbox, 1);
  fill(mailbox, Urgency::Urgent, 500, 3, 1);
  fill(mailbox, Urgency::Urgent, 1, 20, 2);
  int batches = 1;
  for (Batch batch = mailbox.take(64); batch.light > 0 && batches < 20; batch = mailbox.take(64), ++batches) {
    mailbox.give_back(std::move(batch), 1);
  }
  EXPECT_EQ(batches, 8);
}

// Whatever is put, taken and given back.
TEST(Mailbox, AnOwnersJobsKeepTheirOrder) {
  Mailbox mailbox(100'000);
  std::minstd_rand dice(3);
  const auto roll = [&dice](unsigned sides) { return static_cast<std::size_t>(dice() % sides); };
  std::array<int, 4> put{};
  std::array<int, 4> taken{};
  for (int step = 0; step < 20'000; ++step) {
    const auto owner = roll(4) * roll(2);  // the first has most
    if (roll(3) > 0) {
      fill(mailbox, Urgency::Urgent, static_cast<int>(owner) * 1'000'000 + put[owner]++, 1, owner);
      continue;
    }
    if (mailbox.waiting() == 0) continue;
    Batch batch = mailbox.take(1 + roll(40));
    // While the batch is run more is put.
    for (std::size_t more = roll(4); more > 0; --more) {
      const auto whose = roll(4);
      fill(mailbox, Urgency::Urgent, static_cast<int>(whose) * 1'000'000 + put[whose]++, 1, whose);
    }
    const auto ran = std::max<std::size_t>(1, roll(static_cast<unsigned>(batch.jobs.size()) + 1));
    const auto all = numbers(batch);
    for (std::size_t at = 0; at < ran; ++at) {
      const auto of = static_cast<std::size_t>(all[at] / 1'000'000);
      ASSERT_EQ(all[at] % 1'000'000, taken[of]++);
    }
    if (ran < batch.jobs.size()) mailbox.give_back(std::move(batch), ran);
  }
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
