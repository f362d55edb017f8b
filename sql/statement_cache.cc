#include "sql/statement_cache.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

#include "sql/sqlite_fault.h"

namespace waypost::sql {
namespace {

// The program has a few hundred literals; more means that someone builds statements, and all are prepared anew.
constexpr std::size_t kMostStatements = 1000;

// 0 when the name is not one of ours. SQLite takes PostgreSQL's cast "$2::uuid" as a name as a whole.
std::size_t number_of(const char* name) {
  if (name == nullptr || *name != '$') return 0;
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(name + 1, name + std::strlen(name), number);
  return error == std::errc() && number < 1000 ? number : 0;
}

bool begins_with_word(std::string_view text, std::string_view word) {
  return text.size() > word.size() &&
         std::ranges::equal(text.substr(0, word.size()), word, [](char a, char b) { return (a & ~0x20) == b; });
}

bool changes_schema(std::string_view text) {
  constexpr std::array<std::string_view, 3> kWords = {"CREATE", "ALTER", "DROP"};
  text.remove_prefix(std::min(text.find_first_not_of(" \n\t"), text.size()));
  return std::ranges::any_of(kWords, [&](std::string_view word) { return begins_with_word(text, word); });
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \n\t;") == std::string_view::npos; }

void number_parameters(Statement& statement) {
  sqlite3_stmt* handle = statement.handle.get();
  const int count = sqlite3_bind_parameter_count(handle);
  for (int at = 1; at <= count; ++at) {
    const std::size_t number = number_of(sqlite3_bind_parameter_name(handle, at));
    if (number == 0) throw sqlite_fault(SQLITE_RANGE, "parameters are named $1, $2 …", statement.text);
    statement.numbers.push_back(number);
    statement.parameters = std::max(statement.parameters, number);
  }
}

std::unique_ptr<Statement> prepared(sqlite3* connection, std::string_view text) {
  auto statement = std::make_unique<Statement>();
  statement->text = text;
  sqlite3_stmt* handle = nullptr;
  const char* tail = nullptr;
  const int size = static_cast<int>(text.size()) + 1;  // with the zero: SQLite then makes no copy of its own first
  const int code =
      sqlite3_prepare_v3(connection, statement->text.c_str(), size, SQLITE_PREPARE_PERSISTENT, &handle, &tail);
  statement->handle.reset(handle);
  if (code != SQLITE_OK) throw sqlite_fault(code, sqlite3_errmsg(connection), text);
  if (handle == nullptr || !is_blank(tail)) throw sqlite_fault(SQLITE_ERROR, "not one statement", text);
  number_parameters(*statement);
  statement->reads_only = sqlite3_stmt_readonly(handle) != 0;
  statement->changes_schema = changes_schema(text);
  return statement;
}

}  // namespace

StatementCache::Place& StatementCache::place_of(std::string_view text) {
  const auto address = reinterpret_cast<std::uintptr_t>(text.data());
  constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio: neighbours land apart
  return places_[((address ^ text.size()) * kSpread) >> 55];
}

// The words are compared even when the place fits: a text that is no literal may have taken the place of another.
Statement& StatementCache::find(std::string_view text) {
  Place& place = place_of(text);
  if (place.at == text.data() && place.statement->text == text) return *place.statement;
  Statement& statement = find_by_words(text);
  place_of(text) = {.at = text.data(), .statement = &statement};
  return statement;
}

Statement& StatementCache::find_by_words(std::string_view text) {
  if (const auto known = by_words_.find(text); known != by_words_.end()) return *known->second;
  if (by_words_.size() >= kMostStatements) clear();
  auto statement = prepared(connection_, text);
  Statement& kept = *statement;
  by_words_.emplace(kept.text, std::move(statement));
  return kept;
}

void StatementCache::clear() {
  places_.fill({});
  by_words_.clear();
}

}  // namespace waypost::sql
