// What became of a COMMIT whose answer was lost. Lane only.

#pragma once

#include <string>

#include "sql/postgres_link.h"

namespace waypost::sql {

// How a transaction is found again: its id, and the server's timeline, because after a failover to a server that had
// not received it the same id may be another transaction's.
struct WrittenTransaction {
  std::string id;
  std::string timeline;
};

// Of the link's open transaction; an empty id when it wrote nothing. Throws Fault.
WrittenTransaction written_transaction(PostgresLink& link);

enum class Outcome { Committed, RolledBack, Unknown };

// Asks on connections of its own, again and again, until the server knows or `options.settling` is over. Blocks.
Outcome settle(const PostgresOptions& options, const WrittenTransaction& transaction) noexcept;

}  // namespace waypost::sql
