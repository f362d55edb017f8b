// Queue pauses: an operator's stop buttons, one a queue and reach: a channel, a workspace, the whole installation. The
// rows are the truth. Of workspaces and of all, whoever keeps the queue tells Redis, again and again
// (daemon/queue_watch.h); of a channel, whoever has work of it in hand looks here and puts it off. Lane only.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "sql/connection.h"
#include "store/work_key.h"

namespace waypost::store {

// How soon work of a paused channel is looked at again.
inline constexpr std::chrono::seconds kPausePoll{30};

// A channel is named with its workspace; neither: everything.
struct PauseReach {
  std::optional<TenantId> tenant{};
  std::optional<ChannelId> channel{};
  bool operator==(const PauseReach&) const = default;
};

struct QueuePause {
  PauseReach reach{};
  WorkQueue queue = WorkQueue::Runs;
  std::string paused_by{};  // a person's email; "admin": by the admin socket
  std::string reason{};
  Time created_at{};
  std::string workspace{};     // read only: its name; empty when it is gone, or of all
  std::string channel_name{};  // the same
};

// {"queue", "scope": "installation" | "workspace" | "channel", "workspaceId", "workspace", "channelId", "channel",
// "pausedBy", "reason", "pausedAt"}
Json to_json(const QueuePause& pause);

// Paused already: who and why are the newer ones, since when stays.
void pause(sql::Connection& connection, const QueuePause& pause);
// False: it was not paused.
bool resume(sql::Connection& connection, const PauseReach& reach, WorkQueue queue);
// All of a queue: the whole first, then by the workspaces' ids.
std::vector<QueuePause> paused(sql::Connection& connection, WorkQueue queue);
// Whose work Redis is to hold back: the workspaces that are paused as a whole; all of them where everything is.
std::vector<TenantId> paused_owners(sql::Connection& connection, WorkQueue queue);
// What stops this channel's work: of its own, of its workspace, of all; by the queues' names.
std::vector<QueuePause> pauses_of_channel(sql::Connection& connection, TenantId tenant, ChannelId channel);
// This channel by itself.
bool is_channel_paused(sql::Connection& connection, TenantId tenant, ChannelId channel, WorkQueue queue);

}  // namespace waypost::store
