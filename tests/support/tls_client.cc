#include "tests/support/tls_client.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "base/check.h"

namespace waypost::test {
namespace {

int connected(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  const timeval patience{.tv_sec = 5, .tv_usec = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  WAYPOST_CHECK(::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
  return socket;
}

}  // namespace

TlsClient::TlsClient(const ClientFiles& files, Version version) : context_(SSL_CTX_new(TLS_client_method())) {
  std::signal(SIGPIPE, SIG_IGN);  // of a server that ends the handshake
  const int wanted = version == Version::Tls12 ? TLS1_2_VERSION : TLS1_3_VERSION;
  SSL_CTX_set_min_proto_version(context_.get(), wanted);
  SSL_CTX_set_max_proto_version(context_.get(), wanted);
  if (files.chain.empty()) return;
  WAYPOST_CHECK(SSL_CTX_use_certificate_chain_file(context_.get(), files.chain.c_str()) == 1);
  WAYPOST_CHECK(SSL_CTX_use_PrivateKey_file(context_.get(), files.key.c_str(), SSL_FILETYPE_PEM) == 1);
}

std::string TlsClient::ask(std::uint16_t port, const std::string& request) {
  const int socket = connected(port);
  const std::unique_ptr<SSL, Free> ssl(SSL_new(context_.get()));
  SSL_set_fd(ssl.get(), socket);
  if (session_) SSL_set_session(ssl.get(), session_.get());
  std::string answer;
  if (SSL_connect(ssl.get()) == 1 && SSL_write(ssl.get(), request.data(), static_cast<int>(request.size())) > 0) {
    std::array<char, 4096> bytes;
    for (int size = 1; size > 0;) {
      size = SSL_read(ssl.get(), bytes.data(), static_cast<int>(bytes.size()));
      if (size > 0) answer.append(bytes.data(), static_cast<std::size_t>(size));
    }
  }
  resumed_ = SSL_session_reused(ssl.get()) == 1;
  session_.reset(SSL_get1_session(ssl.get()));
  SSL_shutdown(ssl.get());
  ::close(socket);
  return answer;
}

}  // namespace waypost::test
