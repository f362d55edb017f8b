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

}  // namespace

void lower_barrier(std::atomic<std::size_t>& barrier, std::size_t order) {
  std::size_t present = barrier.load();
  while (order < present && !barrier.compare_exchange_weak(present, order)) {
  }
}

ApplyStream::ApplyStream(ApplyKind kind, sql::Database& database, ApplyAnswers& answers, const Clock& clock,
                         StreamLimits limits)
    : kind_(kind), database_(database), answers_(answers), clock_(clock), limits_(limits), pause_(limits.first_pause) {}

void ApplyStream::begin_at(JournalPosition mark) { mark_ = mark; }

void ApplyStream::add(std::shared_ptr<const RecordPlace> record, std::vector<std::shared_ptr<ApplyTask>> tasks) {
  if (tasks.empty() && records_.empty()) {
    mark_ = record->position;
    return;
  }
  records_.push_back({.place = std::move(record), .left = tasks.size()});
  open_ += tasks.size();
  for (auto& task : tasks) {
    task->order = ++order_;
    submit(std::move(task));
  }
}

void ApplyStream::submit(std::shared_ptr<ApplyTask> task) {
  ++submitted_;
  const auto key = lane_key_of(*task);
  sql::Job job{
      .unit = [task, barrier = barrier_, &clock = clock_](sql::Connection& connection) -> std::optional<Error> {
        if (task->order > barrier->load())
          return Error(ErrorKind::Unavailable, "an update before this one must come first");
        apply(connection, *task, Origins::Journal, clock.now());
        return std::nullopt;
      },
      .done =
          [task, barrier = barrier_, kind = kind_, &answers = answers_](std::optional<Error> error) {
            if (error && halts(*error, task->setbacks)) lower_barrier(*barrier, task->order);
            answers.put({.kind = kind, .task = task, .error = std::move(error)});
          }};
  database_.submit_write(key, urgency_of(kind_), std::move(job));
}

void ApplyStream::settle(const ApplyAnswer& answer) {
  --submitted_;
  if (!answer.error) {
    finish(*answer.task);
  } else {
    retry(answer);
  }
  if (!halted() || submitted_ > 0) return;
  resume_at_ = std::chrono::steady_clock::now() + pause_;  // all is back
  pause_ = std::min(pause_ * 2, limits_.longest_pause);
}

void ApplyStream::retry(const ApplyAnswer& answer) {
  auto task = answer.task;
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
    submit(std::move(task));
  }
}

void ApplyStream::finish(const ApplyTask& task) {
  --open_;
  ++applied_;
  pause_ = limits_.first_pause;
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
  for (auto& task : again) submit(std::move(task));
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
