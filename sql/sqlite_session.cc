#include "sql/sqlite_session.h"

#include <sqlite3.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

#include "base/log.h"
#include "sql/sqlite_checkpointer.h"
#include "sql/sqlite_fault.h"
#include "sql/statement_cache.h"

namespace waypost::sql {
namespace {

struct CloseConnection {
  void operator()(sqlite3* connection) const noexcept { sqlite3_close_v2(connection); }
};
using Handle = std::unique_ptr<sqlite3, CloseConnection>;

// A null pointer would bind NULL; an empty text is none.
const char* start_of(std::string_view text) { return text.data() == nullptr ? "" : text.data(); }

// Without copies: the values live until the statement has run (value.h).
int bind(sqlite3_stmt* statement, int at, const Value& value) {
  if (value.is_array()) throw std::logic_error("SQLite has no arrays");
  if (value.is_null()) return sqlite3_bind_null(statement, at);
  const std::string_view text = value.text();
  switch (value.type()) {
    case Type::Bigint:
    case Type::Boolean:
      return sqlite3_bind_int64(statement, at, value.number());
    case Type::Text:
    case Type::Json:
      return sqlite3_bind_text64(statement, at, start_of(text), text.size(), SQLITE_STATIC, SQLITE_UTF8);
    case Type::Bytes:
      return sqlite3_bind_blob64(statement, at, start_of(text), text.size(), SQLITE_STATIC);
    case Type::Uuid:
      return sqlite3_bind_blob64(statement, at, value.uuid().bytes.data(), value.uuid().bytes.size(), SQLITE_STATIC);
  }
}

void read_cell(sqlite3_stmt* statement, int column, Cell& cell) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
      return;
    case SQLITE_INTEGER:
      cell.kind = Cell::Kind::Number;
      cell.number = sqlite3_column_int64(statement, column);
      return;
    case SQLITE_FLOAT:
      throw Fault(FaultKind::Data, "a column holds a float");
    default: {
      const void* bytes = sqlite3_column_blob(statement, column);
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
      cell.kind = Cell::Kind::Text;
      if (size > 0) cell.text.assign(static_cast<const char*>(bytes), size);
    }
  }
}

// Leaves the statement reset however the run ends, so that no cursor stays open.
class Running {
 public:
  explicit Running(sqlite3_stmt* statement) : statement_(statement) {}
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() { sqlite3_reset(statement_); }

 private:
  sqlite3_stmt* statement_;
};

class SqliteSession final : public Session {
 public:
  explicit SqliteSession(Handle handle) : handle_(std::move(handle)), cache_(handle_.get()) {}
  ~SqliteSession() override {
    rollback();
    if (in_doubt_) overwrite_failed_commit();
    cache_.clear();
  }

  using Connection::run;
  Engine engine() const override { return Engine::Sqlite; }
  Rows run(std::string_view text, std::span<const Value> values) override;
  void script(std::string_view text) override;
  std::int64_t total_changes() const override { return sqlite3_total_changes64(handle_.get()) + schema_changes_; }

  void begin() override;
  void commit() override;
  void rollback() noexcept override;
  void savepoint() override { run("SAVEPOINT unit"); }
  void keep_savepoint() override { run("RELEASE unit"); }
  void undo_savepoint() override {
    run("ROLLBACK TO unit");
    run("RELEASE unit");
  }

  void set_up(const SqliteOptions& options);
  void watch(std::unique_ptr<SqliteCheckpointer> checkpointer) {
    checkpointer_ = std::move(checkpointer);
    checkpointer_->watch(handle_.get());
  }

 private:
  bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }
  void demand_transaction() const;
  void bind_all(const Statement& statement, std::span<const Value> values);
  std::vector<Cell> step_all(const Statement& statement, std::size_t& columns);
  void overwrite_failed_commit() noexcept;

  Handle handle_;
  StatementCache cache_;
  const char* begin_text_ = "BEGIN IMMEDIATE";
  std::int64_t schema_changes_ = 0;
  bool begun_ = false;
  bool in_doubt_ = false;                             // a COMMIT failed, and nothing was written over its pages yet
  std::unique_ptr<SqliteCheckpointer> checkpointer_;  // ends before the connection does
};

Rows SqliteSession::run(std::string_view text, std::span<const Value> values) {
  demand_transaction();
  Statement& statement = cache_.find(text);
  const Running running(statement.handle.get());
  bind_all(statement, values);
  std::size_t columns = 0;
  if (statement.reads_only) {
    auto cells = step_all(statement, columns);
    return {columns, std::move(cells), 0};
  }
  const std::int64_t before = sqlite3_total_changes64(handle_.get());
  auto cells = step_all(statement, columns);
  if (statement.changes_schema) ++schema_changes_;
  const bool changed = sqlite3_total_changes64(handle_.get()) != before;
  return {columns, std::move(cells), changed ? sqlite3_changes64(handle_.get()) : 0};
}

// A full disk ends the whole transaction under a unit that may not notice. What it still runs must not be committed
// by itself.
void SqliteSession::demand_transaction() const {
  if (begun_ && !in_transaction()) throw Fault(FaultKind::Unavailable, "the transaction was given up");
}

