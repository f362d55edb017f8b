// JournalReader: reads committed records from the day files, behind the lane that writes them. Any thread, blocking;
// one at a time.

#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "journal/day_index.h"
#include "journal/folder.h"
#include "journal/journal.h"
#include "sql/session.h"

namespace waypost {

struct ReadBounds {
  JournalPosition after = 0;
  JournalPosition end = 0;  // nothing behind it
  std::size_t most_records = 1;
  std::size_t most_bytes = 0;  // of bodies; at least one record is read
};

class JournalReader {
 public:
  // Both outlive the reader.
  JournalReader(const JournalFolder& folder, const DayIndex& index, std::string vfs)
      : folder_(folder), index_(index), vfs_(std::move(vfs)) {}

  Result<std::vector<JournalRecord>> read(ReadBounds bounds);
  // The file is closed when this returns.
  void close(Day day);

 private:
  sql::Session& session_of(Day day);
  std::vector<JournalRecord> read_across(ReadBounds bounds);

  const JournalFolder& folder_;
  const DayIndex& index_;
  const std::string vfs_;
  std::mutex mutex_;
  // Under the mutex.
  std::unique_ptr<sql::Session> session_;
  std::optional<Day> day_;  // of the session
};

}  // namespace waypost
