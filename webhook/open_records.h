// OpenRecords: the records of one stream that are not applied yet, and the mark up to which all are. Small, because a
// flood makes many. Not thread-safe.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "base/check.h"
#include "base/clock.h"
#include "journal/journal.h"

namespace waypost {

class OpenRecords {
 public:
  void begin_at(JournalPosition mark) { mark_ = mark; }

  // The next one, with so many updates, or numbers whose updates are deferred; without any it is applied by now.
  void add(JournalPosition position, Time received_at, std::size_t updates) {
    records_.push_back({.position = position, .received_at = received_at, .left = static_cast<std::uint32_t>(updates)});
    move_mark();
  }
  // One update of it.
  void applied(JournalPosition position) {
    --record_at(position).left;
    move_mark();
  }

  // What a number has in it, as is seen now that it is not deferred any more.
  void found(JournalPosition position, std::size_t updates) {
    record_at(position).left += static_cast<std::uint32_t>(updates);
    applied(position);  // that one was for the number
  }

  JournalPosition mark() const { return mark_; }
  bool empty() const { return records_.empty(); }
  // With those between that are applied.
  std::size_t size() const { return records_.size(); }
  // There are some: !empty().
  JournalPosition first() const { return records_.front().position; }
  JournalPosition last() const { return records_.back().position; }
  // When the first was received.
  std::optional<Time> oldest() const {
    if (records_.empty()) return std::nullopt;
    return records_.front().received_at;
  }

 private:
  struct Record {
    JournalPosition position = 0;
    Time received_at{};
    std::uint32_t left = 0;  // updates not applied
  };

  // It has something left.
  Record& record_at(JournalPosition position) {
    const auto at = std::ranges::lower_bound(records_, position, {}, &Record::position);
    WAYPOST_CHECK(at != records_.end() && at->position == position && at->left > 0);
    return *at;
  }

  void move_mark() {
    while (!records_.empty() && records_.front().left == 0) {
      mark_ = records_.front().position;
      records_.pop_front();
    }
  }

  std::deque<Record> records_;
  JournalPosition mark_ = 0;
};

}  // namespace waypost
