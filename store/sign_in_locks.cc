#include "store/sign_in_locks.h"

#include <optional>

namespace waypost::store {

milliseconds locked_for(sql::Connection& connection, std::string_view key, Time now) {
  const auto rows = connection.run("SELECT locked_until FROM sign_in_lock WHERE key = $1", {sql::Bytes{key}});
  if (rows.empty() || rows.front().is_null(0)) return milliseconds(0);
  const auto until = rows.front().time(0);
  return until > now ? until - now : milliseconds(0);
}

bool begin_sign_in(sql::Connection& connection, std::string_view key, Time now) {
  if (locked_for(connection, key, now) > milliseconds(0)) return false;
  connection.run("DELETE FROM sign_in_lock WHERE updated_at <= $1", {now - kSignInLock});
  const auto rows = connection.run(
      "INSERT INTO sign_in_lock (key, failures, updated_at) VALUES ($1, 1, $2) "
      "ON CONFLICT (key) DO UPDATE SET failures = sign_in_lock.failures + 1, updated_at = excluded.updated_at "
      "RETURNING failures",
      {sql::Bytes{key}, now});
  if (rows.front().number(0) >= kSignInFailures) {
    connection.run("UPDATE sign_in_lock SET locked_until = $2 WHERE key = $1", {sql::Bytes{key}, now + kSignInLock});
  }
  return true;
}

void forget_failures(sql::Connection& connection, std::string_view key) {
  connection.run("DELETE FROM sign_in_lock WHERE key = $1", {sql::Bytes{key}});
}

}  // namespace waypost::store
