#include "webhook/burst.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

using std::chrono::milliseconds;

// Webhooks come at `per_second`, nothing is applied meanwhile; how long reading was held back.
milliseconds held(Burst& burst, double per_second, milliseconds lasting, Burst::Instant begin) {
  milliseconds sum{0};
  for (milliseconds at{0}; at < lasting; at += milliseconds(10)) {
    const auto end = static_cast<JournalPosition>(per_second * static_cast<double>(at.count()) / 1000);
    if (burst.holds_back(end, 0, begin + at)) sum += milliseconds(10);
  }
  return sum;
}

const Burst::Instant kBegin = Burst::Instant() + std::chrono::hours(1);

TEST(Burst, WhatAStoreCanTakeIsNotHeldBack) {
  Burst burst;
  EXPECT_EQ(held(burst, 9'000, milliseconds(5'000), kBegin), milliseconds(0));
}

TEST(Burst, ABurstIsHeldBackForTwoSecondsAtMost) {
  Burst burst;
  const auto sum = held(burst, 40'000, milliseconds(10'000), kBegin);
  EXPECT_GE(sum, milliseconds(1'900));
  EXPECT_LE(sum, milliseconds(2'000));
}

TEST(Burst, ItsEndEndsTheHolding) {
  Burst burst;
  held(burst, 40'000, milliseconds(500), kBegin);
  const auto later = kBegin + milliseconds(520);
  burst.holds_back(20'000, 0, later);
  EXPECT_FALSE(burst.holds_back(20'000, 0, later + milliseconds(20)));
}

TEST(Burst, OnlyAnAppliedBacklogIsHeldBackAgain) {
  Burst burst;
  held(burst, 40'000, milliseconds(3'000), kBegin);
  const auto later = kBegin + milliseconds(3'000);
  EXPECT_FALSE(burst.holds_back(160'000, 1'000, later));
  burst.holds_back(160'000, 160'000, later + milliseconds(100));
  EXPECT_TRUE(burst.holds_back(170'000, 160'000, later + milliseconds(200)));
}

}  // namespace
}  // namespace waypost
