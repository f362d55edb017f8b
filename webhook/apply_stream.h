// ApplyStream: the records of one stream (messages, or statuses) that are on their way into the store. Applier's thread
// only, but for what the lanes answer.
//
//   add ──▶ its number's line ──▶ a group for each lane ──▶ lanes ──▶ answers ──▶ settle: the mark moves over whole
//   records, in order
//                                 └─ a group that cannot be applied: the same again, each update by itself
//                                 └─ Halt: nothing more is written until all is back; then the same again, in order
//                                 └─ Aside: the one update again after a pause, the others go on
//                                 └─ Bury: the one update again, as a dead letter
//
// Which of them: webhook/setbacks.h. A number has only so many updates with the lanes; its others wait in its line, so
// that one number's flood is passed by the others' few.

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "webhook/apply_answers.h"
#include "webhook/apply_task.h"
#include "webhook/flight_note.h"

namespace waypost {

struct StreamLimits {
  std::size_t records = 1'024;
  std::size_t updates = 4'096;
  std::size_t of_a_number = 64;  // most updates of one phone number with the lanes
  std::size_t together = 1;      // most updates of one unit
  std::chrono::milliseconds first_pause{50};
  std::chrono::milliseconds longest_pause{5'000};
};

// What the units of one lane know of each other: of those of one batch a later one runs although one before it failed,
// and only the batch's end tells the stream. Lane's thread only.
class LaneGate {
 public:
  // False: the updates of an earlier unit must come first, and it failed.
  bool lets_in(std::size_t first_order) {
    if (failed_ < first_order) return false;
    failed_ = SIZE_MAX;  // that unit is tried again, or one before it
    return true;
  }
  void failed(std::size_t first_order) { failed_ = first_order; }

 private:
  std::size_t failed_ = SIZE_MAX;
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

  bool has_room() const { return !halted() && records_.size() < limits_.records && open_ < limits_.updates; }
  bool is_idle() const { return records_.empty(); }
  bool halted() const { return barrier_->load() != kNoBarrier; }
  // Takes one record's updates for the lanes; one without any is applied at once.
  void add(std::shared_ptr<const RecordPlace> record, std::vector<std::shared_ptr<ApplyTask>> tasks);
  // Those that were taken and wait for others to be applied with.
  void hand_over();

  // An answer of this stream.
  void settle(const ApplyAnswer& answer);
  // Whether the stream is halted, all is back, and the pause is over; or an update that stood aside may try again.
  bool may_resume(Instant now) const;
  // Submits what came back again, in order.
  void resume();
  // With the lanes: submitted and not answered.
  std::size_t with_lanes() const { return submitted_; }

  JournalPosition mark() const { return mark_; }
  // The records that are not applied yet.
  std::optional<JournalPosition> first_open() const;
  std::optional<JournalPosition> last_open() const;
  // When the oldest record that is not applied was received.
  std::optional<Time> oldest() const;

 private:
  static constexpr std::size_t kNoBarrier = SIZE_MAX;

  struct Record {
    std::shared_ptr<const RecordPlace> place;
    std::size_t left = 0;
  };

  // The updates of one phone number.
  struct Line {
    std::size_t in_hand = 0;                         // given out and not applied
    std::deque<std::shared_ptr<ApplyTask>> waiting;  // for one of those to be applied
  };

  void line_up(std::shared_ptr<ApplyTask> task);
  void give_out(Line& line, std::shared_ptr<ApplyTask> task);
  void leave_line(const ApplyTask& task);
  void take(std::shared_ptr<ApplyTask> task);
  void submit(ApplyGroup tasks);
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
  const std::vector<std::shared_ptr<LaneGate>> gates_;  // by lane
  // Applier's thread.
  std::deque<Record> records_;
  std::unordered_map<std::string, Line> lines_;      // by phone number id; only those with something
  std::vector<ApplyGroup> forming_;                  // by lane
  std::vector<std::shared_ptr<ApplyTask>> waiting_;  // to be submitted again
  std::vector<std::shared_ptr<ApplyTask>> aside_;    // the same, and nobody waits for them
  std::size_t open_ = 0;                             // updates not applied
  std::size_t applied_ = 0;                          // updates, dead letters too
  std::size_t submitted_ = 0;                        // groups
  bool set_apart_ = false;                           // the halt is for that alone
  std::size_t order_ = 0;
  JournalPosition mark_ = 0;
  std::chrono::milliseconds pause_;
  Instant resume_at_{};
  Instant aside_until_{};
};

}  // namespace waypost
