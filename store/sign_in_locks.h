// The guard against guessing passwords: five failed sign-ins of one email from one address lock the pair for fifteen
// minutes; a good one forgets them. Kept in the store, so that a restart forgives nothing. Lane only.

#pragma once

#include <chrono>
#include <string_view>

#include "base/error.h"
#include "sql/connection.h"

namespace waypost::store {

inline constexpr int kSignInFailures = 5;
inline constexpr std::chrono::minutes kSignInLock{15};

// Counts an attempt before its password is looked at, so that attempts side by side cannot outrun the count. True: go
// on; false: the pair is locked. Failures older than the lock lasts are forgotten. `key`: 32 bytes, SHA-256 of email
// and address.
bool begin_sign_in(sql::Connection& connection, std::string_view key, Time now);
// How long the pair stays locked; zero when it is not.
milliseconds locked_for(sql::Connection& connection, std::string_view key, Time now);
// The sign-in was good.
void forget_failures(sql::Connection& connection, std::string_view key);

}  // namespace waypost::store
