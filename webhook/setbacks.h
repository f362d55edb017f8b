// What becomes of an update that the store did not take. The decision only; webhook/apply_stream.cc acts.
//
//   Halt   the stream stops behind the update, and all of it is tried again in order: the store is away (law 3)
//   Aside  the update alone is tried again later, the others go on: it cannot get what others hold
//   Bury   the update becomes a dead letter: what it holds cannot be stored
//
// The store says itself whether it is away: an Unavailable with sql::kContended comes from a store that answers, and
// only from one. Even then the update is not to blame while nothing else gets through either (a table is locked,
// somebody migrates), so it is buried only when others were applied between its last two tries.

#pragma once

#include <cstddef>

#include "base/error.h"

namespace waypost {

// Tries of one update that failed for another reason than a store that is away.
struct Setbacks {
  int lost_races = 0;               // for a unique key
  int contended = 0;                // each is a lane's whole patience
  std::size_t applied_by_then = 0;  // updates the stream had applied at the last of them
};

enum class NextTry { Halt, Aside, Bury };

inline constexpr int kLostRaces = 3;     // tried again as often; a row that is there by then stays there
inline constexpr int kHaltingTries = 4;  // contended tries for which the others wait, to keep the order
inline constexpr int kContendedTries = 8;

// Of an update that failed with `error`; `so_far` is without it.
NextTry next_try(const Error& error, const Setbacks& so_far, std::size_t applied);
// The store did not answer, or nobody knows what it did: no update is to blame.
bool is_away(const Error& error);
// Whether it is Halt, which a lane must know at once and without the stream's count.
bool halts(const Error& error, const Setbacks& so_far);
// With this failure counted.
Setbacks counted(const Error& error, Setbacks so_far, std::size_t applied);

}  // namespace waypost
