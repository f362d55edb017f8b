#include "store/counters.h"

#include <functional>
#include <thread>

namespace waypost::store {
namespace {

// One slot a lane: two lanes never write the same row.
std::int64_t slot() {
  static thread_local const auto mine =
      static_cast<std::int64_t>(std::hash<std::thread::id>()(std::this_thread::get_id()) % 16);
  return mine;
}

}  // namespace

void count(sql::Connection& connection, TenantId tenant, std::string_view kind, std::int64_t by) {
  connection.run(
      "INSERT INTO counter (tenant_id, kind, lane, n) VALUES ($1, $2, $3, $4) "
      "ON CONFLICT (tenant_id, kind, lane) DO UPDATE SET n = counter.n + excluded.n",
      {tenant, kind, slot(), by});
}

std::int64_t total(sql::Connection& connection, TenantId tenant, std::string_view kind) {
  return connection
      .run("SELECT CAST(COALESCE(sum(n), 0) AS bigint) FROM counter WHERE tenant_id = $1 AND kind = $2", {tenant, kind})
      .front()
      .number(0);
}

}  // namespace waypost::store
