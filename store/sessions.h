// Sessions: a person who signed in, known by the hash of a cookie. Lane only.
//
// Each token lives a fixed time from its making (7 days). A token used a day after its last renewal gets a successor
// of the same sign-in, so that a browser that stores cookies stays signed in, and a script with a fixed cookie goes on
// until its token's own end. Signing out ends every token of the sign-in.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sql/connection.h"

namespace waypost::store {

using SessionId = Id<struct SessionTag>;  // one sign-in

struct Session {
  SessionId id{};
  UserId user{};
  Time created_at{};
  Time refreshed_at{};  // when its latest successor was made
  Time expires_at{};
};

// `token_hash`: 32 bytes, SHA-256 of the cookie's value. Deletes what has ended of the same person.
void create_session(sql::Connection& connection, std::string_view token_hash, const Session& session, Time now);
// Not ended yet.
std::optional<Session> find_session(sql::Connection& connection, std::string_view token_hash, Time now);
// Makes `successor` with its own end. False when somebody else did so since `session` was read.
bool renew_session(sql::Connection& connection, std::string_view token_hash, const Session& session,
                   std::string_view successor_hash, Time expires_at, Time now);
// Ends every token of the sign-in. False when there was none.
bool end_session(sql::Connection& connection, std::string_view token_hash);

}  // namespace waypost::store
