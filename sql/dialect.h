// The words that differ between the engines' DDL; a migration is written once, with these in braces:
// {uuid} {bigint} {json} {bytes} {boolean} {text}, and the suffix behind CREATE TABLE (…): {table} for small rows, kept
// in their key's order; {heap} for rows that may be longer than 1 kB, kept in the order they came. In SQLite a longer
// row of the first kind takes a page of its own.

#pragma once

#include <string>
#include <string_view>

namespace waypost::sql {

enum class Engine { Sqlite, Postgres };

std::string in_dialect(Engine engine, std::string_view ddl);

}  // namespace waypost::sql
