// Certificates of clients: who shows a good one is known by its name, who shows none is served without one, and who
// shows a bad one is not served.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "raw_client.h"
#include "test_server.h"
#include "tests/support/authority.h"
#include "tests/support/certificate.h"
#include "tests/support/tls_client.h"

namespace waypost::test {
namespace {

using Version = TlsClient::Version;

constexpr const char* kName = "/CN=client.webhooks.example";

class ClientCertificates : public testing::TestWithParam<Version> {
 protected:
  TestServer::Options options() const {
    TestServer::Options made;
    made.listen.certificate_file = certificate.certificate_file();
    made.listen.key_file = certificate.key_file();
    made.listen.client_ca_file = ca_file;
    return made;
  }
  // What the server knows the client by; nothing when it is not served.
  std::optional<std::string> name_of(TlsClient& client, TestServer& server) {
    const auto answer = client.ask(server.port(), get("/client", "Connection: close\r\n"));
    if (status_of(answer) != 200) return std::nullopt;
    return body_of(answer);
  }
  std::optional<std::string> name_of(const ClientFiles& files) {
    TestServer server(options());
    TlsClient client(files, GetParam());
    return name_of(client, server);
  }

  const Certificate certificate;
  const Authority authority;
  std::string ca_file = authority.ca_file();
};

TEST_P(ClientCertificates, AGoodOneGivesItsName) {
  EXPECT_EQ(name_of(authority.client(kName)), "client.webhooks.example");
}

TEST_P(ClientCertificates, WhoShowsNoneIsServedWithoutAName) { EXPECT_EQ(name_of(ClientFiles{}), ""); }

TEST_P(ClientCertificates, AnotherNameIsAnotherName) { EXPECT_EQ(name_of(authority.client("/CN=evil")), "evil"); }

TEST_P(ClientCertificates, ANameIsOneAndNotPartOfAnother) {
  EXPECT_EQ(name_of(authority.client("/O=client.webhooks.example")), "");
  EXPECT_EQ(name_of(authority.client("/CN=evil/CN=client.webhooks.example")), "");
}

TEST_P(ClientCertificates, ABadOneEndsTheHandshake) {
  EXPECT_EQ(name_of(authority.client(kName, -1)), std::nullopt) << "expired";
  EXPECT_EQ(name_of(authority.server(kName)), std::nullopt) << "for servers";
  EXPECT_EQ(name_of(Authority().client(kName)), std::nullopt) << "of another authority";
  const Certificate self_made("client.webhooks.example");
  EXPECT_EQ(name_of({.chain = self_made.certificate_file(), .key = self_made.key_file()}), std::nullopt);
}

TEST_P(ClientCertificates, NoneIsAskedForUnlessAuthoritiesAreNamed) {
  ca_file.clear();
  EXPECT_EQ(name_of(authority.client(kName)), "");
  EXPECT_EQ(name_of(Authority().client(kName)), "");
}

// The verdict stays with the session, and no session brings more than its first handshake did.
TEST_P(ClientCertificates, AResumedSessionKeepsItsVerdict) {
  TestServer server(options());
  TlsClient known(authority.client(kName), GetParam());
  TlsClient unknown(GetParam());
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(name_of(known, server), "client.webhooks.example");
    EXPECT_EQ(known.resumed(), i > 0);
    EXPECT_EQ(name_of(unknown, server), "");
    EXPECT_EQ(unknown.resumed(), i > 0);
  }
}

TEST_P(ClientCertificates, AReloadTakesNewAuthoritiesAndEndsOldSessions) {
  const auto file = std::filesystem::temp_directory_path() / ("waypost-clients-" + std::to_string(::getpid()) + ".pem");
  std::filesystem::copy_file(authority.ca_file(), file, std::filesystem::copy_options::overwrite_existing);
  ca_file = file.string();
  TestServer server(options());
  TlsClient old(authority.client(kName), GetParam());
  EXPECT_EQ(name_of(old, server), "client.webhooks.example");
  const Authority next;
  std::filesystem::copy_file(next.ca_file(), file, std::filesystem::copy_options::overwrite_existing);
  ASSERT_TRUE(server.server().reload_certificates());
  EXPECT_EQ(name_of(old, server), std::nullopt);
  TlsClient fresh(next.client(kName), GetParam());
  EXPECT_EQ(name_of(fresh, server), "client.webhooks.example");
  std::filesystem::remove(file);
  EXPECT_FALSE(server.server().reload_certificates());
  EXPECT_EQ(name_of(fresh, server), "client.webhooks.example") << "the old ones stay in force";
}

INSTANTIATE_TEST_SUITE_P(Tls, ClientCertificates, testing::Values(Version::Tls12, Version::Tls13),
                         [](const auto& made) { return made.param == Version::Tls12 ? "Tls12" : "Tls13"; });

// Nothing is let in because a setting is half made.
TEST(ClientAuthorities, WithoutTlsTheyRefuseToListen) {
  const Authority authority;
  Router router;
  BodyBudget budget(1);
  const auto server =
      HttpServer::listen({.address = "127.0.0.1:0", .client_ca_file = authority.ca_file()}, router, budget, {}, {});
  ASSERT_FALSE(server.has_value());
  EXPECT_EQ(server.error().kind(), ErrorKind::InvalidInput);
}

TEST(ClientAuthorities, AuthoritiesThatCannotBeReadRefuseToListen) {
  const Certificate certificate;
  Router router;
  BodyBudget budget(1);
  for (const auto& file : {std::string("/nowhere/ca.pem"), certificate.key_file()}) {
    const auto server = HttpServer::listen({.address = "127.0.0.1:0",
                                            .certificate_file = certificate.certificate_file(),
                                            .key_file = certificate.key_file(),
                                            .client_ca_file = file},
                                           router, budget, {}, {});
    ASSERT_FALSE(server.has_value());
    EXPECT_EQ(server.error().kind(), ErrorKind::InvalidInput);
    EXPECT_TRUE(server.error().words().contains(file)) << server.error().words();
  }
}

}  // namespace
}  // namespace waypost::test
