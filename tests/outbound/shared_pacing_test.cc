#include "outbound/shared_pacing.h"

#include <gtest/gtest.h>

#include "queue/rate_buckets.h"
#include "tests/queue/redis_link_fixture.h"

namespace waypost {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr double kOneASecond = 1.0;

// Two nodes on one Redis.
class SharedPacingTest : public test::LinkFixture {
 protected:
  void SetUp() override {
    settings.pair_interval = hours(1);
    settings.pair_burst = 2;
    connect(test::quick(redis.url()));
    buckets = std::make_unique<RateBuckets>(*link);
  }
  SharedPacing node() { return {buckets.get(), settings}; }
  std::optional<milliseconds> ask(SharedPacing& node, PaceKey key, double per_second = kOneASecond) {
    return loop.wait(node.wait(std::move(key), per_second));
  }
  PaceKey fresh_pair(SendRank rank = SendRank::Reply) const {
    return {.number = number, .pair = ConversationId::make(now), .account = "waba", .rank = rank};
  }

  test::RedisServer redis;
  SendingSettings settings{};
  std::unique_ptr<RateBuckets> buckets;
  Time now = from_millis(1'760'000'000'000);
  ChannelId number = ChannelId::make(now);
};

TEST_F(SharedPacingTest, NodesShareANumbersPace) {
  auto one = node();
  auto other = node();
  EXPECT_EQ(ask(one, fresh_pair()), std::nullopt);
  const auto wait = ask(other, fresh_pair());
  ASSERT_TRUE(wait);
  EXPECT_LE(*wait, seconds(1));
  auto another_number = fresh_pair();
  another_number.number = ChannelId::make(now);
  EXPECT_EQ(ask(other, another_number), std::nullopt);
}

TEST_F(SharedPacingTest, NodesShareAPairsPace) {
  auto one = node();
  auto other = node();
  const auto pair = fresh_pair();
  EXPECT_EQ(ask(one, pair, 1e5), std::nullopt);
  EXPECT_EQ(ask(other, pair, 1e5), std::nullopt);
  EXPECT_GT(ask(one, pair, 1e5), std::optional(milliseconds(0)));
  EXPECT_EQ(ask(one, fresh_pair(), 1e5), std::nullopt);
}

TEST_F(SharedPacingTest, WhatMetaSaidToOneNodeHoldsTheOther) {
  auto one = node();
  auto other = node();
  loop.wait(one.pause_number(number, 60, seconds(30)));
  const auto wait = ask(other, fresh_pair(), 60);
  ASSERT_TRUE(wait);
  EXPECT_GT(*wait, seconds(29));
}

TEST_F(SharedPacingTest, RepliesHaveAPartThatBulkCannotTake) {
  auto one = node();
  while (!ask(one, fresh_pair(SendRank::Bulk), 20)) {
  }
  EXPECT_EQ(ask(one, fresh_pair(), 20), std::nullopt);
}

TEST_F(SharedPacingTest, WithoutOtherNodesOrRedisEachGoesByItsOwnPace) {
  SharedPacing alone(nullptr, settings);
  auto one = node();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(alone, fresh_pair()), std::nullopt);
  redis.kill_it();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(one, fresh_pair()), std::nullopt);
}

TEST_F(SharedPacingTest, SwitchedOffItHoldsNobody) {
  settings.pacing = false;
  auto one = node();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(one, fresh_pair()), std::nullopt);
}

}  // namespace
}  // namespace waypost
