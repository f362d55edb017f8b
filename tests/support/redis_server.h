// RedisServer: a private redis-server for a test, on a unix socket in a temporary folder of its own, and on a port
// where that is wanted; gone with the object, or with the thread that started it. Test thread only.

#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/secret.h"

namespace waypost::test {

class Certificate;

struct RedisServerOptions {
  bool append_only = false;            // every write is on disk before it is answered, so that a killed server keeps it
  std::vector<std::string> more = {};  // more of redis-server's arguments; they win
  bool on_port = false;                // listens on a free port of 127.0.0.1, too
  const Certificate* certificate = nullptr;  // that port speaks TLS, with this one
  std::vector<std::string> sentinel = {};    // lines of its configuration: the server is a sentinel
};

class RedisServer {
 public:
  // Started, and answering.
  explicit RedisServer(RedisServerOptions options = {});
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;
  ~RedisServer();

  // For RedisLinkSettings and for the daemon's settings.
  Secret url() const { return Secret("unix:" + socket_); }
  const std::string& socket() const { return socket_; }
  const std::string& folder() const { return folder_; }
  // "127.0.0.1:40123", with on_port; the same through every start().
  std::string place() const { return "127.0.0.1:" + port_; }
  const std::string& port() const { return port_; }
  pid_t pid() const { return pid_; }

  void stop();     // SIGTERM, until it is gone
  void kill_it();  // SIGKILL, until it is gone
  void start();    // again, on the same socket and folder; until it answers
  void pause();    // SIGSTOP: accepts connections, answers nothing
  void resume();
  void flush_all();
  // One command on a connection of its own; the reply's bytes as Redis wrote them ("+OK\r\n").
  std::string command(const std::vector<std::string>& words) const;

 private:
  void end_with(int signal);
  std::vector<std::string> arguments() const;
  std::vector<std::string> sentinel_arguments() const;

  RedisServerOptions options_;
  std::string folder_;
  std::string socket_;
  std::string port_ = "0";
  pid_t pid_ = -1;
};

}  // namespace waypost::test
