#include "sql/sqlite_checkpointer.h"

#include <sqlite3.h>

#include <utility>

#include "base/log.h"
#include "base/thread.h"
#include "sql/sqlite_fault.h"

namespace waypost::sql {

Result<std::unique_ptr<SqliteCheckpointer>> SqliteCheckpointer::open(const std::string& path, const std::string& vfs,
                                                                     int pages) {
  sqlite3* connection = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  int code = sqlite3_open_v2(path.c_str(), &connection, flags, vfs.empty() ? nullptr : vfs.c_str());
  if (code == SQLITE_OK) code = sqlite3_exec(connection, "PRAGMA synchronous = FULL", nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return std::unique_ptr<SqliteCheckpointer>(new SqliteCheckpointer(connection, pages));
  sqlite3_close_v2(connection);
  return fail(sqlite_fault(code, sqlite3_errstr(code), "").error().during(path));
}

SqliteCheckpointer::SqliteCheckpointer(sqlite3* connection, int pages)
    : connection_(connection), pages_(pages), thread_([this] { work(); }) {}

SqliteCheckpointer::~SqliteCheckpointer() {
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
  }
  asked_.notify_one();
  thread_.join();
  sqlite3_close_v2(connection_);
}

void SqliteCheckpointer::watch(sqlite3* writer) { sqlite3_wal_hook(writer, committed, this); }

int SqliteCheckpointer::committed(void* self, sqlite3* writer, const char* schema, int pages) {
  if (static_cast<SqliteCheckpointer*>(self)->is_to_copy_the_rest(pages)) {
    sqlite3_wal_checkpoint_v2(writer, schema, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  }
  return SQLITE_OK;
}

// A reader keeps the WAL from beginning anew; it is asked again then when the WAL has grown by as much.
bool SqliteCheckpointer::is_to_copy_the_rest(int pages) {
  if (pages < pages_ && asked_at_ == 0) return false;
  const std::scoped_lock lock(mutex_);
  if (pages < asked_at_) asked_at_ = 0;  // it has begun anew
  if (state_ == State::Copied) {
    state_ = State::Resting;
    return true;
  }
  if (state_ == State::Resting && pages - asked_at_ >= pages_) {
    state_ = State::Asked;
    asked_at_ = pages;
    asked_.notify_one();
  }
  return false;
}

void SqliteCheckpointer::work() {
  name_this_thread("sql-checkpoint", Priority::Last);
  std::unique_lock lock(mutex_);
  while (true) {
    asked_.wait(lock, [this] { return closing_ || state_ == State::Asked; });
    if (closing_) return;
    lock.unlock();
    const int code = sqlite3_wal_checkpoint_v2(connection_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    if (code != SQLITE_OK && code != SQLITE_BUSY) log::warn("SQLite cannot copy its WAL: {}", sqlite3_errstr(code));
    lock.lock();
    state_ = State::Copied;
  }
}

}  // namespace waypost::sql
