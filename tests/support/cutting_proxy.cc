#include "tests/support/cutting_proxy.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace waypost::test {
namespace {

constexpr std::string_view kSocket = "/.s.PGSQL.5432";

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) throw std::runtime_error("the socket's path is too long: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

int listening(const std::string& path) {
  const auto address = address_of(path);
  ::unlink(path.c_str());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(fd, 16) != 0) {
    throw std::runtime_error("the proxy cannot listen");
  }
  return fd;
}

int connected(const std::string& path) {
  const auto address = address_of(path);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) return fd;
  ::close(fd);
  return -1;
}

// What is there to read; empty at the end.
std::string received(int fd) {
  std::array<char, 65536> buffer{};
  const auto n = ::recv(fd, buffer.data(), buffer.size(), 0);
  return n > 0 ? std::string(buffer.data(), static_cast<std::size_t>(n)) : std::string();
}

bool sent(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

struct CuttingProxy::Pair {
  Pair(int from, int to) : client(from), server(to) {}
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  ~Pair() {
    close_client();
    ::close(server);
  }
  void close_client() {
    if (client >= 0) ::close(std::exchange(client, -1));
  }

  int client;
  int server;
  bool answer_is_lost = false;
};

CuttingProxy::CuttingProxy(const Secret& target) {
  std::string url = target.reveal();
  const auto at = url.find("host=") + std::strlen("host=");
  target_ = url.substr(at) + std::string(kSocket);
  url_ = Secret(url.replace(at, std::string::npos, folder_.path()));
}

CuttingProxy::~CuttingProxy() { stop(); }

void CuttingProxy::start() {
  thread_ = std::jthread([this, fd = listening(folder_.path() + std::string(kSocket))](std::stop_token stop) {
    work(std::move(stop), fd);
  });
}

void CuttingProxy::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void CuttingProxy::work(std::stop_token stop, int listener) {
  std::vector<std::unique_ptr<Pair>> pairs;
  while (!stop.stop_requested()) {
    std::vector<pollfd> polled{{.fd = listener, .events = POLLIN, .revents = 0}};
    for (const auto& pair : pairs) {
      polled.push_back({.fd = pair->client, .events = POLLIN, .revents = 0});
      polled.push_back({.fd = pair->client < 0 ? -1 : pair->server, .events = POLLIN, .revents = 0});
    }
    if (::poll(polled.data(), polled.size(), 5) < 0) break;
    for (std::size_t at = pairs.size(); at-- > 0;) {
      Pair& pair = *pairs[at];
      const bool up = polled[1 + 2 * at].revents == 0 || pass_up(pair);
      const bool down = !up || polled[2 + 2 * at].revents == 0 || pass_down(pair);
      const bool held = pair.client < 0 && !released_;
      if (!up || !down || (pair.client < 0 && !held)) pairs.erase(pairs.begin() + static_cast<std::ptrdiff_t>(at));
    }
    if (polled[0].revents != 0) {
      const int client = ::accept(listener, nullptr, nullptr);
      if (client >= 0) pairs.push_back(std::make_unique<Pair>(client, connected(target_)));
      ++connections_;
    }
  }
  ::close(listener);
  ::unlink((folder_.path() + std::string(kSocket)).c_str());
}

// False when the pair is to be closed. libpq sends a message with one call, so a word is not torn apart.
bool CuttingProxy::pass_up(Pair& pair) {
  const auto bytes = received(pair.client);
  if (bytes.empty()) return false;
  if (bytes.contains("INTO commit_mark") && bytes.contains("ON CONFLICT")) ++asked_outcome_;  // prepared each time
  const Cut cut = cut_;
  if (cut == Cut::Never || !bytes.contains(word_)) return sent(pair.server, bytes);
  cut_ = Cut::Never;
  if (cut == Cut::Before) return false;
  if (cut == Cut::Swallowing) {
    pair.close_client();
    return true;
  }
  pair.answer_is_lost = true;
  return sent(pair.server, bytes);
}

bool CuttingProxy::pass_down(Pair& pair) {
  const auto bytes = received(pair.server);
  return !bytes.empty() && !pair.answer_is_lost && sent(pair.client, bytes);
}

}  // namespace waypost::test
