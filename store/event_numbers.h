// Numbers for events that have none yet (PostgreSQL). Lane only; called by bridge/stamper.h, by store/import.h, and by
// tests.

#pragma once

#include <cstddef>

#include "sql/connection.h"

namespace waypost::store {

// Gives the oldest committed events, `most` at most, the next numbers of their workspaces and shows them to readers;
// how many they were. A unit of its own transaction or any other's: two at once do no harm, one of them ends in a Fault
// (the number is taken) and moves nothing. 0 on SQLite, which numbers an event where it is written.
std::size_t number_events(sql::Connection& connection, std::size_t most);

// For an import into SQLite: events that had no number yet on PostgreSQL get the next ones of their workspaces, because
// nobody would number them here. Nothing on PostgreSQL.
void number_moved_events(sql::Connection& connection);

}  // namespace waypost::store
