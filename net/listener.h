// Listener: the listening socket of a server, bound by us or inherited. Any thread.

#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/error.h"
#include "net/server.h"

namespace waypost {

class Listener {
 public:
  // InvalidInput for a bad address, Unavailable when it is taken.
  static Result<std::unique_ptr<Listener>> open(const Listen& listen);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  // Closes; removes the file of a unix socket that it made.
  ~Listener();

  int family() const { return family_; }
  std::uint16_t port() const { return port_; }
  // Another descriptor of the same socket, for a loop's acceptor.
  int duplicate() const;

 private:
  Listener() = default;
  Result<void> bind_unix(const std::string& path);
  Result<void> bind_tcp(const std::string& address);
  Result<void> start();

  int socket_ = -1;
  int family_ = 0;
  std::uint16_t port_ = 0;
  std::string unix_path_;
};

}  // namespace waypost
