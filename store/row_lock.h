// Whether a SELECT locks the rows that it finds. Lane only.

#pragma once

#include <string>
#include <utility>

#include "sql/dialect.h"

namespace waypost::store {

// UntilCommit: the rows are as committed when the statement returns, and nobody else changes them before this
// transaction ends. Nothing on SQLite, whose write lane is alone. In which order locks are taken: store/locks.h.
enum class Lock { None, UntilCommit };

// A SELECT's text with and without the lock. Made once: a connection finds its prepared statement by where the text
// stands.
class LockableText {
 public:
  explicit LockableText(std::string select)
      : plain_(std::move(select)), locking_(plain_ + std::string(sql::for_update(sql::Engine::Postgres))) {}
  const std::string& of(sql::Engine engine, Lock lock) const {
    return lock == Lock::None || engine == sql::Engine::Sqlite ? plain_ : locking_;
  }

 private:
  const std::string plain_;
  const std::string locking_;
};

}  // namespace waypost::store
