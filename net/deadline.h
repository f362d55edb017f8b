// Deadline: runs a cut when the time is over, unless it is gone by then. Loop only.

#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "net/asio.h"

namespace waypost {

class Deadline {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  // `cut` ends what its owner waits for; the owner then looks at passed().
  Deadline(const asio::any_io_executor& loop, Instant due, std::function<void()> cut)
      : timer_(loop, due), state_(std::make_shared<State>(std::move(cut))) {
    timer_.async_wait([state = state_](const boost::system::error_code& error) {
      if (error || state->gone) return;
      state->passed = true;
      state->cut();
    });
  }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline() { state_->gone = true; }

  bool passed() const { return state_->passed; }

 private:
  struct State {
    explicit State(std::function<void()> end) : cut(std::move(end)) {}
    std::function<void()> cut;
    bool passed = false;
    bool gone = false;
  };
  asio::steady_timer timer_;
  std::shared_ptr<State> state_;
};

}  // namespace waypost
