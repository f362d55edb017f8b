// StatusBacklog: statuses that were read along with their messages and wait for their own stream, as far as memory
// allows. Beyond, they are left in the journal and read again. Applier's thread only.

#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "webhook/apply_task.h"

namespace waypost {

struct RecordStatuses {
  std::shared_ptr<const RecordPlace> record{};
  std::vector<StatusUpdate> statuses{};
};

class StatusBacklog {
 public:
  explicit StatusBacklog(std::size_t most) : most_(most) {}

  void begin_at(JournalPosition mark) { read_ = mark; }
  // The position up to which statuses are here or were handed out.
  JournalPosition read() const { return read_; }
  bool is_empty() const { return records_.empty(); }

  // Takes the record that follows `previous`, when that is where the backlog ends and there is room.
  void offer(JournalPosition previous, RecordStatuses record) {
    if (previous != read_ || statuses_ > most_) return;
    put(std::move(record));
  }
  // Read again from the journal, for this stream alone.
  void put(RecordStatuses record) {
    read_ = record.record->position;
    statuses_ += record.statuses.size();
    records_.push_back(std::move(record));
  }
  std::optional<RecordStatuses> next() {
    if (records_.empty()) return std::nullopt;
    auto record = std::move(records_.front());
    records_.pop_front();
    statuses_ -= record.statuses.size();
    return record;
  }
  std::optional<Time> oldest() const {
    if (records_.empty()) return std::nullopt;
    return records_.front().record->received_at;
  }

 private:
  const std::size_t most_;
  std::deque<RecordStatuses> records_;
  std::size_t statuses_ = 0;
  JournalPosition read_ = 0;
};

}  // namespace waypost
