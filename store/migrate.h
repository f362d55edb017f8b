// The schema's migrations: numbered, forward only, each in one transaction. Thread that may block, at start.

#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "sql/database.h"
#include "sql/dialect.h"

namespace waypost::store {

// Brings the schema to this release's. A newer one stays as it is, if its release says that this one still runs on it:
// nodes are restarted one by one. Rejected when it does not.
Result<void> migrate(sql::Database& database, sql::Engine engine, Time now);

}  // namespace waypost::store
