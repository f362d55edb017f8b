#include "store/catalogue.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "store/migrate.h"

namespace waypost::store {
namespace {

constexpr std::array<std::pair<std::string_view, sql::Type>, 7> kWords{{{"uuid", sql::Type::Uuid},
                                                                        {"bigint", sql::Type::Bigint},
                                                                        {"json", sql::Type::Json},
                                                                        {"bytes", sql::Type::Bytes},
                                                                        {"boolean", sql::Type::Boolean},
                                                                        {"text", sql::Type::Text},
                                                                        {"identity", sql::Type::Bigint}}};
constexpr std::array<std::pair<std::string_view, sql::Type>, 6> kPostgresTypes{{{"uuid", sql::Type::Uuid},
                                                                                {"int8", sql::Type::Bigint},
                                                                                {"jsonb", sql::Type::Json},
                                                                                {"bytea", sql::Type::Bytes},
                                                                                {"bool", sql::Type::Boolean},
                                                                                {"text", sql::Type::Text}}};

template <std::size_t N>
std::optional<sql::Type> type_in(const std::array<std::pair<std::string_view, sql::Type>, N>& words,
                                 std::string_view name) {
  for (const auto& [word, type] : words) {
    if (word == name) return type;
  }
  return std::nullopt;
}

bool in_name(char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// The name that ends where `text` does, blanks and quotes aside.
std::string last_name(std::string_view text) {
  while (!text.empty() && !in_name(text.back())) text.remove_suffix(1);
  std::size_t from = text.size();
  while (from > 0 && in_name(text[from - 1])) --from;
  return std::string(text.substr(from));
}

// The name behind the last "TABLE" of `text`.
std::string table_in_hand(std::string_view text) {
  constexpr std::string_view kTable = "TABLE ";
  const auto at = text.rfind(kTable);
  if (at == std::string_view::npos) return "";
  const std::string_view rest = text.substr(at + kTable.size());
  return {rest.begin(), std::ranges::find_if_not(rest, in_name)};
}

struct Declared {
  sql::Type type = sql::Type::Bigint;
  bool is_numbered = false;
};
using DeclaredTypes = std::map<std::pair<std::string, std::string>, Declared, std::less<>>;

// Every `column {word}` of the migrations, under the table that was named last before it.
DeclaredTypes read_declarations() {
  DeclaredTypes declared;
  for (const Migration& migration : migrations()) {
    const std::string_view text = migration.ddl;
    for (auto open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
      const auto word = text.substr(open + 1, text.find('}', open) - open - 1);
      const auto type = type_in(kWords, word);
      const auto before = text.substr(0, open);
      if (type)
        declared[{table_in_hand(before), last_name(before)}] = {.type = *type, .is_numbered = word == "identity"};
    }
  }
  return declared;
}

constexpr std::string_view kSqliteColumns =
    "SELECT t.name, c.name, c.type, 0, c.pk FROM sqlite_master AS t JOIN pragma_table_info(t.name) AS c "
    "WHERE t.type = 'table' AND substr(t.name, 1, 7) <> 'sqlite_' ORDER BY t.name, c.cid";
constexpr std::string_view kPostgresColumns =
    "SELECT CAST(c.relname AS text), CAST(a.attname AS text), CAST(t.typname AS text), "
    "CASE WHEN a.attidentity <> '' THEN 1 ELSE 0 END, COALESCE(k.place, 0) FROM pg_class AS c "
    "JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
    "JOIN pg_type AS t ON t.oid = a.atttypid "
    "LEFT JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisprimary "
    "LEFT JOIN LATERAL unnest(CAST(i.indkey AS int2[])) WITH ORDINALITY AS k(number, place) ON k.number = a.attnum "
    "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = CAST(current_schema() AS "
    "regnamespace) "
    "ORDER BY c.relname, a.attnum";

bool is_own_state(std::string_view table) {
  return table == "schema_migration" || table == "import_under_way" || table == "commit_mark";
}

using Key = std::vector<std::pair<std::int64_t, std::string>>;

void add_column(CatalogueTable& table, const sql::Row& row, const Declared& column, Key& key) {
  table.columns.push_back({.name = row.text(1), .type = column.type});
  if (column.is_numbered) table.identity = row.text(1);
  if (row.number(4) > 0) key.emplace_back(row.number(4), row.text(1));
}

// Nothing: of no type that can be copied.
std::optional<Declared> declared_by_postgres(const sql::Row& row) {
  const auto type = type_in(kPostgresTypes, row.text(2));
  if (!type) return std::nullopt;
  return Declared{.type = *type, .is_numbered = row.number(3) != 0};
}

std::optional<Declared> declared_by_migrations(const sql::Row& row) {
  static const DeclaredTypes kDeclared = read_declarations();
  const auto found = kDeclared.find(std::pair(row.text(0), row.text(1)));
  return found == kDeclared.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

Result<std::vector<CatalogueTable>> read_catalogue(sql::Connection& connection) {
  const bool sqlite = connection.engine() == sql::Engine::Sqlite;
  std::map<std::string, CatalogueTable> tables;
  std::map<std::string, Key> keys;
  for (const auto row : connection.run(sqlite ? kSqliteColumns : kPostgresColumns)) {
    const std::string& name = row.text(0);
    if (is_own_state(name)) continue;
    const auto column = sqlite ? declared_by_migrations(row) : declared_by_postgres(row);
    if (!column) return fail(ErrorKind::Internal, name + "." + row.text(1) + " is of no type that can be copied");
    tables[name].name = name;
    add_column(tables[name], row, *column, keys[name]);
  }
  std::vector<CatalogueTable> found;
  for (auto& [name, table] : tables) {
    std::ranges::sort(keys[name]);
    for (auto& [place, column] : keys[name]) table.key.push_back(std::move(column));
    if (table.key.empty()) return fail(ErrorKind::Internal, "table " + name + " has no primary key to copy it by");
    found.push_back(std::move(table));
  }
  return found;
}

// PostgreSQL's sequence is not part of the snapshot: it is at or behind every number that the snapshot shows.
std::int64_t last_identity(sql::Connection& connection, const CatalogueTable& table) {
  if (!table.identity) return 0;
  if (connection.engine() == sql::Engine::Sqlite) {
    const std::string text =
        "SELECT COALESCE(max(" + in_quotes(*table.identity) + "), 0) FROM " + in_quotes(table.name);
    return connection.run(text).front().number(0);
  }
  return connection
      .run("SELECT COALESCE(pg_sequence_last_value(CAST(pg_get_serial_sequence(quote_ident($1), $2) AS regclass)), 0)",
           {table.name, *table.identity})
      .front()
      .number(0);
}

// SQLite numbers on from the highest row by itself.
void set_identity(sql::Connection& connection, const CatalogueTable& table, std::int64_t last) {
  if (!table.identity || last <= 0 || connection.engine() == sql::Engine::Sqlite) return;
  connection.run("SELECT setval(CAST(pg_get_serial_sequence(quote_ident($1), $2) AS regclass), $3)",
                 {table.name, *table.identity, last});
}

std::string_view name_of(sql::Type type) {
  for (const auto& [word, known] : kWords) {
    if (known == type) return word;
  }
  std::unreachable();
}

std::string in_quotes(std::string_view name) { return '"' + std::string(name) + '"'; }

}  // namespace waypost::store
