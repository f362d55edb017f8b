// Runner: does the work of one conversation that triggers and runs stand for; the handler of the queue "runs".
//
//   read (read lane) ──▶ decide (pure: work, sprint) ──▶ commit (write lane, one unit) ──▶ signal sends
//        ▲                                                       │        │ the sprint stops at a call
//        ├────────── more to do ◀── stale: someone was faster ───┘        ▼
//        └──────────────────────────── its answer, as the run's cause ◀── outside (outside_desk.h)
//
// A sprint is all consecutive steps whose effects are rows; they commit together with the run's new position, and the
// commit takes the trigger row or moves the run's revision, so that each step takes effect once whatever else runs
// (laws 5 and 7). A run that waits or calls holds neither a worker nor a lease: its row says when to look at it again.
// Loop only: one Runner a loop.

#pragma once

#include <chrono>
#include <memory>

#include "base/clock.h"
#include "config/settings.h"
#include "queue/signals.h"
#include "queue/worker_pool.h"
#include "sql/database.h"
#include "workflow/outside.h"

namespace waypost::workflow {

struct RunnerSettings {
  RunSettings limits{};
  milliseconds window_margin{60'000};  // SendingSettings
  milliseconds validity{std::chrono::hours(24)};
  std::size_t calls = 256;  // to outside, at a time
  std::size_t calls_per_workspace = 32;
};
// What of the settings the runner needs.
RunnerSettings runner_settings(const Settings& settings);

// All outlive the runner.
struct RunnerParts {
  asio::any_io_executor loop;
  sql::Database& database;
  Signals& signals;
  Outside& outside;
  const Clock& clock;
};

class Runner {
 public:
  static std::unique_ptr<Runner> make(const RunnerParts& parts, const RunnerSettings& settings);
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  virtual ~Runner() = default;

  // WorkerPool's handler: `[&runner](ReadyKey key) { return runner.handle(key); }`. Does what is due, a bounded number
  // of sprints a turn, and says when to come back.
  virtual awaitable<WorkOutcome> handle(ReadyKey key) = 0;
  // Begins no further call and returns when none is out, or after `most`: what is out then is repeated when its time is
  // over, as after a crash. Await it before the runner is destroyed, unless the loop has ended.
  virtual awaitable<void> stop(std::chrono::milliseconds most) = 0;

 protected:
  Runner() = default;
};

}  // namespace waypost::workflow
