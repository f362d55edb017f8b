#include "net/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <system_error>

namespace waypost {
namespace {

constexpr int kBacklog = 4096;  // the kernel cuts it to net.core.somaxconn
constexpr std::string_view kUnix = "unix:";

std::string words_of(int error) { return std::generic_category().message(error); }

std::unexpected<Error> bad_address(const std::string& address) {
  return fail(ErrorKind::InvalidInput, "\"" + address + "\" is no address to listen on");
}

struct Place {
  sockaddr_storage address{};
  socklen_t size = 0;
};

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

// "127.0.0.1:80" or "[::1]:80".
std::optional<Place> tcp_place(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = port_of(text.substr(colon + 1));
  std::string host(text.substr(0, colon));
  if (!port) return std::nullopt;
  Place place;
  if (host.starts_with('[') && host.ends_with(']')) {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&place.address);
    host = host.substr(1, host.size() - 2);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(*port);
    place.size = sizeof *v6;
    return inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1 ? std::optional(place) : std::nullopt;
  }
  auto* v4 = reinterpret_cast<sockaddr_in*>(&place.address);
  v4->sin_family = AF_INET;
  v4->sin_port = htons(*port);
  place.size = sizeof *v4;
  return inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1 ? std::optional(place) : std::nullopt;
}

std::optional<Place> unix_place(const std::string& path) {
  Place place;
  auto* local = reinterpret_cast<sockaddr_un*>(&place.address);
  if (path.empty() || path.size() >= sizeof local->sun_path) return std::nullopt;
  local->sun_family = AF_UNIX;
  std::memcpy(local->sun_path, path.c_str(), path.size() + 1);
  place.size = sizeof *local;
  return place;
}

bool somebody_answers(const Place& place) {
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool answered = ::connect(probe, reinterpret_cast<const sockaddr*>(&place.address), place.size) == 0;
  ::close(probe);
  return answered;
}

bool is_socket(const std::string& path) {
  struct stat found{};
  return ::lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode);
}

std::uint16_t bound_port(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port);
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6*>(&address)->sin6_port);
  return 0;
}

int family_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return address.ss_family;
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(const Listen& listen) {
  std::unique_ptr<Listener> listener(new Listener());
  if (listen.inherited >= 0) {
    listener->socket_ = ::fcntl(listen.inherited, F_DUPFD_CLOEXEC, 0);
    if (listener->socket_ < 0) return fail(ErrorKind::InvalidInput, "the inherited socket: " + words_of(errno));
  } else {
    const bool local = listen.address.starts_with(kUnix);
    auto bound = local ? listener->bind_unix(listen.address.substr(kUnix.size())) : listener->bind_tcp(listen.address);
    if (!bound) return std::unexpected(std::move(bound).error());
  }
  auto started = listener->start();
  if (!started) return std::unexpected(std::move(started).error());
  return listener;
}

Result<void> Listener::bind_tcp(const std::string& address) {
  const auto place = tcp_place(address);
  if (!place) return bad_address(address);
  socket_ = ::socket(place->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket_, reinterpret_cast<const sockaddr*>(&place->address), place->size) != 0)
    return fail(errno == EADDRINUSE || errno == EACCES ? ErrorKind::Unavailable : ErrorKind::InvalidInput,
                "listening on " + address + ": " + words_of(errno));
  return {};
}

Result<void> Listener::bind_unix(const std::string& path) {
  const auto place = unix_place(path);
  if (!place) return bad_address(std::string(kUnix) + path);
  if (is_socket(path)) {
    if (somebody_answers(*place)) return fail(ErrorKind::Unavailable, path + " is in use by another process");
    ::unlink(path.c_str());
  }
  socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::bind(socket_, reinterpret_cast<const sockaddr*>(&place->address), place->size) != 0)
    return fail(errno == EADDRINUSE ? ErrorKind::Unavailable : ErrorKind::InvalidInput,
                "listening on " + path + ": " + words_of(errno));
  unix_path_ = path;
  // Nobody can connect before listen(), so the mode is never too wide.
  if (::chmod(path.c_str(), 0600) != 0) return fail(ErrorKind::Internal, path + ": " + words_of(errno));
  return {};
}

Result<void> Listener::start() {
  // Also for an inherited socket, which systemd has put to listen already: a second call does no harm.
  if (::listen(socket_, kBacklog) != 0) return fail(ErrorKind::Unavailable, "listening: " + words_of(errno));
  family_ = family_of(socket_);
  port_ = bound_port(socket_);
  return {};
}

Listener::~Listener() {
  if (socket_ >= 0) ::close(socket_);
  if (!unix_path_.empty()) ::unlink(unix_path_.c_str());
}

int Listener::duplicate() const { return ::fcntl(socket_, F_DUPFD_CLOEXEC, 0); }

}  // namespace waypost
