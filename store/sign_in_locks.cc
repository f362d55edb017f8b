#include "store/sign_in_locks.h"

#include <optional>

namespace waypost::store {

milliseconds locked_for(sql::Connection& connection, std::string_view key, Time now) {
  const auto rows = connection.run("SELECT locked_until FROM sign_in_lock WHERE key = $1", {sql::Bytes{key}});
  if (rows.empty() || rows.front().is_null(0)) return milliseconds(0);
  const auto until = rows.front().time(0);
  return until > now ? until - now : milliseconds(0);
}

// One statement, so that of attempts side by side each is counted behind the other. No row: the pair is locked.
bool begin_sign_in(sql::Connection& connection, std::string_view key, Time now) {
  const auto rows = connection.run(
      "INSERT INTO sign_in_lock (key, failures, updated_at) VALUES ($1, 1, $2) ON CONFLICT (key) DO UPDATE SET "
      "failures = CASE WHEN sign_in_lock.locked_until IS NULL AND sign_in_lock.updated_at > $5 "
      "THEN sign_in_lock.failures + 1 ELSE 1 END, "
      "locked_until = CASE WHEN sign_in_lock.locked_until IS NULL AND sign_in_lock.updated_at > $5 AND "
      "sign_in_lock.failures + 1 >= $4 THEN CAST($3 AS bigint) ELSE NULL END, "
      "updated_at = excluded.updated_at "
      "WHERE sign_in_lock.locked_until IS NULL OR sign_in_lock.locked_until <= $2 RETURNING failures",
      {sql::Bytes{key}, now, now + kSignInLock, kSignInFailures, now - kSignInLock});
  return !rows.empty();
}

void forget_failures(sql::Connection& connection, std::string_view key) {
  connection.run("DELETE FROM sign_in_lock WHERE key = $1", {sql::Bytes{key}});
}

}  // namespace waypost::store
