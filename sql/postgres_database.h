// The PostgreSQL engine: several write lanes, each with a connection of its own, and lanes that read. A key's writes go
// to one lane, so they keep their order; other keys' run beside them, and rows that two lanes want are the server's to
// sort out (Contention).

#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/secret.h"
#include "sql/database.h"
#include "sql/postgres_link.h"

namespace waypost::sql {

struct PostgresSettings {
  Secret url = {};
  std::size_t writers = 4;
  std::size_t readers = 2;
  // Most units in one transaction; 8 at least. A batch holds the locks of all its units until its commit, and beyond 64
  // savepoints PostgreSQL's snapshots get slow for everybody.
  std::size_t batch_units = 64;
  std::size_t mailbox_units = 100'000;        // of all write lanes, and of the readers; beyond: Unavailable at once
  std::chrono::milliseconds patience{5'000};  // how long callers wait for a server that is away
  std::string application_name = "waypost";
  PostgresTimeouts timeouts = {};
  std::chrono::milliseconds settling{30'000};  // how long the outcome of a lost COMMIT is asked for
};

// Starts the lanes; they connect when they have work, so a server that is down is no error here. InvalidInput when the
// URL cannot be read.
Result<std::unique_ptr<Database>> open_postgres(const PostgresSettings& settings);

}  // namespace waypost::sql
