// TLS without I/O: contexts made from PEM files, and a session that turns plain bytes into wire bytes and back. The
// session is a state machine over two memory buffers, so that its owner knows how many bytes reached the socket.
// A context: any thread. A session: the loop of its connection.

#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace waypost {

struct FreeTls {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* session) const { SSL_free(session); }
};
using TlsContext = std::shared_ptr<SSL_CTX>;

// TLS 1.2 and newer, HTTP/1.1 by ALPN. InvalidInput when the files cannot be read or do not belong together.
// With `client_ca_file` clients are asked for a certificate: one that is shown and does not verify against it ends the
// handshake; who shows none is served (peer_name() is empty then).
Result<TlsContext> server_tls(const std::string& certificate_file, const std::string& key_file,
                              const std::string& client_ca_file = {});
// Trusts `ca_file`, or the system's authorities when it is empty.
Result<TlsContext> client_tls(const std::string& ca_file);

class TlsSession {
 public:
  static std::unique_ptr<TlsSession> accepting(const TlsContext& context);
  // Verifies the peer's certificate against `host`, a name or an IP address.
  static std::unique_ptr<TlsSession> connecting(const TlsContext& context, const std::string& host);

  enum class Step {
    Done,
    NeedInput,  // feed() what the peer sends, then ask again
    Closed,     // the peer said goodbye
    Failed,     // trouble() says why
  };
  struct Read {
    Step step = Step::Failed;
    std::size_t size = 0;
  };

  // After each of these send what take_output() gives, whatever the step is.
  Step handshake();
  Read read(std::span<char> into);
  Step write(std::string_view plain);
  void say_goodbye();

  void feed(std::string_view from_peer);
  // Once the handshake is done: the common name of the peer's certificate. Empty when it has shown none, or the
  // certificate was not verified, is not valid now (a resumed session may outlive it), or has not exactly one such
  // name.
  std::string peer_name() const;

  bool has_output() const;
  std::string take_output();
  std::string trouble() const;

 private:
  explicit TlsSession(const TlsContext& context);
  Step step_of(int result);

  std::unique_ptr<SSL, FreeTls> ssl_;
  BIO* input_;   // owned by ssl_
  BIO* output_;  // owned by ssl_
  std::string trouble_;
};

}  // namespace waypost
