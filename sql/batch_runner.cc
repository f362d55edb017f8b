#include "sql/batch_runner.h"

#include <exception>
#include <stdexcept>
#include <thread>
#include <typeinfo>

#include "base/log.h"

namespace waypost::sql {
namespace {

using std::chrono::steady_clock;

// Our own logic errors speak of columns and types; the words of other exceptions may quote what they were given.
Error error_of_bug(const std::exception& bug) {
  const bool ours = dynamic_cast<const std::logic_error*>(&bug) != nullptr;
  log::error("a unit of work failed: {}", ours ? bug.what() : typeid(bug).name());
  return {ErrorKind::Internal, "a unit of work failed"};
}

}  // namespace

std::size_t BatchRunner::run(Batch& batch, const std::function<bool()>& hurry) {
  batch_ = batch.jobs;
  light_ = batch.light;
  urgent_ = batch.urgent;
  hurry_ = hurry;
  fitting_ = batch_.size();
  settle(batch_);
  return fitting_;
}

void BatchRunner::settle(std::span<Job> jobs) {
  Guard guard = Guard::None;
  while (true) {
    const auto fault = attempt(jobs, guard);
    jobs = fitting(jobs);
    if (!fault) return finish(jobs);
    switch (fault->kind()) {
      case FaultKind::Data:
        if (guard == Guard::Savepoints) return settle_parts(jobs, 1);
        guard = Guard::Savepoints;
        break;
      case FaultKind::Contention:
        if (!step_aside()) return refuse(jobs, *fault);
        // Half the units hold half the locks, for half the time.
        if (jobs.size() > 1) return settle_parts(jobs, (jobs.size() + 1) / 2);
        break;
      case FaultKind::Unavailable:
        if (!wait_out(*fault)) return refuse(jobs, *fault);
        break;
      case FaultKind::Unsettled:
        return refuse(jobs, *fault);
    }
  }
}

// In their order; what there is no time for any more is left to the next batch.
void BatchRunner::settle_parts(std::span<Job> jobs, std::size_t each) {
  while (!jobs.empty()) {
    const auto part = jobs.first(std::min(each, jobs.size()));
    settle(part);
    jobs = fitting(jobs.subspan(part.size()));
  }
}

std::span<Job> BatchRunner::fitting(std::span<Job> jobs) const {
  if (jobs.empty()) return jobs;
  const std::size_t first = place_of(jobs.front());
  return jobs.first(std::min(jobs.size(), std::max(fitting_, first) - first));
}

// With several lanes a key may be taken between a unit's look and its insert. Run again, the unit sees who has it, and
// answers as it would have a moment later.
bool BatchRunner::may_be_a_race(const Fault& fault) const {
  return session_.engine() == Engine::Postgres && fault.error().kind() == ErrorKind::Conflict;
}

std::optional<Fault> BatchRunner::attempt(std::span<Job> jobs, Guard guard) {
  answers_.assign(jobs.size(), std::nullopt);
  stretch_.reset();
  lost_race_ = false;
  const bool alone = jobs.size() == 1;
  try {
    session_.begin();
    if (run_units(jobs, guard)) {
      session_.commit();
      succeeded();
      return std::nullopt;
    }
    session_.rollback();
    succeeded();
    const bool again = !alone || (lost_race_ && guard == Guard::None);
    return again ? std::optional(Fault(FaultKind::Data, "a unit spoilt its batch")) : std::nullopt;
  } catch (const Fault& fault) {
    session_.rollback();
    if (!alone || fault.kind() != FaultKind::Data) return fault;
    succeeded();
    answers_[0] = fault.error();
    return std::nullopt;
  }
}

bool BatchRunner::run_units(std::span<Job> jobs, Guard guard) {
  const Ends ends = jobs.size() == 1 ? Ends::Itself : Ends::WithBatch;
  for (std::size_t at = 0; at < jobs.size(); ++at) {
    if (out_of_time(place_of(jobs[at]))) {
      fitting_ = place_of(jobs[at]);
      return true;
    }
    const Kept kept =
        guard == Guard::None ? run_unit(jobs[at], answers_[at], ends) : run_guarded(jobs[at], answers_[at]);
    if (kept == Kept::Spoilt) return false;
  }
  return true;
}

BatchRunner::Kept BatchRunner::run_unit(Job& job, Answer& answer, Ends ends) {
  const auto before = session_.total_changes();
  try {
    answer = job.unit(session_);
    if (ends == Ends::Itself && !answer) session_.insert_pending();
  } catch (const Fault& fault) {
    if (fault.kind() != FaultKind::Data) throw;
    answer = fault.error();
    lost_race_ = may_be_a_race(fault);
    return Kept::Spoilt;
  } catch (const std::exception& bug) {
    answer = error_of_bug(bug);
    return Kept::Spoilt;
  }
  return answer && session_.total_changes() != before ? Kept::Spoilt : Kept::Yes;
}

BatchRunner::Kept BatchRunner::run_guarded(Job& job, Answer& answer) {
  session_.savepoint();
  if (run_unit(job, answer, Ends::Itself) == Kept::Spoilt) {
    session_.undo_savepoint();
    return Kept::Undone;
  }
  session_.keep_savepoint();
  return Kept::Yes;
}

// The first unit of an attempt is always run, and so is the first of a part when there was time for all before it.
bool BatchRunner::out_of_time(std::size_t next) {
  const Part part = next < light_ ? Part::Light : next < urgent_ ? Part::Urgent : Part::Bulk;
  const auto now = steady_clock::now();
  if (!stretch_ || stretch_->of != part) {
    stretch_ = {.of = part, .began = now};
    return false;
  }
  if (now - stretch_->began > (part == Part::Bulk ? limits_.bulk : limits_.urgent)) return true;
  return urgent_ > 0 && part != Part::Light && hurry_();
}

void BatchRunner::succeeded() {
  outage_.over();
  contention_.over();
}

// These two return false when the callers have waited enough.
bool BatchRunner::step_aside() {
  outage_.over();  // the store answers
  const auto pause =
      contention_.pause_after_meeting(steady_clock::now(), std::uniform_real_distribution(0.0, 1.0)(dice_));
  if (pause) std::this_thread::sleep_for(*pause);
  return pause.has_value();
}

bool BatchRunner::wait_out(const Fault& fault) {
  const bool first = !outage_.lasts();
  const auto pause = outage_.pause_after_failure(steady_clock::now());
  if (first) log::error("the store refuses: {}", fault.what());
  if (!pause) return false;
  std::this_thread::sleep_for(*pause);
  return true;
}

void BatchRunner::finish(std::span<Job> jobs) {
  for (std::size_t at = 0; at < jobs.size(); ++at) jobs[at].done(std::move(answers_[at]));
}

void BatchRunner::refuse(std::span<Job> jobs, const Fault& fault) {
  Error error(ErrorKind::Unavailable, fault.what());
  if (fault.kind() == FaultKind::Contention) error = std::move(error).with_code(std::string(kContended));
  if (fault.kind() == FaultKind::Unsettled) {
    log::error("{}", fault.what());
    error = std::move(error).with_code("commit_unknown");
  }
  for (Job& job : jobs) job.done(error);
}

}  // namespace waypost::sql
