#include "daemon/node_checks.h"

#include <algorithm>
#include <charconv>

#include "api/own_thread.h"
#include "base/text.h"

namespace waypost {
namespace {

constexpr int kLeastRedis = 7;                             // what the tests run on
constexpr std::uint64_t kLittleSpace = 1ULL << 30;         // bytes
constexpr std::uint64_t kFewOfAll = 20;                    // a twentieth of the disk
constexpr std::chrono::milliseconds kSlowSync{50};         // the ack path waits for one
constexpr std::chrono::milliseconds kVerySlowSync{1'000};  // Meta's median target is 250 ms

HealthCheck check(const char* name, HealthStatus status, std::string words, std::string next = {}) {
  return {.name = name, .status = status, .words = std::move(words), .next = std::move(next)};
}

// "redis_version:7.0.15" among the lines.
std::string value_of(std::string_view info, std::string_view key) {
  const std::string begin = std::string(key) + ":";
  auto at = info.starts_with(begin) ? 0 : info.find("\n" + begin);
  if (at == std::string_view::npos) return {};
  if (at > 0) ++at;
  const auto rest = info.substr(at + begin.size());
  return std::string(trimmed(rest.substr(0, rest.find('\n'))));
}

HealthCheck judge_version(std::string_view info) {
  const std::string version = value_of(info, "redis_version");
  int major = 0;
  std::from_chars(version.data(), version.data() + version.size(), major);
  if (major >= kLeastRedis) return check("redis", HealthStatus::Good, "answers, version " + version);
  return check("redis", HealthStatus::Warning, "version " + (version.empty() ? "unknown" : version),
               "install Redis 7: nothing older is tested");
}

HealthCheck judge_eviction(std::string_view info) {
  const std::string policy = value_of(info, "maxmemory_policy");
  if (policy == "noeviction") return check("redis-eviction", HealthStatus::Good, "noeviction");
  return check("redis-eviction", HealthStatus::Bad, "maxmemory-policy is " + (policy.empty() ? "unknown" : policy),
               "set maxmemory-policy noeviction in redis.conf, or queues lose keys in silence");
}

// The rows are the truth: persistence only spares the offering of all work after a restart. A save that fails, though,
// makes Redis refuse writes.
HealthCheck judge_persistence(std::string_view info) {
  const bool aof = value_of(info, "aof_enabled") == "1";
  const bool rdb_fails = value_of(info, "rdb_last_bgsave_status") == "err";
  const bool aof_fails = aof && value_of(info, "aof_last_write_status") == "err";
  if (rdb_fails || aof_fails)
    return check("redis-persistence", HealthStatus::Bad, "Redis cannot save: it refuses writes",
                 "free its disk, or mend its folder's permissions");
  return check("redis-persistence", HealthStatus::Good, aof ? "append-only file" : "snapshots, or none");
}

std::string gigabytes(std::uint64_t bytes) {
  const auto tenths = bytes * 10 / (1ULL << 30);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " GB";
}

}  // namespace

std::vector<HealthCheck> judge_redis(const Result<std::string>& info) {
  if (!info)
    return {check("redis", HealthStatus::Bad, info.error().words(),
                  "start Redis, or mend redis.url: webhooks are kept meanwhile, runs and sends wait")};
  return {judge_version(*info), judge_eviction(*info), judge_persistence(*info)};
}

HealthCheck judge_journal(const Result<DiskFacts>& disk) {
  if (!disk)
    return check("journal", HealthStatus::Bad, disk.error().words(),
                 "mend the disk: webhooks are answered 503 and Meta repeats them for seven days");
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(disk->sync);
  const std::string words =
      gigabytes(disk->free_bytes) + " free, a write is on disk after " + std::to_string(millis.count()) + " ms";
  if (disk->free_bytes < std::min(kLittleSpace, disk->all_bytes / kFewOfAll))
    return check("journal", HealthStatus::Bad, words, "free space on the disk of journal.folder");
  if (millis >= kVerySlowSync)
    return check("journal", HealthStatus::Bad, words,
                 "move journal.folder to a faster disk: Meta wants its answer soon");
  if (millis >= kSlowSync) return check("journal", HealthStatus::Warning, words, "see what else writes to this disk");
  return check("journal", HealthStatus::Good, words);
}

awaitable<std::vector<HealthCheck>> look_at_node(RedisLink& link, std::string journal_folder) {
  const auto reply = co_await link.ask({"INFO"});
  const Result<std::string> info = reply ? Result<std::string>(reply->text) : fail(reply.error());
  auto checks = judge_redis(info);
  if (!journal_folder.empty())
    checks.push_back(judge_journal(
        co_await api::on_thread(api::own_thread(), [&journal_folder] { return probe_disk(journal_folder); })));
  co_return checks;
}

}  // namespace waypost
