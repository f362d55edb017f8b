#include "webhook/apply_stream.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "base/log.h"

namespace waypost {
namespace {

sql::Urgency urgency_of(ApplyKind kind) {
  return kind == ApplyKind::Messages ? sql::Urgency::Urgent : sql::Urgency::Bulk;
}

std::vector<std::shared_ptr<LaneGate>> gates_of(const sql::Database& database) {
  std::vector<std::shared_ptr<LaneGate>> gates;
  for (std::size_t lane = 0; lane < database.write_lanes(); ++lane) gates.push_back(std::make_shared<LaneGate>());
  return gates;
}

// Those behind it in the lane's batch must not overtake what is tried again.
bool is_tried_again(const ApplyGroup& group, const sql::Fault& fault) {
  return group.size() > 1 || halts(fault.error(), group.front()->setbacks);
}

// Runs on the lane. The gate is told of a fault before the next unit runs.
std::optional<Error> apply_in_order(sql::Connection& connection, const ApplyGroup& group, LaneGate& gate, Time now) {
  const auto first = group.front()->order;
  if (!gate.lets_in(first)) return Error(ErrorKind::Unavailable, "an update before this one must come first");
  try {
    apply(connection, group, now);
    return std::nullopt;
  } catch (const sql::Fault& fault) {
    if (is_tried_again(group, fault)) gate.failed(first);
    throw;
  } catch (...) {
    if (group.size() > 1) gate.failed(first);
    throw;
  }
}

}  // namespace

void lower_barrier(std::atomic<std::size_t>& barrier, std::size_t order) {
  std::size_t present = barrier.load();
  while (order < present && !barrier.compare_exchange_weak(present, order)) {
  }
}

ApplyStream::ApplyStream(ApplyKind kind, sql::Database& database, ApplyAnswers& answers, const Clock& clock,
                         StreamLimits limits)
    : kind_(kind),
      database_(database),
      answers_(answers),
      clock_(clock),
      limits_(limits),
      gates_(gates_of(database)),
      forming_(database.write_lanes()),
      pause_(limits.first_pause) {}

void ApplyStream::begin_at(JournalPosition mark) { mark_ = mark; }

void ApplyStream::add(std::shared_ptr<const RecordPlace> record, std::vector<std::shared_ptr<ApplyTask>> tasks) {
  if (tasks.empty() && records_.empty()) {
    mark_ = record->position;
    return;
  }
  records_.push_back({.place = std::move(record), .left = tasks.size()});
  open_ += tasks.size();
  for (auto& task : tasks) line_up(std::move(task));
}

void ApplyStream::line_up(std::shared_ptr<ApplyTask> task) {
  Line& line = lines_[origin_of(*task).phone_number_id];
  if (line.in_hand < limits_.of_a_number) {
    give_out(line, std::move(task));
  } else {
    line.waiting.push_back(std::move(task));
  }
}

// Its place in the stream is the one in which it goes to its lane. While the stream is halted nothing new may go.
void ApplyStream::give_out(Line& line, std::shared_ptr<ApplyTask> task) {
  ++line.in_hand;
  task->order = ++order_;
  if (halted()) {
    waiting_.push_back(std::move(task));
  } else {
    take(std::move(task));
  }
}

void ApplyStream::leave_line(const ApplyTask& task) {
  const auto at = lines_.find(origin_of(task).phone_number_id);
  WAYPOST_CHECK(at != lines_.end() && at->second.in_hand > 0);
  Line& line = at->second;
  --line.in_hand;
  if (!line.waiting.empty()) {
    auto next = std::move(line.waiting.front());
    line.waiting.pop_front();
    give_out(line, std::move(next));
  } else if (line.in_hand == 0) {
    lines_.erase(at);
  }
}

// Updates of one sender are in one lane's groups, in their order.
void ApplyStream::take(std::shared_ptr<ApplyTask> task) {
  auto& group = forming_[database_.lane_of(lane_key_of(*task))];
  const bool alone = task->alone;
  if (alone && !group.empty()) submit(std::exchange(group, {}));
  group.push_back(std::move(task));
  if (alone || group.size() >= limits_.together) submit(std::exchange(group, {}));
}

void ApplyStream::hand_over() {
  for (auto& group : forming_) {
    if (!group.empty()) submit(std::exchange(group, {}));
  }
}

void ApplyStream::submit(ApplyGroup tasks) {
  ++submitted_;
  const auto key = lane_key_of(*tasks.front());
  const auto gate = gates_[database_.lane_of(key)];
  auto shared = std::make_shared<const ApplyGroup>(std::move(tasks));
  sql::Job job{
      .unit = [shared, gate, barrier = barrier_, &clock = clock_](sql::Connection& connection) -> std::optional<Error> {
        if (shared->back()->order > barrier->load())
          return Error(ErrorKind::Unavailable, "an update before this one must come first");
        return apply_in_order(connection, *shared, *gate, clock.now());
      },
      .done =
          [shared, barrier = barrier_, kind = kind_, &answers = answers_](std::optional<Error> error) {
            const bool stops = error && (shared->size() > 1 || halts(*error, shared->front()->setbacks));
            if (stops) lower_barrier(*barrier, shared->front()->order);
            answers.put({.kind = kind, .tasks = *shared, .error = std::move(error)});
          }};
  database_.submit_write(key, urgency_of(kind_), std::move(job));
}

void ApplyStream::settle(const ApplyAnswer& answer) {
  --submitted_;
  if (!answer.error) {
    for (const auto& task : answer.tasks) finish(*task);
  } else if (answer.tasks.size() > 1) {
    set_apart(answer);
  } else {
    retry(answer);
  }
  if (halted() && submitted_ == 0) come_back();
}

// One of them may be to blame: each tries for itself, unless the store is away, which is nobody's fault.
void ApplyStream::set_apart(const ApplyAnswer& answer) {
  const bool away = is_away(*answer.error);
  set_apart_ |= !away;
  for (const auto& task : answer.tasks) {
    task->alone |= !away;
    waiting_.push_back(task);
  }
}

// Of a halted stream all is back.
void ApplyStream::come_back() {
  resume_at_ = std::chrono::steady_clock::now();
  if (std::exchange(set_apart_, false)) return;
  resume_at_ += pause_;
  pause_ = std::min(pause_ * 2, limits_.longest_pause);
}

void ApplyStream::retry(const ApplyAnswer& answer) {
  auto task = answer.tasks.front();
  const Error& error = *answer.error;
  const NextTry next = next_try(error, task->setbacks, applied_);
  task->setbacks = counted(error, task->setbacks, applied_);
  switch (next) {
    case NextTry::Halt:
      waiting_.push_back(std::move(task));
      return;
    case NextTry::Aside:
      log::warn("webhook update {} waits for what others hold in the store: {}", origin_of(*task).place, error.words());
      aside_.push_back(std::move(task));
      aside_until_ = std::chrono::steady_clock::now() + limits_.longest_pause;
      return;
    case NextTry::Bury:
      bury(std::move(task), error);
  }
}

// A dead letter is the last the store is asked for. When it refuses that too, the fault is not the data's, and waiting
// is all that is left.
void ApplyStream::bury(std::shared_ptr<ApplyTask> task, const Error& error) {
  log::warn("webhook update {} cannot be stored: {}", origin_of(*task).place, error.words());
  if (task->fault) lower_barrier(*barrier_, task->order);
  task->fault = error.words();
  if (halted()) {
    waiting_.push_back(std::move(task));
  } else {
    submit({std::move(task)});
  }
}

void ApplyStream::finish(const ApplyTask& task) {
  --open_;
  ++applied_;
  pause_ = limits_.first_pause;
  leave_line(task);
  const auto at = std::ranges::lower_bound(records_, task.record->position, {},
                                           [](const Record& record) { return record.place->position; });
  WAYPOST_CHECK(at != records_.end() && at->left > 0);
  --at->left;
  while (!records_.empty() && records_.front().left == 0) {
    mark_ = records_.front().place->position;
    records_.pop_front();
  }
}

bool ApplyStream::may_resume(Instant now) const {
  if (halted()) return submitted_ == 0 && now >= resume_at_;
  return !aside_.empty() && now >= aside_until_;
}

void ApplyStream::resume() {
  auto again = std::exchange(aside_, {});
  // While lanes are at work one of them may lower the barrier at any moment: it is lifted only when none is.
  if (halted() && submitted_ == 0) {
    barrier_->store(kNoBarrier);
    std::ranges::move(std::exchange(waiting_, {}), std::back_inserter(again));
  }
  std::ranges::sort(again, {}, [](const auto& task) { return task->order; });
  for (auto& task : again) take(std::move(task));
  hand_over();
}

std::optional<JournalPosition> ApplyStream::first_open() const {
  if (records_.empty()) return std::nullopt;
  return records_.front().place->position;
}

std::optional<JournalPosition> ApplyStream::last_open() const {
  if (records_.empty()) return std::nullopt;
  return records_.back().place->position;
}

std::optional<Time> ApplyStream::oldest() const {
  if (records_.empty()) return std::nullopt;
  return records_.front().place->received_at;
}

}  // namespace waypost
