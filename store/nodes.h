// Nodes: the daemons that work on this store, and whether they live. Lane only, but for the pure ones.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "sql/connection.h"

namespace waypost::store {

// A node that was not heard of for this long counts as dead, and its name is free; many heartbeats.
inline constexpr std::chrono::seconds kNodeStale{15};

struct Node {
  std::string name{};   // of the settings
  Uuid incarnation{};   // of the process
  std::string roles{};  // "webhook worker sender api"
  std::string release{};
  std::optional<JournalId> journal{};
  Time started_at{};
  Time seen_at{};                    // by its own clock
  std::optional<Time> stopped_at{};  // it said so itself
};

// Whether `ours` may take the row's name: it is its own, or its process stopped, or cannot live any more (we have the
// lock on its journal), or was not heard of for kNodeStale.
bool may_replace(const Node& row, const Node& ours, Time now);

// "node-1:0192…": the holder of what this process leases.
std::string lease_holder(const Node& node);

// Writes `node` as it starts, and frees the leases of the one before when that is certainly dead. Otherwise the node
// that has its name and may live.
std::optional<Node> claim_node(sql::Connection& connection, const Node& node, Time now);
// A heartbeat. False: the name is another process's by now.
bool beat_node(sql::Connection& connection, const Node& node, Time now);
void leave_node(sql::Connection& connection, const Node& node, Time now);

std::vector<Node> list_nodes(sql::Connection& connection);

// {"name", "state": "up" | "silent" | "stopped", "roles": […], "release", "incarnation", "journalId", "startedAt",
// "seenAt", "stoppedAt"}
Json to_json(const Node& node, Time now);

}  // namespace waypost::store
