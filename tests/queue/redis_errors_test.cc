// What a real Redis answers when it cannot do its work, and how the link goes on when it can again.

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <filesystem>
#include <sstream>
#include <thread>

#include "base/log.h"
#include "tests/queue/redis_link_fixture.h"

namespace waypost {
namespace {

using std::chrono::milliseconds;
using test::RedisServer;

constexpr std::string_view kSet = "return redis.call('SET', KEYS[1], ARGV[1])";

// What is logged while it lives.
class Logged {
 public:
  Logged() { log::set_default_logger(std::make_shared<spdlog::logger>("test", sink_)); }
  Logged(const Logged&) = delete;
  Logged& operator=(const Logged&) = delete;
  ~Logged() { log::set_default_logger(before_); }

  std::size_t lines_with(std::string_view words) const {
    std::istringstream all(out_.str());
    std::size_t found = 0;
    for (std::string line; std::getline(all, line);) found += line.contains(words) ? 1 : 0;
    return found;
  }

 private:
  std::ostringstream out_;
  std::shared_ptr<spdlog::sinks::ostream_sink_mt> sink_ = std::make_shared<spdlog::sinks::ostream_sink_mt>(out_);
  std::shared_ptr<spdlog::logger> before_ = log::default_logger();
};

class Trouble : public test::LinkFixture {
 protected:
  void SetUp() override { connect(test::quick(redis.url())); }

  void configure(const std::string& name, const std::string& value) {
    EXPECT_EQ(redis.command({"CONFIG", "SET", name, value}), "+OK\r\n");
  }
  Result<RedisValue> set() { return loop.wait(link->run({.text = kSet, .keys = {"a"}, .arguments = {"1"}})); }
  void expect_trouble(const Result<RedisValue>& answer, std::string_view words) {
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().kind(), ErrorKind::Unavailable);
    EXPECT_TRUE(answer.error().words().contains(words)) << answer.error().words();
    EXPECT_TRUE(link->words().contains(words)) << link->words();
  }
  void expect_well() {
    EXPECT_TRUE(set().has_value());
    EXPECT_EQ(link->words(), "");
  }

  RedisServer redis{{.more = {"--enable-debug-command", "yes"}}};
};

TEST_F(Trouble, OutOfMemoryEndsWhenItIsRaised) {
  configure("maxmemory", "1");
  expect_trouble(set(), "raise it with CONFIG SET");
  expect_trouble(ask({"SET", "a", "1"}), "Redis is out of memory");
  EXPECT_TRUE(ask({"EXISTS", "a"}).has_value());
  EXPECT_TRUE(link->words().contains("out of memory"));  // it reads on, and that is no cure
  EXPECT_TRUE(link->is_up());
  configure("maxmemory", "0");
  EXPECT_TRUE(ask({"SET", "a", "1"}).has_value());
  expect_well();
}

TEST_F(Trouble, IsLoggedOnceAMinuteWithWhatToDo) {
  const Logged logged;
  configure("maxmemory", "1");
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(set().has_value());
  EXPECT_EQ(logged.lines_with("raise it with CONFIG SET"), 1U);
  redis.kill_it();
  ASSERT_TRUE(is_up(false));
  EXPECT_FALSE(loop.wait(link->until_up(milliseconds(300))).has_value());
  EXPECT_EQ(logged.lines_with("is away: no Redis at"), 1U);
}

TEST_F(Trouble, ADemotedPrimaryIsLeftUntilItIsOneAgain) {
  redis.command({"REPLICAOF", "127.0.0.1", "1"});
  const auto answer = set();
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind(), ErrorKind::Unavailable);
  EXPECT_TRUE(is_up(false));
  EXPECT_TRUE(says("away: this Redis is a replica")) << link->words();
  redis.command({"REPLICAOF", "NO", "ONE"});
  ASSERT_TRUE(is_up(true));
  expect_well();
}

TEST_F(Trouble, AReplicaWithoutItsPrimaryIsLeft) {
  configure("replica-serve-stale-data", "no");
  redis.command({"REPLICAOF", "127.0.0.1", "1"});
  EXPECT_TRUE(ask({"GET", "a"}).error().words().contains("MASTERDOWN"));
  EXPECT_TRUE(is_up(false));
  redis.command({"REPLICAOF", "NO", "ONE"});
  EXPECT_TRUE(is_up(true));
}

