#include "journal/reader.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "sql/sqlite_session.h"

namespace waypost {
namespace {

// The position up to which the bodies fit; `after` when there is nothing. SQLite tells a body's length without reading
// it.
JournalPosition fitting_end(sql::Session& session, const ReadBounds& bounds) {
  const auto rows = session.run(
      "SELECT sequence, length(body) FROM record WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence LIMIT $3",
      {bounds.after, bounds.end, std::max<std::uint64_t>(bounds.most_records, 1)});
  JournalPosition end = bounds.after;
  std::size_t bytes = 0;
  for (const sql::Row row : rows) {
    bytes += static_cast<std::size_t>(row.number(1));
    if (bytes > bounds.most_bytes && end != bounds.after) break;
    end = static_cast<JournalPosition>(row.number(0));
  }
  return end;
}

std::vector<JournalRecord> read_file(sql::Session& session, const ReadBounds& bounds) {
  std::vector<JournalRecord> records;
  const auto end = fitting_end(session, bounds);
  if (end == bounds.after) return records;
  const auto rows = session.run(
      "SELECT sequence, received_at, app, body FROM record WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence",
      {bounds.after, end});
  records.reserve(rows.size());
  for (const sql::Row row : rows) {
    records.push_back({.sequence = static_cast<JournalPosition>(row.number(0)),
                       .received_at = row.time(1),
                       .app = row.text(2),
                       .body = row.bytes(3)});
  }
  return records;
}

}  // namespace

Result<std::vector<JournalRecord>> JournalReader::read(ReadBounds bounds) {
  const std::scoped_lock lock(mutex_);
  try {
    return read_across(bounds);
  } catch (const sql::Fault& fault) {
    session_.reset();
    return fail(fault.error().during("reading the journal"));
  } catch (const std::logic_error& misread) {
    session_.reset();
    return fail(Error(ErrorKind::Internal, misread.what()).during("reading the journal"));
  }
}

std::vector<JournalRecord> JournalReader::read_across(ReadBounds bounds) {
  auto file = bounds.after < bounds.end ? index_.file_behind(bounds.after) : std::nullopt;
  while (file) {
    auto records = read_file(session_of(file->day), bounds);
    if (!records.empty()) return records;
    // The rest of this file is missing: somebody took files away. Go on with what there is.
    file = index_.file_after(file->day);
  }
  return {};
}

sql::Session& JournalReader::session_of(Day day) {
  if (session_ && day_ == day) return *session_;
  session_.reset();
  auto opened = sql::open_sqlite_session({.path = folder_.path_of(day), .access = sql::Access::Read, .vfs = vfs_});
  if (!opened) throw sql::Fault(sql::FaultKind::Unavailable, opened.error().words(), opened.error().kind());
  session_ = std::move(*opened);
  day_ = day;
  return *session_;
}

void JournalReader::close(Day day) {
  const std::scoped_lock lock(mutex_);
  if (day_ == day) session_.reset();
}

}  // namespace waypost
