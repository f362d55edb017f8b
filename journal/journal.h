// Journal: the append-only log of raw webhook bodies. What is appended is on disk when append() resumes.
//
//   webhook ──append──▶ mailbox ──▶ journal lane: BEGIN, rows, COMMIT (fsync) ──▶ all appenders resume
//                                        │
//   applier ◀──read_after── day files ◀──┘     <folder>/2026-11-23.journal, one SQLite file a day (UTC)
//
// A folder holds one journal: its UUID (file `id`), a lock (flock, held while it is open), the day files. Sequence
// numbers begin at 1, have no gaps inside a run of the daemon, only grow, and go on across days. Anyone can open a day
// file with sqlite3: table record(sequence INTEGER PRIMARY KEY, received_at INTEGER ms UTC, app TEXT, body BLOB), and
// one row journal(id, first): whose it is and where it begins.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "net/asio.h"

namespace waypost {

using JournalPosition = std::uint64_t;  // a sequence number; 0 = before the first

struct JournalRecord {
  JournalPosition sequence = 0;
  Time received_at{};
  std::string app{};
  std::string body{};  // the bytes as Meta sent them
};

struct JournalSettings {
  std::string folder{};
  std::chrono::days retention{14};
  std::size_t batch_bytes = 16 << 20;     // most bytes of one commit
  std::size_t mailbox_bytes = 256 << 20;  // waiting bytes beyond which append is Unavailable at once
  std::string vfs{};                      // name of a SQLite VFS, for tests that let the disk fail; empty: the default
};

class Journal {
 public:
  // Opens or creates. Conflict when another process holds the folder, or it was adopted; Internal when a day file is
  // damaged beyond what SQLite recovers, or the file `id` names another journal than the day files do. `clock` outlives
  // the journal and gives the day and received_at.
  static Result<std::unique_ptr<Journal>> open(const JournalSettings& settings, const Clock& clock);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  // Commits what waits, then joins the lane. The loops of those who wait outlive the journal.
  virtual ~Journal() = default;

  // Any loop. The position once the body is on disk; Unavailable (answer 503) when the disk would not take it: then
  // nothing of it is kept, unless the process dies before the disk takes anything again (sql/sqlite_session.h). `app`
  // is the last segment of the webhook's path, "default" without one.
  virtual awaitable<Result<JournalPosition>> append(std::string app, std::string body) = 0;

  // Any thread, blocking; reads committed records behind `position`, oldest first, from the files. Empty: none yet.
  virtual Result<std::vector<JournalRecord>> read_after(JournalPosition position, std::size_t most_records,
                                                        std::size_t most_bytes) = 0;
  // The same beside it, for whoever reads old records: neither closes the other's files or waits for the other.
  virtual Result<std::vector<JournalRecord>> read_apart(JournalPosition position, std::size_t most_records,
                                                        std::size_t most_bytes) = 0;
  // Any thread, blocking: until a record behind `position` is committed, `limit` has passed, or wake() was called, also
  // before the wait began.
  virtual void wait_behind(JournalPosition position, std::chrono::milliseconds limit) = 0;
  virtual void wake() = 0;

  virtual JournalId id() const = 0;
  // The last committed position. Any thread.
  virtual JournalPosition end() const = 0;
  // Deletes day files older than the retention all of whose records are at or before `applied`, but never the newest.
  // How many. Any thread, blocking.
  virtual Result<std::size_t> drop_old(JournalPosition applied) = 0;

 protected:
  Journal() = default;
};

// The code of the Conflict that open() answers for a folder that was adopted (webhook/adoption.h).
inline constexpr std::string_view kAdopted = "adopted";

// A cursor beyond the journal's end means that the journal was lost or swapped: InvalidInput, with what to do.
Result<void> check_cursor(JournalPosition cursor, const Journal& journal);

}  // namespace waypost
