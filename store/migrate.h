// The schema's migrations: numbered, forward only, each in one transaction. Thread that may block, at start.

#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "sql/database.h"
#include "sql/dialect.h"

namespace waypost::store {

// Brings the schema to this release's. Rejected when the store was written by a newer release than this one knows.
Result<void> migrate(sql::Database& database, sql::Engine engine, Time now);

}  // namespace waypost::store
