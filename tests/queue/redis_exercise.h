// Everything that Waypost asks of Redis, once: each script and each command. Every answer is expected to be good. Test
// thread only.

#pragma once

#include <gtest/gtest.h>

#include "queue/bell.h"
#include "queue/keyed_queue.h"
#include "queue/rate_buckets.h"
#include "queue/redis_link.h"
#include "queue/scripts.h"
#include "tests/queue/queue_fixture.h"

namespace waypost::test {

template <class T>
T good(Result<T> result) {
  EXPECT_TRUE(result.has_value()) << result.error().words();
  return result ? std::move(*result) : T();
}
inline void must(const Result<void>& result) { EXPECT_TRUE(result.has_value()) << result.error().words(); }

// Offers, pauses, takes, extends, gives back at once and for later, and has a lease and a due time come.
inline awaitable<void> exercise_queue(RedisLink& link, std::string name, Lanes lanes) {
  KeyedQueue queue(link, name, std::chrono::milliseconds(300), lanes, "here");
  const auto of = [](unsigned owner, unsigned number) {
    return ReadyKey{.owner = {uuid_of(owner)}, .key = {uuid_of(number)}, .channel = {uuid_of(number % 3)}};
  };
  auto bulk = of(2, 9);
  bulk.stream = Stream::Bulk;
  const auto soon = SystemClock().now() + std::chrono::milliseconds(500);
  must(co_await queue.offer({{.key = of(1, 1), .due = std::nullopt}, {.key = of(1, 2), .due = std::nullopt}}));
  must(co_await queue.set_paused({{uuid_of(1)}}));
  must(co_await queue.offer({{.key = of(2, 3), .due = std::nullopt}, {.key = bulk, .due = std::nullopt}}));
  must(co_await queue.offer({{.key = of(3, 4), .due = soon}}));
  EXPECT_EQ(good(co_await queue.owner_stats()).size(), 2U);
  EXPECT_FALSE(good(co_await link.ask({"XREAD", "STREAMS", std::string(kBell), "0-0"})).items.empty());
  const auto first = good(co_await queue.turn({.most = 9, .bulk = 9})).taken;
  EXPECT_EQ(first.size(), 2U);
  must(co_await queue.set_paused({}));
  must(co_await queue.offer({{.key = of(2, 3), .due = std::nullopt}}));  // dirty
  EXPECT_TRUE(good(co_await queue.extend_all(first)).empty());
  EXPECT_EQ(good(co_await queue.stats()).waiting, 1);
  auto left = good(co_await queue.turn({.returns = {{.lease = first.at(0), .due = std::nullopt}}, .most = 9})).taken;
  EXPECT_EQ(left.size(), 3U);
  asio::steady_timer pause(co_await asio::this_coro::executor, std::chrono::milliseconds(600));
  co_await pause.async_wait(kToken);
  left = good(co_await queue.turn({.most = 9, .bulk = 9})).taken;  // leases have run out, and a due time has come
  EXPECT_EQ(left.size(), 5U);
  TurnWish end;
  for (const auto& lease : left) end.returns.push_back({.lease = lease, .due = std::nullopt});
  EXPECT_TRUE(good(co_await queue.turn(end)).lost.empty());
  const auto now = good(co_await queue.stats());
  EXPECT_EQ(now.ready + now.leased + now.waiting, 0);
}

// What queue/sweep.cc asks.
inline awaitable<void> exercise_sweep(RedisLink& link) {
  good(co_await link.ask({"SET", "{waypost}:epoch:wanted", "1"}));
  good(co_await link.ask({"SET", "{waypost}:mark", "1", "EX", "60"}));
  good(co_await link.ask({"DEL", "{waypost}:epoch", "{waypost}:epoch:wanted"}));
  EXPECT_EQ(
      good(co_await link.run(
               {.text = scripts::kBeginEpoch, .keys = {"{waypost}:epoch", "{waypost}:mark"}, .arguments = {"name"}}))
          .integer,
      1);
  EXPECT_EQ(good(co_await link.ask({"EXISTS", "{waypost}:epoch"})).integer, 1);
}

inline awaitable<void> exercise_buckets(RedisLink& link) {
  RateBuckets buckets(link);
  const RateBucket first{.name = "first", .interval = std::chrono::seconds(10), .burst = 1};
  const RateBucket second{.name = "second", .interval = std::chrono::seconds(10), .burst = 2};
  EXPECT_FALSE(good(co_await buckets.allow({first, second})).has_value());
  EXPECT_TRUE(good(co_await buckets.allow({first, second})).has_value());
  must(co_await buckets.pause(second, std::chrono::seconds(1)));
}

inline awaitable<void> exercise(RedisLink& link) {
  must(co_await link.check_policy());
  co_await exercise_queue(link, "runs", Lanes::None);
  co_await exercise_queue(link, "sends", Lanes::ByChannel);
  co_await exercise_sweep(link);
  co_await exercise_buckets(link);
}

}  // namespace waypost::test
