// The schema's migrations: numbered, forward only, each in one transaction. Thread that may block, at start.

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "sql/database.h"
#include "sql/dialect.h"

namespace waypost::store {

// `ddl` in the dialect's words. `runs_with`: the lowest schema whose release still runs on this one. Nodes are
// restarted one by one, so a release must run on the schema of the next: what it uses is taken away one release later
// at the earliest.
struct Migration {
  std::string_view ddl;
  std::int64_t runs_with;
};

// Brings the schema to this release's. A newer one stays as it is, if its release says that this one still runs on it:
// nodes are restarted one by one. Rejected when it does not.
Result<void> migrate(sql::Database& database, sql::Engine engine, Time now);

// The number of the last one applied.
std::int64_t schema_number(sql::Connection& connection);
// All that this release knows, in order.
std::span<const Migration> migrations();

}  // namespace waypost::store
