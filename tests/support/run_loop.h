// RunLoop: runs a test's coroutines on an io_context in the test's own thread. Test thread only.

#pragma once

#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <utility>

#include "net/asio.h"

namespace waypost::test {

class RunLoop {
 public:
  asio::io_context& context() { return context_; }
  asio::any_io_executor executor() { return context_.get_executor(); }

  // Runs the loop until `work` has ended, and gives its result. Throws when that takes longer than `limit`.
  template <class T>
  T wait(awaitable<T> work, std::chrono::milliseconds limit = std::chrono::seconds(60)) {
    std::optional<T> result;
    std::exception_ptr escaped;
    asio::co_spawn(context_, std::move(work), [&](std::exception_ptr error, T value) {
      escaped = error;
      result.emplace(std::move(value));
    });
    run_until([&] { return result.has_value(); }, limit);
    if (escaped) std::rethrow_exception(escaped);
    if (!result) throw std::runtime_error("the coroutine did not end in time");
    return std::move(*result);
  }
  void wait(awaitable<void> work, std::chrono::milliseconds limit = std::chrono::seconds(60)) {
    wait(with_value(std::move(work)), limit);
  }

  // Runs the loop until `done` is true; false when the time ran out first.
  bool run_until(const std::function<bool()>& done, std::chrono::milliseconds limit = std::chrono::seconds(60)) {
    const auto end = std::chrono::steady_clock::now() + limit;
    context_.restart();
    while (!done() && std::chrono::steady_clock::now() < end) {
      context_.run_one_for(std::chrono::milliseconds(5));
      context_.restart();
    }
    return done();
  }

 private:
  static awaitable<bool> with_value(awaitable<void> work) {
    co_await std::move(work);
    co_return true;
  }

  asio::io_context context_{1};
};

}  // namespace waypost::test
