// The words that differ between the engines' DDL; a migration is written once, with these in braces:
// {uuid} {bigint} {json} {bytes} {boolean} {text}, and {table} for the suffix behind CREATE TABLE (…).

#pragma once

#include <string>
#include <string_view>

namespace waypost::sql {

enum class Engine { Sqlite, Postgres };

std::string in_dialect(Engine engine, std::string_view ddl);

}  // namespace waypost::sql
