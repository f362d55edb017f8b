// Totals for lists without filters, kept in up to 64 slots so that neither lanes nor nodes wait for each other; two
// that share a slot wait, and count right. Lane only.

#pragma once

#include <cstdint>
#include <string_view>

#include "sql/connection.h"

namespace waypost::store {

// The slot that this connection's lane writes: two lanes of a process never write the same row.
std::int64_t slot_of(const sql::Connection& connection);

// Kinds: "contacts", "conversations", "runs", and of runs that have ended "runs.completed", "runs.failed" and
// "runs.cancelled" (run_counts.h).
void count(sql::Connection& connection, TenantId tenant, std::string_view kind, std::int64_t by);
std::int64_t total(sql::Connection& connection, TenantId tenant, std::string_view kind);

}  // namespace waypost::store
