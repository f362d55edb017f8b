// The one entry to a store: which engine, and where, is its URL. Thread that may block, at start.

#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/secret.h"
#include "sql/database.h"
#include "sql/file_lock.h"
#include "sql/session.h"

namespace waypost::sql {

// What either engine takes of it; the rest has the defaults of sqlite_database.h and postgres_database.h.
struct OpenSettings {
  std::size_t readers = 2;
  std::size_t writers = 4;             // PostgreSQL
  std::size_t cache_bytes = 64 << 20;  // SQLite: page cache of the write lane
  std::chrono::milliseconds patience{5'000};
  std::string application_name = "waypost";  // PostgreSQL: how the server names us
};

// "sqlite:<path>", "postgresql://…" or "postgres://…". InvalidInput for another one, else as open_sqlite() and
// open_postgres() say. No error quotes the URL.
Result<std::unique_ptr<Database>> open(const Secret& url, const OpenSettings& settings);

// A connection of its own for one long reading: between begin() and rollback() it sees one snapshot and keeps no lane
// busy. NotFound for a SQLite file that is absent. On SQLite the WAL cannot be emptied while it reads; nobody waits.
Result<std::unique_ptr<Session>> open_reader(const Secret& url);

// Conflict when a daemon works on this store. SQLite: the lock keeps it away for as long as it lives. PostgreSQL has no
// lock: whoever is connected as a daemon is counted now, and one that starts later is not kept away.
Result<std::optional<FileLock>> keep_daemons_away(const Secret& url);

}  // namespace waypost::sql
