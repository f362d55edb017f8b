#include "queue/worker_pool.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <stdexcept>

#include "queue/bell.h"
#include "tests/queue/pools_fixture.h"

namespace waypost {
namespace {

using std::chrono::milliseconds;
using test::key;
using test::Log;
using test::Pools;
using test::worked;

TEST_F(Pools, HandlesWhatIsOfferedAndReleasesIt) {
  Log log;
  pool(log, {});
  for (unsigned i = 0; i < 50; ++i) offer(key(i % 5, i));
  EXPECT_TRUE(handled(log, 50));
  EXPECT_TRUE(drained());
  EXPECT_EQ(log.handled.size(), 50U);
}

TEST_F(Pools, NeverRunsMoreThanItsWorkers) {
  Log log;
  pool(log, {.length = milliseconds(2)}, {.workers = 3, .retry_pause = milliseconds(20), .poll = milliseconds(10)});
  for (unsigned i = 0; i < 60; ++i) offer(key(i, i));
  EXPECT_TRUE(handled(log, 60));
  EXPECT_EQ(log.most_running, 3U);
}

TEST_F(Pools, AKeyComesBackWhenItIsDue) {
  Log log;
  const auto start = SystemClock().now();
  pool(log, {.outcome = [&, start](const ReadyKey&) -> WorkOutcome {
         if (log.handled.size() > 1) return std::optional<Time>();
         return std::optional(start + milliseconds(150));
       }});
  offer(key(1, 1));
  ASSERT_TRUE(handled(log, 2));
  EXPECT_GE(SystemClock().now(), start + milliseconds(150));
  EXPECT_TRUE(drained());
}

TEST_F(Pools, AHandlersErrorBringsTheKeyBack) {
  Log log;
  pool(log, {.outcome = [&](const ReadyKey&) -> WorkOutcome {
         if (log.handled.size() > 2) return std::optional<Time>();
         return fail(ErrorKind::Unavailable, "the store is away");
       }});
  offer(key(1, 1));
  EXPECT_TRUE(handled(log, 3));
  EXPECT_TRUE(drained());
}

TEST_F(Pools, AHandlerThatThrowsHarmsOnlyItself) {
  Log log;
  pool(log, {.outcome = [&](const ReadyKey& of) -> WorkOutcome {
         if (of == key(1, 1) && log.handled.size() < 3) throw std::runtime_error("a fault");
         return std::optional<Time>();
       }});
  offer(key(1, 1));
  offer(key(1, 2));
  EXPECT_TRUE(handled(log, 3));
  EXPECT_TRUE(drained());
}

TEST_F(Pools, WakeIsFasterThanThePoll) {
  Log log;
  auto& waiting = pool(log, {}, {.workers = 1, .retry_pause = milliseconds(20), .poll = std::chrono::minutes(5)});
  loop.run_until([] { return false; }, milliseconds(20));
  offer(key(1, 1));
  waiting.wake();
  EXPECT_TRUE(handled(log, 1));
}

TEST_F(Pools, ALeaseIsExtendedWhileItsHandlerRuns) {
  KeyedQueue brief(*link, "runs", milliseconds(150));
  Log slow;
  Log other;
  pool_on(brief, [&](ReadyKey of) { return worked(slow, {.length = milliseconds(600)}, of); });
  offer(key(1, 1));
  ASSERT_TRUE(loop.run_until([&] { return !slow.running.empty(); }));
  pool_on(brief, [&](ReadyKey of) { return worked(other, {}, of); });
  EXPECT_TRUE(handled(slow, 1));
  EXPECT_TRUE(other.handled.empty());
  stop_pools();
}

TEST_F(Pools, StopWaitsForHandlersAndTakesNothingMore) {
  Log log;
  auto& stopped =
      pool(log, {.length = milliseconds(50)}, {.workers = 2, .retry_pause = milliseconds(20), .poll = milliseconds(5)});
  for (unsigned i = 0; i < 20; ++i) offer(key(i, i));
  ASSERT_TRUE(loop.run_until([&] { return log.running.size() == 2; }));
  loop.wait(stopped.stop());
  EXPECT_TRUE(log.running.empty());
  EXPECT_LE(log.handled.size(), 4U);
  EXPECT_EQ(stats().leased, 0);
  EXPECT_EQ(static_cast<std::size_t>(stats().ready), 20 - log.handled.size());
}

class DurablePools : public Pools {
 protected:
  DurablePools() : Pools({.append_only = true}) {}
};

TEST_F(DurablePools, AKeyWhoseReleaseRedisMissedIsReleasedWhenItIsBack) {
  Log log;
  pool(log, {.length = milliseconds(50)});
  offer(key(1, 1));
  ASSERT_TRUE(loop.run_until([&] { return !log.running.empty(); }));
  redis.kill_it();
  ASSERT_TRUE(handled(log, 1));
  ASSERT_FALSE(link->is_up());
  redis.start();
  ASSERT_TRUE(loop.run_until([&] { return link->is_up(); }));
  EXPECT_TRUE(drained(std::chrono::seconds(5)));
}

TEST_F(Pools, TwoPoolsOnOneQueueNeverHoldTheSameKeyAtOnce) {
  Log log;
  KeyedQueue second(*link, "runs", kLease);
  pool(log, {.length = milliseconds(1)});
  pool_on(second, [&](ReadyKey of) { return worked(log, {.length = milliseconds(1)}, of); });
  std::mt19937 random(7);
  std::map<ReadyKey, std::size_t> offered;
  for (int round = 0; round < 100; ++round) {
    std::vector<Offer> offers;
    for (int i = 0; i < 20; ++i) offers.push_back({.key = key(random() % 3, random() % 10), .due = std::nullopt});
    for (const auto& one : offers) ++offered[one.key];
    EXPECT_TRUE(loop.wait(queue->offer(offers)).has_value());
    loop.run_until([] { return false; }, milliseconds(1));
  }
  EXPECT_TRUE(drained());
  stop_pools();
  EXPECT_EQ(log.overlaps, 0);
  EXPECT_GT(log.handled.size(), offered.size());
  for (const auto& [of, times] : offered) EXPECT_TRUE(std::ranges::find(log.handled, of) != log.handled.end());
}

TEST_F(Pools, TheBellWakesAnotherNodesPool) {
  Log log;
  auto ears = RedisLink::make(loop.executor(), {.url = redis.url()}).value();
  ears->start();
  ASSERT_TRUE(loop.wait(ears->until_up(milliseconds(5000))).has_value());
  auto settings = kQuick;
  settings.poll = std::chrono::minutes(1);
  Bell bell(loop.executor(), *ears, "here");
  bell.wakes("runs", pool(log, {}, settings));
  bell.start();
  KeyedQueue there(*link, "runs", kLease, Lanes::None, "there");
  for (unsigned i = 0; i < 20; ++i) {
    EXPECT_TRUE(loop.wait(there.offer({{.key = key(1, i), .due = std::nullopt}})).has_value());
    ASSERT_TRUE(handled(log, i + 1));
  }
  EXPECT_TRUE(loop.wait(there.offer({{.key = key(1, 99), .due = in(milliseconds(30))}})).has_value());
  EXPECT_TRUE(handled(log, 21));
  stop_pools();
  loop.wait(bell.stop());
  loop.wait(ears->stop());
}

TEST_F(Pools, AFaultIsToldToItsKeeperWhoSaysWhenNext) {
  Log log;
  auto settings = kQuick;
  int told = 0;
  settings.faults.count = [&](ReadyKey, std::string) -> awaitable<WorkOutcome> {
    co_return ++told < 3 ? std::optional(in(milliseconds(1))) : std::nullopt;
  };
  pool(log, {.outcome = [](const ReadyKey&) -> WorkOutcome { throw std::runtime_error("a fault"); }}, settings);
  offer(key(1, 1));
  EXPECT_TRUE(handled(log, 3));
  EXPECT_TRUE(drained());
  EXPECT_EQ(told, 3);
}

// Faults of the key, as its keeper hears of them: "fault" or "over".
class FaultyPools : public Pools {
 protected:
  // Each handling as its letter says; then there is nothing more to do.
  void given_handlings(const std::string& letters) {
    auto settings = kQuick;
    settings.faults = {.count = [this](ReadyKey, std::string) -> awaitable<WorkOutcome> {
                         told.emplace_back("fault");
                         co_return std::optional(in(milliseconds(1)));
                       },
                       .forget = [this](ReadyKey) -> awaitable<Result<void>> {
                         told.emplace_back("over");
                         if (is_store_away) co_return fail(ErrorKind::Unavailable, "the store is away");
                         co_return Result<void>();
                       }};
    pool(log, {.outcome = [this, letters](const ReadyKey&) -> WorkOutcome {
           const auto at = log.handled.size() - 1;
           return at < letters.size() ? outcome(letters[at]) : std::nullopt;
         }},
         settings);
    offer(key(1, 1));
    EXPECT_TRUE(handled(log, letters.size() + 1));
    EXPECT_TRUE(drained());
  }
  // (f)ault, (a)way, (w)aits; else there is more to do at once.
  static WorkOutcome outcome(char letter) {
    if (letter == 'f') return fail(ErrorKind::Internal, "a fault");
    if (letter == 'a') return fail(ErrorKind::Unavailable, "the store is away");
    return std::optional(in(milliseconds(letter == 'w' ? 50 : 0)));
  }

