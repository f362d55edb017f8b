#include "queue/rate_buckets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "net/spawn.h"
#include "tests/queue/redis_link_fixture.h"

namespace waypost {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::RedisServer;

class Buckets : public test::LinkFixture {
 protected:
  void SetUp() override { connect(test::quick(redis.url())); }

  // Nothing: it may go.
  std::optional<milliseconds> wait_of(std::vector<RateBucket> of) {
    return loop.wait(buckets().allow(std::move(of))).value();
  }
  bool goes(const RateBucket& bucket) { return !wait_of({bucket}); }
  int count(const RateBucket& bucket, int tries) {
    int gone = 0;
    for (int i = 0; i < tries; ++i) gone += goes(bucket) ? 1 : 0;
    return gone;
  }
  void pause(const RateBucket& bucket, milliseconds duration) {
    EXPECT_TRUE(loop.wait(buckets().pause(bucket, duration)).has_value());
  }
  void rest(milliseconds duration) {
    loop.run_until([] { return false; }, duration);
  }
  // Moves a bucket's time, as if so much had passed.
  void pass(const std::string& name, microseconds by) {
    const auto key = "{waypost}:bucket:" + name;
    const auto value = ask({"GET", key});
    if (value && !value->is_nil())
      ask({"SET", key, std::to_string(std::stoll(value->text) - by.count()), "KEEPTTL"}).value();
  }
  bool exists(const std::string& name) { return ask({"EXISTS", "{waypost}:bucket:" + name})->integer == 1; }
  RateBuckets buckets() { return RateBuckets(*link); }

