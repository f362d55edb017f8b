// Journal cursors: how far the applier has carried a journal into the store. Lane only.

#pragma once

#include <cstdint>
#include <optional>

#include "sql/connection.h"

namespace waypost::store {

// Low-water marks: all up to them is applied.
struct Marks {
  std::uint64_t messages = 0;  // all but statuses
  std::uint64_t statuses = 0;
  bool operator==(const Marks&) const = default;
};

// 0, 0 for a journal not known yet.
Marks load_marks(sql::Connection& connection, JournalId journal);

struct MarksMove {
  Marks from{};
  Marks to{};
  // Every status that this journal took before is applied. Nothing: the journal is closed, and all of it is applied.
  std::optional<Time> applied_until{};
};

// Compare and set; from and to may be equal. False, and nothing written, when they stand elsewhere than `from`: another
// applier carries this journal too.
bool move_marks(sql::Connection& connection, JournalId journal, const MarksMove& move, Time now);

// Up to when the statuses of every node are applied. A journal that nobody has carried on since `fresh_after` does not
// count: its node is gone for good, and would hold back the others for ever. Nothing when none counts.
std::optional<Time> applied_until_of_all(sql::Connection& connection, Time fresh_after);

}  // namespace waypost::store
