// The one entry to a store: which engine, and where, is its URL. Thread that may block, at start.

#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "base/error.h"
#include "base/secret.h"
#include "sql/database.h"

namespace waypost::sql {

// What either engine takes of it; the rest has the defaults of sqlite_database.h and postgres_database.h.
struct OpenSettings {
  std::size_t readers = 2;
  std::size_t writers = 4;             // PostgreSQL
  std::size_t cache_bytes = 64 << 20;  // SQLite: page cache of the write lane
  std::chrono::milliseconds patience{5'000};
};

// "sqlite:<path>", "postgresql://…" or "postgres://…". InvalidInput for another one, else as open_sqlite() and
// open_postgres() say. No error quotes the URL.
Result<std::unique_ptr<Database>> open(const Secret& url, const OpenSettings& settings);

}  // namespace waypost::sql
