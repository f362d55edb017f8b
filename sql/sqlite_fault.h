// What a SQLite result code means for the unit that got it. Any thread.

#pragma once

#include <string_view>

#include "sql/connection.h"

namespace waypost::sql {

// `code` is an extended result code, `words` SQLite's own, `text` the statement.
Fault sqlite_fault(int code, std::string_view words, std::string_view text);

}  // namespace waypost::sql
