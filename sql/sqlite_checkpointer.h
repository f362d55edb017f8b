// SqliteCheckpointer: copies the WAL into the file beside the writer, on a thread and a connection of its own, so that
// no commit waits for it. What is written meanwhile is little; the writer copies that itself, and its next transaction
// begins the WAL anew. The copy goes to the disk a megabyte at a time: synced at once, 64 of them would keep everybody
// else's sync waiting for 50 ms.
//
//   writer: commit ──WAL is long──▶ Asked ──thread copies──▶ Copied ──commit: copies the rest──▶ Resting

#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/error.h"

struct sqlite3;

namespace waypost::sql {

class SqliteCheckpointer {
 public:
  // Of a file that is there and in WAL mode. Asked for by a WAL of `pages`. Errors as open_sqlite_session().
  static Result<std::unique_ptr<SqliteCheckpointer>> open(const std::string& path, const std::string& vfs, int pages);
  SqliteCheckpointer(const SqliteCheckpointer&) = delete;
  SqliteCheckpointer& operator=(const SqliteCheckpointer&) = delete;
  // Joins.
  ~SqliteCheckpointer();

  // From now on this connection's commits ask; it is the file's only writer, and outlived by this.
  void watch(sqlite3* writer);

 private:
  enum class State { Resting, Asked, Copied };
  struct SyncingFile;

  SqliteCheckpointer(sqlite3* connection, int pages);
  static int committed(void* self, sqlite3* writer, const char* schema, int pages);
  bool is_to_copy_the_rest(int pages);
  void work();
  void copy();

  sqlite3* const connection_;  // the thread's
  const std::unique_ptr<SyncingFile> file_;
  const int pages_;
  std::mutex mutex_;
  // Under the mutex.
  std::condition_variable asked_;
  State state_ = State::Resting;
  bool closing_ = false;
  int asked_at_ = 0;  // the WAL's pages then; writer's thread
  std::thread thread_;
};

}  // namespace waypost::sql
