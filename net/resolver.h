// Resolver: host names to addresses, with a cache of a thousand. Lookups block in two threads of its own, so that a
// name server that does not answer holds up neither the loop nor another client's lookups. Loop only; destroyed before
// its loop.

#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "net/asio.h"

namespace waypost {

using Endpoint = asio::generic::stream_protocol::endpoint;
using Instant = std::chrono::steady_clock::time_point;

class Resolver {
 public:
  Resolver() = default;
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  ~Resolver();

  // Never empty. Unavailable when the name is unknown, or when `due` came first. When a lookup fails, addresses that
  // were good within the last hour still serve.
  awaitable<Result<std::vector<Endpoint>>> resolve(std::string host, std::uint16_t port, Instant due);
  // Ends lookups; waits for those in a name server's hands. Every later name is unknown.
  void stop();
  // The addresses did not answer: look them up again next time.
  void distrust(const std::string& host, std::uint16_t port);

 private:
  struct Known {
    std::vector<Endpoint> endpoints;
    Instant looked_up;
    bool trusted = true;
  };
  struct Lookup;

  void keep(const std::pair<std::string, std::uint16_t>& name, Known known);
  awaitable<std::vector<Endpoint>> look_up(std::string host, std::uint16_t port, Instant due);

  std::map<std::pair<std::string, std::uint16_t>, Known> known_;
  std::unique_ptr<asio::thread_pool> threads_;  // made by the first lookup
  bool stopped_ = false;
};

}  // namespace waypost
