#include "store/import.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "sql/dialect.h"
#include "store/copy_row.h"
#include "store/event_numbers.h"
#include "store/migrate.h"
#include "store/restored_sends.h"

namespace waypost::store {
namespace {

constexpr std::size_t kUnitRows = 500;
constexpr std::size_t kUnitBytes = 4 << 20;
constexpr std::size_t kStatementRows = 20;
constexpr std::size_t kStatementValues = 900;  // SQLite takes parameters up to $999

constexpr std::string_view kMark = R"sql(
CREATE TABLE import_under_way (
  file {text} PRIMARY KEY,                -- SHA-256 of what is imported
  begun_at {bigint} NOT NULL
) {table};
)sql";

bool has_mark(sql::Connection& connection) {
  const auto* text = connection.engine() == sql::Engine::Sqlite
                         ? "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'import_under_way'"
                         : "SELECT count(*) FROM pg_class WHERE relname = 'import_under_way' AND relnamespace = "
                           "CAST(current_schema() AS regnamespace)";
  return connection.run(text).front().number(0) > 0;
}

Result<void> must_fit(sql::Connection& connection, const ExportFile& file) {
  const auto schema = schema_number(connection);
  if (schema != file.schema) {
    return fail(ErrorKind::Rejected, "the file has schema " + std::to_string(file.schema) + ", the store has " +
                                         std::to_string(schema) +
                                         ": import with the release that exported it, then update");
  }
  const auto catalogue = read_catalogue(connection);
  if (!catalogue) return fail(catalogue.error());
  const auto same = [](const CatalogueTable& ours, const ExportedTable& theirs) {
    return ours.name == theirs.table.name && std::ranges::is_permutation(ours.columns, theirs.table.columns);
  };
  if (!std::ranges::equal(*catalogue, file.tables, same))
    return fail(ErrorKind::Rejected, "the file's tables are not the store's: import with the release that exported it");
  return {};
}

Result<void> must_be_empty(sql::Connection& connection, const ExportFile& file) {
  for (const auto& table : file.tables) {
    const auto found =
        connection.run("SELECT count(*) FROM (SELECT 1 FROM " + in_quotes(table.table.name) + " LIMIT 1) AS any_row");
    if (found.front().number(0) == 0) continue;
    return fail(ErrorKind::Conflict, "the store is in use (table " + table.table.name +
                                         " holds rows): name a new, empty database or file in store.url");
  }
  return {};
}

// Whether an import of the same file had begun.
Result<bool> begin(sql::Connection& connection, const ExportFile& file, Time now) {
  if (auto fits = must_fit(connection, file); !fits) return fail(fits.error());
  if (has_mark(connection)) {
    const auto marked = connection.run("SELECT file FROM import_under_way");
    if (!marked.empty() && marked.front().text(0) == file.sha256) return true;
    return fail(ErrorKind::Conflict,
                "an import of another file was cut short in this store: finish it with that file, "
                "or name a new, empty database or file in store.url");
  }
  if (auto empty = must_be_empty(connection, file); !empty) return fail(empty.error());
  connection.script(sql::in_dialect(connection.engine(), kMark));
  connection.run("INSERT INTO import_under_way (file, begun_at) VALUES ($1, $2)", {file.sha256, now});
  return false;
}

using Cells = std::vector<sql::Cell>;

std::string insert_text(const CatalogueTable& table, sql::Engine engine, std::size_t rows) {
  std::string columns;
  for (const auto& column : table.columns) columns += (columns.empty() ? "" : ", ") + in_quotes(column.name);
  const bool numbered = table.identity && engine == sql::Engine::Postgres;
  std::string text = "INSERT INTO " + in_quotes(table.name) + " (" + columns + ")" +
                     (numbered ? " OVERRIDING SYSTEM VALUE" : "") + " VALUES ";
  std::size_t at = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    text += row == 0 ? "(" : ", (";
    for (std::size_t column = 0; column < table.columns.size(); ++column)
      text += (column == 0 ? "$" : ", $") + std::to_string(++at);
    text += ")";
  }
  return text + " ON CONFLICT DO NOTHING";
}

