// Loop: a thread with one io_context(1) and everything its coroutines touch. There are no locks between loops: what
// crosses is posted. The number of loops is a setting (one is best on two cores).

#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <functional>
#include <string>
#include <thread>

#include "net/asio.h"

namespace waypost {

class Loop {
 public:
  // Starts the thread at once; `name` shows in `top -H` (15 characters).
  explicit Loop(std::string name);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  // Stops; whatever still waits is destroyed unfinished.
  ~Loop();

  // Stops and joins the thread; what still waits stays where it is until the destructor. Not from its own thread.
  void stop();

  asio::io_context& context() { return context_; }
  asio::any_io_executor executor() { return context_.get_executor(); }
  // Any thread: runs `work` on the loop, soon.
  void post(std::move_only_function<void()> work);

 private:
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> alive_{context_.get_executor()};
  std::thread thread_;
};

// Loop only. Sleeps for `pause`, or less when the coroutine is cancelled.
awaitable<void> sleep_for(std::chrono::milliseconds pause);

}  // namespace waypost
