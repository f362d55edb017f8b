#include "store/counters.h"

#include <random>

namespace waypost::store {
namespace {

// As many rows as a total has at most: each is read with every sum.
constexpr std::size_t kSlots = 64;

// Where the slots of this process begin, so that nodes seldom share one. A file that one process has needs no spread.
std::size_t first_slot(sql::Engine engine) {
  static const std::size_t kFirst = std::random_device()() % kSlots;
  return engine == sql::Engine::Postgres ? kFirst : 0;
}

}  // namespace

std::int64_t slot_of(const sql::Connection& connection) {
  return static_cast<std::int64_t>((first_slot(connection.engine()) + connection.lane()) % kSlots);
}

void count(sql::Connection& connection, TenantId tenant, std::string_view kind, std::int64_t by) {
  connection.run(
      "INSERT INTO counter (tenant_id, kind, lane, n) VALUES ($1, $2, $3, $4) "
      "ON CONFLICT (tenant_id, kind, lane) DO UPDATE SET n = counter.n + excluded.n",
      {tenant, kind, slot_of(connection), by});
}

std::int64_t total(sql::Connection& connection, TenantId tenant, std::string_view kind) {
  return connection
      .run("SELECT CAST(COALESCE(sum(n), 0) AS bigint) FROM counter WHERE tenant_id = $1 AND kind = $2", {tenant, kind})
      .front()
      .number(0);
}

}  // namespace waypost::store