void insert_rows(sql::Connection& connection, const CatalogueTable& table, const std::vector<Cells>& rows) {
  const auto each = std::clamp<std::size_t>(kStatementValues / table.columns.size(), 1, kStatementRows);
  for (std::size_t from = 0; from < rows.size();) {
    const std::size_t count = rows.size() - from >= each ? each : 1;
    std::vector<sql::Value> values;
    for (std::size_t row = from; row < from + count; ++row) {
      for (std::size_t at = 0; at < table.columns.size(); ++at)
        values.push_back(value_of(rows[row][at], table.columns[at].type));
    }
    connection.run(insert_text(table, connection.engine(), count), values);
    from += count;
  }
}

// Gathers rows into units of one table.
class Writer {
 public:
  Writer(sql::Database& database, const ImportProgress& progress) : database_(database), progress_(progress) {}

  Result<void> take(const ExportedTable& table, Cells cells) {
    if (table_ != &table.table) {
      if (auto written = flush(); !written) return written;
      table_ = &table.table;
    }
    for (const auto& cell : cells) bytes_ += cell.text.size();
    rows_.push_back(std::move(cells));
    return rows_.size() < kUnitRows && bytes_ < kUnitBytes ? Result<void>() : flush();
  }

  Result<void> flush() {
    if (rows_.empty()) return {};
    const auto written =
        database_.write_and_wait(0, [this](sql::Connection& connection) { insert_rows(connection, *table_, rows_); });
    if (!written) return fail(Error(written.error()).during("writing table " + table_->name));
    total_ += static_cast<std::int64_t>(rows_.size());
    rows_.clear();
    bytes_ = 0;
    if (progress_) progress_(table_->name, total_);
    return {};
  }

 private:
  sql::Database& database_;
  const ImportProgress& progress_;
  const CatalogueTable* table_ = nullptr;
  std::vector<Cells> rows_;
  std::size_t bytes_ = 0;
  std::int64_t total_ = 0;
};

// Which columns the engine numbers is for the store to say. The tables are the catalogue's, in its order.
Result<void> number_as_here(sql::Connection& connection, ExportFile& file) {
  const auto catalogue = read_catalogue(connection);
  if (!catalogue) return fail(catalogue.error());
  for (std::size_t at = 0; at < file.tables.size(); ++at) file.tables[at].table.identity = (*catalogue)[at].identity;
  return {};
}

void number_on(sql::Connection& connection, const ExportedTable& table) {
  if (!table.table.identity) return;
  const auto highest =
      connection
          .run("SELECT COALESCE(max(" + in_quotes(*table.table.identity) + "), 0) FROM " + in_quotes(table.table.name))
          .front()
          .number(0);
  set_identity(connection, table.table, std::max(highest, table.last_identity));
}

Imported finish(sql::Connection& connection, const ExportFile& file) {
  sql::lock_schema(connection);  // counting every table may take long
  Imported imported;
  for (const auto& table : file.tables) {
    const auto count = connection.run("SELECT count(*) FROM " + in_quotes(table.table.name)).front().number(0);
    imported.tables.push_back({.name = table.table.name, .in_file = table.rows, .in_store = count});
  }
  if (!imported.is_complete()) return imported;
  for (const auto& table : file.tables) number_on(connection, table);
  number_moved_events(connection);
  if (file.taken == Taken::Online) imported.held = hold_sends(connection);
  connection.script("DROP TABLE import_under_way");
  return imported;
}

}  // namespace

bool Imported::is_complete() const {
  return std::ranges::all_of(tables, [](const TableCount& table) { return table.in_file == table.in_store; });
}

Result<Imported> import_store(sql::Database& database, ExportFile file, Time now, const ImportProgress& progress) {
  const auto begun =
      database.write_and_wait(0, [&](sql::Connection& connection) { return begin(connection, file, now); });
  if (!begun) return fail(begun.error());
  const auto numbered =
      database.read_and_wait([&](sql::Connection& connection) { return number_as_here(connection, file); });
  if (!numbered) return fail(numbered.error());
  Writer writer(database, progress);
  const auto read =
      read_rows(file, [&](const ExportedTable& table, Cells cells) { return writer.take(table, std::move(cells)); });
  if (!read) return fail(read.error());
  if (const auto written = writer.flush(); !written) return fail(written.error());
  auto imported = database.write_and_wait(0, [&](sql::Connection& connection) { return finish(connection, file); });
  if (imported) imported->went_on = *begun;
  return imported;
}

Result<void> refuse_half_import(sql::Connection& connection) {
  if (!has_mark(connection)) return {};
  return fail(ErrorKind::Rejected,
              "an import into this store was cut short: run the same waypost import again, it goes on where it was");
}

}  // namespace waypost::store
