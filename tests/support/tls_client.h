// TlsClient: a blocking client that may show a certificate and resume its session. It judges servers, so it shares no
// code with net/. Test thread only.

#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>

#include "tests/support/authority.h"

namespace waypost::test {

class TlsClient {
 public:
  enum class Version { Tls12, Tls13 };

  // Shows nothing without files. It trusts any server.
  explicit TlsClient(Version version = Version::Tls13) : TlsClient(ClientFiles{}, version) {}
  explicit TlsClient(const ClientFiles& files, Version version = Version::Tls13);

  // One request on a connection of its own; "" when the server ended it before it answered. Keeps the session.
  std::string ask(std::uint16_t port, const std::string& request);
  // Whether the last connection was a session resumed.
  bool resumed() const { return resumed_; }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* ssl) const { SSL_free(ssl); }
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
  };

  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<SSL_SESSION, Free> session_;
  bool resumed_ = false;
};

}  // namespace waypost::test
