// The words that a connection to PostgreSQL is asked for with. Any thread.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sql/postgres_link.h"

struct pg_conn;

namespace waypost::sql {

// Keywords and values for libpq. What stands before the URL it may override; what stands behind it is ours.
class ConnectWords {
 public:
  explicit ConnectWords(const PostgresOptions& options);

  // Null-terminated, as PQconnectdbParams wants them; they borrow from this object.
  const char* const* keywords() const { return keywords_.data(); }
  const char* const* values() const { return values_.data(); }

 private:
  void add(const char* keyword, std::string value);

  std::vector<const char*> keywords_;
  std::vector<const char*> values_;
  std::vector<std::unique_ptr<std::string>> owned_;
};

// InvalidInput when libpq cannot read the URL, or when a piece of a badly written password stands in its host.
Result<void> check_postgres_url(const Secret& url);

}  // namespace waypost::sql
