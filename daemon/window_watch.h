// WindowWatch: tells window.closing in time (store/window_closing.h), on the node that sweeps. A look every few seconds
// costs one look-up in an index while no window is due. Loop only, but for start().

#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "net/asio.h"
#include "sql/database.h"

namespace waypost {

// All outlive it or its stop().
struct WindowWatchParts {
  asio::any_io_executor loop;
  sql::Database& database;
  const Clock& clock;
  std::function<bool()> mine = [] { return true; };  // this node sweeps
};

struct WindowWatchSettings {
  std::chrono::minutes notice{60};  // before the end; 0: nothing is told
  std::chrono::milliseconds every{5'000};
};

class WindowWatch {
 public:
  WindowWatch(WindowWatchParts parts, WindowWatchSettings settings);
  WindowWatch(const WindowWatch&) = delete;
  WindowWatch& operator=(const WindowWatch&) = delete;
  ~WindowWatch();

  // Any thread, once.
  void start();
  // Returns when a round in progress is over.
  awaitable<void> stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace waypost
