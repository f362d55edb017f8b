#include "sql/postgres_tag.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace waypost::sql {
namespace {

constexpr std::array<std::string_view, 4> kWriting = {"INSERT", "UPDATE", "DELETE", "MERGE"};
constexpr std::array<std::string_view, 4> kDefining = {"CREATE", "ALTER", "DROP", "TRUNCATE"};

bool begins_with_one(std::string_view tag, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return tag.starts_with(word); });
}

}  // namespace

std::int64_t rows_changed(std::string_view tag) {
  if (!begins_with_one(tag, kWriting)) return 0;  // of SELECT the number is of rows read
  const auto number = tag.substr(tag.rfind(' ') + 1);
  std::int64_t rows = 0;
  (void)std::from_chars(number.data(), number.data() + number.size(), rows);
  return rows;
}

bool tag_of_definition(std::string_view tag) { return begins_with_one(tag, kDefining); }

}  // namespace waypost::sql
