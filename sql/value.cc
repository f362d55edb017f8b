#include "sql/value.h"

#include <cstring>
#include <stdexcept>

namespace waypost::sql {
namespace {

[[noreturn]] void misread(const char* wanted, std::size_t column) {
  throw std::logic_error("column " + std::to_string(column) + " is not " + wanted);
}

}  // namespace

const Cell& Row::at(std::size_t column) const {
  if (column >= columns_) misread("in the answer", column);
  return cells_[column];
}

std::int64_t Row::number(std::size_t column) const {
  const Cell& cell = at(column);
  if (cell.kind != Cell::Kind::Number) misread("a number", column);
  return cell.number;
}

const std::string& Row::text(std::size_t column) const {
  const Cell& cell = at(column);
  if (cell.kind != Cell::Kind::Text) misread("a text", column);
  return cell.text;
}

Uuid Row::uuid(std::size_t column) const {
  const std::string& bytes = text(column);
  Uuid uuid;
  if (bytes.size() != uuid.bytes.size()) misread("a UUID", column);
  std::memcpy(uuid.bytes.data(), bytes.data(), uuid.bytes.size());
  return uuid;
}

Json Row::json(std::size_t column) const {
  Json json = Json::parse(text(column), nullptr, false);
  if (json.is_discarded()) misread("JSON", column);
  return json;
}

std::optional<std::int64_t> Row::maybe_number(std::size_t column) const {
  if (is_null(column)) return std::nullopt;
  return number(column);
}

std::optional<Time> Row::maybe_time(std::size_t column) const {
  if (is_null(column)) return std::nullopt;
  return time(column);
}

std::optional<std::string> Row::maybe_text(std::size_t column) const {
  if (is_null(column)) return std::nullopt;
  return text(column);
}

std::optional<Uuid> Row::maybe_uuid(std::size_t column) const {
  if (is_null(column)) return std::nullopt;
  return uuid(column);
}

}  // namespace waypost::sql
