#include "store/export.h"

#include <algorithm>

#include "base/json.h"
#include "store/copy_row.h"
#include "store/migrate.h"

namespace waypost::store {
namespace {

// A page is read at once: its rows are as many as fit into this by what the page before was like.
constexpr std::int64_t kPageBytes = 1 << 20;
constexpr std::int64_t kFirstRows = 32;
constexpr std::int64_t kMostRows = 500;

Json columns_of(const CatalogueTable& table) {
  Json columns = Json::array();
  for (const auto& column : table.columns) columns.push_back({column.name, name_of(column.type)});
  return columns;
}

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ", ") + in_quotes(name);
  return list;
}

std::string parameters(std::size_t from, std::size_t count) {
  std::string list;
  for (std::size_t at = 0; at < count; ++at) list += (at == 0 ? "$" : ", $") + std::to_string(from + at);
  return list;
}

// The first page, or one behind a key.
std::string page_text(const CatalogueTable& table, bool behind) {
  std::vector<std::string> names;
  for (const auto& column : table.columns) names.push_back(column.name);
  const std::string key = list_of(table.key);
  std::string text = "SELECT " + list_of(names) + " FROM " + in_quotes(table.name);
  if (behind) text += " WHERE (" + key + ") > (" + parameters(2, table.key.size()) + ")";
  return text + " ORDER BY " + key + " LIMIT $1";
}

std::size_t place_of(const CatalogueTable& table, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(table.columns, name, &CatalogueColumn::name) -
                                  table.columns.begin());
}

sql::Cell cell_of(const sql::Row& row, std::size_t column, sql::Type type) {
  if (type == sql::Type::Bigint || type == sql::Type::Boolean)
    return {.kind = sql::Cell::Kind::Number, .number = row.number(column), .text = {}};
  return {.kind = sql::Cell::Kind::Text, .number = 0, .text = row.text(column)};
}

}  // namespace

std::string_view name_of(Taken taken) { return taken == Taken::Online ? "online" : "offline"; }

Result<std::optional<std::string>> Exporter::next() {
  std::string text;
  switch (stage_) {
    case Stage::Over:
      return std::nullopt;
    case Stage::Head: {
      auto head = this->head();
      if (!head) return fail(std::move(head.error()));
      text = *std::move(head);
      stage_ = Stage::Table;
      break;
    }
    case Stage::Table:
      if (table_ == tables_.size()) {
        stage_ = Stage::Over;
        return foot();
      }
      text = table_head(tables_[table_]);
      stage_ = Stage::Rows;
      break;
    case Stage::Rows:
      text = page(tables_[table_]);
      break;
  }
  digest_.add(text);
  return text;
}

Result<std::string> Exporter::head() {
  const auto schema = schema_number(snapshot_);
  const auto known = static_cast<std::int64_t>(migrations().size());
  if (schema != known) {
    return fail(ErrorKind::Rejected, "the store has schema " + std::to_string(schema) + ", this release knows " +
                                         std::to_string(known) + ": use the release that waypostd runs with it");
  }
  auto tables = read_catalogue(snapshot_);
  if (!tables) return fail(std::move(tables.error()));
  tables_ = *std::move(tables);
  return dump({{"waypost", "export"},
               {"format", kExportFormat},
               {"schema", schema},
               {"at", iso8601(now_)},
               {"taken", name_of(taken_)}}) +
         "\n";
}

std::string Exporter::table_head(const CatalogueTable& table) {
  rows_[table.name] = 0;
  last_key_.clear();
  page_rows_ = kFirstRows;
  Json head{{"table", table.name}, {"columns", columns_of(table)}, {"key", table.key}};
  if (table.identity) head["identity"] = {*table.identity, last_identity(snapshot_, table)};
  return dump(head) + "\n";
}

std::string Exporter::page(const CatalogueTable& table) {
  std::vector<sql::Value> values{page_rows_};
  for (std::size_t at = 0; at < last_key_.size(); ++at)
    values.push_back(value_of(last_key_[at], table.columns[place_of(table, table.key[at])].type));
  const auto rows = snapshot_.run(page_text(table, !last_key_.empty()), values);
  std::string text;
  for (const auto row : rows) text += line_of(table, row) + "\n";
  const auto count = static_cast<std::int64_t>(rows.size());
  rows_[table.name] += count;
  if (count < page_rows_) {
    ++table_;
    stage_ = Stage::Table;
    return text;
  }
  std::vector<sql::Cell> last;
  for (const auto& name : table.key) {
    const auto at = place_of(table, name);
    last.push_back(cell_of(rows[rows.size() - 1], at, table.columns[at].type));
  }
  last_key_ = std::move(last);
  const auto each = std::max<std::int64_t>(1, static_cast<std::int64_t>(text.size()) / count);
  page_rows_ = std::clamp<std::int64_t>(kPageBytes / each, 1, kMostRows);
  return text;
}

std::string Exporter::foot() { return dump({{"rows", rows_}, {"sha256", hex(digest_.finish())}}) + "\n"; }

}  // namespace waypost::store
