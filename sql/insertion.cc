#include "sql/insertion.h"

#include <algorithm>

namespace waypost::sql {
namespace {

std::string text_of(std::string_view table, std::string_view columns) {
  std::string text = "INSERT INTO ";
  text.append(table).append(" (").append(columns).append(") VALUES (");
  const auto commas = std::ranges::count(columns, ',');
  for (std::ptrdiff_t at = 0; at <= commas; ++at) {
    if (at > 0) text += ", ";
    text += '$' + std::to_string(at + 1);
  }
  return text + ")";
}

}  // namespace

Insertion::Insertion(std::string_view table, std::string_view columns)
    : table_(table), columns_(columns), text_(text_of(table, columns)) {}

}  // namespace waypost::sql
