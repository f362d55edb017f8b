// HealthWatch: looks at each channel again and again (outbound/channel_look.h), on the node that has the job, and shows
// their health in numbers. Loop only, but for start().
//
//   waypost_channels{status}                        how many are good, unknown, warning, bad, or never looked at (new)
//   waypost_channel_health{channel, channel_id}     0 good, 1 unknown, 2 warning, 3 bad; the 50 worst

#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "net/asio.h"
#include "outbound/channel_look.h"
#include "sql/database.h"

namespace waypost {

// All outlive it or its stop().
struct HealthWatchParts {
  asio::any_io_executor loop;
  sql::Database& database;
  ChannelLooker& looker;
  const Clock& clock;
  std::function<bool()> mine = [] { return true; };  // this node has the job
};

struct HealthWatchSettings {
  std::chrono::minutes every{15};           // a channel; 0: never by itself
  std::chrono::milliseconds round{30'000};  // between two searches for channels that are due
};

class HealthWatch {
 public:
  HealthWatch(HealthWatchParts parts, HealthWatchSettings settings);
  HealthWatch(const HealthWatch&) = delete;
  HealthWatch& operator=(const HealthWatch&) = delete;
  ~HealthWatch();

  // Any thread, once.
  void start();
  // Returns when a look in progress is over.
  awaitable<void> stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace waypost
