// StatementCache: the prepared statements of one SQLite connection. A look-up costs a comparison of the text: it is
// found by where its literal stands, and only the first time by its words. One thread at a time.

#pragma once

#include <sqlite3.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace waypost::sql {

struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};

struct Statement {
  std::string text;
  std::unique_ptr<sqlite3_stmt, FinalizeStatement> handle;
  std::vector<std::size_t> numbers;  // of SQLite's parameters, in its order: "$2" and "$2::uuid" are both 2
  std::size_t parameters = 0;        // the highest of them
  bool reads_only = false;
  bool changes_schema = false;
};

class StatementCache {
 public:
  explicit StatementCache(sqlite3* connection) : connection_(connection) {}

  // The statement, reset and ready; it stays there until the next call. Throws Fault when it cannot be prepared.
  Statement& find(std::string_view text);
  // Before the connection closes.
  void clear();

 private:
  struct Place {
    const char* at = nullptr;
    Statement* statement = nullptr;
  };

  Place& place_of(std::string_view text);
  Statement& find_by_words(std::string_view text);

  sqlite3* connection_;
  std::array<Place, 512> places_{};
  std::unordered_map<std::string_view, std::unique_ptr<Statement>> by_words_;
};

}  // namespace waypost::sql
