// A JSON column as rows, in both engines' words. Any thread.

#pragma once

#include <string>
#include <string_view>

#include "sql/engine.h"

namespace waypost::sql {

// What a FROM reads a JSON column's parts by: of an array each text as `value`, of an object each member as `key` and
// `value`, a text as it reads ("true", "1.5"; null for null). `column` with its table: "contact.tags".
std::string json_texts(Engine engine, std::string_view column);
std::string json_members(Engine engine, std::string_view column);

}  // namespace waypost::sql
