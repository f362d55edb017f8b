// ApplyStream: the records of one stream (messages, or statuses) that are on their way into the store. Applier's thread
// only, but for what the lanes answer.
//
//   add ──▶ ready ──▶ groups, each of a number or, when many have something, of several ──▶ lanes ──▶ answers ──▶
//   settle: the mark moves over whole records
//    │ ▲                          │
//    │ └── add_again ◀── next_deferred: what of one number's flood was left in the journal (webhook/number_lines.h)
//    └ deferred                   └─ a group that cannot be applied: the same again, each update by itself
//                                 └─ Halt: nothing more is written until all is back; then the same again, in order
//                                 └─ Aside: the one update again after a pause, the others go on
//                                 └─ Bury: the one update again, as a dead letter
//
// Which of them: webhook/setbacks.h.

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "webhook/apply_answers.h"
#include "webhook/apply_task.h"
#include "webhook/flight_note.h"
#include "webhook/lane_gate.h"
#include "webhook/number_lines.h"
#include "webhook/open_records.h"

namespace waypost {

struct StreamLimits {
  std::size_t records = 2'000'000;  // open ones
  LineLimits updates{};             // in hand
  std::size_t together = 1;         // most updates of one unit
  std::chrono::milliseconds first_pause{50};
  std::chrono::milliseconds longest_pause{5'000};
};

// Shared with the lanes: lowers the barrier to `order`, never raises it.
void lower_barrier(std::atomic<std::size_t>& barrier, std::size_t order);

class ApplyStream {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  // Parts outlive the stream; so do the answers.
  ApplyStream(ApplyKind kind, sql::Database& database, ApplyAnswers& answers, const Clock& clock, StreamLimits limits);

  // From where the store says; before anything else.
  void begin_at(JournalPosition mark);

  bool has_room() const { return !halted() && records_.size() < limits_.records; }
  // With as much in hand as one number may have.
  bool is_well_stocked() const { return lines_.in_hand() >= limits_.updates.of_a_number; }
  bool is_idle() const { return records_.empty(); }
  bool halted() const { return barrier_->load() != kNoBarrier; }
  using Tasks = std::vector<std::shared_ptr<ApplyTask>>;
  // Takes the next record's updates; one without any is applied at once. Those of a number that has too many in hand
  // are dropped here and wait in the journal.
  void add(const RecordPlace& record, Tasks tasks);
  // Whether a record of this number alone would wait there whole; then it need not be read, but deferred.
  bool defers(const std::string& number) const { return lines_.is_full(number); }
  void defer(const RecordPlace& record, const std::string& number);
  // What is to be read again now, at most so many records.
  std::optional<DeferredRun> next_deferred(std::size_t most) const;
  // The first records of that run, again: all they hold, or the updates of the run's number.
  void add_again(const DeferredRun& run, std::vector<std::pair<JournalPosition, Tasks>> records);
  // Gives the lanes what was added.
  void hand_over();

  // An answer of this stream.
  void settle(const ApplyAnswer& answer);
  // Whether the stream is halted, all is back, and the pause is over; or an update that stood aside may try again.
  bool may_resume(Instant now) const;
  // Submits what came back again, in order.
  void resume();
  // With the lanes: submitted and not answered.
  std::size_t with_lanes() const { return submitted_; }

  JournalPosition mark() const { return records_.mark(); }
  // The records that are not applied yet.
  const OpenRecords& open() const { return records_; }

 private:
  static constexpr std::size_t kNoBarrier = SIZE_MAX;

  // A number's updates with a lane, and whose turn they have there: that one, until none is left, so that they keep
  // their order.
  struct Sent {
    std::size_t updates = 0;
    std::uint64_t turn = 0;
  };
  struct Lane {
    std::deque<std::shared_ptr<ApplyTask>> ready{};  // in order
    std::unordered_map<std::string, Sent> sent{};    // by phone number id
    std::shared_ptr<LaneGate> gate = std::make_shared<LaneGate>();
  };

  Lane& lane_of(const ApplyTask& task) { return lanes_[database_.lane_of(lane_key_of(task))]; }
  void hand_over(Lane& lane);
  std::uint64_t turn_of(Lane& lane, const ApplyTask& task, bool many) const;
  void submit(ApplyGroup tasks, std::uint64_t turn);
  void set_apart(const ApplyAnswer& answer);
  void come_back();
  void finish(const ApplyTask& task);
  void retry(const ApplyAnswer& answer);
  void bury(std::shared_ptr<ApplyTask> task, const Error& error);

  // Constant after construction.
  const ApplyKind kind_;
  sql::Database& database_;
  ApplyAnswers& answers_;
  const Clock& clock_;
  const StreamLimits limits_;
  // Read by units on the lanes: the order of the first update that the store could not take. Those behind it write
  // nothing, those before it go on.
  const std::shared_ptr<std::atomic<std::size_t>> barrier_ = std::make_shared<std::atomic<std::size_t>>(kNoBarrier);
  // Applier's thread.
  OpenRecords records_;
  NumberLines lines_;
  std::vector<Lane> lanes_;
  std::vector<std::shared_ptr<ApplyTask>> waiting_;  // to be submitted again
  std::vector<std::shared_ptr<ApplyTask>> aside_;    // the same, and nobody waits for them
  std::size_t applied_ = 0;                          // updates, dead letters too
  std::size_t submitted_ = 0;                        // groups
  bool set_apart_ = false;                           // the halt is for that alone
  std::size_t order_ = 0;
  std::chrono::milliseconds pause_;
  Instant resume_at_{};
  Instant aside_until_{};
};

}  // namespace waypost
