#include "net/resolver.h"

#include <netdb.h>

#include <boost/asio/ip/tcp.hpp>
#include <utility>

namespace waypost {
namespace {

constexpr std::chrono::seconds kFresh{60};
constexpr std::chrono::hours kUsable{1};
constexpr std::size_t kThreads = 2;
constexpr std::size_t kKept = 1'000;  // names: whoever names hosts may name ever new ones

std::vector<Endpoint> numeric(const std::string& host, std::uint16_t port) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (error) return {};
  return {Endpoint(asio::ip::tcp::endpoint(address, port))};
}

std::vector<Endpoint> blocking_lookup(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return {};
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> all(found, ::freeaddrinfo);
  std::vector<Endpoint> endpoints;
  for (const auto* one = found; one != nullptr; one = one->ai_next) {
    endpoints.emplace_back(one->ai_addr, one->ai_addrlen, IPPROTO_TCP);
  }
  return endpoints;
}

}  // namespace

// Shared by the waiting coroutine and the thread that looks up.
struct Resolver::Lookup {
  Lookup(const asio::any_io_executor& loop, Instant due) : done(loop, due) {}
  asio::steady_timer done;
  std::vector<Endpoint> endpoints;
};

Resolver::~Resolver() { stop(); }

void Resolver::stop() {
  if (std::exchange(stopped_, true) || !threads_) return;
  threads_->stop();
  threads_->join();
}

awaitable<std::vector<Endpoint>> Resolver::look_up(std::string host, std::uint16_t port, Instant due) {
  if (stopped_) co_return std::vector<Endpoint>();
  if (!threads_) threads_ = std::make_unique<asio::thread_pool>(kThreads);
  const auto loop = co_await asio::this_coro::executor;
  const auto lookup = std::make_shared<Lookup>(loop, due);
  asio::post(*threads_, [lookup = lookup, loop, host = std::move(host), port]() mutable {
    auto endpoints = blocking_lookup(host, port);
    asio::post(loop, [lookup = std::move(lookup), endpoints = std::move(endpoints)]() mutable {
      lookup->endpoints = std::move(endpoints);
      lookup->done.cancel();
    });
  });
  co_await lookup->done.async_wait(kToken);
  co_return lookup->endpoints;
}

awaitable<Result<std::vector<Endpoint>>> Resolver::resolve(std::string host, std::uint16_t port, Instant due) {
  auto literal = numeric(host, port);
  if (!literal.empty()) co_return literal;
  const auto key = std::pair(host, port);
  const auto now = std::chrono::steady_clock::now();
  const auto cached = known_.find(key);
  if (cached != known_.end() && cached->second.trusted && now - cached->second.looked_up < kFresh)
    co_return cached->second.endpoints;

  auto endpoints = co_await look_up(host, port, due);
  if (!endpoints.empty()) {
    keep(key, Known{endpoints, now, true});
    co_return endpoints;
  }
  const auto old = known_.find(key);
  if (old != known_.end() && now - old->second.looked_up < kUsable) co_return old->second.endpoints;
  co_return fail(ErrorKind::Unavailable, "no address for " + host);
}

void Resolver::keep(const std::pair<std::string, std::uint16_t>& name, Known known) {
  if (known_.size() >= kKept) {
    std::erase_if(known_, [&](const auto& entry) { return known.looked_up - entry.second.looked_up >= kFresh; });
  }
  if (known_.size() >= kKept) known_.clear();
  known_[name] = std::move(known);
}

void Resolver::distrust(const std::string& host, std::uint16_t port) {
  const auto cached = known_.find({host, port});
  if (cached != known_.end()) cached->second.trusted = false;
}

}  // namespace waypost
