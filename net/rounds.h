// Rounds: work that a coroutine does again and again until it is stopped: rests that a stop ends at once, and a stop
// that waits for the round in progress.
//
//   begin() ─▶ while (go_on()) { …; co_await rest(pause); } ─▶ over()          stop() returns behind over()
//
// The coroutine and whoever stops it share what holds it. Loop only, but for begin() and abandon().

#pragma once

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <utility>

#include "base/check.h"
#include "net/asio.h"

namespace waypost {

class Rounds {
 public:
  explicit Rounds(const asio::any_io_executor& loop) : tick_(loop), ended_(loop) {}

  // Before the coroutine is spawned, once.
  void begin() {
    WAYPOST_CHECK(!running_ && !stopping_);
    running_ = true;
  }
  bool go_on() const { return !stopping_; }
  // Ends early by wake() or stop().
  awaitable<void> rest(std::chrono::milliseconds pause) {
    if (std::exchange(woken_, false) || stopping_) co_return;
    tick_.expires_after(pause);
    co_await tick_.async_wait(kToken);
    woken_ = false;
  }
  // The present rest, or the next one, is over.
  void wake() {
    woken_ = true;
    tick_.cancel();
  }
  void over() {
    running_ = false;
    ended_.cancel();
  }

  awaitable<void> stop() {
    stopping_ = true;
    tick_.cancel();
    while (running_) {
      ended_.expires_at(asio::steady_timer::time_point::max());
      co_await ended_.async_wait(kToken);
    }
  }
  // Its owner goes: the coroutine ends at its next look, and nobody waits for it.
  void abandon() { stopping_ = true; }

 private:
  std::atomic<bool> running_ = false;
  std::atomic<bool> stopping_ = false;
  bool woken_ = false;
  asio::steady_timer tick_;
  asio::steady_timer ended_;
};

}  // namespace waypost
