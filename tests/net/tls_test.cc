#include "net/tls.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <filesystem>

#include "on_loop.h"
#include "raw_client.h"
#include "scripted_server.h"
#include "test_server.h"
#include "tests/support/certificate.h"

namespace waypost::test {
namespace {

using namespace std::chrono_literals;

TestServer::Options with(const Certificate& certificate) {
  TestServer::Options options;
  options.listen.certificate_file = certificate.certificate_file();
  options.listen.key_file = certificate.key_file();
  return options;
}

std::string at(const TestServer& server, std::string_view host, std::string_view path) {
  return "https://" + std::string(host) + ":" + std::to_string(server.port()) + std::string(path);
}

std::string secured(std::string http_url) { return http_url.replace(0, 4, "https"); }

TEST(Tls, ServesAClientThatTrustsIt) {
  const Certificate certificate;
  TestServer server(with(certificate));
  ClientOnLoop client({.ca_file = certificate.certificate_file()});
  for (const char* host : {"localhost", "127.0.0.1"}) {
    const auto answer = client.get(at(server, host, "/peer"));
    ASSERT_TRUE(answer.has_value()) << answer.error().error.words();
    EXPECT_EQ(answer->body, "127.0.0.1 tls");
  }
}

TEST(Tls, CarriesLargeBodiesBothWays) {
  const Certificate certificate;
  TestServer server(with(certificate));
  ClientOnLoop client({.ca_file = certificate.certificate_file()});
  for (int i = 0; i < 3; ++i) {
    const auto answer =
        client.ask({.method = "POST", .url = at(server, "localhost", "/large"), .body = std::string(4 << 20, 'x')});
    ASSERT_TRUE(answer.has_value()) << answer.error().error.words();
    EXPECT_EQ(answer->body, "4194304");
  }
  EXPECT_EQ(client.get(at(server, "localhost", "/stream"))->body, "onetwenty-one characters");
}

TEST(Tls, AStrangersCertificateIsRefusedAndNothingSent) {
  const Certificate certificate;
  TestServer server(with(certificate));
  ClientOnLoop client;
  const auto answer = client.get(at(server, "localhost", "/peer"));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().sent, Sent::NothingSent);
  EXPECT_TRUE(answer.error().error.words().contains("self-signed")) << answer.error().error.words();
}

TEST(Tls, AnotherHostsCertificateIsRefused) {
  const Certificate certificate("elsewhere.example");
  TestServer server(with(certificate));
  ClientOnLoop client({.ca_file = certificate.certificate_file()});
  for (const char* host : {"localhost", "127.0.0.1"}) {
    const auto answer = client.get(at(server, host, "/peer"));
    ASSERT_FALSE(answer.has_value());
    EXPECT_TRUE(answer.error().error.words().contains("mismatch")) << answer.error().error.words();
  }
}

TEST(Tls, AServerThatSpeaksNoTlsIsSentNothing) {
  ScriptedServer plain([](Peer& peer, int) { peer.send("HTTP/1.1 200 OK\r\n\r\nplain"); });
  ClientOnLoop client;
  const auto answer = client.get(secured(plain.url("/")));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().sent, Sent::NothingSent);
}

// A TLS server in a script: answers the first request with `text`, then says goodbye or just closes.
void answer_secured(Peer& peer, const Certificate& certificate, std::string_view text, bool goodbye) {
  const auto context = server_tls(certificate.certificate_file(), certificate.key_file());
  const auto session = TlsSession::accepting(*context);
  while (session->handshake() == TlsSession::Step::NeedInput) {
    peer.send(session->take_output());
    session->feed(peer.some());
  }
  peer.send(session->take_output());
  std::array<char, 4096> request;
  while (session->read(request).step == TlsSession::Step::NeedInput) session->feed(peer.some());
  session->write(text);
  if (goodbye) session->say_goodbye();
  peer.send(session->take_output());
}

TEST(Tls, ABodyThatEndsWithoutGoodbyeIsNoAnswer) {
  const Certificate certificate;
  ScriptedServer server([&](Peer& peer, int number) {
    answer_secured(peer, certificate, "HTTP/1.1 200 OK\r\n\r\nup to here", number == 1);
  });
  ClientOnLoop client({.ca_file = certificate.certificate_file()});
  const auto cut = client.get(secured(server.url("/")));
  ASSERT_FALSE(cut.has_value());
  EXPECT_EQ(cut.error().sent, Sent::MaybeSent);
  const auto whole = client.get(secured(server.url("/")));
  ASSERT_TRUE(whole.has_value()) << whole.error().error.words();
  EXPECT_EQ(whole->body, "up to here");
}

TEST(Tls, APlainClientGetsNothing) {
  const Certificate certificate;
  TestServer server(with(certificate));
  RawClient client(server.port());
  client.send("GET /peer HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(status_of(client.read_to_end()), 0);
}

TEST(Tls, AHandshakeThatDoesNotComeIsEnded) {
  const Certificate certificate;
  auto options = with(certificate);
  options.limits.read = 150ms;
  TestServer server(options);
  RawClient client(server.port());
  EXPECT_TRUE(client.ended());
}

TEST(Tls, AClientWithoutAHandshakeHoldsItsConnectLimit) {
  ScriptedServer silent([](Peer& peer, int) { peer.wait_for_end(); });
  ClientOnLoop client({.connect = 200ms});
  const auto answer = client.ask({.url = secured(silent.url("/")), .deadline = 10s});
  ASSERT_FALSE(answer.has_value());
  EXPECT_TRUE(answer.error().error.words().contains("in time")) << answer.error().error.words();
}

TEST(Tls, ReloadsItsCertificate) {
  Certificate certificate;
  TestServer server(with(certificate));
  const auto old_file = certificate.certificate_file() + ".old";
  std::filesystem::copy_file(certificate.certificate_file(), old_file);
  certificate.renew();
  ASSERT_TRUE(server.server().reload_certificates().has_value());
  ClientOnLoop trusting_the_new({.ca_file = certificate.certificate_file()});
  EXPECT_TRUE(trusting_the_new.get(at(server, "localhost", "/peer")).has_value());
  ClientOnLoop trusting_the_old({.ca_file = old_file});
  EXPECT_FALSE(trusting_the_old.get(at(server, "localhost", "/peer")).has_value());
}

TEST(Tls, AFailedReloadLeavesTheOldCertificateInForce) {
  const Certificate certificate;
  TestServer server(with(certificate));
  ClientOnLoop client({.ca_file = certificate.certificate_file()});
  std::filesystem::rename(certificate.key_file(), certificate.key_file() + ".gone");
  const auto reloaded = server.server().reload_certificates();
  ASSERT_FALSE(reloaded.has_value());
  EXPECT_EQ(reloaded.error().kind(), ErrorKind::InvalidInput);
  EXPECT_TRUE(client.get(at(server, "localhost", "/peer")).has_value());
}

TEST(Tls, AMissingCertificateRefusesToListen) {
  Router router;
  BodyBudget budget(1);
  const auto server = HttpServer::listen(
      {.address = "127.0.0.1:0", .certificate_file = "/nowhere/cert.pem", .key_file = "/nowhere/key.pem"}, router,
      budget, {}, {});
  ASSERT_FALSE(server.has_value());
  EXPECT_EQ(server.error().kind(), ErrorKind::InvalidInput);
}

}  // namespace
}  // namespace waypost::test
