// Tasks: the coroutines that nobody awaits (webhooks on their way, phones that will ring, a load), so that all have
// ended before what they use is gone. Loop only.

#pragma once

#include <cstddef>
#include <functional>
#include <set>

#include "net/asio.h"

namespace waypost::sandbox {

class Tasks {
 public:
  explicit Tasks(asio::any_io_executor loop) : loop_(std::move(loop)) {}
  Tasks(const Tasks&) = delete;
  Tasks& operator=(const Tasks&) = delete;

  void start(const char* name, awaitable<void> work);
  // False when the simulator stops, then at once: end the work.
  awaitable<bool> pause(std::chrono::milliseconds length);
  // Ends every pause, and calls `ended` when no task is left. Once.
  void stop(std::move_only_function<void()> ended);
  bool stopping() const { return stopping_; }

 private:
  awaitable<void> counted(awaitable<void> work);
  void tell_if_ended();

  asio::any_io_executor loop_;
  std::size_t running_ = 0;
  std::set<asio::steady_timer*> pauses_;
  bool stopping_ = false;
  std::move_only_function<void()> ended_;
};

}  // namespace waypost::sandbox
