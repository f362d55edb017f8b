// A primary, a replica and a sentinel: all of them real.

#include <gtest/gtest.h>

#include "tests/queue/redis_exercise.h"
#include "tests/queue/redis_link_fixture.h"

namespace waypost {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::key;
using test::RedisServer;

class SentinelLink : public test::LinkFixture {
 protected:
  void SetUp() override {
    const auto quick_sentinel = sentinel.command({"SENTINEL", "DEBUG", "info-period", "200", "publish-period", "200"});
    ASSERT_EQ(quick_sentinel, "+OK\r\n");
    const auto in_step = [&] { return replica.command({"INFO", "replication"}).contains("master_link_status:up"); };
    ASSERT_TRUE(loop.run_until(in_step, seconds(20)));
    const auto known = [&] {
      return sentinel.command({"SENTINEL", "MASTER", "waypost"}).contains("num-slaves\r\n$1\r\n1");
    };
    ASSERT_TRUE(loop.run_until(known, seconds(20)));
  }
  RedisLinkSettings by(std::vector<std::string> sentinels) const {
    auto settings = test::quick(Secret("redis://any"));
    settings.sentinels = std::move(sentinels);
    return settings;
  }
  bool failed_over() {
    return loop.run_until([&] { return replica.command({"ROLE"}).contains("master"); }, seconds(30));
  }
  bool reaches(const RedisServer& server) {
    const auto info = ask({"INFO", "server"});
    return info && info->text.contains("tcp_port:" + server.port());
  }

  RedisServer primary{{.more = {"--repl-diskless-sync-delay", "0"}, .on_port = true}};
  RedisServer replica{{.more = {"--replicaof", "127.0.0.1 " + primary.port()}, .on_port = true}};
  RedisServer sentinel{
      {.on_port = true,
       .sentinel = {"sentinel monitor waypost 127.0.0.1 " + primary.port() + " 1",
                    "sentinel down-after-milliseconds waypost 500", "sentinel failover-timeout waypost 5000"}}};
};

TEST_F(SentinelLink, FollowsThePrimaryThatIsKilled) {
  connect(by({sentinel.place()}));
  ASSERT_TRUE(reaches(primary));
  KeyedQueue queue(*link, "runs", milliseconds(1'000));
  std::vector<Offer> offers;
  offers.reserve(100);
  for (unsigned i = 0; i < 100; ++i) offers.push_back({.key = key(1, i), .due = std::nullopt});
  ASSERT_TRUE(loop.wait(queue.offer(offers)).has_value());
  bool again = false;
  link->on_connected([&] { again = true; });  // the sweep's cue to offer everything
  primary.kill_it();
  ASSERT_TRUE(is_up(false));
  EXPECT_TRUE(link->words().starts_with("away: ")) << link->words();
  ASSERT_TRUE(failed_over());
  ASSERT_TRUE(is_up(true, seconds(5))) << link->words();
  EXPECT_TRUE(again);
  EXPECT_TRUE(reaches(replica));
  EXPECT_TRUE(loop.wait(queue.offer(offers)).has_value());
  EXPECT_EQ(test::good(loop.wait(queue.stats())).ready, 100);
}

TEST_F(SentinelLink, LeavesAPrimaryThatWasDemoted) {
  connect(by({sentinel.place()}));
  // It refuses until it has heard enough of the replica.
  std::string answer;
  const auto accepted = [&] {
    if (answer != "+OK\r\n") answer = sentinel.command({"SENTINEL", "FAILOVER", "waypost"});
    return answer == "+OK\r\n";
  };
  ASSERT_TRUE(loop.run_until(accepted, seconds(20))) << answer;
  ASSERT_TRUE(failed_over());
  const auto at_the_new_one = [&] {
    return link->is_up() && ask({"SET", "{waypost}:a", "1"}).has_value() && reaches(replica);
  };
  EXPECT_TRUE(loop.run_until(at_the_new_one, seconds(10)));
}

TEST_F(SentinelLink, AsksTheNextSentinelWhenOneIsAwayOrKnowsNothing) {
  const RedisServer stranger({.on_port = true, .sentinel = {"sentinel monitor other 127.0.0.1 1 1"}});
  connect(by({"127.0.0.1:1", stranger.place(), sentinel.place()}));
  EXPECT_TRUE(reaches(primary));
}

// One that is cut off from the others goes on telling of the old primary.
TEST_F(SentinelLink, ASentinelThatNamesAReplicaHoldsNobodyUp) {
  const RedisServer stale({.on_port = true, .sentinel = {"sentinel monitor waypost 127.0.0.1 1 1"}});
  connect(by({stale.place(), sentinel.place()}));
  EXPECT_TRUE(reaches(primary));
}

TEST_F(SentinelLink, SaysThatNoSentinelKnowsTheName) {
  auto settings = by({sentinel.place()});
  settings.sentinel_name = "nobody";
  start(settings);
  EXPECT_TRUE(says("knows no nobody: is redis.sentinel_name right?")) << link->words();
}

TEST_F(SentinelLink, SignsInAtTheSentinel) {
  sentinel.command({"ACL", "SETUSER", "default", "resetpass", ">hush"});
  auto settings = by({sentinel.place()});
  settings.sentinel_password = Secret("wrong-hush");
  start(settings);
  EXPECT_TRUE(says("of a sentinel redis.sentinel_password")) << link->words();
  EXPECT_FALSE(link->words().contains("hush"));
  loop.wait(link->stop());
  settings.sentinel_password = Secret("hush");
  connect(settings);
  EXPECT_TRUE(reaches(primary));
}

TEST_F(SentinelLink, StopsWhileItAsks) {
  sentinel.pause();
  start(by({sentinel.place(), sentinel.place()}));
  loop.run_until([] { return false; }, milliseconds(20));
  const auto begun = std::chrono::steady_clock::now();
  loop.wait(link->stop());
  EXPECT_LT(std::chrono::steady_clock::now() - begun, milliseconds(250));
}

TEST(SentinelSettings, AUrlOfASocketHasNone) {
  test::RunLoop loop;
  auto settings = test::quick(Secret("unix:/a"));
  settings.sentinels = {"127.0.0.1:26379"};
  EXPECT_EQ(RedisLink::make(loop.executor(), settings).error().kind(), ErrorKind::InvalidInput);
  settings.url = Secret("redis://any");
  settings.sentinels = {"nowhere"};
  EXPECT_EQ(RedisLink::make(loop.executor(), settings).error().kind(), ErrorKind::InvalidInput);
}

}  // namespace
}  // namespace waypost
