#include "store/leases.h"

namespace waypost::store {
namespace {

std::optional<std::int64_t> version_of(const sql::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return rows.front().number(0);
}

}  // namespace

LeaseRow look_at_lease(sql::Connection& connection, std::string_view name) {
  const auto rows = connection.run("SELECT holder, version FROM lease WHERE name = $1", {name});
  if (rows.empty()) return {};
  return {.holder = rows.front().text(0), .version = rows.front().number(1)};
}

std::optional<std::int64_t> take_lease(sql::Connection& connection, const LeaseClaim& claim) {
  if (claim.version == 0) {
    return version_of(
        connection.run("INSERT INTO lease (name, holder, version, expires_at) VALUES ($1, $2, 1, $3) "
                       "ON CONFLICT (name) DO NOTHING RETURNING version",
                       {claim.name, claim.holder, claim.expires_at}));
  }
  return version_of(
      connection.run("UPDATE lease SET holder = $2, version = version + 1, expires_at = $4 "
                     "WHERE name = $1 AND version = $3 RETURNING version",
                     {claim.name, claim.holder, claim.version, claim.expires_at}));
}

std::optional<std::int64_t> renew_lease(sql::Connection& connection, const LeaseClaim& claim) {
  return version_of(
      connection.run("UPDATE lease SET version = version + 1, expires_at = $4 "
                     "WHERE name = $1 AND holder = $2 AND version >= $3 RETURNING version",
                     {claim.name, claim.holder, claim.version, claim.expires_at}));
}

bool release_lease(sql::Connection& connection, const LeaseClaim& claim) {
  return connection
             .run(
                 "UPDATE lease SET holder = '', version = version + 1, expires_at = $4 "
                 "WHERE name = $1 AND holder = $2 AND version >= $3",
                 {claim.name, claim.holder, claim.version, claim.expires_at})
             .changed() > 0;
}

void release_leases_of(sql::Connection& connection, std::string_view holder) {
  connection.run("UPDATE lease SET holder = '', version = version + 1 WHERE holder = $1", {holder});
}

}  // namespace waypost::store
