// Seen messages: which of Meta's message ids were applied (law 2). A key of its own that outlives the message decides;
// no cache does. Lane only.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sql/connection.h"

namespace waypost::store {

// "<phone number id>/<wamid>" of a workspace.
struct SeenKey {
  TenantId tenant{};
  std::string_view phone_number_id{};
  std::string_view wamid{};
};

// The first 128 bits of SHA-256 over tenant, number and wamid, in a UUID's sixteen bytes: the key that is kept, and the
// same for ever (docs/decisions/0002).
Uuid seen_hash(const SeenKey& key);

// True for the first that says so, in this transaction or any before.
bool first_seen(sql::Connection& connection, const SeenKey& key, Time now);
// The same of several in their order, in one statement. PostgreSQL only.
std::vector<bool> first_seen(sql::Connection& connection, std::span<const SeenKey> keys, Time now);

// Whether it was seen, as far as that is remembered. Writes nothing.
bool is_seen(sql::Connection& connection, const SeenKey& key);
// What was seen before is forgotten. Nothing: all that was ever seen is remembered.
std::optional<Time> seen_horizon(sql::Connection& connection);

// Retention, which moves the horizon with what it drops. It walks through the table by hash, because an index by day
// would cost every message a second random insert.
struct SeenWalk {
  Uuid behind{};           // where this page begins
  Time before{};           // what was seen before goes
  std::size_t rows = 500;  // most rows of a page
};
struct SeenPage {
  std::size_t dropped = 0;
  std::optional<Uuid> next{};  // `behind` of the next page; nothing: that was the last
};
SeenPage drop_seen(sql::Connection& connection, const SeenWalk& walk);

}  // namespace waypost::store
