#include "tests/support/redis_server.h"

#include <fcntl.h>
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
#include <stdexcept>

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
  start();
}

RedisServer::~RedisServer() {
  kill_it();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void RedisServer::start() {
  std::vector<std::string> arguments{"redis-server",  "--port",       "0",
                                     "--unixsocket",  socket_,        "--dir",
                                     folder_,         "--save",       "",
                                     "--daemonize",   "no",           "--maxmemory-policy",
                                     "noeviction",    "--appendonly", options_.append_only ? "yes" : "no",
                                     "--appendfsync", "always"};
  arguments.insert(arguments.end(), options_.more.begin(), options_.more.end());
  const std::string log = folder_ + "/log";
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("cannot fork");
  if (pid_ == 0) become(arguments, log);
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
