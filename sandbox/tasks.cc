#include "sandbox/tasks.h"

#include <utility>

#include "net/spawn.h"

namespace waypost::sandbox {

void Tasks::start(const char* name, awaitable<void> work) {
  ++running_;
  spawn(loop_, name, counted(std::move(work)));
}

awaitable<void> Tasks::counted(awaitable<void> work) {
  co_await std::move(work);
  --running_;
  tell_if_ended();
}

awaitable<bool> Tasks::pause(std::chrono::milliseconds length) {
  if (stopping_) co_return false;
  if (length.count() <= 0) co_return true;
  asio::steady_timer timer(loop_, length);
  pauses_.insert(&timer);
  co_await timer.async_wait(kToken);
  pauses_.erase(&timer);
  co_return !stopping_;
}

void Tasks::stop(std::move_only_function<void()> ended) {
  stopping_ = true;
  ended_ = std::move(ended);
  for (auto* timer : pauses_) timer->cancel();
  tell_if_ended();
}

void Tasks::tell_if_ended() {
  if (!stopping_ || running_ > 0 || !ended_) return;
  std::exchange(ended_, nullptr)();
}

}  // namespace waypost::sandbox
