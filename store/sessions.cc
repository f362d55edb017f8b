#include "store/sessions.h"

#include "sql/dialect.h"

namespace waypost::store {
namespace {

void insert_session(sql::Connection& connection, std::string_view token_hash, const Session& session) {
  connection.run(
      "INSERT INTO session (token_hash, id, user_id, created_at, refreshed_at, expires_at) "
      "VALUES ($1, $2, $3, $4, $5, $6)",
      {sql::Bytes{token_hash}, session.id, session.user, session.created_at, session.refreshed_at, session.expires_at});
}

}  // namespace

void create_session(sql::Connection& connection, std::string_view token_hash, const Session& session, Time now) {
  connection.run("DELETE FROM session WHERE user_id = $1 AND expires_at <= $2", {session.user, now});
  insert_session(connection, token_hash, session);
}

std::optional<Session> find_session(sql::Connection& connection, std::string_view token_hash, Time now) {
  const auto rows = connection.run(
      "SELECT id, user_id, created_at, refreshed_at, expires_at FROM session WHERE token_hash = $1 AND expires_at > $2",
      {sql::Bytes{token_hash}, now});
  if (rows.empty()) return std::nullopt;
  const auto row = rows.front();
  return Session{.id = row.id<SessionId>(0),
                 .user = row.id<UserId>(1),
                 .created_at = row.time(2),
                 .refreshed_at = row.time(3),
                 .expires_at = row.time(4)};
}

bool renew_session(sql::Connection& connection, std::string_view token_hash, const Session& session,
                   std::string_view successor_hash, Time expires_at, Time now) {
  const auto rows = connection.run("UPDATE session SET refreshed_at = $2 WHERE token_hash = $1 AND refreshed_at = $3",
                                   {sql::Bytes{token_hash}, now, session.refreshed_at});
  if (rows.changed() == 0) return false;
  insert_session(connection, successor_hash,
                 {.id = session.id,
                  .user = session.user,
                  .created_at = session.created_at,
                  .refreshed_at = now,
                  .expires_at = expires_at});
  return true;
}

// The tokens are locked before they are deleted: a renewal under way is waited for, and the DELETE, a statement of its
// own, sees the successor it made.
bool end_session(sql::Connection& connection, std::string_view token_hash) {
  const auto rows = connection.run("SELECT user_id, id FROM session WHERE token_hash = $1", {sql::Bytes{token_hash}});
  if (rows.empty()) return false;
  const auto user = rows.front().id<UserId>(0);
  const auto sign_in = rows.front().id<SessionId>(1);
  const std::string lock = "SELECT token_hash FROM session WHERE user_id = $1 AND id = $2 ORDER BY token_hash" +
                           std::string(sql::for_update(connection.engine()));
  connection.run(lock, {user, sign_in});
  return connection.run("DELETE FROM session WHERE user_id = $1 AND id = $2", {user, sign_in}).changed() > 0;
}

}  // namespace waypost::store
