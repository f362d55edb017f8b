// Session: a Connection with transactions, what a lane needs of an engine. SQLite's is opened by sqlite_session.h,
// PostgreSQL's by postgres_session.h. One thread at a time.

#pragma once

#include "sql/connection.h"

namespace waypost::sql {

class Session : public Connection {
 public:
  // Opens a transaction; for writing, unless the session only reads. Throws Fault, and then none is open.
  virtual void begin() = 0;
  // Everything since begin() is durable when this returns. Throws Fault, also when the engine has given the
  // transaction up meanwhile; call rollback() then: nothing of it is kept, unless the kind is Unsettled.
  virtual void commit() = 0;
  // Ends the transaction, if one is open. Savepoints end with it.
  virtual void rollback() noexcept = 0;

  // What insert() kept back is inserted when this returns, so that its faults are the last unit's. Throws Fault.
  virtual void insert_pending() {}

  // One savepoint at a time, inside a transaction: keep what came since, or undo it. Throw Fault.
  virtual void savepoint() = 0;
  virtual void keep_savepoint() = 0;
  virtual void undo_savepoint() = 0;
};

}  // namespace waypost::sql
