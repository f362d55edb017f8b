// ScriptedServer: a blocking TCP server on a free port that does to each connection what its script says. For what a
// proper server never does.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace waypost::test {

// One accepted connection, as the script sees it.
class Peer {
 public:
  explicit Peer(int socket) : socket_(socket) {}
  // A request's head and body by Content-Length; empty when the client went.
  std::string request();
  // The next bytes, whatever they are; empty when the client went.
  std::string some();
  void send(std::string_view bytes);
  // Ends the connection by a reset, unread bytes or not.
  void reset();
  // Blocks until the client closes.
  void wait_for_end();

 private:
  int socket_;
};

class ScriptedServer {
 public:
  // `script` gets the connection and its number, from 0; one at a time. The connection closes when it returns.
  explicit ScriptedServer(std::function<void(Peer&, int)> script);
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer();

  std::string url(std::string_view path) const;
  int accepted() const { return accepted_; }
  int closed() const { return closed_; }

 private:
  void serve();

  std::function<void(Peer&, int)> script_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> accepted_ = 0;
  std::atomic<int> closed_ = 0;
  std::atomic<int> current_ = -1;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

inline std::string ok(std::string_view body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace waypost::test
