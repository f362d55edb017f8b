// StorePlace: where a test's store lies, on the engine that the test runs on: a SQLite file, or,
// with WAYPOST_TEST_STORE=postgresql in the environment, a database of its own on the cluster that ctest has started
// (scripts/postgres_cluster). It is gone with the object, and outlives what was opened in it. Test thread only.

#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/secret.h"
#include "sql/database.h"

namespace waypost::test {

sql::Engine engine_of_tests();

enum class Schema { Migrated, None };

struct OpenPlace {
  std::size_t readers = 2;
  std::size_t cache_bytes = 64 << 20;
  std::chrono::milliseconds patience{5'000};
};

class StorePlace {
 public:
  // `file` is the SQLite file's path.
  explicit StorePlace(const std::string& file, Schema schema = Schema::Migrated)
      : StorePlace(engine_of_tests(), file, schema) {}
  // On PostgreSQL, whatever the environment says: for the tests of that engine.
  static StorePlace on_postgres(Schema schema) { return {sql::Engine::Postgres, "", schema}; }
  StorePlace(const StorePlace&) = delete;
  StorePlace& operator=(const StorePlace&) = delete;
  ~StorePlace();

  // For sql::open.
  Secret url() const { return url_; }
  // Opened, with this release's schema unless the place was made without one. Throws what went wrong.
  std::unique_ptr<sql::Database> open(const OpenPlace& how = {}) const;

 private:
  StorePlace(sql::Engine engine, const std::string& file, Schema schema);

  const sql::Engine engine_;
  const Schema schema_;
  std::string database_;  // PostgreSQL's
  Secret url_;
};

}  // namespace waypost::test
