#include "webhook/endpoint.h"

#include <gtest/gtest.h>

#include <atomic>

#include "base/crypto.h"
#include "net/client.h"
#include "net/server.h"
#include "tests/support/authority.h"
#include "tests/support/certificate.h"
#include "tests/support/tls_client.h"
#include "tests/webhook/gateway.h"
#include "webhook/app_keeper.h"
#include "webhook/signature.h"

namespace waypost {
namespace {

using test::Text;

const Secret kSecret("app-secret");

std::string signature(const std::string& body, const Secret& secret = kSecret) {
  return "sha256=" + hex(hmac_sha256(secret, body));
}

// The endpoint behind a real server, over the real journal; the applier runs only where a test starts it.
class Endpoint : public testing::Test {
 protected:
  Endpoint() { save_app(kSecret); }
  ~Endpoint() override {
    if (server_) server_->stop(milliseconds(1'000));
    gateway.stop();
  }

  void save_app(const Secret& secret) {
    save_in_store(secret);
    EXPECT_TRUE(directory_.load(*gateway.store.database));
  }
  void save_in_store(const Secret& secret) {
    gateway.store.run([&](sql::Connection& connection) {
      const auto saved = store::save_webhook_app(
          connection, {.name = "default", .verify_token = Secret("verify-me"), .secret = secret}, *keyring_,
          gateway.store.clock.now());
      EXPECT_TRUE(saved);
      return 0;
    });
  }
  void serve(EndpointSettings settings = {}, const Listen& at = {.address = "127.0.0.1:0"}) {
    add_webhook_routes(router_, {*gateway.journal, directory_, *gateway.applier}, std::move(settings));
    auto server = HttpServer::listen(at, router_, budget_, {}, {&loop_});
    ASSERT_TRUE(server);
    server_ = *std::move(server);
    server_->start();
  }
  Response ask(ClientRequest request) {
    request.url = "http://127.0.0.1:" + std::to_string(server_->port()) + request.url;
    auto client = HttpClient::make(gateway.loop.executor(), {});
    auto answer = gateway.loop.wait(client->ask(std::move(request)));
    EXPECT_TRUE(answer);
    return answer ? *std::move(answer) : Response{};
  }
  Response post(const std::string& body, const std::string& header, const std::string& path = "/webhooks/whatsapp") {
    ClientRequest request{.method = "POST", .url = path, .body = body};
    if (!header.empty()) request.headers.add("X-Hub-Signature-256", header);
    return ask(std::move(request));
  }
  std::uint16_t port() const { return server_->port(); }
  int status_of(const std::string& body, const std::string& header) { return post(body, header).status; }

  test::Gateway gateway;

 private:
  Result<Keyring> keyring_ = Keyring::load_or_create(gateway.store.folder.file("keys"));

 protected:
  AppDirectory directory_{*keyring_, gateway.store.folder.file("apps")};

 private:
  Router router_;
  BodyBudget budget_{64 << 20};
  Loop loop_{"webhooks"};
  std::unique_ptr<HttpServer> server_;
};

TEST_F(Endpoint, ShakesHandsWithWhoKnowsTheToken) {
  serve();
  const auto answer =
      ask({.url = "/webhooks/whatsapp?hub.mode=subscribe&hub.challenge=11%2058&hub.verify_token=verify-me"});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "11 58");
  for (const std::string query : {"", "?hub.mode=subscribe&hub.challenge=1&hub.verify_token=verify-m",
                                  "?hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=verify-me",
                                  "?hub.mode=subscribe&hub.verify_token=verify-me"}) {
    EXPECT_EQ(ask({.url = "/webhooks/whatsapp" + query}).status, 403) << query;
  }
  EXPECT_EQ(
      ask({.url = "/webhooks/whatsapp/other?hub.mode=subscribe&hub.challenge=1&hub.verify_token=verify-me"}).status,
      403);
}

// Another node took the new secret; this one looks for it when the old one does not fit, and Meta repeats.
TEST_F(Endpoint, LooksForANewSecretWhenASignatureDoesNotFit) {
  serve();
  const Secret fresh("a secret of another node");
  save_in_store(fresh);
  const AppKeeper keeper(directory_, *gateway.store.database,
                         {.least = milliseconds(1), .most = std::chrono::hours(1)});
  const auto body = test::body_of(Text{});
  int status = 401;
  for (int i = 0; i < 5'000 && status == 401; ++i) status = status_of(body, signature(body, fresh));
  EXPECT_EQ(status, 200);
}

TEST_F(Endpoint, AcksWhatIsSignedOnceItIsInTheJournal) {
  serve();
  const auto body = test::body_of(Text{});
  EXPECT_EQ(status_of(body, signature(body)), 200);
  const auto records = gateway.journal->read_after(0, 10, 1 << 20);
  ASSERT_TRUE(records);
  ASSERT_EQ(records->size(), 1U);
  EXPECT_EQ(records->front().body, body);
  EXPECT_EQ(records->front().app, "default");
}

// Law 12.
TEST_F(Endpoint, RefusesAllElseAlikeAndKeepsNothing) {
  serve();
  const std::string body = "not even JSON";
  const auto good = signature(body);
  for (const auto& header :
       {std::string(), good.substr(7), good.substr(0, 70), good + "0", "sha1=" + good.substr(7),
        "sha256=" + std::string(64, 'g'), signature(body, Secret("another")), signature(body + " ")}) {
    const auto answer = post(body, header);
    EXPECT_EQ(answer.status, 401) << header;
    EXPECT_EQ(answer.body, R"({"error":"Unauthorized"})");
  }
  EXPECT_EQ(post(body, good, "/webhooks/whatsapp/other").status, 401);
  EXPECT_EQ(gateway.journal->end(), 0U);
}

TEST_F(Endpoint, TakesThePreviousSecretWhileItIsRotated) {
  save_app(Secret("new-secret"));
  serve();
  for (const auto& secret : {kSecret, Secret("new-secret")}) EXPECT_EQ(status_of("{}", signature("{}", secret)), 200);
  EXPECT_EQ(status_of("{}", signature("{}", Secret("older"))), 401);
}

TEST_F(Endpoint, RefusesABodyBeyondFourMebibytes) {
  serve();
  const std::string body((4 << 20) + 1, ' ');
  EXPECT_EQ(status_of(body, signature(body)), 413);
  EXPECT_EQ(gateway.journal->end(), 0U);
}

TEST_F(Endpoint, FiftyTimesTheSameAtOnceIsOneMessage) {
  serve();
  gateway.start();
  const auto body = test::body_of(Text{});
  std::vector<std::thread> senders;
  std::atomic<int> acked = 0;
  ClientRequest request{.method = "POST", .body = body};
  request.url = "http://127.0.0.1:" + std::to_string(port()) + "/webhooks/whatsapp";
  request.headers.add("X-Hub-Signature-256", signature(body));
  for (int sender = 0; sender < 10; ++sender) {
    senders.emplace_back([&] {
      test::RunLoop loop;
      auto client = HttpClient::make(loop.executor(), {});
      for (int i = 0; i < 5; ++i) {
        const auto answer = loop.wait(client->ask(request));
        if (answer && answer->status == 200) ++acked;
      }
    });
  }
  for (auto& sender : senders) sender.join();
  EXPECT_EQ(acked, 50);
  gateway.settle();
  EXPECT_EQ(gateway.journal->end(), 50U);
  EXPECT_EQ(gateway.store.number("SELECT count(*) FROM message"), 1);
  EXPECT_EQ(gateway.store.number("SELECT count(*) FROM run_trigger"), 1);
}

TEST_F(Endpoint, AckingFromTheStoreWaitsForTheApply) {
  serve({.ack = AckMode::Store, .ack_bound = milliseconds(20'000)});
  gateway.start();
  const auto body = test::body_of(Text{});
  EXPECT_EQ(status_of(body, signature(body)), 200);
  EXPECT_EQ(gateway.store.number("SELECT count(*) FROM message"), 1);
}

TEST_F(Endpoint, AckingFromTheStoreIs503WhenTheApplyDoesNotCome) {
  serve({.ack = AckMode::Store, .ack_bound = milliseconds(20)});
  const auto body = test::body_of(Text{});
  const auto answer = post(body, signature(body));
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(answer.headers.find("Retry-After"));
  EXPECT_EQ(gateway.journal->end(), 1U);
}

// Where Meta's certificate is asked for, a signature is not enough; nothing of the request is looked at without it.
TEST_F(Endpoint, WithoutMetasCertificateNothingIsLetIn) {
  const test::Certificate certificate;
  const test::Authority authority;
  serve({.client_cn = "client.webhooks.example"}, {.address = "127.0.0.1:0",
                                                   .certificate_file = certificate.certificate_file(),
                                                   .key_file = certificate.key_file(),
                                                   .client_ca_file = authority.ca_file()});
  const auto body = test::body_of(Text{});
  const auto head = [&](const std::string& size) {
    return "POST /webhooks/whatsapp HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Hub-Signature-256: " +
           signature(body) + "\r\nContent-Length: " + size + "\r\n\r\n";
  };
  const auto post = head(std::to_string(body.size())) + body;
  const std::string get =
      "GET /webhooks/whatsapp?hub.mode=subscribe&hub.challenge=1158&hub.verify_token=verify-me HTTP/1.1\r\nHost: x\r\n"
      "Connection: close\r\n\r\n";
  test::TlsClient nobody;
  test::TlsClient other(authority.client("/CN=client.example"));
  for (auto* client : {&nobody, &other}) {
    for (const auto& request : {post, get, head("5000000"), head("7")}) {
      const auto answer = client->ask(port(), request);
      EXPECT_TRUE(answer.starts_with("HTTP/1.1 403")) << answer;
      EXPECT_TRUE(answer.ends_with(R"({"error":"Forbidden"})")) << answer;
    }
  }
  EXPECT_EQ(gateway.journal->end(), 0U);
  test::TlsClient meta(authority.client("/CN=client.webhooks.example"));
  EXPECT_TRUE(meta.ask(port(), get).ends_with("1158"));
  EXPECT_TRUE(meta.ask(port(), post).starts_with("HTTP/1.1 200"));
  EXPECT_EQ(gateway.journal->end(), 1U);
}

// Without a listener that asks for certificates nobody has a name: half a setting lets nobody in.
TEST_F(Endpoint, ANameThatNobodyCanHaveLetsNobodyIn) {
  serve({.client_cn = "client.webhooks.example"});
  const auto body = test::body_of(Text{});
  EXPECT_EQ(status_of(body, signature(body)), 403);
}

}  // namespace
}  // namespace waypost
