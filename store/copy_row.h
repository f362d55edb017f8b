// One row of an export: a line of JSON on one side, an engine's values on the other. Pure; any thread.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "store/catalogue.h"

namespace waypost::store {

// `["0198…",5,null,true,"AAEC"]`, without the line's end.
std::string line_of(const CatalogueTable& table, const sql::Row& row);
// InvalidInput when it is no row of this table.
Result<std::vector<sql::Cell>> cells_of(const CatalogueTable& table, std::string_view line);
// Borrows the cell's text.
sql::Value value_of(const sql::Cell& cell, sql::Type type);

}  // namespace waypost::store
