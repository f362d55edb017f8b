#include "net/loop.h"

#include <pthread.h>

#include <utility>

namespace waypost {
namespace {

constexpr std::size_t kThreadName = 15;  // the kernel's limit, without the closing NUL

}  // namespace

Loop::Loop(std::string name)
    : thread_([this, name = name.substr(0, kThreadName)] {
        pthread_setname_np(pthread_self(), name.c_str());
        context_.run();
      }) {}

Loop::~Loop() { stop(); }

void Loop::stop() {
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

void Loop::post(std::move_only_function<void()> work) { asio::post(context_, std::move(work)); }

awaitable<void> sleep_for(std::chrono::milliseconds pause) {
  asio::steady_timer timer(co_await asio::this_coro::executor, pause);
  co_await timer.async_wait(kToken);
}

}  // namespace waypost
