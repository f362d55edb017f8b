#include "webhook/number_lines.h"

#include <gtest/gtest.h>

#include "webhook/open_records.h"

namespace waypost {
namespace {

using Place = NumberLines::Place;

TEST(NumberLines, AFloodIsDeferredAndOthersAreNot) {
  NumberLines lines({.all = 10, .of_a_number = 2});
  EXPECT_EQ(lines.place("loud", 1), Place::InHand);
  EXPECT_EQ(lines.place("loud", 2), Place::InHand);
  EXPECT_EQ(lines.place("loud", 3), Place::Deferred);
  EXPECT_TRUE(lines.is_full("loud"));
  EXPECT_FALSE(lines.is_full("quiet"));
  EXPECT_EQ(lines.place("quiet", 4), Place::InHand);
  EXPECT_FALSE(lines.next(10)) << "the line is not short yet";
}

TEST(NumberLines, WhatARecordHasOfANumberGoesToOnePlace) {
  NumberLines lines({.all = 10, .of_a_number = 2});
  for (int update = 0; update < 5; ++update) EXPECT_EQ(lines.place("a", 1), Place::InHand);
  for (int update = 0; update < 5; ++update) EXPECT_EQ(lines.place("a", 2), Place::Deferred);
  for (int update = 0; update < 5; ++update) lines.applied("a");
  const auto run = lines.next(10);
  ASSERT_TRUE(run);
  EXPECT_EQ(run->records, 1U);
}

TEST(NumberLines, WhatIsDeferredComesBeforeWhatIsNew) {
  NumberLines lines({.all = 10, .of_a_number = 1});
  EXPECT_EQ(lines.place("a", 1), Place::InHand);
  EXPECT_EQ(lines.place("a", 2), Place::Deferred);
  lines.applied("a");
  EXPECT_EQ(lines.place("a", 3), Place::Deferred) << "2 waits before it";
}

TEST(NumberLines, ReadsRecordsBehindOneAnotherTogether) {
  NumberLines lines({.all = 100, .of_a_number = 8});
  for (JournalPosition record = 1; record <= 8; ++record) lines.place("a", record);
  for (const JournalPosition record : {9U, 10U, 12U, 13U}) lines.place("a", record);
  lines.defer("a", 14);
  for (int update = 0; update < 8; ++update) lines.applied("a");
  auto run = lines.next(10);
  ASSERT_TRUE(run);
  EXPECT_EQ(run->first, 9U);
  EXPECT_EQ(run->records, 2U);
  lines.take("a");
  lines.take("a");
  lines.taken(*run, 2);
  run = lines.next(1);
  ASSERT_TRUE(run);
  EXPECT_EQ(run->first, 12U);
  EXPECT_EQ(run->records, 1U);
  lines.taken(*run, 1);
  run = lines.next(10);
  EXPECT_EQ(run->records, 1U) << "the one behind it waits whole";
  EXPECT_FALSE(run->whole);
  lines.taken(*run, 1);
  run = lines.next(10);
  EXPECT_EQ(run->first, 14U);
  EXPECT_TRUE(run->whole);
}

TEST(NumberLines, NumbersTakeTurnsToBeReadAgain) {
  NumberLines lines({.all = 100, .of_a_number = 2});
  for (JournalPosition record = 1; record <= 20; ++record) lines.place(record % 2 == 0 ? "a" : "b", record);
  for (int update = 0; update < 2; ++update) {
    lines.applied("a");
    lines.applied("b");
  }
  auto run = lines.next(1);
  EXPECT_EQ(run->number, "a");
  lines.taken(*run, 1);
  run = lines.next(1);
  EXPECT_EQ(run->number, "b");
  lines.taken(*run, 1);
  EXPECT_EQ(lines.next(1)->number, "a");
}

TEST(NumberLines, FullMemoryLeavesEachNumberOneRecord) {
  NumberLines lines({.all = 3, .of_a_number = 3});
  for (JournalPosition record = 1; record <= 3; ++record) lines.place("loud", record);
  EXPECT_EQ(lines.place("quiet", 4), Place::InHand);
  EXPECT_EQ(lines.place("quiet", 5), Place::Deferred);
  lines.applied("quiet");
  ASSERT_TRUE(lines.next(10)) << "it has none in hand";
  EXPECT_EQ(lines.next(10)->first, 5U);
}

TEST(OpenRecords, TheMarkPassesOnlyWhatIsApplied) {
  OpenRecords records;
  records.begin_at(10);
  records.add(11, Time(), 2);
  records.add(12, Time(), 0);
  records.add(13, Time(), 1);
  EXPECT_EQ(records.mark(), 10U);
  records.applied(13);
  records.applied(11);
  EXPECT_EQ(records.mark(), 10U);
  records.applied(11);
  EXPECT_EQ(records.mark(), 13U);
  EXPECT_TRUE(records.empty());
}

TEST(OpenRecords, WhatADeferredNumberHadIsCountedWhenItIsFound) {
  OpenRecords records;
  records.add(1, Time(), 2);  // an update in hand, and a number's that are deferred
  records.applied(1);
  records.found(1, 2);
  EXPECT_EQ(records.mark(), 0U);
  records.applied(1);
  records.applied(1);
  EXPECT_EQ(records.mark(), 1U);
  records.add(2, Time(), 1);
  records.found(2, 0);
  EXPECT_EQ(records.mark(), 2U);
}

}  // namespace
}  // namespace waypost
