// A Session on PostgreSQL, for lanes and for tests.
//
// It connects when it is first needed, and again at begin() after its connection broke; begin() throws Unavailable when
// it cannot. Write sessions run READ COMMITTED, sessions that read a snapshot: REPEATABLE READ, READ ONLY.
//
//   COMMIT ──answer──▶ done
//      │ no answer: the connection broke, or the server does not answer
//      ▼
//   asked for on another connection ──committed──▶ commit() returns
//                                   ├─rolled back──▶ Contention: the batch runs again
//                                   └─nobody can say within the patience──▶ Unsettled

#pragma once

#include <memory>

#include "base/error.h"
#include "sql/postgres_link.h"
#include "sql/session.h"

namespace waypost::sql {

// InvalidInput when the URL cannot be read; no server is asked.
Result<std::unique_ptr<Session>> make_postgres_session(const PostgresOptions& options);

}  // namespace waypost::sql
