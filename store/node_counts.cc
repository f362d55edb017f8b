#include "store/node_counts.h"

namespace waypost::store {

void count_node(sql::Connection& connection, const NodeCountKey& key, std::chrono::seconds window, Time now) {
  connection.run(
      "INSERT INTO node_count (tenant_id, workflow_id, node_id, subject, began_at, ends_at, count) VALUES ($1, $2, $3, "
      "$4, $5, $6, 1) ON CONFLICT (tenant_id, workflow_id, node_id, subject) DO UPDATE SET count = CASE WHEN "
      "node_count.ends_at > $5 THEN node_count.count + 1 ELSE 1 END, began_at = CASE WHEN node_count.ends_at > $5 THEN "
      "node_count.began_at ELSE $5 END, ends_at = CASE WHEN node_count.ends_at > $5 THEN node_count.ends_at ELSE $6 "
      "END",
      {key.tenant, key.workflow, key.node, key.subject, now, now + window});
}

std::vector<NodeCount> node_counts(sql::Connection& connection, const NodeCountKey& of, Time now) {
  std::vector<NodeCount> counts;
  const auto rows = connection.run(
      "SELECT node_id, subject, count FROM node_count WHERE tenant_id = $1 AND workflow_id = $2 AND (subject = $3 OR "
      "subject = $1) AND ends_at > $4",
      {of.tenant, of.workflow, of.subject, now});
  for (const auto row : rows) {
    counts.push_back({.node = row.text(0), .subject = row.uuid(1), .count = row.number(2)});
  }
  return counts;
}

}  // namespace waypost::store
