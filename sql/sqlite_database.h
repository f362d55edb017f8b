// The SQLite engine: one write lane with group commit, several read lanes, WAL, synchronous=FULL. The file is held
// under a lock for as long as the Database lives.

#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "base/error.h"
#include "sql/database.h"

namespace waypost::sql {

struct SqliteSettings {
  std::string path = {};
  std::size_t readers = 2;
  std::size_t cache_bytes = 64 << 20;         // page cache of the write lane
  std::size_t batch_units = 1024;             // most units in one transaction; 8 at least
  std::size_t mailbox_units = 100'000;        // beyond: Unavailable at once
  std::chrono::milliseconds patience{5'000};  // how long a full disk or an I/O error is retried before callers fail
  std::string vfs = {};                       // name of a SQLite VFS, for tests that let the disk fail
};

// Opens or creates. Conflict when another process holds the file.
Result<std::unique_ptr<Database>> open_sqlite(const SqliteSettings& settings);

}  // namespace waypost::sql
