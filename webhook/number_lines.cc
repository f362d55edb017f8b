#include "webhook/number_lines.h"

#include <algorithm>

#include "base/check.h"

namespace waypost {

bool NumberLines::has_room(const Line& line) const {
  return line.in_hand == 0 || (line.in_hand < limits_.of_a_number && in_hand_ < limits_.all);
}

// What a number has deferred comes before what it gets now.
NumberLines::Place NumberLines::place(const std::string& number, JournalPosition record) {
  Line& line = lines_[number];
  const bool is_next_of_record = line.latest == record;
  const bool waits = is_next_of_record ? !line.deferred.empty() : !line.deferred.empty() || !has_room(line);
  line.latest = record;
  if (!waits) {
    ++line.in_hand;
    ++in_hand_;
    return Place::InHand;
  }
  if (!is_next_of_record) line.deferred.push_back({.record = record});
  look(number, line);
  return Place::Deferred;
}

bool NumberLines::is_full(const std::string& number) const {
  const auto at = lines_.find(number);
  return at != lines_.end() && (!at->second.deferred.empty() || !has_room(at->second));
}

void NumberLines::defer(const std::string& number, JournalPosition record) {
  Line& line = lines_[number];
  line.latest = record;
  line.deferred.push_back({.record = record, .whole = true});
  look(number, line);
}

void NumberLines::applied(const std::string& number) {
  const auto at = lines_.find(number);
  WAYPOST_CHECK(at != lines_.end() && at->second.in_hand > 0);
  Line& line = at->second;
  --line.in_hand;
  --in_hand_;
  if (line.in_hand == 0 && line.deferred.empty()) {
    lines_.erase(at);
  } else {
    look(number, line);
  }
}

std::optional<DeferredRun> NumberLines::next(std::size_t most) const {
  if (hungry_.empty()) return std::nullopt;
  const Line& line = lines_.at(hungry_.front());
  if (!has_room(line)) return std::nullopt;
  DeferredRun run{
      .number = hungry_.front(), .first = line.deferred.front().record, .whole = line.deferred.front().whole};
  const auto room = line.in_hand < limits_.of_a_number ? limits_.of_a_number - line.in_hand : 1;
  const auto longest = std::min({most, room, line.deferred.size()});
  while (run.records < longest) {
    const Deferred& next = line.deferred[run.records];
    if (next.record != run.first + run.records || next.whole != run.whole) break;
    ++run.records;
  }
  return run;
}

void NumberLines::take(const std::string& number) {
  ++lines_[number].in_hand;
  ++in_hand_;
}

void NumberLines::taken(const DeferredRun& run, std::size_t records) {
  WAYPOST_CHECK(!hungry_.empty() && hungry_.front() == run.number && records <= run.records);
  Line& line = lines_.at(run.number);
  line.deferred.erase(line.deferred.begin(), line.deferred.begin() + static_cast<std::ptrdiff_t>(records));
  hungry_.pop_front();
  line.is_hungry = false;
  look(run.number, line);
  if (line.in_hand == 0 && line.deferred.empty()) lines_.erase(run.number);
}

void NumberLines::look(const std::string& number, Line& line) {
  if (line.is_hungry || line.deferred.empty() || line.in_hand > limits_.of_a_number / 2) return;
  line.is_hungry = true;
  hungry_.push_back(number);
}

}  // namespace waypost
