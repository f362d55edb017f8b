// Lane: a thread with a Session of its own that runs what its mailbox holds. Any engine.
//
// Made and destroyed by one thread, whoever owns the Database; it outlives nothing but its own thread.

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <thread>

#include "base/thread.h"
#include "sql/batch_runner.h"
#include "sql/mailbox.h"
#include "sql/session.h"

namespace waypost::sql {

struct LaneSettings {
  std::string name = "lane";      // shows in `top -H` (15 characters) and in the metrics
  std::size_t batch_units = 512;  // most units in one transaction
  BatchLimits limits;
  Priority priority = Priority::Usual;
};

class Lane {
 public:
  // Starts the thread. `mailbox` outlives the lane.
  Lane(LaneSettings settings, std::unique_ptr<Session> session, Mailbox& mailbox);
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  // Joins. The mailbox is closed before, and what waits in it is run.
  ~Lane();

 private:
  void work();

  const LaneSettings settings_;
  const std::unique_ptr<Session> session_;  // the thread's
  Mailbox& mailbox_;
  std::thread thread_;
};

}  // namespace waypost::sql
