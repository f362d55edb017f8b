#include "tests/support/redis_server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "tests/support/certificate.h"

namespace waypost::test {

namespace {

constexpr std::chrono::seconds kPatience{20};

// -1 when nobody listens.
int connected(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) throw std::runtime_error("the socket's path is too long: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) return fd;
  ::close(fd);
  return -1;
}

int bound_port(sockaddr_in address) {
  socklen_t size = sizeof(address);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                     ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(fd);
  if (!bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

// Free a moment ago: nothing better is to be had for a server that must know its port. A cluster's node takes the one
// 10,000 above it, too.
std::string free_port() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int port = bound_port(address);
  while (port > 55'000) port = bound_port(address);
  return std::to_string(port);
}

std::string encoded(const std::vector<std::string>& words) {
  std::string out = "*" + std::to_string(words.size()) + "\r\n";
  for (const auto& word : words) out += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  return out;
}

// What came with the first packet; enough for the small replies of tests. "" when there was none in time.
std::string exchanged(const std::string& path, const std::vector<std::string>& words, std::chrono::milliseconds limit) {
  const int fd = connected(path);
  if (fd < 0) return "";
  const std::string out = encoded(words);
  std::array<char, 65536> in{};
  std::string reply;
  pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
  if (::send(fd, out.data(), out.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(out.size()) &&
      ::poll(&wait, 1, static_cast<int>(limit.count())) == 1) {
    const auto n = ::recv(fd, in.data(), in.size(), 0);
    if (n > 0) reply.assign(in.data(), static_cast<std::size_t>(n));
  }
  ::close(fd);
  return reply;
}

[[noreturn]] void become(const std::vector<std::string>& arguments, const std::string& log) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that crashes leaves no server behind
  const int out = ::open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  ::dup2(out, 1);
  ::dup2(out, 2);
  std::vector<char*> argv;
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  ::_exit(127);
}

}  // namespace

RedisServer::RedisServer(RedisServerOptions options) : options_(std::move(options)) {
  std::string pattern = (std::filesystem::temp_directory_path() / "waypost-redis-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = pattern;
  socket_ = folder_ + "/redis.sock";
  if (options_.on_port || options_.certificate != nullptr) port_ = free_port();
  start();
}

RedisServer::~RedisServer() {
  kill_it();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::vector<std::string> RedisServer::arguments() const {
  std::vector<std::string> words{"redis-server",
                                 "--unixsocket",
                                 socket_,
                                 "--dir",
                                 folder_,
                                 "--save",
                                 "",
                                 "--daemonize",
                                 "no",
                                 "--bind",
                                 "127.0.0.1",
                                 "--maxmemory-policy",
                                 "noeviction",
                                 "--appendonly",
                                 options_.append_only ? "yes" : "no",
                                 "--appendfsync",
                                 "always",
                                 "--port",
                                 "0"};
  if (const auto* certificate = options_.certificate) {
    words.insert(words.end(), {"--tls-port", port_, "--tls-cert-file", certificate->certificate_file(),
                               "--tls-key-file", certificate->key_file(), "--tls-ca-cert-file",
                               certificate->certificate_file(), "--tls-auth-clients", "no"});
  } else {
    words.back() = port_;
  }
  words.insert(words.end(), options_.more.begin(), options_.more.end());
  return words;
}

// A sentinel keeps what it learns in its configuration.
std::vector<std::string> RedisServer::sentinel_arguments() const {
  const std::string file = folder_ + "/sentinel.conf";
  if (!std::filesystem::exists(file)) {
    std::ofstream lines(file);
    lines << "unixsocket " << socket_ << "\ndir " << folder_ << "\nbind 127.0.0.1\nport " << port_ << "\n";
    for (const auto& line : options_.sentinel) lines << line << "\n";
  }
  return {"redis-server", file, "--sentinel"};
}

void RedisServer::start() {
  const auto words = options_.sentinel.empty() ? arguments() : sentinel_arguments();
  const std::string log = folder_ + "/log";
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("cannot fork");
  if (pid_ == 0) become(words, log);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < until) {
    const auto reply = exchanged(socket_, {"PING"}, std::chrono::milliseconds(1000));
    if (reply.starts_with("+PONG") || reply.starts_with("-NOAUTH")) return;
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) break;
    ::usleep(5'000);
  }
  throw std::runtime_error("redis-server does not start; is it installed?");
}

void RedisServer::stop() { end_with(SIGTERM); }

void RedisServer::kill_it() { end_with(SIGKILL); }

void RedisServer::end_with(int signal) {
  if (pid_ < 0) return;
  ::kill(pid_, signal);
  if (signal != SIGKILL) ::kill(pid_, SIGCONT);  // a paused server takes only SIGKILL
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void RedisServer::pause() { ::kill(pid_, SIGSTOP); }

void RedisServer::resume() { ::kill(pid_, SIGCONT); }

void RedisServer::flush_all() { command({"FLUSHALL"}); }

std::string RedisServer::command(const std::vector<std::string>& words) const {
  return exchanged(socket_, words, std::chrono::milliseconds(5'000));
}

}  // namespace waypost::test
