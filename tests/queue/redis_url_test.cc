#include "queue/redis_url.h"

#include <gtest/gtest.h>

#include "queue/backoff.h"
#include "queue/redis_protocol.h"

namespace waypost {
namespace {

Result<RedisAddress> parsed(const std::string& text) { return parse_redis_url(Secret(text)); }

TEST(RedisUrl, NamesAUnixSocket) {
  const auto address = parsed("unix:/run/redis/redis-server.sock").value();
  EXPECT_EQ(address.socket, "/run/redis/redis-server.sock");
  EXPECT_EQ(address.database, 0);
}

TEST(RedisUrl, NamesAHostWithAllItsParts) {
  const auto address = parsed("redis://queue:p%40ss@redis.example:6380/2").value();
  EXPECT_EQ(address.host, "redis.example");
  EXPECT_EQ(address.port, "6380");
  EXPECT_EQ(address.user, "queue");
  EXPECT_EQ(address.password.reveal(), "p@ss");
  EXPECT_EQ(address.database, 2);
}

TEST(RedisUrl, SaysWhetherItIsTls) {
  EXPECT_TRUE(parsed("rediss://u:p@host:6380/2")->tls);
  EXPECT_FALSE(parsed("redis://host")->tls);
  EXPECT_FALSE(parsed("unix:/a")->tls);
}

TEST(RedisPlace, IsAHostAndAPort) {
  EXPECT_EQ(parse_redis_place("one.example:26379")->place(), "one.example:26379");
  EXPECT_EQ(parse_redis_place("[::1]:26379")->host, "::1");
  for (const auto* text : {"", "host", "host:", "host:0", "u:hush@host:1", "host:1/2", "host:1?a", "a b:1", "::1:1"}) {
    const auto place = parse_redis_place(text);
    ASSERT_FALSE(place.has_value()) << text;
    EXPECT_FALSE(place.error().words().contains("hush"));
  }
}

TEST(RedisUrl, HasADefaultPortAndDatabase) {
  const auto address = parsed("redis://[::1]").value();
  EXPECT_EQ(address.host, "::1");
  EXPECT_EQ(address.port, "6379");
}

TEST(RedisUrl, RefusesTheRestAndRepeatsNothingOfIt) {
  for (const auto* text : {"", "redis.sock", "redix://host", "rediss://", "redis:///1", "redis://u:hush@host/x",
                           "unix:", "unix:a/b", "redis://u:hush@host/-1", "unix:/a?db=hush"}) {
    const auto address = parsed(text);
    ASSERT_FALSE(address.has_value()) << text;
    EXPECT_FALSE(address.error().words().contains("hush"));
  }
}

TEST(RedisUrl, ThePlaceShowsNoPassword) {
  EXPECT_EQ(parsed("redis://u:hush@host/1")->place(), "host:6379");
  EXPECT_EQ(parsed("unix:/a?password=hush")->place(), "unix:/a");
}

TEST(Backoff, DoublesUpToItsMostAndJitters) {
  using std::chrono::milliseconds;
  Backoff backoff(milliseconds(50), milliseconds(150));
  EXPECT_EQ(backoff.next(0), milliseconds(25));
  EXPECT_EQ(backoff.next(0), milliseconds(50));
  EXPECT_EQ(backoff.next(0), milliseconds(75));
  EXPECT_EQ(backoff.next(0.5), milliseconds(112));
  backoff.reset();
  EXPECT_EQ(backoff.next(0), milliseconds(25));
}

TEST(RedisProtocol, ReadsRepliesCutAnywhere) {
  const std::string bytes = "*3\r\n:5\r\n$-1\r\n-ERR no\r\n+OK\r\n";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    ReplyReader reader;
    auto replies = reader.feed(std::string_view(bytes).substr(0, cut)).value();
    for (auto& reply : reader.feed(std::string_view(bytes).substr(cut)).value()) replies.push_back(std::move(reply));
    ASSERT_EQ(replies.size(), 2U) << cut;
    EXPECT_EQ(replies[0].items.at(0).integer, 5);
    EXPECT_TRUE(replies[0].items.at(1).is_nil());
    EXPECT_TRUE(replies[0].items.at(2).is_error());
    EXPECT_EQ(replies[1].text, "OK");
  }
}

TEST(RedisProtocol, NonsenseIsAnError) {
  ReplyReader reader;
  EXPECT_FALSE(reader.feed("%1\r\n").has_value());
}

}  // namespace
}  // namespace waypost
