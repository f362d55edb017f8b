// Opens one SQLite connection: WAL, synchronous=FULL, strict about quotes and foreign keys. For lanes, for the
// journal's files, and for nobody else; sqlite3.h stays behind it.
//
// When COMMIT fails on a disk error its pages may already stand in the WAL, and a crash at that moment would bring them
// back. The session overwrites them at once, before its next transaction and when it closes, whichever the disk allows
// first; until then, and only across a crash, a failed commit may turn out to be there.

#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "base/error.h"
#include "sql/session.h"

namespace waypost::sql {

enum class Access {
  Create,  // read and write, made when absent
  Write,   // read and write; NotFound when absent
  Read,    // writes are a Data fault; NotFound when absent
};

struct SqliteOptions {
  std::string path;
  Access access = Access::Create;
  std::string vfs = {};                  // empty: the default one
  std::size_t cache_bytes = 2 << 20;     // of pages
  int page_bytes = 4096;                 // of a file made now
  int checkpoint_pages = 1000;           // WAL pages after which they are copied into the file
  bool checkpoint_beside = false;        // by a thread of its own (sql/sqlite_checkpointer.h), else by the commit
  std::chrono::milliseconds busy{1000};  // how long another connection's lock is waited for
};

// NotFound as above; Internal when the file is no database or damaged; else Unavailable.
Result<std::unique_ptr<Session>> open_sqlite_session(const SqliteOptions& options);

}  // namespace waypost::sql
