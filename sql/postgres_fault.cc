#include "sql/postgres_fault.h"

#include <algorithm>
#include <array>

namespace waypost::sql {
namespace {

// https://www.postgresql.org/docs/15/errcodes-appendix.html
constexpr std::string_view kProtocolViolation = "08P01";  // too few values for the parameters
constexpr std::string_view kLockNotAvailable = "55P03";
constexpr std::string_view kObjectInUse = "55006";
constexpr std::string_view kReadOnlyTransaction = "25006";
constexpr std::string_view kIdleInTransaction = "25P03";
constexpr std::string_view kUniqueViolation = "23505";
constexpr std::string_view kExclusionViolation = "23P01";
constexpr std::array kDamaged = {std::string_view("XX001"), std::string_view("XX002")};

bool is_damaged(std::string_view sqlstate) { return std::ranges::find(kDamaged, sqlstate) != kDamaged.end(); }

FaultKind kind_of(std::string_view sqlstate, SessionUse use) {
  const auto group = sqlstate.substr(0, 2);
  if (group == "40" || group == "72" || sqlstate == kLockNotAvailable || sqlstate == kObjectInUse) {
    return FaultKind::Contention;
  }
  // A server that only reads: a standby, or one that somebody has set so. On a session that only reads, the unit's.
  if (sqlstate == kReadOnlyTransaction) return use == SessionUse::Write ? FaultKind::Unavailable : FaultKind::Data;
  if (sqlstate == kProtocolViolation) return FaultKind::Data;
  if (sqlstate == kIdleInTransaction || is_damaged(sqlstate)) return FaultKind::Unavailable;
  // Connection, sign-in, no such database, resources, shutdown and time-outs, I/O.
  constexpr std::array<std::string_view, 7> kServer = {"08", "28", "3D", "53", "57", "58", "F0"};
  if (std::ranges::find(kServer, group) != kServer.end()) return FaultKind::Unavailable;
  return FaultKind::Data;
}

ErrorKind answer_of(std::string_view sqlstate, FaultKind kind) {
  if (sqlstate == kUniqueViolation || sqlstate == kExclusionViolation) return ErrorKind::Conflict;
  if (kind == FaultKind::Data || is_damaged(sqlstate)) return ErrorKind::Internal;
  return ErrorKind::Unavailable;
}

std::string words_of(const ServerError& error) {
  std::string words = "SQLSTATE " + std::string(error.sqlstate);
  const auto group = error.sqlstate.substr(0, 2);
  if (group != "22" && group != "23") return words.append(": ").append(error.message);
  if (!error.constraint.empty()) return words.append(", ").append(error.constraint);
  if (!error.table.empty()) return words.append(", table ").append(error.table);
  return words;
}

}  // namespace

Fault postgres_fault(const ServerError& error, std::string_view text, SessionUse use) {
  const auto kind = kind_of(error.sqlstate, use);
  return {kind, words_of(error) + in_statement(text), answer_of(error.sqlstate, kind)};
}

std::string in_statement(std::string_view text) {
  constexpr std::size_t kShown = 80;  // enough to find the statement again
  return text.empty() ? "" : " in: " + std::string(text.substr(0, kShown));
}

Fault lost_connection(std::string_view words) { return {FaultKind::Unavailable, "PostgreSQL: " + std::string(words)}; }

std::string without_quotes(std::string_view libpq_words) {
  std::string shown;
  bool inside = false;
  for (const char c : libpq_words.substr(0, libpq_words.find('\n'))) {
    if (c == '"') {
      if (!inside) shown += "\"…\"";
      inside = !inside;
    } else if (!inside) {
      shown += c;
    }
  }
  return shown;
}

}  // namespace waypost::sql
