// What `waypost doctor` looks at on this node, judged: Redis by its own words, the journal's disk by a write. Pure but
// for look_at_node().

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "conversation/channel_health.h"
#include "journal/disk_probe.h"
#include "net/asio.h"
#include "queue/redis_link.h"

namespace waypost {

// `info`: Redis' answer to INFO. Version, eviction, persistence: three checks.
std::vector<HealthCheck> judge_redis(const Result<std::string>& info);
HealthCheck judge_journal(const Result<DiskFacts>& disk);

// Loop only. `journal_folder`: empty where this node has none.
awaitable<std::vector<HealthCheck>> look_at_node(RedisLink& link, std::string journal_folder);

}  // namespace waypost
