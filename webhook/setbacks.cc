#include "webhook/setbacks.h"

#include "sql/database.h"

namespace waypost {
namespace {

bool is_contended(const Error& error) {
  return error.kind() == ErrorKind::Unavailable && error.code() == sql::kContended;
}

}  // namespace

bool is_away(const Error& error) { return error.kind() == ErrorKind::Unavailable && !is_contended(error); }

bool halts(const Error& error, const Setbacks& so_far) {
  if (is_contended(error)) return so_far.contended < kHaltingTries;
  if (error.kind() == ErrorKind::Conflict) return so_far.lost_races < kLostRaces;
  return error.kind() == ErrorKind::Unavailable;
}

NextTry next_try(const Error& error, const Setbacks& so_far, std::size_t applied) {
  if (halts(error, so_far)) return NextTry::Halt;
  if (!is_contended(error)) return NextTry::Bury;
  const bool others_get_through = applied > so_far.applied_by_then;
  return so_far.contended + 1 >= kContendedTries && others_get_through ? NextTry::Bury : NextTry::Aside;
}

Setbacks counted(const Error& error, Setbacks so_far, std::size_t applied) {
  if (error.kind() == ErrorKind::Conflict) ++so_far.lost_races;
  if (!is_contended(error)) return so_far;
  ++so_far.contended;
  so_far.applied_by_then = applied;
  return so_far;
}

}  // namespace waypost
