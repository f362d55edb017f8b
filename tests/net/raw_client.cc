#include "raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace waypost::test {
namespace {

void bound_reads(int socket) {
  const timeval limit{.tv_sec = 5, .tv_usec = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

}  // namespace

RawClient::RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bound_reads(socket_);
  connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

RawClient::RawClient(const std::string& unix_path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, unix_path.c_str(), sizeof address.sun_path - 1);
  bound_reads(socket_);
  connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

RawClient::~RawClient() { close(); }

void RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the server may refuse the rest; its answer tells
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool RawClient::read_more() {
  std::array<char, 65536> chunk;
  const auto got = ::recv(socket_, chunk.data(), chunk.size(), 0);
  if (got <= 0) return false;
  seen_.append(chunk.data(), static_cast<std::size_t>(got));
  return true;
}

std::string RawClient::answer() {
  std::size_t head = std::string::npos;
  while ((head = seen_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more()) return {};
  }
  head += 4;
  const auto length = seen_.find("Content-Length: ");
  const auto body = length < head ? std::strtoul(seen_.c_str() + length + 16, nullptr, 10) : 0;
  while (seen_.size() < head + body && read_more()) {
  }
  const auto whole = seen_.substr(0, head + body);
  seen_.erase(0, whole.size());
  return whole;
}

std::string RawClient::read_until(std::string_view mark) {
  while (!seen_.contains(mark) && read_more()) {
  }
  const auto end = std::min(seen_.find(mark), seen_.size() - std::min(seen_.size(), mark.size())) + mark.size();
  const auto whole = seen_.substr(0, end);
  seen_.erase(0, whole.size());
  return whole;
}

std::string RawClient::read_to_end() {
  while (read_more()) {
  }
  return std::exchange(seen_, {});
}

bool RawClient::ended() {
  char byte = 0;
  return seen_.empty() && ::recv(socket_, &byte, 1, 0) == 0;
}

void RawClient::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

void RawClient::half_close() { ::shutdown(socket_, SHUT_WR); }

int status_of(std::string_view answer) {
  return answer.starts_with("HTTP/1.1 ") ? std::atoi(std::string(answer.substr(9, 3)).c_str()) : 0;
}

std::string body_of(const std::string& answer) {
  const auto head = answer.find("\r\n\r\n");
  return head == std::string::npos ? std::string() : answer.substr(head + 4);
}

}  // namespace waypost::test
