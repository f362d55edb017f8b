// Runs a coroutine on a loop and waits for its value, from the test's thread.

#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "net/client.h"
#include "net/loop.h"

namespace waypost::test {

template <class T>
T run_on(Loop& loop, awaitable<T> work) {
  return asio::co_spawn(loop.executor(), std::move(work), asio::use_future).get();
}

// A loop with a client on it, which is destroyed there.
class ClientOnLoop {
 public:
  explicit ClientOnLoop(ClientSettings settings = {})
      : client_(HttpClient::make(loop_.executor(), std::move(settings))) {}
  ClientOnLoop(const ClientOnLoop&) = delete;
  ClientOnLoop& operator=(const ClientOnLoop&) = delete;
  ~ClientOnLoop() {
    asio::post(loop_.context(), asio::use_future([this] { client_.reset(); })).get();
  }

  std::expected<Response, ExchangeFailure> ask(ClientRequest request) {
    return run_on(loop_, client_->ask(std::move(request)));
  }
  std::expected<Response, ExchangeFailure> get(std::string url) { return ask({.url = std::move(url)}); }

 private:
  Loop loop_{"test-client"};
  std::unique_ptr<HttpClient> client_;
};

}  // namespace waypost::test
