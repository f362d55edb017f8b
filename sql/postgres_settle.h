// What became of a COMMIT whose answer was lost.
//
// Every transaction that writes leaves a row of its own in the table commit_mark; the row is there if and only if the
// transaction was committed. Its id would not do: a server that crashes gives the ids of transactions that had not
// reached its disk to others, and pg_xact_status then speaks of those; so does a standby that took over without them.
//
// A row is added and the link's last one removed, each by its whole key: a row that is updated again and again is a
// chain that every update walks, as long as the oldest snapshot (an export's) lasts.
//
// Lane only.

#pragma once

#include <cstdint>
#include <string>

#include "sql/postgres_link.h"

namespace waypost::sql {

struct CommitMark {
  std::string link;  // UUID of the link that it was written on
  std::int64_t number = 0;
};

// The marks of one link.
class CommitMarks {
 public:
  // Outside of a transaction: makes the table where it is missing, and removes what links of a day ago left behind.
  // Throws Fault.
  explicit CommitMarks(PostgresLink& link);

  // Into the link's open transaction. Throws Fault.
  CommitMark leave(PostgresLink& link);
  // The transaction was committed.
  void committed(const CommitMark& mark) { last_ = mark.number; }

 private:
  std::string link_;
  std::int64_t drawn_ = 0;
  std::int64_t last_ = 0;  // that is in the table
};

enum class Outcome { Committed, RolledBack, Unknown };

// Asks on connections of its own, again and again, until the server knows or `options.settling` is over. Blocks.
Outcome settle(const PostgresOptions& options, const CommitMark& mark) noexcept;

}  // namespace waypost::sql
