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

std::size_t BatchRunner::run(std::span<Job> jobs, std::size_t urgent) {
  urgent_ = urgent;
  fitting_ = jobs.size();
  settle(jobs);
  return fitting_;
}

void BatchRunner::settle(std::span<Job> jobs) {
  Guard guard = Guard::None;
  while (true) {
    jobs = jobs.first(std::min(jobs.size(), fitting_));
    const auto fault = attempt(jobs, guard);
    if (!fault) return finish(jobs);
    if (fault->kind() != FaultKind::Data) {
      if (!wait_out(*fault)) return refuse(jobs, *fault);
    } else if (guard == Guard::None) {
      guard = Guard::Savepoints;
    } else {
      return settle_alone(jobs);
    }
  }
}

void BatchRunner::settle_alone(std::span<Job> jobs) {
  jobs = jobs.first(std::min(jobs.size(), fitting_));
  for (std::size_t at = 0; at < jobs.size(); ++at) settle(jobs.subspan(at, 1));
}

std::optional<Fault> BatchRunner::attempt(std::span<Job> jobs, Guard guard) {
  answers_.assign(jobs.size(), std::nullopt);
  bulk_began_.reset();
  const bool alone = jobs.size() == 1;
  try {
    session_.begin();
    if (run_units(jobs, guard)) {
      session_.commit();
      outage_.over();
      return std::nullopt;
    }
    session_.rollback();
    outage_.over();
    return alone ? std::nullopt : std::optional(Fault(FaultKind::Data, "a unit spoilt its batch"));
  } catch (const Fault& fault) {
    session_.rollback();
    if (!alone || fault.kind() != FaultKind::Data) return fault;
    outage_.over();
    answers_[0] = fault.error();
    return std::nullopt;
  }
}

bool BatchRunner::run_units(std::span<Job> jobs, Guard guard) {
  for (std::size_t at = 0; at < jobs.size(); ++at) {
    if (out_of_time(at)) {
      fitting_ = at;
      return true;
    }
    const Kept kept = guard == Guard::None ? run_unit(jobs[at], answers_[at]) : run_guarded(jobs[at], answers_[at]);
    if (kept == Kept::Spoilt) return false;
  }
  return true;
}

BatchRunner::Kept BatchRunner::run_unit(Job& job, Answer& answer) {
  const auto before = session_.total_changes();
  try {
    answer = job.unit(session_);
  } catch (const Fault& fault) {
    if (fault.kind() != FaultKind::Data) throw;
    answer = fault.error();
    return Kept::Spoilt;
  } catch (const std::exception& bug) {
    answer = error_of_bug(bug);
    return Kept::Spoilt;
  }
  return answer && session_.total_changes() != before ? Kept::Spoilt : Kept::Yes;
}

BatchRunner::Kept BatchRunner::run_guarded(Job& job, Answer& answer) {
  session_.savepoint();
  if (run_unit(job, answer) == Kept::Spoilt) {
    session_.undo_savepoint();
    return Kept::Undone;
  }
  session_.keep_savepoint();
  return Kept::Yes;
}

// The first bulk unit is always run.
bool BatchRunner::out_of_time(std::size_t next) {
  if (next < urgent_) return false;
  const auto now = steady_clock::now();
  if (!bulk_began_) bulk_began_ = now;
  return next > urgent_ && now - *bulk_began_ > limits_.bulk;
}

// False when the callers have waited enough.
bool BatchRunner::wait_out(const Fault& fault) {
  const bool first = !outage_.lasts();
  const auto pause = outage_.pause_after_failure(steady_clock::now());
  if (first && fault.kind() == FaultKind::Unavailable) log::error("the store refuses: {}", fault.what());
  if (!pause) return false;
  std::this_thread::sleep_for(*pause);
  return true;
}

void BatchRunner::finish(std::span<Job> jobs) {
  jobs = jobs.first(std::min(jobs.size(), fitting_));
  for (std::size_t at = 0; at < jobs.size(); ++at) jobs[at].done(std::move(answers_[at]));
}

void BatchRunner::refuse(std::span<Job> jobs, const Fault& fault) {
  const Error error(ErrorKind::Unavailable, fault.what());
  for (Job& job : jobs) job.done(error);
}

}  // namespace waypost::sql
