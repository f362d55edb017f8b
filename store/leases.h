// Leases of single jobs: rows changed by CAS. A lease is a matter of efficiency and of whose turn it is; what must be
// safe is fenced by the version, in the unit that writes. Lane only. Who holds one and for how long is lease_watch.h's.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sql/connection.h"

namespace waypost::store {

struct LeaseRow {
  std::string holder{};      // empty: released
  std::int64_t version = 0;  // moves with every change, and never goes back; 0: never taken
};

LeaseRow look_at_lease(sql::Connection& connection, std::string_view name);

// What take, renew and release say; `expires_at` is for people.
struct LeaseClaim {
  std::string_view name{};
  std::string_view holder{};  // unique to a process
  std::int64_t version = 0;   // take: the one that was looked at; else any that this holder was given
  Time expires_at{};
};

// The new version when nobody changed the lease since it was looked at; nothing otherwise.
std::optional<std::int64_t> take_lease(sql::Connection& connection, const LeaseClaim& claim);
// The new version while the holder still has it. In a unit it is the fence too: nobody can take the lease before the
// unit's commit, and nothing is answered when it was taken before.
std::optional<std::int64_t> renew_lease(sql::Connection& connection, const LeaseClaim& claim);
// False when it was somebody else's already. The row stays, so that versions never begin anew.
bool release_lease(sql::Connection& connection, const LeaseClaim& claim);

// All that a process holds which is known to be dead.
void release_leases_of(sql::Connection& connection, std::string_view holder);

}  // namespace waypost::store
