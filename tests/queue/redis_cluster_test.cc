// A cluster of one node: every script declares its keys, and they share one slot.

#include <gtest/gtest.h>

#include "tests/queue/redis_exercise.h"
#include "tests/queue/redis_link_fixture.h"

namespace waypost {
namespace {

using test::RedisServer;

class ClusterLink : public test::LinkFixture {
 protected:
  void give_slots() {
    EXPECT_EQ(redis.command({"CLUSTER", "ADDSLOTSRANGE", "0", "16383"}), "+OK\r\n");
    const auto whole = [&] { return redis.command({"CLUSTER", "INFO"}).contains("cluster_state:ok"); };
    ASSERT_TRUE(loop.run_until(whole, std::chrono::seconds(10)));
  }

  RedisServer redis{{.more = {"--cluster-enabled", "yes"}, .on_port = true}};
};

TEST_F(ClusterLink, TakesAllThatWeAsk) {
  give_slots();
  connect(test::quick(redis.url()));
  loop.wait(test::exercise(*link));
}

TEST_F(ClusterLink, WithoutSlotsItIsUnavailableUntilItHasThem) {
  connect(test::quick(redis.url()));
  const auto failed = ask({"SET", "{waypost}:a", "1"});
  EXPECT_EQ(failed.error().kind(), ErrorKind::Unavailable);
  EXPECT_TRUE(link->words().contains("--cluster check")) << link->words();
  give_slots();
  EXPECT_TRUE(ask({"SET", "{waypost}:a", "1"}).has_value());
  EXPECT_EQ(link->words(), "");
}

}  // namespace
}  // namespace waypost
