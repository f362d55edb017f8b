// What a command tag of PostgreSQL ("INSERT 0 3", "CREATE TABLE") says of a statement. Pure. Any thread.

#pragma once

#include <cstdint>
#include <string_view>

namespace waypost::sql {

// Rows inserted, updated or deleted.
std::int64_t rows_changed(std::string_view tag);
bool tag_of_definition(std::string_view tag);

}  // namespace waypost::sql
