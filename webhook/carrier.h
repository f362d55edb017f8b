// Carrier: the applier's work, one turn at a time: takes answers, reads on, hands out, keeps the marks. Applier's
// thread only, but for what says otherwise.

#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "webhook/applier.h"
#include "webhook/apply_answers.h"
#include "webhook/apply_stream.h"
#include "webhook/apply_task.h"
#include "webhook/burst.h"
#include "webhook/flight_note.h"
#include "webhook/mark_keeper.h"
#include "webhook/mark_waiters.h"
#include "webhook/status_backlog.h"

namespace waypost {

class Carrier {
 public:
  // `answers` and `waiters` outlive the carrier.
  Carrier(const ApplierParts& parts, const ApplierSettings& settings, ApplyAnswers& answers, MarkWaiters& waiters);

  // The marks as the store holds them, and the note as the last run left it. Blocks.
  Result<void> begin();
  // One round of everything. True: something was done, so another turn may find more.
  bool turn();
  // Until there may be something to do.
  void rest();
  // Takes the last answers and saves the marks. Blocks.
  void end();

  void forget_channels() { owners_.clear(); }
  // Applies the letters that waited for the number; Unavailable: ask again.
  Result<void> apply_waiting_letters(const std::string& phone_number_id);

  // Any thread.
  JournalPosition mark() const { return lower_mark_.load(); }
  Time applied_until() const;

 private:
  using Instant = std::chrono::steady_clock::time_point;

  bool take_answers();
  bool resume();
  bool read_messages();
  bool read_again(ApplyKind kind);
  void hand_out_messages(JournalRecord& record);
  bool feed_statuses();
  bool refill_backlog();
  void hand_out_statuses(RecordStatuses next);
  void publish_marks();

  ApplyStream& stream(ApplyKind kind) { return kind == ApplyKind::Messages ? messages_ : statuses_; }
  using Tasks = ApplyStream::Tasks;
  // What a record has for the stream.
  Tasks messages_of(JournalRecord& record, Payload& payload, const std::shared_ptr<const RecordPlace>& place) const;
  Tasks statuses_of(RecordStatuses record) const;
  Tasks tasks_of(ApplyKind kind, JournalRecord& record) const;
  // The same of records that were read again, by position; of the run's number only, when they did not wait whole.
  std::vector<std::pair<JournalPosition, Tasks>> found_in(ApplyKind kind, const DeferredRun& run,
                                                          std::vector<JournalRecord>& records) const;
  std::shared_ptr<ApplyTask> task_of(AnyUpdate update, const std::shared_ptr<const RecordPlace>& record) const;
  std::shared_ptr<ApplyTask> burial_of(const std::shared_ptr<const RecordPlace>& record, std::string place,
                                       std::string raw) const;
  std::shared_ptr<const RecordPlace> place_of(const JournalRecord& record) const;

  // The note: `is_careful` while records go one at a time, because a crash left them in hand.
  bool is_careful(ApplyKind kind, JournalPosition position) const;
  void note_handing_out(ApplyKind kind, JournalPosition first, JournalPosition last);
  void note_idle_streams();

  const ApplierParts parts_;
  const ApplierSettings settings_;
  ApplyAnswers& answers_;
  MarkWaiters& waiters_;
  std::unique_ptr<FlightNote> note_;
  MarkKeeper keeper_;
  ApplyStream messages_;
  ApplyStream statuses_;
  StatusBacklog backlog_;
  std::unordered_map<std::string, ChannelOwner> owners_;
  std::array<JournalPosition, 2> careful_until_{};
  JournalPosition read_ = 0;  // of the message stream
  bool cannot_read_ = false;
  Burst burst_;
  bool held_back_ = false;
  // Written by the applier's thread.
  std::atomic<JournalPosition> lower_mark_ = 0;
  std::atomic<JournalPosition> status_mark_ = 0;
  std::atomic<std::int64_t> statuses_until_ms_ = 0;
};

}  // namespace waypost
