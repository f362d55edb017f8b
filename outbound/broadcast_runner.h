// BroadcastRunner: brings every broadcast of the installation on its way, on the node that has the job.
//
//   scheduled, and it is time ─▶ preparing ─▶ a page of recipients frozen a round ─▶ sending
//   sending ─▶ waiting recipients become messages, a page a round, while there is room ahead of the sender
//           ─▶ paused, when template, channel or account stop it        ─▶ completed, when all are out
//
// It keeps nothing in memory between two rounds but the time of its last complaint: whoever takes the job goes on from
// the rows. Two of them at once do no harm (store/broadcast_feed.h). Broadcasts take turns, a page each. Loop only, but
// for start().

#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "net/asio.h"
#include "queue/signals.h"
#include "sql/database.h"
#include "store/outbox.h"

namespace waypost {

// All outlive it or its stop().
struct BroadcastRunnerParts {
  asio::any_io_executor loop;
  sql::Database& database;
  Signals& signals;
  const Clock& clock;
  std::function<bool()> mine = [] { return true; };  // this node has the job
};

struct BroadcastRunnerSettings {
  store::AcceptRules rules{};
  std::chrono::milliseconds every{500};  // between rounds in which there was nothing to do
  std::int64_t contacts_a_page = 500;    // looked at while freezing
  std::int64_t recipients_a_page = 200;  // that become messages, each in a transaction of its own
};

class BroadcastRunner {
 public:
  BroadcastRunner(BroadcastRunnerParts parts, BroadcastRunnerSettings settings);
  BroadcastRunner(const BroadcastRunner&) = delete;
  BroadcastRunner& operator=(const BroadcastRunner&) = delete;
  ~BroadcastRunner();

  // Any thread, once.
  void start();
  // Returns when a round in progress is over.
  awaitable<void> stop();
  // One round by hand, without start(). Whether another one has something to do at once.
  awaitable<bool> round();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace waypost
