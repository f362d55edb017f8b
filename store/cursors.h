// Journal cursors: how far the applier has carried a journal into the store. Lane only.

#pragma once

#include <cstdint>

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
};

// Compare and set. False, and nothing written, when they stand elsewhere than `from`: another applier carries this
// journal too.
bool move_marks(sql::Connection& connection, JournalId journal, const MarksMove& move, Time now);

}  // namespace waypost::store
