#include "net/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <climits>

#include "base/check.h"

namespace waypost {
namespace {

std::string openssl_words() {
  const auto code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(code);
  return reason == nullptr ? "unknown" : reason;
}

TlsContext make_context(const SSL_METHOD* method) {
  TlsContext context(SSL_CTX_new(method), FreeTls());
  WAYPOST_CHECK(context);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  return context;
}

int choose_http(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in, unsigned in_size,
                void*) {
  static constexpr unsigned char kHttp[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  const int found = SSL_select_next_proto(&chosen, out_size, kHttp, sizeof kHttp - 1, in, in_size);
  if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

bool is_address(const std::string& host) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 || inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

constexpr int kClientChain = 3;  // certificates of authorities between a client's and the file: Meta's chain is shorter

// A session that is resumed brings the client's certificate and its verdict along; without a context of its own OpenSSL
// refuses to resume where certificates are asked for. Tickets are the context's own: a reload ends them.
Result<void> ask_clients(SSL_CTX* context, const std::string& ca_file) {
  static constexpr unsigned char kSessions[] = "waypost";
  if (SSL_CTX_load_verify_file(context, ca_file.c_str()) != 1)
    return fail(ErrorKind::InvalidInput, "reading the clients' authorities " + ca_file + ": " + openssl_words());
  auto* names = SSL_load_client_CA_file(ca_file.c_str());
  if (names == nullptr)
    return fail(ErrorKind::InvalidInput, "reading the clients' authorities " + ca_file + ": " + openssl_words());
  SSL_CTX_set_client_CA_list(context, names);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_verify_depth(context, kClientChain);
  SSL_CTX_set_session_id_context(context, kSessions, sizeof kSessions - 1);
  return {};
}

// In UTF-8; empty when there is none, or more than one.
std::string common_name_of(const X509* certificate) {
  auto* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0) return {};
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (size < 0) return {};
  std::string name(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
  OPENSSL_free(text);
  return name;
}

bool is_valid_now(const X509* certificate) {
  return X509_cmp_current_time(X509_get0_notBefore(certificate)) < 0 &&
         X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0;
}

int clamped(std::size_t size) { return size > INT_MAX ? INT_MAX : static_cast<int>(size); }

}  // namespace

Result<TlsContext> server_tls(const std::string& certificate_file, const std::string& key_file,
                              const std::string& client_ca_file) {
  ERR_clear_error();
  auto context = make_context(TLS_server_method());
  SSL_CTX_set_alpn_select_cb(context.get(), choose_http, nullptr);
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1)
    return fail(ErrorKind::InvalidInput, "reading the certificate " + certificate_file + ": " + openssl_words());
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return fail(ErrorKind::InvalidInput, "reading the key " + key_file + ": " + openssl_words());
  if (client_ca_file.empty()) return context;
  if (auto asked = ask_clients(context.get(), client_ca_file); !asked) return fail(std::move(asked.error()));
  return context;
}

Result<TlsContext> client_tls(const std::string& ca_file) {
  ERR_clear_error();
  auto context = make_context(TLS_client_method());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const int loaded = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context.get())
                                     : SSL_CTX_load_verify_file(context.get(), ca_file.c_str());
  if (loaded != 1) return fail(ErrorKind::InvalidInput, "reading the authorities " + ca_file + ": " + openssl_words());
  return context;
}

TlsSession::TlsSession(const TlsContext& context)
    : ssl_(SSL_new(context.get())), input_(BIO_new(BIO_s_mem())), output_(BIO_new(BIO_s_mem())) {
  WAYPOST_CHECK(ssl_ && input_ != nullptr && output_ != nullptr);
  SSL_set_bio(ssl_.get(), input_, output_);
}

std::unique_ptr<TlsSession> TlsSession::accepting(const TlsContext& context) {
  std::unique_ptr<TlsSession> session(new TlsSession(context));
  SSL_set_accept_state(session->ssl_.get());
  return session;
}

std::unique_ptr<TlsSession> TlsSession::connecting(const TlsContext& context, const std::string& host) {
  std::unique_ptr<TlsSession> session(new TlsSession(context));
  SSL* ssl = session->ssl_.get();
  SSL_set_connect_state(ssl);
  if (is_address(host)) {
    WAYPOST_CHECK(X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1);
  } else {
    SSL_set_tlsext_host_name(ssl, host.c_str());
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    WAYPOST_CHECK(SSL_set1_host(ssl, host.c_str()) == 1);
  }
  return session;
}

TlsSession::Step TlsSession::step_of(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_NONE:
      return Step::Done;
    case SSL_ERROR_WANT_READ:
      return Step::NeedInput;
    case SSL_ERROR_ZERO_RETURN:
      return Step::Closed;
    default:
      trouble_ = openssl_words();
      return Step::Failed;
  }
}

TlsSession::Step TlsSession::handshake() {
  ERR_clear_error();
  const auto step = step_of(SSL_do_handshake(ssl_.get()));
  const long verdict = SSL_get_verify_result(ssl_.get());
  if (step == Step::Failed && verdict != X509_V_OK) trouble_ = X509_verify_cert_error_string(verdict);
  return step;
}

std::string TlsSession::peer_name() const {
  const auto* certificate = SSL_get0_peer_certificate(ssl_.get());
  if (certificate == nullptr || SSL_get_verify_result(ssl_.get()) != X509_V_OK || !is_valid_now(certificate)) return {};
  return common_name_of(certificate);
}

TlsSession::Read TlsSession::read(std::span<char> into) {
  ERR_clear_error();
  const int size = SSL_read(ssl_.get(), into.data(), clamped(into.size()));
  if (size > 0) return {Step::Done, static_cast<std::size_t>(size)};
  return {step_of(size), 0};
}

TlsSession::Step TlsSession::write(std::string_view plain) {
  ERR_clear_error();
  while (!plain.empty()) {
    const int size = SSL_write(ssl_.get(), plain.data(), clamped(plain.size()));
    if (size <= 0) return step_of(size);
    plain.remove_prefix(static_cast<std::size_t>(size));
  }
  return Step::Done;
}

void TlsSession::say_goodbye() {
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

void TlsSession::feed(std::string_view from_peer) {
  while (!from_peer.empty()) {
    const int size = BIO_write(input_, from_peer.data(), clamped(from_peer.size()));
    WAYPOST_CHECK(size > 0);  // a memory buffer takes all
    from_peer.remove_prefix(static_cast<std::size_t>(size));
  }
}

bool TlsSession::has_output() const { return BIO_ctrl_pending(output_) > 0; }

std::string TlsSession::take_output() {
  std::string out(BIO_ctrl_pending(output_), '\0');
  if (!out.empty()) WAYPOST_CHECK(BIO_read(output_, out.data(), clamped(out.size())) == clamped(out.size()));
  return out;
}

std::string TlsSession::trouble() const { return trouble_; }

}  // namespace waypost
