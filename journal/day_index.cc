#include "journal/day_index.h"

#include <iterator>

namespace waypost {
namespace {

IndexedDay indexed(const std::pair<const Day, JournalPosition>& entry) {
  return {.day = entry.first, .first = entry.second};
}

}  // namespace

void DayIndex::add(IndexedDay file) {
  const std::scoped_lock lock(mutex_);
  first_.insert_or_assign(file.day, file.first);
}

void DayIndex::remove(Day day) {
  const std::scoped_lock lock(mutex_);
  first_.erase(day);
}

std::optional<IndexedDay> DayIndex::file_behind(JournalPosition position) const {
  const std::scoped_lock lock(mutex_);
  if (first_.empty()) return std::nullopt;
  auto found = first_.begin();
  for (auto file = first_.begin(); file != first_.end() && file->second <= position + 1; ++file) found = file;
  return indexed(*found);
}

std::optional<IndexedDay> DayIndex::file_after(Day day) const {
  const std::scoped_lock lock(mutex_);
  const auto next = first_.upper_bound(day);
  if (next == first_.end()) return std::nullopt;
  return indexed(*next);
}

std::vector<Day> DayIndex::droppable(Day oldest_kept, JournalPosition applied) const {
  const std::scoped_lock lock(mutex_);
  std::vector<Day> days;
  for (auto file = first_.begin(); file != first_.end(); ++file) {
    const auto next = std::next(file);
    if (next == first_.end() || file->first >= oldest_kept || next->second > applied + 1) break;
    days.push_back(file->first);
  }
  return days;
}

}  // namespace waypost
