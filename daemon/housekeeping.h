// Housekeeping: deletes what is kept no longer, hourly, in small bulk units that delay no reply: every node its own
// journal's files, one of them, by a lease, the store's rows and the media folder's files. A thread of its own.

#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

#include "base/clock.h"
#include "config/settings.h"
#include "journal/journal.h"
#include "media/folder.h"
#include "sql/database.h"
#include "webhook/applier.h"

namespace waypost {

// All outlive it.
struct HousekeepingParts {
  sql::Database& database;
  Journal& journal;
  Applier& applier;
  const Clock& clock;
  const Settings& settings;
  const media::MediaFolder& media;
  std::function<bool()> mine;  // this node is the one that keeps the store; any thread
};

class Housekeeping {
 public:
  // Begins a minute after the start.
  explicit Housekeeping(HousekeepingParts parts);
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;
  // Ends after the unit in progress.
  ~Housekeeping() = default;

 private:
  void run(const std::stop_token& stop);
  void keep_house();
  void keep_store();
  void keep_journal();

  const HousekeepingParts parts_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace waypost
