// The catalogue: which tables the store has, as the engine itself says, so that a table made by a later migration is
// not forgotten by what copies them. Lane only.
//
// SQLite does not tell a uuid from bytes, a boolean from a number and JSON from text: there the migrations' own words
// say which it is. A column that they do not name is an Internal error, never left out.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sql/connection.h"

namespace waypost::store {

struct CatalogueColumn {
  std::string name{};
  sql::Type type = sql::Type::Bigint;
  bool operator==(const CatalogueColumn&) const = default;
};

struct CatalogueTable {
  std::string name{};
  std::vector<CatalogueColumn> columns{};
  std::vector<std::string> key{};         // the primary key's columns, in its order
  std::optional<std::string> identity{};  // the column that the engine numbers itself
};

// By name; every table but those in which the store keeps its own state (schema_migration,
// import_under_way, commit_mark).
Result<std::vector<CatalogueTable>> read_catalogue(sql::Connection& connection);

// The last number that the engine gave out for the table's identity column; 0 before the first.
std::int64_t last_identity(sql::Connection& connection, const CatalogueTable& table);
// The next one is behind `last`.
void set_identity(sql::Connection& connection, const CatalogueTable& table, std::int64_t last);

std::string_view name_of(sql::Type type);  // "uuid", "bigint", "json", "bytes", "boolean", "text"
// `"name"`, for statements that are built from the catalogue.
std::string in_quotes(std::string_view name);

}  // namespace waypost::store
