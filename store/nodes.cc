#include "store/nodes.h"

#include <sstream>

#include "store/leases.h"

namespace waypost::store {
namespace {

Node read_node(const sql::Row& row) {
  return {.name = row.text(0),
          .incarnation = row.uuid(1),
          .roles = row.text(2),
          .release = row.text(3),
          .journal = row.maybe_id<JournalId>(4),
          .started_at = row.time(5),
          .seen_at = row.time(6),
          .stopped_at = row.maybe_time(7)};
}

std::optional<Node> find_node(sql::Connection& connection, const std::string& name) {
  const auto rows = connection.run(
      "SELECT name, incarnation, roles, release, journal_id, started_at, seen_at, "
      "stopped_at FROM node WHERE name = $1",
      {name});
  if (rows.empty()) return std::nullopt;
  return read_node(rows.front());
}

// A journal is locked by its daemon for as long as that lives.
bool has_its_journal(const Node& ours, const Node& row) { return row.journal && row.journal == ours.journal; }

std::string_view state_of(const Node& node, Time now) {
  if (node.stopped_at) return "stopped";
  return now - node.seen_at < kNodeStale ? "up" : "silent";
}

Json words_of(const std::string& text) {
  Json words = Json::array();
  std::istringstream stream(text);
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

}  // namespace

bool may_replace(const Node& row, const Node& ours, Time now) {
  if (row.incarnation == ours.incarnation || row.stopped_at) return true;
  if (has_its_journal(ours, row)) return true;
  return now - row.seen_at >= kNodeStale;
}

std::string lease_holder(const Node& node) { return node.name + ":" + node.incarnation.text(); }

// The row is changed only as it was read: of two that start at once, the second one sees the first.
std::optional<Node> claim_node(sql::Connection& connection, const Node& node, Time now) {
  const auto there = find_node(connection, node.name);
  if (there && !may_replace(*there, node, now)) return there;
  const auto claimed = connection.run(
      "INSERT INTO node (name, incarnation, roles, release, journal_id, started_at, seen_at, stopped_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $6, NULL) ON CONFLICT (name) DO UPDATE SET incarnation = excluded.incarnation, "
      "roles = excluded.roles, release = excluded.release, journal_id = excluded.journal_id, "
      "started_at = excluded.started_at, seen_at = excluded.seen_at, stopped_at = NULL WHERE node.incarnation = $7",
      {node.name, node.incarnation, node.roles, node.release, node.journal, now,
       there ? there->incarnation : node.incarnation});
  if (claimed.changed() == 0) return find_node(connection, node.name);
  if (there && has_its_journal(node, *there)) release_leases_of(connection, lease_holder(*there));
  return std::nullopt;
}

bool beat_node(sql::Connection& connection, const Node& node, Time now) {
  return connection
             .run("UPDATE node SET seen_at = $3 WHERE name = $1 AND incarnation = $2",
                  {node.name, node.incarnation, now})
             .changed() > 0;
}

void leave_node(sql::Connection& connection, const Node& node, Time now) {
  connection.run("UPDATE node SET seen_at = $3, stopped_at = $3 WHERE name = $1 AND incarnation = $2",
                 {node.name, node.incarnation, now});
}

std::vector<Node> list_nodes(sql::Connection& connection) {
  std::vector<Node> nodes;
  for (const auto row : connection.run("SELECT name, incarnation, roles, release, journal_id, started_at, seen_at, "
                                       "stopped_at FROM node ORDER BY name"))
    nodes.push_back(read_node(row));
  return nodes;
}

Json to_json(const Node& node, Time now) {
  return {{"name", node.name},
          {"state", state_of(node, now)},
          {"roles", words_of(node.roles)},
          {"release", node.release},
          {"incarnation", node.incarnation.text()},
          {"journalId", node.journal ? Json(node.journal->text()) : Json()},
          {"startedAt", iso8601(node.started_at)},
          {"seenAt", iso8601(node.seen_at)},
          {"stoppedAt", node.stopped_at ? Json(iso8601(*node.stopped_at)) : Json()}};
}

}  // namespace waypost::store
