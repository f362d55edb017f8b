// Two places where no Graph API is: a port where nobody listens, and one whose connections are reset before a byte of
// the request is read. The thread that made them.

#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <thread>

namespace waypost::test {

// A bound port of loopback.
class BoundPort {
 public:
  BoundPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_, any, size) != 0 || ::getsockname(socket_, any, &size) != 0)
      throw std::runtime_error("no port of loopback is free");
    port_ = ntohs(address.sin_port);
  }
  BoundPort(const BoundPort&) = delete;
  BoundPort& operator=(const BoundPort&) = delete;
  ~BoundPort() { ::close(socket_); }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int socket() const { return socket_; }

 private:
  int socket_;
  int port_ = 0;
};

// Bound and not listened at: a connection is refused, and nobody else gets the port.
using ClosedPort = BoundPort;

class HangingUp {
 public:
  HangingUp() {
    ::listen(port_.socket(), SOMAXCONN);
    thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
  }

  std::string url() const { return port_.url(); }

 private:
  // Waits until the request is there, so that its bytes have left, and closes with a reset.
  static void reset(int connection) {
    pollfd readable{.fd = connection, .events = POLLIN, .revents = 0};
    ::poll(&readable, 1, 1'000);
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(connection);
  }
  void work(const std::stop_token& stop) {
    pollfd waiting{.fd = port_.socket(), .events = POLLIN, .revents = 0};
    while (!stop.stop_requested()) {
      if (::poll(&waiting, 1, 20) == 1) reset(::accept4(port_.socket(), nullptr, nullptr, SOCK_CLOEXEC));
    }
  }

  BoundPort port_;
  std::jthread thread_;
};

}  // namespace waypost::test
