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

// Brings the schema to this release's. Rejected when the store was written by a newer release than this one knows.
Result<void> migrate(sql::Database& database, sql::Engine engine, Time now);

// The number of the last one applied.
std::int64_t schema_number(sql::Connection& connection);
// The texts of all that this release knows, in the dialect's words, in order.
std::span<const std::string_view> migrations();

}  // namespace waypost::store
