// One day's file of a journal, open for appending; and what a closed one says about itself. Journal lane only, once
// opened.

#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "journal/journal.h"
#include "sql/session.h"

namespace waypost {

struct DayFilePlace {
  std::string path;
  std::string vfs = {};  // empty: the default one
};

// Table journal(id, first): one row, written with the file's schema. `first` is the position that the file begins at,
// so that the sequence goes on also behind an empty file.
struct DayFileHead {
  JournalId id;
  JournalPosition first = 0;
  JournalPosition end = 0;  // of its last record; first - 1 when it has none
};

// Nothing when the file's making was cut short: then it holds no record. Internal when it is damaged.
Result<std::optional<DayFileHead>> read_day_file_head(const DayFilePlace& place);

// What an appender hands over; borrowed.
struct NewRecord {
  Time received_at;
  std::string_view app;
  std::string_view body;
};

class DayFile {
 public:
  // Opens, or makes as the file of journal `id` that begins at `first`.
  static Result<std::unique_ptr<DayFile>> open(const DayFilePlace& place, const JournalId& id, JournalPosition first);

  JournalPosition first() const { return head_.first; }
  JournalPosition end() const { return head_.end; }

  // One transaction. When it returns, the records are on disk with the positions behind end(), or nothing of them is
  // kept and end() is as before.
  Result<void> append(std::span<const NewRecord> records);

 private:
  DayFile(std::unique_ptr<sql::Session> session, DayFileHead head) : session_(std::move(session)), head_(head) {}

  std::unique_ptr<sql::Session> session_;
  DayFileHead head_;
};

}  // namespace waypost
