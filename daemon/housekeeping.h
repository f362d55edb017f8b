// Housekeeping: deletes what is kept no longer, hourly, in small bulk units that delay no reply. A thread of its own.

#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "base/clock.h"
#include "config/settings.h"
#include "journal/journal.h"
#include "sql/database.h"
#include "webhook/applier.h"

namespace waypost {

class Housekeeping {
 public:
  // All outlive it. Begins a minute after the start.
  Housekeeping(sql::Database& database, Journal& journal, Applier& applier, const Clock& clock,
               const Settings& settings);
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;
  // Ends after the unit in progress.
  ~Housekeeping() = default;

 private:
  void run(const std::stop_token& stop);
  void keep_house();

  sql::Database& database_;
  Journal& journal_;
  Applier& applier_;
  const Clock& clock_;
  const Settings& settings_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace waypost
