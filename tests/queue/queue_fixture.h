// A private Redis, a link to it and a queue on it, with short words for keys. Test thread only.

#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "queue/keyed_queue.h"
#include "queue/redis_link.h"
#include "tests/support/redis_server.h"
#include "tests/support/run_loop.h"

namespace waypost::test {

inline Uuid uuid_of(unsigned number) {
  Uuid uuid;
  uuid.bytes[14] = static_cast<std::uint8_t>(number >> 8);
  uuid.bytes[15] = static_cast<std::uint8_t>(number);
  return uuid;
}

inline ReadyKey key(unsigned owner, unsigned conversation, Stream stream = Stream::Reply) {
  return {.owner = {uuid_of(owner)}, .key = {uuid_of(conversation)}, .stream = stream};
}

class QueueFixture : public testing::Test {
 protected:
  explicit QueueFixture(RedisServerOptions options = {}) : redis(std::move(options)) {}

  static constexpr std::chrono::milliseconds kLease{60'000};

  void SetUp() override {
    link = RedisLink::make(loop.executor(), {.url = redis.url(),
                                             .answer = std::chrono::milliseconds(1000),
                                             .pause_first = std::chrono::milliseconds(5),
                                             .pause_most = std::chrono::milliseconds(50)})
               .value();
    link->start();
    ASSERT_TRUE(loop.wait(link->until_up(std::chrono::milliseconds(5000))).has_value());
    queue = std::make_unique<KeyedQueue>(*link, "runs", kLease);
  }
  void TearDown() override {
    if (link) loop.wait(link->stop());
  }

  void offer(const ReadyKey& of, std::optional<Time> due = std::nullopt) {
    EXPECT_TRUE(loop.wait(queue->offer({Offer{.key = of, .due = due}})).has_value());
  }
  void remind(const ReadyKey& of, Time due) {
    EXPECT_TRUE(loop.wait(queue->offer({Offer{.key = of, .due = due, .reminds = true}})).has_value());
  }
  Turn turn(TurnWish wish) { return loop.wait(queue->turn(std::move(wish))).value(); }
  std::vector<Lease> take(std::size_t most) { return turn({.most = most, .bulk = most}).taken; }
  // The taken keys alone.
  std::vector<ReadyKey> taken(std::size_t most) {
    std::vector<ReadyKey> keys;
    for (const auto& lease : take(most)) keys.push_back(lease.key);
    return keys;
  }
  bool release(const Lease& lease, std::optional<Time> due = std::nullopt) {
    return turn({.returns = {{.lease = lease, .due = due}}}).lost.empty();
  }
  std::optional<std::chrono::milliseconds> next_wake() { return turn({}).next; }
  QueueStats stats() { return loop.wait(queue->stats()).value(); }
  // Moves a key's due time or lease end, as if time had passed.
  void set_score(const std::string& set, const ReadyKey& of, std::int64_t at) {
    redis.command({"ZADD", "{waypost}:queue:runs:" + set, "XX", std::to_string(at), member_of(of)});
  }
  // As queue/script_words.h describes it; a key with a channel is one of a queue by channel.
  static std::string member_of(const ReadyKey& of) {
    const auto bytes = [](const Uuid& id) { return std::string(id.bytes.begin(), id.bytes.end()); };
    const std::string lane = of.channel == ChannelId{} ? std::string(1, '\0') : '\1' + bytes(of.channel.uuid);
    return bytes(of.owner.uuid) + lane + (of.stream == Stream::Bulk ? '\1' : '\0') + bytes(of.key.uuid);
  }
  void lease_runs_out(const ReadyKey& of, std::int64_t at = 1) { set_score("leases", of, at); }
  void due_comes(const ReadyKey& of, std::int64_t at = 1) { set_score("waiting", of, at); }
  static Time in(std::chrono::milliseconds pause) { return SystemClock().now() + pause; }
  // Runs the loop until nothing is ready, leased or waiting.
  bool drained(std::chrono::milliseconds limit = std::chrono::seconds(60)) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < end) {
      const auto now = loop.wait(queue->stats());
      if (now && now->ready + now->leased + now->waiting == 0) return true;
      loop.run_until([] { return false; }, std::chrono::milliseconds(5));
    }
    return false;
  }

  RedisServer redis;
  RunLoop loop;
  std::unique_ptr<RedisLink> link;
  std::unique_ptr<KeyedQueue> queue;
};

}  // namespace waypost::test
