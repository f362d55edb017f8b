#include "store/leases.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "store/lease_keeper.h"
#include "tests/support/run_loop.h"
#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

using std::chrono::milliseconds;

class Leases : public ::testing::Test {
 protected:
  LeaseRow look() {
    return store_.run([](sql::Connection& c) { return look_at_lease(c, "job"); });
  }
  LeaseClaim claim(std::string_view holder, std::int64_t version) {
    return {.name = "job", .holder = holder, .version = version, .expires_at = store_.clock.now()};
  }
  std::optional<std::int64_t> take(std::string_view holder, std::int64_t version) {
    return store_.run([&](sql::Connection& c) { return take_lease(c, claim(holder, version)); });
  }
  std::optional<std::int64_t> renew(std::string_view holder, std::int64_t version) {
    return store_.run([&](sql::Connection& c) { return renew_lease(c, claim(holder, version)); });
  }
  bool release(std::string_view holder, std::int64_t version) {
    return store_.run([&](sql::Connection& c) { return release_lease(c, claim(holder, version)); });
  }

  test::TempStore store_;
};

TEST_F(Leases, AreTakenRenewedAndGivenBackWithAVersionThatOnlyGrows) {
  EXPECT_EQ(look().version, 0);
  EXPECT_EQ(take("a", 0), 1);
  EXPECT_EQ(look().holder, "a");
  EXPECT_EQ(renew("a", 1), 2);
  EXPECT_TRUE(release("a", 2));
  EXPECT_EQ(look().holder, "");
  EXPECT_EQ(look().version, 3);
  EXPECT_EQ(take("b", 3), 4);
}

TEST_F(Leases, AreTakenOnlyAsTheyWereSeen) {
  EXPECT_EQ(take("a", 0), 1);
  EXPECT_EQ(take("b", 0), std::nullopt);
  EXPECT_EQ(renew("a", 1), 2);
  EXPECT_EQ(take("b", 1), std::nullopt);
  EXPECT_EQ(take("b", 2), 3);
}

TEST_F(Leases, WhoLostOneCanNeitherRenewNorReleaseIt) {
  take("a", 0);
  take("b", 1);
  EXPECT_EQ(renew("a", 1), std::nullopt);
  EXPECT_FALSE(release("a", 1));
  EXPECT_EQ(look().holder, "b");
}

TEST_F(Leases, ATokenOfItsHolderStaysGoodWhileItIsRenewed) {
  take("a", 0);
  renew("a", 1);
  EXPECT_EQ(renew("a", 1), 3);  // a unit that was given the first version
  EXPECT_EQ(renew("a", 9), std::nullopt);
}

TEST_F(Leases, OfADeadProcessAreFreedAtOnce) {
  take("a", 0);
  store_.run([](sql::Connection& c) { release_leases_of(c, "a"); });
  EXPECT_EQ(look().holder, "");
  EXPECT_EQ(renew("a", 1), std::nullopt);
}

TEST_F(Leases, OneOfManyTakersWins) {
  for (std::int64_t round = 0; round < 20; ++round) {
    const auto seen = look().version;
    std::atomic<int> winners = 0;
    std::vector<std::thread> takers;
    for (int taker = 0; taker < 4; ++taker) {
      takers.emplace_back([&, taker] {
        const auto taken = store_.database->write_and_wait(static_cast<std::uint64_t>(taker),
                                                           [&, holder = std::to_string(taker)](sql::Connection& c) {
                                                             return take_lease(c, claim(holder, seen)).has_value();
                                                           });
        if (taken && *taken) ++winners;
      });
    }
    for (auto& taker : takers) taker.join();
    EXPECT_EQ(winners, 1);
  }
}

class Keepers : public Leases {
 protected:
  static constexpr LeaseTerms kShort{.ttl = milliseconds(400), .renew = milliseconds(100), .margin = milliseconds(100)};
  std::unique_ptr<LeaseKeeper> given_keeper(std::string holder, LeaseTerms terms = kShort) {
    auto keeper = std::make_unique<LeaseKeeper>(
        LeaseKeeperParts{.loop = loop_.executor(), .database = *store_.database, .clock = store_.clock},
        LeaseKeeperSettings{.name = "job", .holder = std::move(holder), .terms = terms});
    keeper->start();
    return keeper;
  }
  bool comes_to_hold(const LeaseKeeper& keeper) {
    return loop_.run_until([&] { return keeper.held(); }, milliseconds(10'000));
  }
  void stop(LeaseKeeper& keeper) { loop_.wait(keeper.stop()); }

  test::RunLoop loop_;
};

TEST_F(Keepers, OneHoldsAndGoesOnHolding) {
  auto a = given_keeper("a");
  ASSERT_TRUE(comes_to_hold(*a));
  auto b = given_keeper("b");
  const auto before = look().version;
  EXPECT_FALSE(loop_.run_until([&] { return a->held() && b->held(); }, milliseconds(1'000)));
  EXPECT_GT(look().version, before);
  stop(*a);
  stop(*b);
}

TEST_F(Keepers, WhatIsGivenBackIsTakenBeforeItsTtlIsOver) {
  constexpr LeaseTerms kLong{.ttl = std::chrono::minutes(10), .renew = milliseconds(50), .margin = milliseconds(0)};
  auto a = given_keeper("a", kLong);
  ASSERT_TRUE(comes_to_hold(*a));
  auto b = given_keeper("b", kLong);
  stop(*a);
  EXPECT_FALSE(a->held());
  EXPECT_TRUE(comes_to_hold(*b));
  stop(*b);
  EXPECT_EQ(look().holder, "");
}

TEST_F(Keepers, ADeadHoldersLeaseIsTakenWhenItHasNotMoved) {
  take("dead", 0);
  auto b = given_keeper("b");
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_TRUE(comes_to_hold(*b));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds(500));
  stop(*b);
}

TEST_F(Keepers, TheOnlyDaemonOfAStoreWaitsForNobody) {
  take("before kill -9", 0);
  auto a = given_keeper("a", {.rivals = Rivals::None});
  EXPECT_TRUE(loop_.run_until([&] { return a->held(); }, milliseconds(5'000)));
  stop(*a);
}

TEST_F(Keepers, WhoseLeaseWasTakenHoldsNoMore) {
  auto a = given_keeper("a");
  ASSERT_TRUE(comes_to_hold(*a));
  while (!take("thief", look().version)) continue;
  EXPECT_TRUE(loop_.run_until([&] { return !a->held(); }, milliseconds(5'000)));
  stop(*a);
  EXPECT_EQ(look().holder, "thief");
}

}  // namespace
}  // namespace waypost::store
