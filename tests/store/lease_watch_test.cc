#include "store/lease_watch.h"

#include <gtest/gtest.h>

#include <vector>

namespace waypost::store {
namespace {

using std::chrono::milliseconds;
using Instant = LeaseWatch::Instant;

constexpr LeaseTerms kTerms{.ttl = milliseconds(3'000), .renew = milliseconds(1'000), .margin = milliseconds(500)};
Instant at(int ms) { return Instant(milliseconds(1'000'000 + ms)); }

// What was seen when, and whether "me" may take it at `asked`.
struct Case {
  const char* what;
  std::vector<std::pair<int, LeaseRow>> seen;
  int asked;
  bool may_take;
};

TEST(LeaseWatch, TellsWhenALeaseMayBeTaken) {
  const std::vector<Case> cases{
      {"nothing was seen yet", {}, 9'000, false},
      {"never taken", {{0, {}}}, 0, true},
      {"released", {{0, {.holder = "", .version = 4}}}, 0, true},
      {"just seen", {{0, {.holder = "other", .version = 4}}}, 0, false},
      {"its ttl is over, the margin is not", {{0, {.holder = "other", .version = 4}}}, 3'499, false},
      {"unmoved for ttl and margin", {{0, {.holder = "other", .version = 4}}}, 3'500, true},
      {"unmoved, looked at often",
       {{0, {.holder = "other", .version = 4}}, {3'000, {.holder = "other", .version = 4}}},
       3'500,
       true},
      {"it moved", {{0, {.holder = "other", .version = 4}}, {3'000, {.holder = "other", .version = 5}}}, 6'499, false},
      {"it moved long ago",
       {{0, {.holder = "other", .version = 4}}, {3'000, {.holder = "other", .version = 5}}},
       6'500,
       true},
      {"given back after all", {{0, {.holder = "other", .version = 4}}, {10, {.holder = "", .version = 5}}}, 10, true},
      {"another one was quicker",
       {{0, {.holder = "", .version = 4}}, {10, {.holder = "third", .version = 5}}},
       20,
       false},
      {"ours, though we had stopped to believe", {{0, {.holder = "me", .version = 7}}}, 0, true},
  };
  for (const auto& each : cases) {
    LeaseWatch watch("me", kTerms);
    for (const auto& [when, row] : each.seen) watch.saw(row, at(when));
    EXPECT_EQ(watch.may_take(at(each.asked)), each.may_take) << each.what;
    EXPECT_FALSE(watch.holds(at(each.asked))) << each.what;
  }
}

TEST(LeaseWatch, WhereThereAreNoRivalsTheHolderIsDead) {
  auto terms = kTerms;
  terms.rivals = Rivals::None;
  LeaseWatch watch("me", terms);
  EXPECT_FALSE(watch.may_take(at(0)));
  watch.saw({.holder = "before", .version = 9}, at(0));
  EXPECT_TRUE(watch.may_take(at(0)));
}

TEST(LeaseWatch, AHolderBelievesForItsTtlFromTheSendingOfItsLastRenewal) {
  LeaseWatch watch("me", kTerms);
  watch.saw({}, at(0));
  watch.renewed(1, at(10));
  EXPECT_TRUE(watch.holds(at(3'009)));
  EXPECT_FALSE(watch.holds(at(3'010)));
  watch.renewed(2, at(1'000));
  EXPECT_TRUE(watch.holds(at(3'999)));
  EXPECT_FALSE(watch.holds(at(4'000)));
  EXPECT_EQ(watch.version(), 2);
}

TEST(LeaseWatch, AHolderThatLostItBelievesNoMore) {
  LeaseWatch told("me", kTerms);
  told.renewed(1, at(0));
  told.lost();
  EXPECT_FALSE(told.holds(at(1)));
  LeaseWatch sees("me", kTerms);
  sees.renewed(1, at(0));
  sees.saw({.holder = "other", .version = 2}, at(1));
  EXPECT_FALSE(sees.holds(at(1)));
}

// Whenever the renewal arrives and whenever the other looks, the other waits until the holder believes no more.
TEST(LeaseWatch, TwoNeverHoldAtOnce) {
  for (int arrives = 0; arrives <= 5'000; arrives += 250) {
    for (int looks = arrives; looks <= arrives + 4'000; looks += 250) {
      LeaseWatch holder("me", kTerms);
      holder.renewed(1, at(0));
      LeaseWatch other("other", kTerms);
      other.saw({.holder = "me", .version = 1}, at(looks));
      for (int now = looks; now <= looks + 5'000; now += 250)
        EXPECT_FALSE(holder.holds(at(now)) && other.may_take(at(now))) << arrives << " " << looks << " " << now;
    }
  }
}

}  // namespace
}  // namespace waypost::store
