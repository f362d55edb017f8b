// DayIndex: which day file holds which positions. Any thread.

#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "journal/folder.h"
#include "journal/journal.h"

namespace waypost {

struct IndexedDay {
  Day day;
  JournalPosition first = 0;  // of its records, or of those it will hold
};

class DayIndex {
 public:
  explicit DayIndex(const std::vector<IndexedDay>& files) {
    for (const IndexedDay& file : files) add(file);
  }

  void add(IndexedDay file);
  void remove(Day day);

  // The file in which to look for what stands behind `position`: the last one that begins at or before the next
  // record, else the oldest. Nothing when there are no files.
  std::optional<IndexedDay> file_behind(JournalPosition position) const;
  std::optional<IndexedDay> file_after(Day day) const;
  // Files older than `oldest_kept` with nothing behind `applied`, oldest first; never the newest one, which holds the
  // highest position.
  std::vector<Day> droppable(Day oldest_kept, JournalPosition applied) const;

 private:
  mutable std::mutex mutex_;
  std::map<Day, JournalPosition> first_;  // under the mutex
};

}  // namespace waypost
