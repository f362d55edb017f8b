#include "webhook/setbacks.h"

#include <gtest/gtest.h>

#include "sql/database.h"

namespace waypost {
namespace {

const Error kAway(ErrorKind::Unavailable, "the disk is full");
const Error kRace(ErrorKind::Conflict, "a unique key");
const Error kData(ErrorKind::Internal, "a constraint");
Error contended() { return Error(ErrorKind::Unavailable, "deadlock").with_code(std::string(sql::kContended)); }

TEST(Setbacks, AStoreThatIsAwayHaltsHoweverOften) {
  Setbacks setbacks;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(next_try(kAway, setbacks, 1'000), NextTry::Halt);
    setbacks = counted(kAway, setbacks, 1'000);
  }
}

TEST(Setbacks, WhatTheDataIsToBlameForIsBuriedAtOnce) { EXPECT_EQ(next_try(kData, {}, 0), NextTry::Bury); }

TEST(Setbacks, ALostRaceIsTriedThreeTimesAgain) {
  Setbacks setbacks;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(next_try(kRace, setbacks, 0), NextTry::Halt);
    setbacks = counted(kRace, setbacks, 0);
  }
  EXPECT_EQ(next_try(kRace, setbacks, 0), NextTry::Bury);
}

TEST(Setbacks, WhatIsAlwaysContendedStepsAsideAndIsBuriedWhenOthersGetThrough) {
  Setbacks setbacks;
  for (std::size_t failure = 1; failure < 8; ++failure) {
    EXPECT_EQ(next_try(contended(), setbacks, failure), failure <= 4 ? NextTry::Halt : NextTry::Aside) << failure;
    setbacks = counted(contended(), setbacks, failure);
  }
  EXPECT_EQ(next_try(contended(), setbacks, 8), NextTry::Bury);
}

// A table is locked: nobody's update is to blame.
TEST(Setbacks, WhileNothingGetsThroughNobodyIsBuried) {
  Setbacks setbacks;
  for (int failure = 1; failure < 100; ++failure) {
    EXPECT_NE(next_try(contended(), setbacks, 5), NextTry::Bury);
    setbacks = counted(contended(), setbacks, 5);
  }
  EXPECT_EQ(next_try(contended(), setbacks, 6), NextTry::Bury);
}

}  // namespace
}  // namespace waypost
