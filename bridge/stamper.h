// Stamper: gives events their numbers behind their commit, where the engine's lanes commit in any order (PostgreSQL).
// One node does it, by a lease; two at once would do no harm (store/event_numbers.h). Loop only.

#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "net/asio.h"
#include "sql/database.h"

namespace waypost::bridge {

struct StamperSettings {
  std::size_t most = 1'000;            // events of one pass
  std::chrono::milliseconds busy{20};  // after a pass that found some
  std::chrono::milliseconds idle{50};  // after one that found none
  // After so long without an event, `quiet` instead of `idle`: a look is the dearest thing that an idle node does.
  std::chrono::milliseconds quiet_after{5'000};
  std::chrono::milliseconds quiet{100};
};

// How long to rest behind a pass that numbered `numbered` events, `since` after the last pass that found some.
std::chrono::milliseconds rest_behind(std::size_t numbered, std::chrono::milliseconds since,
                                      const StamperSettings& settings);

class Stamper {
 public:
  // The database outlives it or its stop(). `mine`: this node is the one; asked before each pass.
  Stamper(asio::any_io_executor loop, sql::Database& database, std::function<bool()> mine,
          StamperSettings settings = {});
  Stamper(const Stamper&) = delete;
  Stamper& operator=(const Stamper&) = delete;
  ~Stamper();

  // Any thread, once.
  void start();
  // Returns when a pass in progress is done.
  awaitable<void> stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace waypost::bridge
