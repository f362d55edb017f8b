// Insertion: a table and its columns, for rows that a unit adds and wants no answer of (Connection::insert). One text
// for both engines; PostgreSQL's session sends the rows of a whole batch at once. Immutable. Any thread.

#pragma once

#include <string>
#include <string_view>

namespace waypost::sql {

class Insertion {
 public:
  // `columns` as they stand in a statement ("tenant_id, id, state"). Both are literals: they are not copied.
  Insertion(std::string_view table, std::string_view columns);

  std::string_view table() const { return table_; }
  std::string_view columns() const { return columns_; }
  // INSERT INTO table (columns) VALUES ($1, …)
  const std::string& text() const { return text_; }

 private:
  const std::string_view table_;
  const std::string_view columns_;
  const std::string text_;
};

}  // namespace waypost::sql
