#include "queue/loop_signals.h"

#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "tests/queue/pools_fixture.h"

namespace waypost {
namespace {

using std::chrono::milliseconds;
using test::key;
using test::Log;
using test::Pools;

class SignalsTest : public Pools {
 protected:
  void SetUp() override {
    Pools::SetUp();
    sends = std::make_unique<KeyedQueue>(*link, "sends", kLease);
    media = std::make_unique<KeyedQueue>(*link, "media", kLease);
    signals =
        std::make_unique<LoopSignals>(loop.executor(), WorkQueues{.runs = *queue, .sends = *sends, .media = *media});
  }
  void TearDown() override {
    loop.wait(signals->stop());
    Pools::TearDown();
  }
  std::unique_ptr<KeyedQueue> sends;
  std::unique_ptr<KeyedQueue> media;
  std::unique_ptr<LoopSignals> signals;
};

TEST_F(SignalsTest, SignalsReachTheirQueueAndWakeItsPool) {
  Log log;
  auto& waiting = pool(log, {}, {.workers = 4, .retry_pause = milliseconds(20), .poll = std::chrono::minutes(5)});
  signals->wakes(QueueName::Runs, waiting);
  loop.run_until([] { return false; }, milliseconds(20));
  signals->offer({{.queue = QueueName::Runs, .key = key(1, 1), .due = std::nullopt},
                  {.queue = QueueName::Sends, .key = key(1, 2), .due = std::nullopt},
                  {.queue = QueueName::Media, .key = key(1, 3), .due = std::nullopt}});
  EXPECT_TRUE(handled(log, 1));
  EXPECT_THAT(log.handled, testing::ElementsAre(key(1, 1)));
  loop.wait(signals->stop());
  EXPECT_EQ(loop.wait(sends->turn({.most = 5})).value().taken.size(), 1U);
  EXPECT_EQ(loop.wait(media->turn({.most = 5})).value().taken.size(), 1U);
}

// The pool's look must not overtake the offer, though Redis knows its script and not the offer's.
TEST_F(SignalsTest, ARedisThatForgotTheOffersScriptDelaysNothing) {
  Log log;
  auto& waiting = pool(log, {}, {.workers = 4, .retry_pause = milliseconds(20), .poll = std::chrono::minutes(5)});
  signals->wakes(QueueName::Runs, waiting);
  signals->offer({{.queue = QueueName::Runs, .key = key(1, 1)}});
  ASSERT_TRUE(handled(log, 1));
  redis.command({"SCRIPT", "FLUSH"});
  turn({});
  signals->offer({{.queue = QueueName::Runs, .key = key(1, 2)}});
  ASSERT_TRUE(handled(log, 2));
  redis.kill_it();
  ASSERT_TRUE(loop.run_until([&] { return !link->is_up(); }));
  redis.start();
  ASSERT_TRUE(loop.run_until([&] { return link->is_up(); }));
  turn({});
  signals->offer({{.queue = QueueName::Runs, .key = key(1, 3)}});
  EXPECT_TRUE(handled(log, 3));
}

TEST_F(SignalsTest, ManySignalsFromAnotherThreadLeaveInFewWritesAndStopFlushesThem) {
  const auto before = link->writes();
  std::thread other([&] {
    for (unsigned i = 0; i < 1'000; ++i) {
      signals->offer({{.queue = QueueName::Runs, .key = key(i % 7, i % 200), .due = std::nullopt}});
    }
  });
  other.join();
  loop.wait(signals->stop());
  EXPECT_LE(link->writes() - before, 10U);
  std::set<ReadyKey> keys;
  for (unsigned i = 0; i < 1'000; ++i) keys.insert(key(i % 7, i % 200));
  EXPECT_EQ(static_cast<std::size_t>(stats().ready), keys.size());
}

TEST_F(SignalsTest, WhatRedisDoesNotTakeIsDropped) {
  redis.kill_it();
  ASSERT_TRUE(loop.run_until([&] { return !link->is_up(); }));
  signals->offer({{.queue = QueueName::Runs, .key = key(1, 1), .due = std::nullopt}});
  loop.wait(signals->stop());
}

TEST_F(SignalsTest, AnOfferAfterStopIsDropped) {
  loop.wait(signals->stop());
  signals->offer({{.queue = QueueName::Runs, .key = key(1, 1), .due = std::nullopt}});
  loop.run_until([] { return false; }, milliseconds(20));
  EXPECT_EQ(stats().ready, 0);
}

}  // namespace
}  // namespace waypost
