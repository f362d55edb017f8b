// Queue pauses: an operator's stop buttons, one a workspace and queue. The rows are the truth; whoever keeps the queue
// tells Redis of them, again and again (daemon/queue_watch.h). Lane only.

#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "sql/connection.h"
#include "store/work_key.h"

namespace waypost::store {

struct QueuePause {
  TenantId tenant{};
  WorkQueue queue = WorkQueue::Runs;
  std::string paused_by{};  // a person's email; "admin": by the admin socket
  std::string reason{};
  Time created_at{};
  std::string workspace{};  // read only: its name; empty when it is gone
};

// {"queue", "workspaceId", "workspace", "pausedBy", "reason", "pausedAt"}
Json to_json(const QueuePause& pause);

// Paused already: who and why are the newer ones, since when stays.
void pause(sql::Connection& connection, const QueuePause& pause);
// False: it was not paused.
bool resume(sql::Connection& connection, TenantId tenant, WorkQueue queue);
// By the workspaces' ids.
std::vector<QueuePause> paused(sql::Connection& connection, WorkQueue queue);

}  // namespace waypost::store
