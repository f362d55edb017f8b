#include "sql/sqlite_database.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "sql/file_lock.h"
#include "sql/lanes.h"
#include "sql/sqlite_session.h"

namespace waypost::sql {
namespace {

struct OpenedFile {
  FileLock lock;
  std::unique_ptr<Session> writer;
  std::vector<std::unique_ptr<Session>> readers;
};

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(const SqliteSettings& settings, OpenedFile file);
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;
  ~SqliteDatabase() override {
    writes_.close();
    reads_.close();
  }

  Engine engine() const override { return Engine::Sqlite; }
  // One file has one writer, so one lane keeps the order of every key.
  void submit_write(LaneKey key, Urgency urgency, Job job) override {
    job.owner = key.owner;
    writes_.submit(urgency, std::move(job));
  }
  void submit_read(Job job) override { reads_.submit(Urgency::Urgent, std::move(job)); }

 private:
  FileLock lock_;
  Lanes reads_;
  Lanes writes_;
};

SqliteDatabase::SqliteDatabase(const SqliteSettings& settings, OpenedFile file)
    : lock_(std::move(file.lock)), reads_(settings.mailbox_units), writes_(settings.mailbox_units) {
  const BatchLimits limits{.patience = settings.patience};
  for (std::size_t at = 0; at < file.readers.size(); ++at) {
    // One unit a transaction: a slow read holds up no other, and each sees all that was committed when it began.
    LaneSettings lane{.name = "sql-read-" + std::to_string(at), .batch_units = 1, .limits = limits};
    reads_.add(std::move(lane), std::move(file.readers[at]));
  }
  LaneSettings lane{.name = "sql-write",
                    .batch_units = std::max<std::size_t>(settings.batch_units, 8),
                    .limits = limits,
                    .priority = Priority::Last};
  writes_.add(std::move(lane), std::move(file.writer));
}

// 64 MiB of WAL: under load a batch touches thousands of pages, most of them again in the next one. Copied into the
// file after every commit (SQLite's 4 MiB) they cost as much again.
constexpr int kCheckpointPages = 16'384;

Result<OpenedFile> open_file(const SqliteSettings& settings) {
  auto lock = FileLock::take(settings.path + ".lock");
  if (!lock) return fail(std::move(lock.error()));
  SqliteOptions options{.path = settings.path,
                        .vfs = settings.vfs,
                        .cache_bytes = settings.cache_bytes,
                        .checkpoint_pages = kCheckpointPages,
                        .checkpoint_beside = true};
  auto writer = open_sqlite_session(options);
  if (!writer) return fail(std::move(writer.error()));
  OpenedFile file{.lock = std::move(*lock), .writer = std::move(*writer), .readers = {}};
  options.access = Access::Read;
  options.checkpoint_beside = false;
  for (std::size_t at = 0; at < settings.readers; ++at) {
    auto reader = open_sqlite_session(options);
    if (!reader) return fail(std::move(reader.error()));
    file.readers.push_back(std::move(*reader));
  }
  return file;
}

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const SqliteSettings& settings) {
  auto file = open_file(settings);
  if (!file) return fail(std::move(file.error()));
  return std::make_unique<SqliteDatabase>(settings, std::move(*file));
}

}  // namespace waypost::sql
