// RawClient: a blocking TCP or unix client that sends bytes as they are. It judges servers, so it shares no code with
// net/. Every read ends after a few seconds.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace waypost::test {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  explicit RawClient(const std::string& unix_path);
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient();

  bool connected() const { return connected_; }
  void send(std::string_view bytes);
  // One answer: head and body by Content-Length; what follows stays for the next call. Empty when the stream ended.
  std::string answer();
  // Bytes until `mark` is seen; all that came when it never is.
  std::string read_until(std::string_view mark);
  // Everything until the server closes.
  std::string read_to_end();
  // True when the server closed without another byte.
  bool ended();
  void close();
  void half_close();

 private:
  bool read_more();

  int socket_ = -1;
  bool connected_ = false;
  std::string seen_;
};

// "200" of "HTTP/1.1 200 OK…".
int status_of(std::string_view answer);
std::string body_of(const std::string& answer);

}  // namespace waypost::test