  Log log;
  std::vector<std::string> told;
  bool is_store_away = false;
};

TEST_F(FaultyPools, ASuccessAfterFaultsIsToldOnce) {
  given_handlings("ffm");
  EXPECT_THAT(told, testing::ElementsAre("fault", "fault", "over"));
}

TEST_F(FaultyPools, WithoutAFaultNothingIsTold) {
  given_handlings("a");
  EXPECT_THAT(told, testing::IsEmpty());
}

TEST_F(FaultyPools, AKeyThatOnlyWaitsHasNotSucceeded) {
  given_handlings("fwf");
  EXPECT_THAT(told, testing::ElementsAre("fault", "fault", "over"));
}

TEST_F(FaultyPools, ASuccessThatIsNotKeptIsToldAgain) {
  is_store_away = true;
  given_handlings("fm");
  EXPECT_THAT(told, testing::ElementsAre("fault", "over", "over"));
}

// What is given back makes room in the same turn.
TEST_F(Pools, OneWorkerDoesBulkAfterBulkWithoutAPause) {
  Log log;
  pool(log, {.length = milliseconds(5)}, {.workers = 1, .poll = std::chrono::minutes(1)});
  for (unsigned i = 0; i < 5; ++i) offer(key(1, i, Stream::Bulk));
  pools.back()->wake();
  EXPECT_TRUE(handled(log, 5));
}

// One worker, and handlers that do not wait: keys are in hand before it is free, or each would cost a turn of its own.
// Each is still handled once.
TEST_F(Pools, QuickHandlersFindKeysInHand) {
  std::multiset<ReadyKey> seen;
  pool_on(*queue,
          [&](ReadyKey of) -> awaitable<WorkOutcome> {
            seen.insert(of);
            co_return std::optional<Time>();
          },
          {.workers = 1});
  std::vector<Offer> offers;
  for (unsigned i = 0; i < 2'000; ++i) offers.push_back({.key = key(i % 7, i), .due = std::nullopt});
  const auto before = link->writes();
  EXPECT_TRUE(loop.wait(queue->offer(offers)).has_value());
  EXPECT_TRUE(loop.run_until([&] { return seen.size() >= 2'000; }));
  EXPECT_LT(link->writes() - before, 2'000U);
  EXPECT_TRUE(drained());
  EXPECT_EQ(seen.size(), 2'000U);
  EXPECT_EQ(std::set<ReadyKey>(seen.begin(), seen.end()).size(), 2'000U);
}

// When handlers become slow, what is in hand goes back for other nodes.
TEST_F(Pools, KeysInHandGoBackWhenTheWorkerIsStuck) {
  std::size_t quick = 0;
  bool stuck = false;
  asio::steady_timer free(loop.executor(), asio::steady_timer::time_point::max());
  pool_on(*queue,
          [&](ReadyKey) -> awaitable<WorkOutcome> {
            if (++quick == 500) {
              stuck = true;
              co_await free.async_wait(kToken);
              stuck = false;
            }
            co_return std::optional<Time>();
          },
          {.workers = 1});
  std::vector<Offer> offers;
  for (unsigned i = 0; i < 1'000; ++i) offers.push_back({.key = key(1, i), .due = std::nullopt});
  EXPECT_TRUE(loop.wait(queue->offer(offers)).has_value());
  ASSERT_TRUE(loop.run_until([&] { return stuck; }));
  EXPECT_TRUE(loop.run_until([&] { return stats().leased == 1; }));
  EXPECT_EQ(stats().ready, 500);
  free.cancel();
  EXPECT_TRUE(drained());
}

}  // namespace
}  // namespace waypost