  RedisServer redis;
};

TEST_F(Buckets, ABurstIsCountedExactly) {
  const RateBucket bucket{.name = "a", .interval = hours(1), .burst = 7};
  EXPECT_EQ(count(bucket, 20), 7);
}

TEST_F(Buckets, WhoWaitsAsLongAsHeIsToldGoes) {
  const RateBucket bucket{.name = "a", .interval = milliseconds(40), .burst = 2};
  for (int i = 0; i < 6; ++i) {
    while (goes(bucket)) {
    }
    const auto wait = wait_of({bucket});
    if (!wait) continue;
    EXPECT_LE(*wait, milliseconds(40));
    EXPECT_GE(*wait, milliseconds(1));
    rest(*wait);
    EXPECT_TRUE(goes(bucket));
  }
}

TEST_F(Buckets, OnePerIntervalComesBack) {
  const RateBucket bucket{.name = "a", .interval = hours(1), .burst = 5};
  count(bucket, 5);
  pass("a", hours(3));
  EXPECT_EQ(count(bucket, 9), 3);
  pass("a", hours(100));
  EXPECT_EQ(count(bucket, 9), 5);
}

TEST_F(Buckets, AllOrNoneAreTaken) {
  const RateBucket narrow{.name = "narrow", .interval = hours(1), .burst = 1};
  const RateBucket wide{.name = "wide", .interval = hours(1), .burst = 3};
  EXPECT_FALSE(wait_of({wide, narrow}).has_value());
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(wait_of({wide, narrow}).has_value());
  EXPECT_EQ(count(wide, 9), 2);
}

TEST_F(Buckets, TheLongestWaitIsTold) {
  const RateBucket quick{.name = "quick", .interval = seconds(100)};
  const RateBucket slow{.name = "slow", .interval = hours(1)};
  wait_of({quick, slow});
  for (const auto& both : {std::vector{quick, slow}, std::vector{slow, quick}}) {
    EXPECT_GT(wait_of(both).value(), milliseconds(hours(1)) - seconds(50));
  }
  EXPECT_LE(wait_of({quick}).value(), seconds(100));
}

TEST_F(Buckets, ABucketThatIsNamedTwiceIsTakenFromTwice) {
  const RateBucket bucket{.name = "a", .interval = hours(1), .burst = 3};
  EXPECT_FALSE(wait_of({bucket, bucket}).has_value());
  EXPECT_TRUE(wait_of({bucket, bucket}).has_value());
  EXPECT_TRUE(goes(bucket));
}

TEST_F(Buckets, NoBucketsLetEverybodyThrough) { EXPECT_FALSE(wait_of({}).has_value()); }

TEST_F(Buckets, APauseHoldsAndIsFollowedByOneAnInterval) {
  const RateBucket bucket{.name = "a", .interval = hours(1), .burst = 4};
  pause(bucket, hours(10));
  const auto wait = wait_of({bucket}).value();
  EXPECT_GT(wait, hours(10) - seconds(60));
  EXPECT_LE(wait, hours(10));
  pause(bucket, hours(1));  // the longer one stands
  EXPECT_GT(wait_of({bucket}).value(), hours(9));
  pass("a", hours(10));
  EXPECT_EQ(count(bucket, 9), 1);
}

TEST_F(Buckets, AnIdleBucketVanishes) {
  const RateBucket bucket{.name = "a", .interval = milliseconds(20), .burst = 3};
  while (goes(bucket)) {
  }
  EXPECT_TRUE(loop.run_until([&] { return !exists("a"); }, seconds(5)));
  const RateBucket slow{.name = "slow", .interval = seconds(100), .burst = 3};
  goes(slow);
  const auto left = ask({"PTTL", "{waypost}:bucket:slow"})->integer;
  EXPECT_GT(left, 50'000);
  EXPECT_LE(left, 100'000);
}

awaitable<void> try_often(RedisLink& link, RateBucket bucket, int& gone, int& done) {
  for (int i = 0; i < 30; ++i) {
    const auto wait = co_await RateBuckets(link).allow({bucket});
    EXPECT_TRUE(wait.has_value());
    if (wait && !*wait) ++gone;
  }
  ++done;
}

TEST_F(Buckets, TwoNodesShareThem) {
  const auto other = RedisLink::make(loop.executor(), test::quick(redis.url())).value();
  other->start();
  ASSERT_TRUE(loop.wait(other->until_up(milliseconds(5'000))).has_value());
  const RateBucket bucket{.name = "a", .interval = hours(1), .burst = 25};
  int gone = 0;
  int done = 0;
  spawn(loop.executor(), "first", try_often(*link, bucket, gone, done));
  spawn(loop.executor(), "second", try_often(*other, bucket, gone, done));
  ASSERT_TRUE(loop.run_until([&] { return done == 2; }));
  EXPECT_EQ(gone, 25);
  loop.wait(other->stop());
}

TEST_F(Buckets, WithoutRedisNobodyIsLetThrough) {
  redis.kill_it();
  ASSERT_TRUE(is_up(false));
  EXPECT_EQ(loop.wait(buckets().allow({{.name = "a", .interval = hours(1)}})).error().kind(), ErrorKind::Unavailable);
}

// Time in whole hours, so that the test's own seconds decide nothing. A bucket is what it may hold and how full it is.
class Model {
 public:
  std::int64_t wait_of(const RateBucket& bucket) const {
    const auto found = full_.find(bucket.name);
    const auto full = found == full_.end() ? 0 : found->second;
    return std::max<std::int64_t>(full - interval(bucket) * (bucket.burst - 1), 0);
  }
  void take(const RateBucket& bucket) { full_[bucket.name] += interval(bucket); }
  void pause(const RateBucket& bucket, std::int64_t by) {
    auto& full = full_[bucket.name];
    full = std::max(full, by + interval(bucket) * (bucket.burst - 1));
  }
  void pass(std::int64_t by) {
    for (auto& [name, full] : full_) full = std::max<std::int64_t>(full - by, 0);
  }

 private:
  static std::int64_t interval(const RateBucket& bucket) {
    return std::chrono::duration_cast<hours>(bucket.interval).count();
  }
  std::map<std::string, std::int64_t> full_;  // hours until it is idle
};

class BucketsModel : public Buckets, public testing::WithParamInterface<unsigned> {
 protected:
  unsigned dice(unsigned sides) { return static_cast<unsigned>(random_() % sides); }
  std::vector<RateBucket> some_buckets() {
    auto all = all_;
    std::ranges::shuffle(all, random_);
    all.resize(1 + dice(3));
    return all;
  }
  void step() {
    switch (dice(8)) {
      case 0:
        return step_pass(dice(12));
      case 1:
        return step_pause(all_[dice(4)], dice(20));
      default:
        return step_allow(some_buckets());
    }
  }
  void step_pass(unsigned by) {
    model_.pass(by);
    for (const auto& bucket : all_) pass(bucket.name, hours(by));
  }
  void step_pause(const RateBucket& bucket, unsigned by) {
    model_.pause(bucket, by);
    pause(bucket, hours(by));
  }
  void step_allow(const std::vector<RateBucket>& of) {
    std::int64_t longest = 0;
    for (const auto& bucket : of) longest = std::max(longest, model_.wait_of(bucket));
    const auto wait = wait_of(of);
    const auto told = wait ? std::chrono::round<hours>(*wait).count() : 0;
    EXPECT_EQ(told, longest);
    if (longest > 0) return;
    for (const auto& bucket : of) model_.take(bucket);
  }

  const std::vector<RateBucket> all_{{.name = "a", .interval = hours(1), .burst = 1},
                                     {.name = "b", .interval = hours(2), .burst = 5},
                                     {.name = "c", .interval = hours(3), .burst = 2},
                                     {.name = "d", .interval = hours(1), .burst = 9}};
  Model model_;
  std::mt19937 random_{GetParam()};
};

TEST_P(BucketsModel, RandomCallsAgree) {
  for (int i = 0; i < 2'000 && !HasFailure(); ++i) {
    SCOPED_TRACE(i);
    step();
  }
}

INSTANTIATE_TEST_SUITE_P(Dice, BucketsModel, testing::Range(1U, 5U));

}  // namespace
}  // namespace waypost
