#include "sql/sqlite_fault.h"

#include <sqlite3.h>

#include <string>

namespace waypost::sql {
namespace {

// Primary codes hold the low byte. A damaged file is no fault of the data: it must not turn good items into dead
// letters, so it stops the lane like a disk that fails.
FaultKind kind_of(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return FaultKind::Contention;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
    case SQLITE_PROTOCOL:
    case SQLITE_INTERRUPT:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_PERM:
    case SQLITE_NOLFS:
      return FaultKind::Unavailable;
    case SQLITE_READONLY:
      // Plain: a write on a session that only reads. Extended: the file or its folder cannot be written.
      return code == SQLITE_READONLY ? FaultKind::Data : FaultKind::Unavailable;
    default:
      return FaultKind::Data;
  }
}

ErrorKind answer_of(int code) {
  if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY) return ErrorKind::Conflict;
  const int primary = code & 0xff;
  const bool damaged = primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
  return damaged || kind_of(code) == FaultKind::Data ? ErrorKind::Internal : ErrorKind::Unavailable;
}

}  // namespace

Fault sqlite_fault(int code, std::string_view words, std::string_view text) {
  constexpr std::size_t kShown = 80;  // enough to find the statement again
  std::string all(words);
  if (!text.empty()) all.append(" in: ").append(text.substr(0, kShown));
  return {kind_of(code), all, answer_of(code)};
}

}  // namespace waypost::sql
