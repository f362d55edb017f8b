// JournalWriter: the journal's lane. A thread that takes all appends that wait, writes them to the day's file in one
// transaction, and resumes the appenders: one post for each executor and batch.

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "journal/append_queue.h"
#include "journal/day_file.h"
#include "journal/day_index.h"
#include "journal/end_mark.h"
#include "journal/folder.h"

namespace waypost {

// What the writer shares with its journal, which outlives it.
struct WriterParts {
  const JournalFolder& folder;
  const Clock& clock;
  AppendQueue& queue;
  DayIndex& index;
  EndMark& end;
};

struct WriterSettings {
  JournalId id;
  Day newest;  // day of the newest file, or of none: then long ago
  std::size_t batch_bytes = 16 << 20;
  std::string vfs = {};
};

class JournalWriter {
 public:
  // Starts the thread.
  JournalWriter(WriterParts parts, WriterSettings settings);
  JournalWriter(const JournalWriter&) = delete;
  JournalWriter& operator=(const JournalWriter&) = delete;
  // Joins. The queue is closed before, and what waits in it is written.
  ~JournalWriter() { thread_.join(); }

 private:
  void work();
  Result<void> write(const std::vector<Append>& batch);
  Result<void> turn_to_day();

  const WriterParts parts_;
  const WriterSettings settings_;
  // The thread's.
  Day newest_;
  std::unique_ptr<DayFile> file_;   // of the day newest_, once opened
  std::vector<NewRecord> records_;  // of the present batch; kept for its memory
  std::thread thread_;
};

}  // namespace waypost
