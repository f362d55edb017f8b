#include "tests/support/store_place.h"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "sql/open.h"
#include "store/migrate.h"
#include "tests/support/postgres_place.h"

namespace waypost::test {

sql::Engine engine_of_tests() {
  const char* chosen = std::getenv("WAYPOST_TEST_STORE");  // NOLINT(concurrency-mt-unsafe)
  return chosen != nullptr && std::string_view(chosen) == "postgresql" ? sql::Engine::Postgres : sql::Engine::Sqlite;
}

StorePlace::StorePlace(sql::Engine engine, const std::string& file, Schema schema) : engine_(engine), schema_(schema) {
  switch (engine) {
    case sql::Engine::Sqlite:
      url_ = Secret("sqlite:" + file);
      return;
    case sql::Engine::Postgres:
      database_ = schema == Schema::Migrated ? make_migrated_database() : make_empty_database();
      url_ = postgres_url(database_);
      return;
  }
}

StorePlace::~StorePlace() {
  if (engine_ == sql::Engine::Sqlite) return;
  try {
    drop_database(database_);
  } catch (const std::exception& left) {
    std::fprintf(stderr, "a test's database stays behind: %s\n", left.what());
  }
}

std::unique_ptr<sql::Database> StorePlace::open(const OpenPlace& how) const {
  auto database = sql::open(url_, {.readers = how.readers, .cache_bytes = how.cache_bytes, .patience = how.patience});
  if (!database) throw std::runtime_error(database.error().words());
  if (schema_ == Schema::Migrated) {
    const auto migrated = store::migrate(**database, engine_, FakeClock().now());
    if (!migrated) throw std::runtime_error(migrated.error().words());
  }
  return *std::move(database);
}

}  // namespace waypost::test
