// The carrier's book-keeping: tasks, the note of what is in hand, the marks that others read.

#include <algorithm>
#include <utility>

#include "webhook/carrier.h"

namespace waypost {

std::shared_ptr<const RecordPlace> Carrier::place_of(const JournalRecord& record) const {
  return std::make_shared<const RecordPlace>(RecordPlace{.journal = parts_.journal.id(),
                                                         .position = record.sequence,
                                                         .app = record.app,
                                                         .received_at = record.received_at});
}

std::vector<std::pair<JournalPosition, Carrier::Tasks>> Carrier::found_in(ApplyKind kind, const DeferredRun& run,
                                                                          std::vector<JournalRecord>& records) const {
  std::vector<std::pair<JournalPosition, Tasks>> found;
  for (auto& record : records) {
    auto tasks = tasks_of(kind, record);
    if (!run.whole) {
      std::erase_if(tasks, [&run](const auto& task) { return origin_of(*task).phone_number_id != run.number; });
    }
    found.emplace_back(record.sequence, std::move(tasks));
  }
  return found;
}

std::shared_ptr<ApplyTask> Carrier::task_of(AnyUpdate update, const std::shared_ptr<const RecordPlace>& record) const {
  auto task = std::make_shared<ApplyTask>();
  task->update = std::move(update);
  task->record = record;
  task->rules = settings_.fallback;
  const auto owner = owners_.find(origin_of(*task).phone_number_id);
  if (owner != owners_.end()) task->owner = owner->second;
  return task;
}

std::shared_ptr<ApplyTask> Carrier::burial_of(const std::shared_ptr<const RecordPlace>& record, std::string place,
                                              std::string raw) const {
  return task_of(Malformed{.origin = {.place = std::move(place)},
                           .reason = store::DeadReason::Crashed,
                           .words = "the process ended three times while this was being applied",
                           .raw = std::move(raw)},
                 record);
}

Carrier::Tasks Carrier::messages_of(JournalRecord& record, Payload& payload,
                                    const std::shared_ptr<const RecordPlace>& place) const {
  if (is_to_be_buried(note_->of(ApplyKind::Messages), record.sequence)) {
    return {burial_of(place, "", std::move(record.body))};
  }
  Tasks tasks;
  for (auto& update : payload.messages) tasks.push_back(task_of(std::move(update), place));
  for (auto& update : payload.others) tasks.push_back(task_of(std::move(update), place));
  for (auto& update : payload.malformed) tasks.push_back(task_of(std::move(update), place));
  return tasks;
}

Carrier::Tasks Carrier::statuses_of(RecordStatuses record) const {
  const bool buried = is_to_be_buried(note_->of(ApplyKind::Statuses), record.record->position);
  if (buried && !record.statuses.empty()) {
    return {burial_of(record.record, std::string(kAllStatuses), slice_of(record.statuses))};
  }
  Tasks tasks;
  for (auto& update : record.statuses) tasks.push_back(task_of(std::move(update), record.record));
  return tasks;
}

Carrier::Tasks Carrier::tasks_of(ApplyKind kind, JournalRecord& record) const {
  const auto place = place_of(record);
  Payload payload;
  if (!is_to_be_buried(note_->of(ApplyKind::Messages), record.sequence)) payload = read_payload(record.body);
  return kind == ApplyKind::Messages ? messages_of(record, payload, place)
                                     : statuses_of({.record = place, .statuses = std::move(payload.statuses)});
}

bool Carrier::is_careful(ApplyKind kind, JournalPosition position) const {
  return position <= careful_until_[static_cast<std::size_t>(kind)];
}

void Carrier::note_handing_out(ApplyKind kind, JournalPosition first, JournalPosition last) {
  auto in_hand = note_->of(kind);
  if (is_careful(kind, first)) {
    in_hand.alone = first;
  } else if (in_hand.last < last) {
    in_hand.last = last;
  } else {
    return;
  }
  note_->note(kind, in_hand);
}

// Nothing is in hand while a stream is idle, or waits for the store: no crash then accuses a record.
void Carrier::note_idle_streams() {
  for (const auto kind : {ApplyKind::Messages, ApplyKind::Statuses}) {
    auto in_hand = note_->of(kind);
    const bool is_out = stream(kind).with_lanes() > 0;
    if (is_out || (in_hand.alone == 0 && in_hand.last == 0)) continue;
    const auto careful = careful_until_[static_cast<std::size_t>(kind)];
    const bool still_careful = stream(kind).mark() < careful;
    const auto last = still_careful ? careful : 0;
    if (in_hand.alone == 0 && in_hand.last == last) continue;
    in_hand.alone = 0;
    in_hand.last = last;
    note_->note(kind, in_hand);
  }
}

void Carrier::publish_marks() {
  const auto messages = messages_.mark();
  const auto statuses = statuses_.mark();
  lower_mark_.store(std::min(messages, statuses));
  waiters_.move(messages);
  const auto open = statuses_.open().oldest();
  const auto oldest = open ? open : backlog_.oldest();
  if (oldest) {
    statuses_until_ms_.store(to_millis(*oldest));
  } else if (statuses >= parts_.journal.end()) {
    statuses_until_ms_.store(to_millis(parts_.clock.now()));
  }
  status_mark_.store(statuses);
}

Time Carrier::applied_until() const {
  if (status_mark_.load() >= parts_.journal.end()) return parts_.clock.now();
  return from_millis(statuses_until_ms_.load());
}

}  // namespace waypost
