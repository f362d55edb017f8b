#include "store/migrate.h"

#include <array>
#include <string>
#include <string_view>

#include "sql/sqlite_statistics.h"
#include "store/migrations/0001_foundation.h"

namespace waypost::store {
namespace {

// In order; number = place + 1. Append only: a released migration never changes.
constexpr std::array kMigrations{Migration{.ddl = kFoundation, .runs_with = 1}};

constexpr std::string_view kBookkeeping = R"sql(
CREATE TABLE IF NOT EXISTS schema_migration (
  number {bigint} PRIMARY KEY,
  applied_at {bigint} NOT NULL,
  runs_with {bigint} NOT NULL
) {table};
)sql";

struct Schema {
  std::int64_t number = 0;
  std::int64_t runs_with = 0;
};

Schema present_schema(sql::Connection& connection) {
  const auto rows = connection.run("SELECT number, runs_with FROM schema_migration ORDER BY number DESC LIMIT 1");
  if (rows.empty()) return {};
  return {.number = rows.front().number(0), .runs_with = rows.front().number(1)};
}

Result<void> demand_known(const Schema& present, std::int64_t known) {
  if (present.number <= known || present.runs_with <= known) return {};
  return fail(ErrorKind::Rejected, "the store has schema " + std::to_string(present.number) + ", this release knows " +
                                       std::to_string(known) + ": start the newer release");
}

Result<void> bring_up(sql::Connection& connection, sql::Engine engine, Time now) {
  sql::lock_schema(connection);  // nodes that start together migrate once
  connection.script(sql::in_dialect(engine, kBookkeeping));
  const auto known = static_cast<std::int64_t>(kMigrations.size());
  const auto present = present_schema(connection);
  if (auto can_run = demand_known(present, known); !can_run) return can_run;
  for (auto next = present.number; next < known; ++next) {
    const auto& migration = kMigrations.at(static_cast<std::size_t>(next));
    connection.script(sql::in_dialect(engine, migration.ddl));
    connection.run("INSERT INTO schema_migration (number, applied_at, runs_with) VALUES ($1, $2, $3)",
                   {next + 1, now, migration.runs_with});
  }
  if (engine == sql::Engine::Sqlite && present.number < known) sql::write_statistics(connection);
  return {};
}

}  // namespace

Result<void> migrate(sql::Database& database, sql::Engine engine, Time now) {
  return database.write_and_wait(0, [=](sql::Connection& connection) { return bring_up(connection, engine, now); });
}

std::int64_t schema_number(sql::Connection& connection) {
  return connection.run("SELECT COALESCE(max(number), 0) FROM schema_migration").front().number(0);
}

std::span<const Migration> migrations() { return kMigrations; }

}  // namespace waypost::store
