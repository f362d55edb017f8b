// App: the running daemon. Its members stand in start order, so that destruction is the reverse; a start that fails
// half way unwinds what already runs. Main thread.
//
//   settings ─▶ keys ─▶ store ─▶ journal ─▶ name ─▶ loops ─▶ Redis ─▶ jobs ─▶ applier ─▶ workers ─▶ HTTP ─▶ ready
//
// What of it a node has is its roles' to say: journal and applier with "webhook", the pool of runs with "worker", that
// of sends with "sender"; the public listener with "webhook" or "api".
//
// It wires the rooms together and owns nothing else: no decision about a message is made here.

#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/error.h"
#include "config/settings.h"
#include "net/loop.h"
#include "net/server.h"

namespace waypost {

struct ApiParts;
class Doors;
struct Queues;
struct Work;

// After a restore what waits to be sent is held until an operator speaks (store/restored_sends.h).
enum class StartKind { Usual, AfterRestore };

class App {
 public:
  // Everything runs when it returns. Errors say what to do.
  static Result<std::unique_ptr<App>> start(Settings settings, StartKind kind = StartKind::Usual);
  App(const App&) = delete;
  App& operator=(const App&) = delete;
  // Cuts what drain() did not end.
  ~App();

  // SIGTERM: refuses new connections, lets requests, runs and sends in progress finish within settings.http.drain.
  void drain();
  // SIGHUP: certificates, the app secrets and the log level of `fresh`. Errors leave the old ones in force.
  Result<void> reload(const Settings& fresh);
  // Every loop and lane has moved within `limit`: the watchdog may be fed.
  bool moves(std::chrono::milliseconds limit);

  // Empty without a public listener.
  std::string url() const;
  std::string admin_url() const;

 private:
  struct Stores;

  App(Settings settings, Keyring keyring, StartKind kind);
  Result<void> open_stores();
  Result<void> open_journal();
  Result<void> name_node();
  Result<void> look_at_restore();
  Result<void> open_queues();
  Result<void> make_work();
  Result<void> enter_store_or_wait();
  void enter_store_when_it_is_back(const std::stop_token& stop);
  Result<void> enter_store();
  void load_apps();
  void begin_work();
  Result<void> open_doors();
  ApiParts api_parts();
  void drain_work(std::chrono::milliseconds limit);
  Loop& first_loop() { return *loops_.front(); }
  void write_addresses() const;

  // Constant after construction.
  const Settings settings_;
  const SystemClock clock_;
  const Keyring keyring_;
  const StartKind kind_;

  // In start order.
  BodyBudget budget_;
  std::unique_ptr<Stores> stores_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::unique_ptr<Queues> queues_;
  std::unique_ptr<Work> work_;
  std::unique_ptr<Doors> doors_;
  bool looked_at_restore_ = false;     // whoever enters the store: main, or entering_
  std::atomic<bool> entered_ = false;  // the store is this release's, and work goes on
  std::jthread entering_;              // while the store is away since the start
};

}  // namespace waypost
