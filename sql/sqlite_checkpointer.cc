#include "sql/sqlite_checkpointer.h"

#include <sqlite3.h>

#include <utility>

#include "base/log.h"
#include "base/thread.h"
#include "sql/sqlite_fault.h"

namespace waypost::sql {

// The methods of a connection's file, with a write that syncs now and then.
struct SqliteCheckpointer::SyncingFile : sqlite3_io_methods {
  static constexpr int kMostUnsynced = 1 << 20;  // bytes

  // The file keeps them until it is closed.
  explicit SyncingFile(sqlite3* connection) {
    sqlite3_file* file = nullptr;
    sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file));
    own = file->pMethods;
    static_cast<sqlite3_io_methods&>(*this) = *own;
    xWrite = write;
    file->pMethods = this;
  }

  static int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
    // SQLite never writes through its pointer to const, and this object is none.
    auto& self = const_cast<SyncingFile&>(static_cast<const SyncingFile&>(*file->pMethods));
    const int code = self.own->xWrite(file, bytes, size, at);
    self.unsynced += size;
    if (code != SQLITE_OK || self.unsynced < kMostUnsynced) return code;
    self.unsynced = 0;
    return self.own->xSync(file, SQLITE_SYNC_NORMAL);
  }

  const sqlite3_io_methods* own = nullptr;
  int unsynced = 0;
};

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
    : connection_(connection),
      file_(std::make_unique<SyncingFile>(connection)),
      pages_(pages),
      thread_([this] { work(); }) {}

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
    copy();
    lock.lock();
    state_ = State::Copied;
  }
}

// Twice: the second time it is what was written during the first, and the writer is left with next to nothing.
void SqliteCheckpointer::copy() {
  for (int time = 0; time < 2; ++time) {
    const int code = sqlite3_wal_checkpoint_v2(connection_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    if (code == SQLITE_OK || code == SQLITE_BUSY) continue;
    log::warn("SQLite cannot copy its WAL: {}", sqlite3_errstr(code));
    return;
  }
}

}  // namespace waypost::sql