TEST_F(Trouble, ADiskThatTakesNothingIsNamed) {
  std::filesystem::create_directories(redis.folder() + "/dump.rdb/in the way");
  configure("save", "3600 1000000");
  redis.command({"BGSAVE"});
  ASSERT_TRUE(
      loop.run_until([&] { return redis.command({"INFO", "persistence"}).contains("rdb_last_bgsave_status:err"); }));
  expect_trouble(set(), "look at its disk and its log");
  configure("stop-writes-on-bgsave-error", "no");
  expect_well();
}

TEST_F(Trouble, TooFewReplicasAreNamed) {
  configure("min-replicas-to-write", "1");
  expect_trouble(set(), "min-replicas-to-write");
  configure("min-replicas-to-write", "0");
  expect_well();
}

TEST_F(Trouble, ARedisThatLoadsIsWaitedFor) {
  redis.command({"DEBUG", "POPULATE", "1000"});
  configure("key-load-delay", "1000");
  configure("loading-process-events-interval-bytes", "1024");
  std::jthread reload([&] { redis.command({"DEBUG", "RELOAD"}); });
  Result<RedisValue> answer;
  ASSERT_TRUE(loop.run_until([&] { return !(answer = set()).has_value(); }, milliseconds(5'000)));
  expect_trouble(answer, "Redis loads its data");
  EXPECT_TRUE(loop.run_until([&] { return set().has_value(); }, milliseconds(10'000)));
  EXPECT_EQ(link->words(), "");
}

TEST_F(Trouble, AScriptInTheWayIsNamed) {
  configure("busy-reply-threshold", "20");
  std::jthread busy([&] { redis.command({"EVAL", "while true do end", "0"}); });
  Result<RedisValue> answer;
  ASSERT_TRUE(loop.run_until([&] { return link->is_up() && !(answer = set()).has_value(); }, milliseconds(5'000)));
  expect_trouble(answer, "SCRIPT KILL");
  redis.command({"SCRIPT", "KILL"});
  busy.join();  // the script ends a moment later
  expect_well();
}

TEST_F(Trouble, AnAnswerLaterThanTheLimitIsNoneAndTheLinkComesBack) {
  std::jthread sleeping([&] { redis.command({"DEBUG", "SLEEP", "0.8"}); });
  Result<RedisValue> answer;
  ASSERT_TRUE(loop.run_until([&] { return !(answer = ask({"PING"})).has_value(); }, milliseconds(5'000)));
  EXPECT_EQ(answer.error().kind(), ErrorKind::Unavailable);
  EXPECT_FALSE(link->is_up());
  EXPECT_TRUE(link->words().starts_with("away: ")) << link->words();
  ASSERT_TRUE(is_up(true));
  expect_well();
}

TEST_F(Trouble, ForgottenScriptsAndKeysAreNone) {
  EXPECT_TRUE(set().has_value());
  redis.command({"SCRIPT", "FLUSH"});
  expect_well();
  redis.flush_all();
  EXPECT_EQ(ask({"EXISTS", "a"})->integer, 0);
  expect_well();
  EXPECT_EQ(link->connections(), 1U);
}

TEST_F(Trouble, ARestartIsNone) {
  redis.stop();
  ASSERT_TRUE(is_up(false));
  EXPECT_TRUE(says("away: no Redis at unix:")) << link->words();
  redis.start();
  ASSERT_TRUE(is_up(true));
  expect_well();
}

TEST_F(Trouble, AFaultOfOursIsNoTroubleOfRedis) {
  EXPECT_EQ(ask({"NONSENSE"}).error().kind(), ErrorKind::Internal);
  EXPECT_EQ(link->words(), "");
}

TEST(TroubleAtTheDoor, AMissingPasswordIsNamed) {
  const RedisServer redis({.more = {"--requirepass", "hush"}});
  test::RunLoop loop;
  const auto link = RedisLink::make(loop.executor(), test::quick(redis.url())).value();
  EXPECT_EQ(link->words(), "away: not connected yet");
  link->start();
  EXPECT_TRUE(loop.run_until([&] { return link->words().starts_with("away: Redis wants a password"); }));
  loop.wait(link->stop());
}

TEST(TroubleAtTheDoor, ASentinelIsNoRedis) {
  const RedisServer sentinel({.sentinel = {"sentinel monitor waypost 127.0.0.1 1 1"}});
  test::RunLoop loop;
  const auto link = RedisLink::make(loop.executor(), test::quick(sentinel.url())).value();
  link->start();
  EXPECT_TRUE(loop.run_until([&] { return link->words().contains("name it in redis.sentinels"); })) << link->words();
  loop.wait(link->stop());
}

}  // namespace
}  // namespace waypost
