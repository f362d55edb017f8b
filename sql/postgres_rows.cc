#include "sql/postgres_rows.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>

namespace waypost::sql {
namespace {

using std::literals::string_view_literals::operator""sv;

template <class Number>
Number cut(std::string_view& bytes) {
  Number number{};
  std::memcpy(&number, bytes.data(), sizeof number);
  bytes.remove_prefix(sizeof number);
  return std::byteswap(number);
}

bool is_word(char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool names(std::string_view text, std::string_view table) {
  for (auto at = text.find(table); at != std::string_view::npos; at = text.find(table, at + 1)) {
    const auto end = at + table.size();
    const bool inside = (at > 0 && is_word(text[at - 1])) || (end < text.size() && is_word(text[end]));
    if (!inside) return true;
  }
  return false;
}

}  // namespace

TableRows& PendingRows::rows_of(const Insertion& into, const WireValues& values) {
  const auto same = [&](const TableRows& rows) {
    return rows.into == &into && std::ranges::equal(rows.types, values.types());
  };
  const auto found = std::ranges::find_if(tables_, same);
  if (found != tables_.end()) return *found;
  return tables_.emplace_back(
      TableRows{.into = &into, .types = {values.types().begin(), values.types().end()}, .tuples = {}, .count = 0});
}

void PendingRows::add(const Insertion& into, std::span<const Value> values) {
  const WireValues wire(values);
  TableRows& rows = rows_of(into, wire);
  const auto fields = static_cast<std::uint16_t>(wire.count());
  rows.tuples += {static_cast<char>(fields >> 8), static_cast<char>(fields & 0xff)};
  wire.append_to(rows.tuples);
  ++rows.count;
}

std::vector<TableRows> PendingRows::take(std::string_view text) {
  std::vector<TableRows> named;
  for (auto& rows : tables_) {
    if (names(text, rows.into->table())) named.push_back(std::move(rows));
  }
  if (!named.empty()) std::erase_if(tables_, [&](const TableRows& rows) { return names(text, rows.into->table()); });
  return named;
}

std::size_t PendingRows::bytes() const {
  std::size_t sum = 0;
  for (const auto& rows : tables_) sum += rows.tuples.size();
  return sum;
}

std::vector<TableRows> PendingRows::take() { return std::exchange(tables_, {}); }

// The signature, no flags, no extension.
std::string_view copy_head() { return "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"sv; }

std::string_view copy_end() { return "\377\377"sv; }

WireValues first_tuple(std::span<const TypeNumber> types, std::string_view& tuples) {
  WireValues values;
  const auto fields = cut<std::int16_t>(tuples);
  for (std::int16_t at = 0; at < fields; ++at) {
    const auto size = cut<std::int32_t>(tuples);
    values.add(types[static_cast<std::size_t>(at)],
               size < 0 ? std::nullopt : std::optional(tuples.substr(0, static_cast<std::size_t>(size))));
    if (size > 0) tuples.remove_prefix(static_cast<std::size_t>(size));
  }
  return values;
}

}  // namespace waypost::sql
