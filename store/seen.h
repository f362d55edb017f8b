// Seen messages: which of Meta's message ids were applied (law 2). A key of its own that outlives the message decides;
// no cache does. Lane only.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sql/connection.h"

namespace waypost::store {

// "<phone number id>/<wamid>" of a workspace.
struct SeenKey {
  TenantId tenant{};
  std::string_view phone_number_id{};
  std::string_view wamid{};
};

// Of tenant, number and wamid; the same for ever, because it is kept.
std::int64_t hash_of(const SeenKey& key);

// True for the first that says so, in this transaction or any before.
bool first_seen(sql::Connection& connection, const SeenKey& key, Time now);

// Retention: deletes up to `most` that were seen before `before`.
std::size_t drop_seen(sql::Connection& connection, Time before, std::size_t most);

}  // namespace waypost::store
