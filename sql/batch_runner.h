// BatchRunner: runs a batch of jobs in one transaction of a Session, whatever engine it is, and answers every job once.
// Lane only.
//
//   together ──Data fault, or Error after writes──▶ guarded: again, a savepoint around each unit; the bad one is undone
//      │                                               │
//      │ COMMIT finds bad data (deferred constraints)  │  ▶ alone: again, each unit in a transaction of its own
//      ▼                                               ▼
//   Contention ──▶ again after a random pause, in halves, for as long as the patience lasts ──▶ Unavailable, kContended
//   Unavailable ──▶ again after a pause, until the outage's patience ends ──▶ every job Unavailable
//   Unsettled ──▶ every job Unavailable at once, with code "commit_unknown"

#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include "sql/contention.h"
#include "sql/database.h"
#include "sql/mailbox.h"
#include "sql/outage.h"
#include "sql/session.h"

namespace waypost::sql {

struct BatchLimits {
  std::chrono::milliseconds patience{5'000};
  // Of light jobs, of other urgent ones and of bulk (sql/mailbox.h) the first is run when all before had their time. No
  // further one begins when those took as long; nor one that is not light while a light one waits, unless the batch is
  // of bulk alone.
  std::chrono::milliseconds urgent{10};
  std::chrono::milliseconds bulk{1};
};

class BatchRunner {
 public:
  // `session` outlives the runner.
  BatchRunner(Session& session, BatchLimits limits)
      : session_(session), limits_(limits), outage_(limits.patience), contention_(limits.patience) {}

  // Returns how many were run and answered: all but the last ones, for which there was no time; always at least one.
  // `hurry` says whether a light job waits for the next batch.
  std::size_t run(Batch& batch, const std::function<bool()>& hurry);

 private:
  using Answer = std::optional<Error>;
  enum class Guard { None, Savepoints };
  // What became of one unit: its writes stand, or were undone, or cannot be undone without the batch's.
  enum class Kept { Yes, Undone, Spoilt };

  void settle(std::span<Job> jobs);
  void settle_parts(std::span<Job> jobs, std::size_t each);
  // Nothing when every job has its answer.
  std::optional<Fault> attempt(std::span<Job> jobs, Guard guard);
  bool may_be_a_race(const Fault& fault) const;
  bool run_units(std::span<Job> jobs, Guard guard);
  // To its own end: what it inserted is inserted, and a fault of that is its own.
  enum class Ends { Itself, WithBatch };
  Kept run_unit(Job& job, Answer& answer, Ends ends);
  Kept run_guarded(Job& job, Answer& answer);
  std::size_t place_of(const Job& job) const { return static_cast<std::size_t>(&job - batch_.data()); }
  std::span<Job> fitting(std::span<Job> jobs) const;
  bool out_of_time(std::size_t next);
  void succeeded();
  bool step_aside();
  bool wait_out(const Fault& fault);
  void finish(std::span<Job> jobs);
  void refuse(std::span<Job> jobs, const Fault& fault);

  Session& session_;
  const BatchLimits limits_;
  Outage outage_;
  Contention contention_;
  std::minstd_rand dice_{std::random_device()()};
  // Of the present batch; jobs are counted from its first one.
  std::span<Job> batch_;
  std::size_t light_ = 0;
  std::size_t urgent_ = 0;
  std::function<bool()> hurry_;
  std::size_t fitting_ = 0;  // jobs that there was time for
  // Of its present attempt.
  std::vector<Answer> answers_;
  bool lost_race_ = false;  // for a key, by the unit that spoilt the batch
  enum class Part { Light, Urgent, Bulk };
  struct Stretch {
    Part of;
    std::chrono::steady_clock::time_point began;
  };
  std::optional<Stretch> stretch_;
};

}  // namespace waypost::sql
