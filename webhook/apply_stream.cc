#include "webhook/apply_stream.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/log.h"

namespace waypost {
namespace {

sql::Urgency urgency_of(ApplyKind kind) {
  return kind == ApplyKind::Messages ? sql::Urgency::Urgent : sql::Urgency::Bulk;
}

// The turn in a lane of units of several numbers; other units have their number's (sql::LaneKey).
constexpr std::uint64_t kTogether = 0xa991;
// Beyond so many numbers at a time they go together: a unit for each would cost more than waiting for the others does.
constexpr std::size_t kManyNumbers = 8;

bool is_many(const std::deque<std::shared_ptr<ApplyTask>>& tasks) {
  std::set<std::string_view> numbers;
  for (const auto& task : tasks) {
    numbers.insert(origin_of(*task).phone_number_id);
    if (numbers.size() > kManyNumbers) return true;
  }
  return false;
}

std::size_t first_of(const ApplyGroup& group) {
  return std::ranges::min(group, {}, [](const auto& task) { return task->order; })->order;
}
std::size_t last_of(const ApplyGroup& group) {
  return std::ranges::max(group, {}, [](const auto& task) { return task->order; })->order;
}

// Those behind it in the lane's batch must not overtake what is tried again.
bool is_tried_again(const ApplyGroup& group, const sql::Fault& fault) {
  return group.size() > 1 || halts(fault.error(), group.front()->setbacks);
}

// Runs on the lane. The gate is told of a fault before the next unit runs.
std::optional<Error> apply_in_order(sql::Connection& connection, const ApplyGroup& group, LaneGate& gate, Time now) {
  if (!gate.lets_in(group)) return Error(ErrorKind::Unavailable, "an update before this one must come first");
  try {
    apply(connection, group, now);
    return std::nullopt;
  } catch (const sql::Fault& fault) {
    if (is_tried_again(group, fault)) gate.failed(group);
    throw;
  } catch (...) {
    if (group.size() > 1) gate.failed(group);
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
      lines_(limits.updates),
      lanes_(database.write_lanes()),
      pause_(limits.first_pause) {}

void ApplyStream::begin_at(JournalPosition mark) { records_.begin_at(mark); }

void ApplyStream::add(const RecordPlace& record, Tasks tasks) {
  std::set<std::string_view> deferred;
  std::size_t in_hand = 0;
  for (auto& task : tasks) {
    const auto& number = origin_of(*task).phone_number_id;
    if (lines_.place(number, record.position) == NumberLines::Place::Deferred) {
      deferred.insert(number);
      continue;
    }
    ++in_hand;
    lane_of(*task).ready.push_back(task);
  }
  records_.add(record.position, record.received_at, in_hand + deferred.size());
}

void ApplyStream::defer(const RecordPlace& record, const std::string& number) {
  lines_.defer(number, record.position);
  records_.add(record.position, record.received_at, 1);
}

std::optional<DeferredRun> ApplyStream::next_deferred(std::size_t most) const {
  if (halted()) return std::nullopt;
  return lines_.next(most);
}

void ApplyStream::add_again(const DeferredRun& run, std::vector<std::pair<JournalPosition, Tasks>> records) {
  for (auto& [position, tasks] : records) {
    for (auto& task : tasks) {
      lines_.take(origin_of(*task).phone_number_id);
      lane_of(*task).ready.push_back(task);
    }
    records_.found(position, tasks.size());
  }
  lines_.taken(run, records.size());
}

void ApplyStream::hand_over() {
  for (auto& lane : lanes_) {
    if (!halted() && !lane.ready.empty()) hand_over(lane);
  }
}

// An update's place in the stream is the one in which it goes to its lane for the first time.
void ApplyStream::hand_over(Lane& lane) {
  const auto tasks = std::exchange(lane.ready, {});
  const bool many = limits_.together > 1 && is_many(tasks);
  std::map<std::uint64_t, ApplyGroup> groups;  // by turn
  for (const auto& task : tasks) {
    if (task->order == 0) task->order = ++order_;
    const auto turn = turn_of(lane, *task, many);
    auto& group = groups[turn];
    if (task->alone && !group.empty()) submit(std::exchange(group, {}), turn);
    group.push_back(task);
    if (task->alone || group.size() >= limits_.together) submit(std::exchange(group, {}), turn);
  }
  for (auto& [turn, group] : groups) {
    if (!group.empty()) submit(std::move(group), turn);
  }
}

std::uint64_t ApplyStream::turn_of(Lane& lane, const ApplyTask& task, bool many) const {
  auto& sent = lane.sent[origin_of(task).phone_number_id];
  if (sent.updates++ == 0) sent.turn = many ? kTogether : lane_key_of(task).owner;
  return sent.turn;
}

void ApplyStream::submit(ApplyGroup tasks, std::uint64_t turn) {
  Lane& lane = lane_of(*tasks.front());
  ++submitted_;
  const sql::LaneKey key(lane_key_of(*tasks.front()).value, turn);
  auto shared = std::make_shared<const ApplyGroup>(std::move(tasks));
  sql::Job job{.unit = [shared, gate = lane.gate, barrier = barrier_,
                        &clock = clock_](sql::Connection& connection) -> std::optional<Error> {
                 if (last_of(*shared) > barrier->load())
                   return Error(ErrorKind::Unavailable, "an update before this one must come first");
                 return apply_in_order(connection, *shared, *gate, clock.now());
               },
               .done =
                   [shared, barrier = barrier_, kind = kind_, &answers = answers_](std::optional<Error> error) {
                     const bool stops = error && (shared->size() > 1 || halts(*error, shared->front()->setbacks));
                     if (stops) lower_barrier(*barrier, first_of(*shared));
                     answers.put({.kind = kind, .tasks = *shared, .error = std::move(error)});
                   }};
  database_.submit_write(key, urgency_of(kind_), std::move(job));
}

void ApplyStream::settle(const ApplyAnswer& answer) {
  --submitted_;
  for (const auto& task : answer.tasks) {
    auto& sent = lane_of(*task).sent;
    const auto at = sent.find(origin_of(*task).phone_number_id);
    if (--at->second.updates == 0) sent.erase(at);
  }
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
    task->alone = true;
    lane_of(*task).ready.push_front(std::move(task));
  }
}

void ApplyStream::finish(const ApplyTask& task) {
  ++applied_;
  pause_ = limits_.first_pause;
  lines_.applied(origin_of(task).phone_number_id);
  records_.applied(task.record->position);
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
  // Before what never went out; the last of them goes back first.
  std::ranges::sort(again, std::ranges::greater(), [](const auto& task) { return task->order; });
  for (auto& task : again) lane_of(*task).ready.push_front(std::move(task));
  hand_over();
}

}  // namespace waypost
