#include "scripted_server.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <utility>

namespace waypost::test {

std::string Peer::request() {
  std::string seen;
  std::array<char, 4096> chunk;
  while (true) {
    const auto head = seen.find("\r\n\r\n");
    if (head != std::string::npos) {
      const auto length = seen.find("Content-Length: ");
      const auto body = length < head ? std::strtoul(seen.c_str() + length + 16, nullptr, 10) : 0;
      if (seen.size() >= head + 4 + body) return seen;
    }
    const auto got = ::recv(socket_, chunk.data(), chunk.size(), 0);
    if (got <= 0) return {};
    seen.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

std::string Peer::some() {
  std::array<char, 4096> chunk;
  const auto got = ::recv(socket_, chunk.data(), chunk.size(), 0);
  return got <= 0 ? std::string() : std::string(chunk.data(), static_cast<std::size_t>(got));
}

void Peer::send(std::string_view bytes) { ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }

void Peer::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void Peer::wait_for_end() {
  std::array<char, 4096> chunk;
  while (::recv(socket_, chunk.data(), chunk.size(), 0) > 0) {
  }
}

ScriptedServer::ScriptedServer(std::function<void(Peer&, int)> script)
    : script_(std::move(script)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
  ::listen(listener_, 16);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

ScriptedServer::~ScriptedServer() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  if (const int socket = current_; socket >= 0) ::shutdown(socket, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

void ScriptedServer::serve() {
  while (!stopping_) {
    const int socket = ::accept(listener_, nullptr, nullptr);
    if (socket < 0) return;
    current_ = socket;
    Peer peer(socket);
    script_(peer, accepted_++);
    current_ = -1;
    ::close(socket);
    ++closed_;
  }
}

std::string ScriptedServer::url(std::string_view path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

}  // namespace waypost::test
