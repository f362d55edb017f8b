// How often contacts, or a whole workspace, passed a node of logic.rate_limit. A window begins with the first of them.
// Lane only.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "sql/connection.h"

namespace waypost::store {

struct NodeCountKey {
  TenantId tenant{};
  WorkflowId workflow{};
  std::string node{};
  Uuid subject{};  // the contact's id, or the workspace's
};

// One more: in the window under way, else in a new one that begins now.
void count_node(sql::Connection& connection, const NodeCountKey& key, std::chrono::seconds window, Time now);

struct NodeCount {
  std::string node{};
  Uuid subject{};
  std::int64_t count = 0;
};
// Of a workflow's nodes, of the contact and of the whole workspace, in windows under way.
std::vector<NodeCount> node_counts(sql::Connection& connection, const NodeCountKey& of, Time now);

}  // namespace waypost::store
