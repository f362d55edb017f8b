#include "journal/day_file.h"

#include <utility>

#include "sql/sqlite_session.h"

namespace waypost {
namespace {

// A body is about 1.2 kB and a commit holds a few dozen: in pages of 16 kB these are a quarter of the writes that they
// are in SQLite's 4 kB.
constexpr int kPageBytes = 16'384;
// A commit copies the WAL into the file every 64 MiB: rarer than SQLite's 4 MB, because each copy syncs twice.
constexpr int kCheckpointPages = 4'096;

Error broken(const std::string& why) { return {ErrorKind::Internal, why}; }

std::optional<DayFileHead> head_of(sql::Session& session) {
  const auto made = session.run("SELECT 1 FROM sqlite_master WHERE name = 'journal'");
  if (made.empty()) return std::nullopt;
  const auto row = session.run("SELECT id, first, (SELECT max(sequence) FROM record) FROM journal");
  if (row.empty()) throw sql::Fault(sql::FaultKind::Unavailable, "table journal is empty", ErrorKind::Internal);
  const auto id = JournalId::parse(row.front().text(0));
  if (!id) throw sql::Fault(sql::FaultKind::Unavailable, "table journal holds no id", ErrorKind::Internal);
  DayFileHead head{.id = *id, .first = static_cast<JournalPosition>(row.front().number(1))};
  const auto last = row.front().maybe_number(2);
  head.end = last ? static_cast<JournalPosition>(*last) : head.first - 1;
  return head;
}

DayFileHead make(sql::Session& session, const JournalId& id, JournalPosition first) {
  session.begin();
  session.run("CREATE TABLE journal(id TEXT NOT NULL, first INTEGER NOT NULL) STRICT");
  session.run(
      "CREATE TABLE record(sequence INTEGER PRIMARY KEY, received_at INTEGER NOT NULL, app TEXT NOT NULL, "
      "body BLOB NOT NULL) STRICT");
  session.run("INSERT INTO journal(id, first) VALUES ($1, $2)", {id.text(), first});
  session.commit();
  return {.id = id, .first = first, .end = first - 1};
}

// A session's words for the caller. What is no Fault here is a file that somebody else has written.
template <class Work>
auto guarded(const std::string& path, Work work) -> Result<decltype(work())> {
  try {
    return work();
  } catch (const sql::Fault& fault) {
    return fail(fault.error().during(path));
  } catch (const std::logic_error& misread) {
    return fail(broken(misread.what()).during(path));
  }
}

}  // namespace

Result<std::optional<DayFileHead>> read_day_file_head(const DayFilePlace& place) {
  auto session = sql::open_sqlite_session({.path = place.path, .access = sql::Access::Read, .vfs = place.vfs});
  if (!session) return fail(std::move(session.error()));
  return guarded(place.path, [&] { return head_of(**session); });
}

Result<std::unique_ptr<DayFile>> DayFile::open(const DayFilePlace& place, const JournalId& id, JournalPosition first) {
  auto session = sql::open_sqlite_session(
      {.path = place.path, .vfs = place.vfs, .page_bytes = kPageBytes, .checkpoint_pages = kCheckpointPages});
  if (!session) return fail(std::move(session.error()));
  auto head = guarded(place.path, [&] {
    const auto known = head_of(**session);
    return known ? *known : make(**session, id, first);
  });
  if (!head) return fail(std::move(head.error()));
  return std::unique_ptr<DayFile>(new DayFile(std::move(*session), *head));
}

Result<void> DayFile::append(std::span<const NewRecord> records) {
  JournalPosition next = head_.end;
  try {
    session_->begin();
    for (const NewRecord& record : records) {
      session_->run("INSERT INTO record(sequence, received_at, app, body) VALUES ($1, $2, $3, $4)",
                    {++next, record.received_at, record.app, sql::Bytes{record.body}});
    }
    session_->commit();
  } catch (const sql::Fault& fault) {
    session_->rollback();
    return fail(ErrorKind::Unavailable, fault.what());
  }
  head_.end = next;
  return {};
}

}  // namespace waypost
