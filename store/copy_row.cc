#include "store/copy_row.h"

#include <algorithm>
#include <cstring>

#include "base/crypto.h"
#include "base/json.h"

namespace waypost::store {
namespace {

using Cell = sql::Cell;

Json json_of(const sql::Row& row, std::size_t column, sql::Type type) {
  if (row.is_null(column)) return nullptr;
  switch (type) {
    case sql::Type::Bigint:
      return row.number(column);
    case sql::Type::Boolean:
      return row.boolean(column);
    case sql::Type::Uuid:
      return row.uuid(column).text();
    case sql::Type::Bytes:
      return base64(row.bytes(column));
    case sql::Type::Text:
    case sql::Type::Json:
      return row.text(column);
  }
}

Cell number_cell(std::int64_t number) { return {.kind = Cell::Kind::Number, .number = number, .text = {}}; }
Cell text_cell(std::string text) { return {.kind = Cell::Kind::Text, .number = 0, .text = std::move(text)}; }

std::optional<Cell> uuid_cell(const std::string& text) {
  const auto uuid = Uuid::parse(text);
  if (!uuid) return std::nullopt;
  return text_cell({reinterpret_cast<const char*>(uuid->bytes.data()), uuid->bytes.size()});
}

std::optional<Cell> bytes_cell(const std::string& text) {
  auto bytes = from_base64(text);
  if (!bytes) return std::nullopt;
  return text_cell(*std::move(bytes));
}

// Nothing: the value is of another type.
std::optional<Cell> cell_of(const Json& json, sql::Type type) {
  if (json.is_null()) return Cell{};
  if (type == sql::Type::Boolean)
    return json.is_boolean() ? std::optional(number_cell(json.get<bool>())) : std::nullopt;
  if (type == sql::Type::Bigint)
    return json.is_number_integer() ? std::optional(number_cell(json.get<std::int64_t>())) : std::nullopt;
  if (!json.is_string()) return std::nullopt;
  const auto& text = json.get_ref<const std::string&>();
  if (type == sql::Type::Uuid) return uuid_cell(text);
  if (type == sql::Type::Bytes) return bytes_cell(text);
  return text_cell(text);
}

Uuid uuid_of(const std::string& bytes) {
  Uuid uuid;
  std::memcpy(uuid.bytes.data(), bytes.data(), std::min(bytes.size(), uuid.bytes.size()));
  return uuid;
}

}  // namespace

std::string line_of(const CatalogueTable& table, const sql::Row& row) {
  Json cells = Json::array();
  for (std::size_t at = 0; at < table.columns.size(); ++at) cells.push_back(json_of(row, at, table.columns[at].type));
  return dump(cells);
}

Result<std::vector<sql::Cell>> cells_of(const CatalogueTable& table, std::string_view line) {
  const auto parsed = parse_json(line);
  if (!parsed || !parsed->is_array() || parsed->size() != table.columns.size())
    return fail(ErrorKind::InvalidInput, "a row of " + table.name + " has another shape than its table");
  std::vector<Cell> cells;
  cells.reserve(parsed->size());
  for (std::size_t at = 0; at < parsed->size(); ++at) {
    auto cell = cell_of((*parsed)[at], table.columns[at].type);
    if (!cell)
      return fail(ErrorKind::InvalidInput, "a row of " + table.name + " holds no " +
                                               std::string(name_of(table.columns[at].type)) + " in " +
                                               table.columns[at].name);
    cells.push_back(*std::move(cell));
  }
  return cells;
}

sql::Value value_of(const sql::Cell& cell, sql::Type type) {
  if (cell.kind == Cell::Kind::Null) return sql::Value::null(type);
  switch (type) {
    case sql::Type::Bigint:
      return cell.number;
    case sql::Type::Boolean:
      return cell.number != 0;
    case sql::Type::Text:
      return cell.text;
    case sql::Type::Uuid:
      return uuid_of(cell.text);
    case sql::Type::Json:
      return sql::JsonText{cell.text};
    case sql::Type::Bytes:
      return sql::Bytes{cell.text};
  }
}

}  // namespace waypost::store
