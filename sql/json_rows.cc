#include "sql/json_rows.h"

namespace waypost::sql {

std::string json_texts(Engine engine, std::string_view column) {
  if (engine == Engine::Postgres) return "(SELECT value FROM jsonb_array_elements_text(" + std::string(column) + "))";
  return "(SELECT value FROM json_each(" + std::string(column) + "))";
}

std::string json_members(Engine engine, std::string_view column) {
  if (engine == Engine::Postgres) return "(SELECT key, value FROM jsonb_each_text(" + std::string(column) + "))";
  return "(SELECT key, CASE type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST(value AS TEXT) END AS "
         "value FROM json_each(" +
         std::string(column) + "))";
}

}  // namespace waypost::sql
