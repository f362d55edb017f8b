#include "store/migrate.h"

#include <array>
#include <string>
#include <string_view>

#include "sql/sqlite_statistics.h"
#include "store/migrations/0001_foundation.h"

namespace waypost::store {
namespace {

// In order; number = place + 1. Append only: a released migration never changes.
constexpr std::array<std::string_view, 1> kMigrations{kFoundation};

constexpr std::string_view kBookkeeping = R"sql(
CREATE TABLE IF NOT EXISTS schema_migration (
  number {bigint} PRIMARY KEY,
  applied_at {bigint} NOT NULL
) {table};
)sql";

Result<void> bring_up(sql::Connection& connection, sql::Engine engine, Time now) {
  sql::lock_schema(connection);  // nodes that start together migrate once
  connection.script(sql::in_dialect(engine, kBookkeeping));
  const auto known = static_cast<std::int64_t>(kMigrations.size());
  const auto present = schema_number(connection);
  if (present > known) {
    return fail(ErrorKind::Rejected, "the store has schema " + std::to_string(present) + ", this release knows " +
                                         std::to_string(known) + ": start the newer release");
  }
  for (auto next = present; next < known; ++next) {
    connection.script(sql::in_dialect(engine, kMigrations.at(static_cast<std::size_t>(next))));
    connection.run("INSERT INTO schema_migration (number, applied_at) VALUES ($1, $2)", {next + 1, now});
  }
  if (engine == sql::Engine::Sqlite && present < known) sql::write_statistics(connection);
  return {};
}

}  // namespace

Result<void> migrate(sql::Database& database, sql::Engine engine, Time now) {
  return database.write_and_wait(0, [=](sql::Connection& connection) { return bring_up(connection, engine, now); });
}

std::int64_t schema_number(sql::Connection& connection) {
  return connection.run("SELECT COALESCE(max(number), 0) FROM schema_migration").front().number(0);
}

std::span<const std::string_view> migrations() { return kMigrations; }

}  // namespace waypost::store
