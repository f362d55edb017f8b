// RedisServer: a private redis-server for a test, on a unix socket in a temporary folder of its own; gone with the
// object, or with the thread that started it. Test thread only.

#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/secret.h"

namespace waypost::test {

struct RedisServerOptions {
  bool append_only = false;            // every write is on disk before it is answered, so that a killed server keeps it
  std::vector<std::string> more = {};  // more of redis-server's arguments; they win
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

  RedisServerOptions options_;
  std::string folder_;
  std::string socket_;
  pid_t pid_ = -1;
};

}  // namespace waypost::test
