// PostgreSQL plans by statistics, which it makes by itself up to minutes after a table has grown. On a young store it
// knows nothing until then, and may walk all of a workspace where an index would find the one row: measured, 500
// messages applied a second instead of thousands. So whoever keeps house makes them when a table has doubled.

#pragma once

#include <cstddef>

#include "sql/connection.h"

namespace waypost::sql {

// Makes the statistics of tables that hold twice as many rows as when they were made; a large table is left to the
// server. How many tables. In a unit; cheap when there is nothing to do; nothing on SQLite (sqlite_statistics.h).
// Throws Fault.
std::size_t refresh_statistics(Connection& connection);

}  // namespace waypost::sql