void SqliteSession::bind_all(const Statement& statement, std::span<const Value> values) {
  if (values.size() < statement.parameters)
    throw sqlite_fault(SQLITE_RANGE, "a parameter has no value", statement.text);
  int at = 0;
  for (const std::size_t number : statement.numbers) {
    const int code = bind(statement.handle.get(), ++at, values[number - 1]);
    if (code != SQLITE_OK) throw sqlite_fault(code, sqlite3_errstr(code), statement.text);
  }
}

std::vector<Cell> SqliteSession::step_all(const Statement& statement, std::size_t& columns) {
  sqlite3_stmt* handle = statement.handle.get();
  std::vector<Cell> cells;
  int code = sqlite3_step(handle);
  columns = static_cast<std::size_t>(sqlite3_column_count(handle));
  for (; code == SQLITE_ROW; code = sqlite3_step(handle)) {
    const std::size_t first = cells.size();
    cells.resize(first + columns);
    for (std::size_t column = 0; column < columns; ++column) {
      read_cell(handle, static_cast<int>(column), cells[first + column]);
    }
  }
  if (code != SQLITE_DONE) throw sqlite_fault(code, sqlite3_errmsg(handle_.get()), statement.text);
  return cells;
}

void SqliteSession::script(std::string_view text) {
  demand_transaction();
  ++schema_changes_;
  const int code = sqlite3_exec(handle_.get(), std::string(text).c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw sqlite_fault(code, sqlite3_errmsg(handle_.get()), text);
}

void SqliteSession::begin() {
  rollback();
  if (in_doubt_) overwrite_failed_commit();
  run(begin_text_);
  begun_ = true;
}

void SqliteSession::commit() {
  demand_transaction();
  try {
    run("COMMIT");
  } catch (const Fault& fault) {
    if (fault.kind() == FaultKind::Unavailable) {
      rollback();
      overwrite_failed_commit();
    }
    throw;
  }
  begun_ = false;
}

void SqliteSession::rollback() noexcept {
  begun_ = false;
  if (!in_transaction()) return;
  const int code = sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) log::error("SQLite cannot roll back: {}", sqlite3_errstr(code));
}

// Any commit will do: WAL frames carry a running checksum, so one frame in the first place of the failed ones makes
// all of them void.
void SqliteSession::overwrite_failed_commit() noexcept {
  in_doubt_ = true;
  try {
    const auto version = run("PRAGMA user_version").front().number(0);
    script("PRAGMA user_version = " + std::to_string(version));
    in_doubt_ = false;
  } catch (const std::exception&) {  // the disk still fails: tried again later
  }
}

void SqliteSession::set_up(const SqliteOptions& options) {
  sqlite3* const handle = handle_.get();
  const auto busy = options.busy.count();
  sqlite3_busy_timeout(handle, static_cast<int>(busy));
  for (const auto& [setting, on] :
       {std::pair{SQLITE_DBCONFIG_DQS_DML, 0}, std::pair{SQLITE_DBCONFIG_DQS_DDL, 0},
        std::pair{SQLITE_DBCONFIG_ENABLE_FKEY, 1}, std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1}}) {
    sqlite3_db_config(handle, setting, on, nullptr);
  }
  if (options.access == Access::Create) script("PRAGMA page_size = " + std::to_string(options.page_bytes));
  if (run("PRAGMA journal_mode = WAL").front().text(0) != "wal") {
    throw Fault(FaultKind::Unavailable, "the file cannot be kept in WAL mode");
  }
  script("PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;");
  // Twice the pages at which a WAL is copied. Cut down to less, it would be allocated anew after each copy.
  script("PRAGMA journal_size_limit = 134217728");
  script("PRAGMA cache_size = -" + std::to_string(options.cache_bytes / 1024));
  script("PRAGMA wal_autocheckpoint = " + std::to_string(options.checkpoint_pages));
  if (options.access == Access::Read) {
    script("PRAGMA query_only = ON");
    begin_text_ = "BEGIN";
  }
  schema_changes_ = 0;
}

int open_flags(Access access) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  return access == Access::Create ? flags | SQLITE_OPEN_CREATE : flags;
}

// SQLite's memory statistics cost one lock shared by all threads at every allocation.
void configure_once() {
  static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)configured;  // refused when SQLite runs already: then it is only slower
}

std::string vfs_or_default(const std::string& vfs) { return vfs.empty() ? sqlite3_vfs_find(nullptr)->zName : vfs; }

}  // namespace

Result<std::unique_ptr<Session>> open_sqlite_session(const SqliteOptions& options) {
  configure_once();
  sqlite3_initialize();
  if (options.access != Access::Create && ::access(options.path.c_str(), F_OK) != 0) {
    return fail(ErrorKind::NotFound, options.path + " does not exist");
  }
  sqlite3* raw = nullptr;
  const int code =
      sqlite3_open_v2(options.path.c_str(), &raw, open_flags(options.access), vfs_or_default(options.vfs).c_str());
  Handle handle(raw);
  if (code != SQLITE_OK) return fail(sqlite_fault(code, sqlite3_errstr(code), "").error().during(options.path));
  auto session = std::make_unique<SqliteSession>(std::move(handle));
  try {
    session->set_up(options);
  } catch (const Fault& fault) {
    return fail(fault.error().during(options.path));
  }
  if (!options.checkpoint_beside) return session;
  auto checkpointer = SqliteCheckpointer::open(options.path, options.vfs, options.checkpoint_pages);
  if (!checkpointer) return fail(std::move(checkpointer.error()));
  session->watch(std::move(*checkpointer));
  return session;
}

}  // namespace waypost::sql
