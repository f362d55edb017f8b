#include "queue/redis_link.h"

#include <gtest/gtest.h>

#include "net/spawn.h"
#include "tests/queue/redis_link_fixture.h"

namespace waypost {
namespace {

using std::chrono::milliseconds;
using test::quick;
using test::RedisServer;
using Link = test::LinkFixture;

TEST_F(Link, AnswersWithTextIntegersNilArraysAndErrors) {
  RedisServer redis;
  connect(quick(redis.url()));
  EXPECT_EQ(ask({"SET", "a", std::string("\0\r\n", 3)})->text, "OK");
  EXPECT_EQ(ask({"GET", "a"})->text, std::string("\0\r\n", 3));
  EXPECT_EQ(ask({"INCR", "n"})->integer, 1);
  EXPECT_TRUE(ask({"GET", "absent"})->is_nil());
  EXPECT_EQ(ask({"MGET", "a", "n"})->items.at(1).text, "1");
  const auto wrong = ask({"LPUSH", "a", "x"});
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().kind(), ErrorKind::Internal);
}

awaitable<void> count_up(RedisLink& link, int times, int& done) {
  for (int i = 0; i < times; ++i) {
    const auto reply = co_await link.ask({"INCR", "n"});
    EXPECT_TRUE(reply.has_value());
    ++done;
  }
}

TEST_F(Link, AsksOfOneTurnLeaveInOneWrite) {
  RedisServer redis;
  connect(quick(redis.url()));
  const auto before = link->writes();
  int done = 0;
  for (int i = 0; i < 50; ++i) spawn(loop.executor(), "count", count_up(*link, 100, done));
  ASSERT_TRUE(loop.run_until([&] { return done == 5000; }));
  EXPECT_EQ(ask({"GET", "n"})->text, "5000");
  EXPECT_LE(link->writes() - before, 200U);
}

TEST_F(Link, FailsAtOnceWhileRedisIsAwayAndComesBack) {
  RedisServer redis;
  connect(quick(redis.url()));
  int connected = 0;
  link->on_connected([&] { ++connected; });
  redis.kill_it();
  ASSERT_TRUE(is_up(false));
  const auto failed = ask({"PING"});
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().kind(), ErrorKind::Unavailable);
  redis.start();
  ASSERT_TRUE(is_up(true));
  EXPECT_TRUE(ask({"PING"}).has_value());
  EXPECT_EQ(link->connections(), 2U);
  EXPECT_EQ(connected, 1);
}

TEST_F(Link, CutsARedisThatDoesNotAnswer) {
  RedisServer redis;
  connect(quick(redis.url()));
  redis.pause();
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(ask({"PING"}).error().kind(), ErrorKind::Unavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(3));
  EXPECT_TRUE(is_up(false));
  redis.resume();
  EXPECT_TRUE(is_up(true));
  EXPECT_TRUE(ask({"PING"}).has_value());
}

TEST_F(Link, EveryWaitingAskIsAnsweredWhenRedisIsKilled) {
  RedisServer redis;
  connect(quick(redis.url()));
  redis.pause();
  int failed = 0;
  const auto expect_failure = [](RedisLink& on, int& count) -> awaitable<void> {
    const auto reply = co_await on.ask({"PING"});
    EXPECT_FALSE(reply.has_value());
    ++count;
  };
  for (int i = 0; i < 100; ++i) spawn(loop.executor(), "ask", expect_failure(*link, failed));
  loop.run_until([] { return false; }, milliseconds(20));
  redis.kill_it();
  EXPECT_TRUE(loop.run_until([&] { return failed == 100; }));
}

TEST_F(Link, AnAskThatIsWaitingOutlivesTheLink) {
  RedisServer redis;
  connect(quick(redis.url()));
  redis.pause();
  bool ended = false;
  const auto expect_failure = [](RedisLink& on, bool& end) -> awaitable<void> {
    const auto reply = co_await on.ask({"PING"});
    EXPECT_FALSE(reply.has_value());
    end = true;
  };
  spawn(loop.executor(), "ask", expect_failure(*link, ended));
  loop.run_until([] { return false; }, milliseconds(20));
  link.reset();
  EXPECT_TRUE(loop.run_until([&] { return ended; }));
}

constexpr std::string_view kAdd = "return redis.call('INCRBY', KEYS[1], ARGV[1])";

TEST_F(Link, AScriptThatRedisForgotIsSentAgain) {
  RedisServer redis;
  connect(quick(redis.url()));
  const auto add = [&] { return loop.wait(link->run({.text = kAdd, .keys = {"n"}, .arguments = {"2"}}))->integer; };
  EXPECT_EQ(add(), 2);
  EXPECT_EQ(add(), 4);
  redis.command({"SCRIPT", "FLUSH"});
  EXPECT_EQ(add(), 6);
  EXPECT_EQ(add(), 8);
}

TEST_F(Link, RefusesARedisThatMayEvict) {
  RedisServer good;
  connect(quick(good.url()));
  EXPECT_TRUE(loop.wait(link->check_policy()).has_value());
  good.command({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"});
  EXPECT_EQ(loop.wait(link->check_policy()).error().kind(), ErrorKind::Rejected);
}

TEST_F(Link, SignsInAndSelectsItsDatabase) {
  RedisServer redis({.more = {"--requirepass", "to p"}});
  connect(quick(Secret(redis.url().reveal() + "?password=to%20p&db=3")));
  ASSERT_TRUE(ask({"SET", "here", "1"}).has_value());
  EXPECT_TRUE(ask({"CLIENT", "INFO"})->text.contains(" db=3 "));
}

TEST_F(Link, AWrongPasswordIsNeverUp) {
  RedisServer redis({.more = {"--requirepass", "right"}});
  link = RedisLink::make(loop.executor(), quick(Secret(redis.url().reveal() + "?password=wrong"))).value();
  link->start();
  EXPECT_FALSE(loop.wait(link->until_up(milliseconds(200))).has_value());
  EXPECT_TRUE(link->words().starts_with("away: Redis refuses the user or the password")) << link->words();
}

TEST_F(Link, StopsWhileItConnects) {
  link = RedisLink::make(loop.executor(), quick(Secret("unix:/nowhere/redis.sock"))).value();
  link->start();
  loop.run_until([] { return false; }, milliseconds(15));
  loop.wait(link->stop());
  EXPECT_FALSE(link->is_up());
}

}  // namespace
}  // namespace waypost
