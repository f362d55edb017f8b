#include "daemon/node_checks.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "tests/support/temp_folder.h"

namespace waypost {
namespace {

using testing::ElementsAre;

constexpr const char* kInfo =
    "# Server\r\nredis_version:7.0.15\r\n# Memory\r\nmaxmemory_policy:noeviction\r\n# Persistence\r\n"
    "rdb_last_bgsave_status:ok\r\naof_enabled:0\r\naof_last_write_status:ok\r\n";

std::vector<HealthStatus> statuses(const std::string& was, const std::string& is) {
  std::string info = kInfo;
  info.replace(info.find(was), was.size(), is);
  std::vector<HealthStatus> statuses;
  for (const auto& check : judge_redis(Result<std::string>(info))) statuses.push_back(check.status);
  return statuses;
}

TEST(NodeChecks, ARedisAsItShouldBeIsGood) {
  EXPECT_THAT(statuses("7.0.15", "8.2.1"), ElementsAre(HealthStatus::Good, HealthStatus::Good, HealthStatus::Good));
}

TEST(NodeChecks, WhatIsWrongWithRedisIsNamed) {
  EXPECT_THAT(statuses("7.0.15", "6.2.7"), ElementsAre(HealthStatus::Warning, HealthStatus::Good, HealthStatus::Good));
  EXPECT_THAT(statuses("noeviction", "allkeys-lru"),
              ElementsAre(HealthStatus::Good, HealthStatus::Bad, HealthStatus::Good));
  EXPECT_THAT(statuses("bgsave_status:ok", "bgsave_status:err"),
              ElementsAre(HealthStatus::Good, HealthStatus::Good, HealthStatus::Bad));
  const auto away = judge_redis(fail(ErrorKind::Unavailable, "Redis is away"));
  ASSERT_EQ(away.size(), 1U);
  EXPECT_EQ(away[0].status, HealthStatus::Bad);
}

TEST(NodeChecks, ADiskHasRoomAndIsQuick) {
  const auto of = [](std::uint64_t free_bytes, std::chrono::microseconds sync) {
    return judge_journal(DiskFacts{.free_bytes = free_bytes, .all_bytes = 500ULL << 30, .sync = sync}).status;
  };
  using std::chrono::milliseconds;
  EXPECT_EQ(of(100ULL << 30, milliseconds(3)), HealthStatus::Good);
  EXPECT_EQ(of(1ULL << 29, milliseconds(3)), HealthStatus::Bad);
  EXPECT_EQ(of(100ULL << 30, milliseconds(60)), HealthStatus::Warning);
  EXPECT_EQ(of(100ULL << 30, milliseconds(2'000)), HealthStatus::Bad);
}

TEST(NodeChecks, ADiskIsWrittenToAndLeftAsItWas) {
  const test::TempFolder folder;
  const auto facts = probe_disk(folder.path());
  ASSERT_TRUE(facts.has_value()) << facts.error().words();
  EXPECT_GT(facts->free_bytes, 0U);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_FALSE(probe_disk(folder.path() + "/nowhere").has_value());
}

}  // namespace
}  // namespace waypost
