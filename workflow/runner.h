// Runner: does the work of one conversation that triggers and runs stand for; the handler of the queue "runs".
//
//   read (read lane) ──▶ decide (pure: trigger_rules, sprint) ──▶ commit (write lane, one unit) ──▶ signal sends
//        ▲                                                            │ stale: someone else was faster
//        └──────────────────────── more to do ────────────────────────┘
//
// A sprint is all consecutive steps whose effects are rows; they commit together with the run's new position, and the
// commit takes the trigger row or moves the run's revision, so that each step takes effect once whatever else runs
// (laws 5 and 7). Loop only: one Runner a loop.

#pragma once

#include <chrono>
#include <memory>

#include "base/clock.h"
#include "config/settings.h"
#include "queue/signals.h"
#include "queue/worker_pool.h"
#include "sql/database.h"

namespace waypost::workflow {

struct RunnerSettings {
  RunSettings limits{};
  milliseconds window_margin{60'000};  // SendingSettings
  milliseconds validity{std::chrono::hours(24)};
};
// What of the settings the runner needs.
RunnerSettings runner_settings(const Settings& settings);

class Runner {
 public:
  // All outlive the runner.
  static std::unique_ptr<Runner> make(sql::Database& database, Signals& signals, const Clock& clock,
                                      const RunnerSettings& settings);
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  virtual ~Runner() = default;

  // WorkerPool's handler: `[&runner](ReadyKey key) { return runner.handle(key); }`. Does what is due, a bounded number
  // of sprints a turn, and says when to come back.
  virtual awaitable<WorkOutcome> handle(ReadyKey key) = 0;

 protected:
  Runner() = default;
};

}  // namespace waypost::workflow
