#include "net/server.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "base/metrics.h"
#include "net/connection.h"
#include "net/listener.h"
#include "net/spawn.h"

namespace waypost {
namespace {

using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol>;

constexpr std::chrono::milliseconds kAcceptPause{100};  // when descriptors run out, until some are closed
constexpr std::chrono::milliseconds kLastAccepts{20};   // who connects without end must not keep a stop from ending
constexpr std::chrono::milliseconds kCutGrace{2'000};   // for handlers that were cut to unwind

// The certificate in force; read by the loops, replaced by a reload.
class Certificates {
 public:
  TlsContext get() const {
    const std::lock_guard hold(lock_);
    return context_;
  }
  void set(TlsContext context) {
    const std::lock_guard hold(lock_);
    context_ = std::move(context);
  }

 private:
  mutable std::mutex lock_;
  TlsContext context_;
};

prometheus::Counter& accept_failures() {
  static auto& failures = counter("waypost_http_accept_failures_total", "Connections that could not be accepted");
  return failures;
}

// Fine enough for the shortest limit, and once a quarter second for the date.
std::chrono::milliseconds tick_of(const ServerLimits& limits) {
  const auto shortest = std::min({limits.read, limits.write, limits.idle});
  return std::clamp(shortest / 8, std::chrono::milliseconds(10), std::chrono::milliseconds(250));
}

std::string date_now() {
  const auto now = std::chrono::system_clock::now();
  return http_date(std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
}

// One loop's part of a server: its acceptor, its tick, its connections. Loop only, but for the constructor.
class LoopPart : public std::enable_shared_from_this<LoopPart> {
 public:
  LoopPart(Loop& loop, std::shared_ptr<ServerFacts> server, const Listener& listener,
           std::shared_ptr<Certificates> certificates, bool handed_over)
      : loop_(loop),
        handed_over_(handed_over),
        certificates_(std::move(certificates)),
        acceptor_(loop.context(), asio::generic::stream_protocol(listener.family(), 0), listener.duplicate()) {
    facts_->server = std::move(server);
    facts_->date = date_now();
  }
  Loop& loop() { return loop_; }

  void start() {
    spawn(loop_.executor(), "accept", accept_loop(shared_from_this()));
    spawn(loop_.executor(), "tick", tick_loop(shared_from_this()));
  }

  void drain() {
    facts_->draining = true;
    if (!handed_over_) accept_waiting();
    IoError ignored;
    acceptor_.close(ignored);
    for_each(&Connection::drain);
    // Behind an accept that has ended already and waits for its turn.
    loop_.post([self = shared_from_this()] {
      self->closed_ = true;
      ++self->facts_->server->drained_loops;
      self->facts_->server->wake_stop();
    });
  }

  void cut() { for_each(&Connection::cut); }

 private:
  static awaitable<void> accept_loop(std::shared_ptr<LoopPart> self) {
    while (!self->facts_->draining) {
      auto [error, socket] = co_await self->acceptor_.async_accept(kToken);
      if (!error) {
        self->welcome(std::move(socket));
      } else if (error != asio::error::operation_aborted) {
        accept_failures().Increment();
        co_await sleep_for(kAcceptPause);
      }
    }
  }

  // Clients that the kernel has connected already; closing would reset them, with the request they may have sent. On a
  // socket of systemd's they wait for whoever comes next.
  void accept_waiting() {
    IoError error;
    acceptor_.non_blocking(true, error);
    const auto& server = *facts_->server;
    const auto end = std::chrono::steady_clock::now() + kLastAccepts;
    while (!error && server.connections.load() < server.limits.connections && std::chrono::steady_clock::now() < end) {
      Socket socket(loop_.executor());
      acceptor_.accept(socket, error);
      if (!error) welcome(std::move(socket));
    }
  }

  static awaitable<void> tick_loop(std::shared_ptr<LoopPart> self) {
    const auto pause = tick_of(self->facts_->server->limits);
    while (!self->facts_->draining || !self->facts_->connections.empty()) {
      co_await sleep_for(pause);
      self->facts_->date = date_now();
      const auto now = std::chrono::steady_clock::now();
      for (auto* connection : self->facts_->connections) connection->check(now);
    }
  }

  void welcome(Socket socket) {
    auto& server = *facts_->server;
    if (closed_ || server.connections.load() >= server.limits.connections) return;
    ++server.connections;
    auto connection = std::make_shared<Connection>(facts_, std::move(socket));
    const auto context = certificates_->get();
    auto work = connection->run(context ? TlsSession::accepting(context) : nullptr);
    const auto slot = connection->signal().slot();
    asio::co_spawn(loop_.executor(), std::move(work),
                   asio::bind_cancellation_slot(slot, [connection](std::exception_ptr escaped) {
                     if (escaped) log::error("a connection ended by a fault");
                   }));
  }

  // A connection may end, and leave the set, while it is told.
  void for_each(void (Connection::*tell)()) {
    const std::vector<Connection*> all(facts_->connections.begin(), facts_->connections.end());
    for (auto* connection : all) {
      if (facts_->connections.contains(connection)) (connection->*tell)();
    }
  }

  Loop& loop_;
  const bool handed_over_;  // by systemd, which keeps the listening socket
  bool closed_ = false;     // whoever comes now is not served
  std::shared_ptr<Certificates> certificates_;
  std::shared_ptr<ServerLoopFacts> facts_ = std::make_shared<ServerLoopFacts>();
  Acceptor acceptor_;
};

class Server final : public HttpServer {
 public:
  Server(Listen listen, std::unique_ptr<Listener> listener, std::shared_ptr<ServerFacts> facts)
      : listen_(std::move(listen)), listener_(std::move(listener)), facts_(std::move(facts)) {}
  ~Server() override { stop(std::chrono::milliseconds(0)); }

  void add(Loop& loop) {
    parts_.push_back(std::make_shared<LoopPart>(loop, facts_, *listener_, certificates_, listen_.inherited >= 0));
  }

  void start() override {
    if (std::exchange(started_, true)) return;
    for (const auto& part : parts_) part->loop().post([part] { part->start(); });
  }

  void stop(std::chrono::milliseconds limit) override {
    if (std::exchange(stopped_, true)) return;
    listener_.reset();
    facts_->stopping = true;
    for (const auto& part : parts_) part->loop().post([part] { part->drain(); });
    if (ended_within(limit)) return;
    for (const auto& part : parts_) part->loop().post([part] { part->cut(); });
    if (!ended_within(kCutGrace)) log::warn("{} requests did not end with the server", facts_->connections.load());
  }

  std::uint16_t port() const override { return port_; }

  Result<void> reload_certificates() override {
    if (listen_.certificate_file.empty() && listen_.client_ca_file.empty()) return {};
    if (listen_.certificate_file.empty())
      return fail(ErrorKind::InvalidInput, "clients' certificates cannot be asked for without TLS");
    auto context = server_tls(listen_.certificate_file, listen_.key_file, listen_.client_ca_file);
    if (!context) return std::unexpected(std::move(context).error());
    certificates_->set(*std::move(context));
    return {};
  }

 private:
  bool ended_within(std::chrono::milliseconds limit) {
    std::unique_lock hold(facts_->stop_lock);
    return facts_->stop_step.wait_for(
        hold, limit, [this] { return facts_->drained_loops == parts_.size() && facts_->connections == 0; });
  }

  const Listen listen_;
  std::unique_ptr<Listener> listener_;
  const std::uint16_t port_ = listener_->port();
  std::shared_ptr<ServerFacts> facts_;
  std::shared_ptr<Certificates> certificates_ = std::make_shared<Certificates>();
  std::vector<std::shared_ptr<LoopPart>> parts_;
  bool started_ = false;
  bool stopped_ = false;
};

}  // namespace

bool BodyBudget::take(std::size_t bytes) {
  const auto wanted = static_cast<std::ptrdiff_t>(bytes);
  if (left_.fetch_sub(wanted, std::memory_order_relaxed) >= wanted) return true;
  left_.fetch_add(wanted, std::memory_order_relaxed);
  return false;
}

void BodyBudget::give_back(std::size_t bytes) {
  left_.fetch_add(static_cast<std::ptrdiff_t>(bytes), std::memory_order_relaxed);
}

void ServerFacts::left() {
  --connections;
  if (stopping) wake_stop();
}

void ServerFacts::wake_stop() {
  const std::lock_guard hold(stop_lock);
  stop_step.notify_all();
}

Result<std::unique_ptr<HttpServer>> HttpServer::listen(const Listen& listen, const Router& router, BodyBudget& budget,
                                                       const ServerLimits& limits, const std::vector<Loop*>& loops) {
  auto listener = Listener::open(listen);
  if (!listener) return std::unexpected(std::move(listener).error());
  auto facts = std::make_shared<ServerFacts>(router, budget, limits, listen.trusted_proxies);
  auto server = std::make_unique<Server>(listen, *std::move(listener), std::move(facts));
  auto certified = server->reload_certificates();
  if (!certified) return std::unexpected(std::move(certified).error());
  for (auto* loop : loops) server->add(*loop);
  return server;
}

}  // namespace waypost
