// Queue sight: what waits in the store, by why, and since when the oldest of each workspace does. Every count ends at
// kMostCounted rows, that of what is due later at kMostLater, read in the order of an index: what it costs does not
// grow with the backlog, and an idle daemon that keeps a million messages for tomorrow hardly notices. Lane only.
//
//   sends   due · retry · sending · outcome_unknown · later · held · token · paused · buried · restored
//   runs    due · later · waiting · paused · buried
//   media   due · retry · later · paused · buried

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sql/connection.h"
#include "store/work_key.h"

namespace waypost::store {

inline constexpr std::int64_t kMostCounted = 10'000;
inline constexpr std::int64_t kMostLater = 1'000;

struct QueueSight {
  std::map<std::string, std::int64_t>
      waiting{};             // by reason, each of the queue's: messages, triggers and runs, or media
  bool is_at_least = false;  // something ended at its limit
  std::int64_t buried = 0;   // keys
  // Since when a workspace's first piece of work is due, of the first kMostCounted; without what is paused, held or
  // buried.
  std::map<TenantId, Time> oldest{};
};
QueueSight look_at_queue(sql::Connection& connection, WorkQueue queue, Time now);

// Of those that are there.
std::map<TenantId, std::string> names_of_workspaces(sql::Connection& connection, const std::vector<TenantId>& ids);

}  // namespace waypost::store
