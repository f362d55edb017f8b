// Law 12, bit by bit: the endpoint's gate and handler without a socket between.

#include <gtest/gtest.h>

#include "base/crypto.h"
#include "net/router.h"
#include "tests/webhook/gateway.h"
#include "webhook/endpoint.h"

namespace waypost {
namespace {

constexpr std::string_view kPath = "/webhooks/whatsapp";

class Genuine : public testing::Test {
 protected:
  Genuine() {
    gateway.store.run([this](sql::Connection& connection) {
      return store::save_webhook_app(connection,
                                     {.name = "default", .verify_token = Secret("verify-me"), .secret = secret_},
                                     *keyring_, gateway.store.clock.now())
          .has_value();
    });
    EXPECT_TRUE(directory_.load(*gateway.store.database));
    add_webhook_routes(router_, {*gateway.journal, directory_, *gateway.applier}, {});
  }

  std::string signature(const std::string& body) const { return "sha256=" + hex(hmac_sha256(secret_, body)); }

  int status_of(const std::string& body, const std::string& header) {
    const auto match = router_.match("POST", kPath);
    Request request;
    request.method = "POST";
    request.path = kPath;
    request.headers.add("X-Hub-Signature-256", header);
    if (auto refused = match.route->gate(request)) return refused->status;
    request.body = body;
    return gateway.loop.wait(match.route->handler(std::move(request))).status;
  }

  // Each bit of `text` in turn, turned over.
  template <class Take>
  static void for_each_flip(const std::string& text, Take take) {
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
      std::string flipped = text;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      take(flipped);
    }
  }

  test::Gateway gateway;

 private:
  const Secret secret_{"app-secret"};
  Result<Keyring> keyring_ = Keyring::load_or_create(gateway.store.folder.file("keys"));
  AppDirectory directory_{*keyring_, gateway.store.folder.file("apps")};
  Router router_;
};

TEST_F(Genuine, ABitOfTheHeaderTurnedOverIsRefused) {
  const auto body = test::body_of(test::Text{});
  for_each_flip(signature(body), [&](const std::string& header) { EXPECT_EQ(status_of(body, header), 401) << header; });
  EXPECT_EQ(gateway.journal->end(), 0U);
  EXPECT_EQ(status_of(body, signature(body)), 200);
}

TEST_F(Genuine, ABitOfTheBodyTurnedOverIsRefused) {
  const auto body = test::body_of(test::Text{});
  const auto header = signature(body);
  for_each_flip(body, [&](const std::string& flipped) { EXPECT_EQ(status_of(flipped, header), 401) << flipped; });
  EXPECT_EQ(gateway.journal->end(), 0U);
  EXPECT_EQ(status_of(body, header), 200);
}

TEST_F(Genuine, AByteLessOrMoreIsRefused) {
  const auto body = test::body_of(test::Text{});
  const auto header = signature(body);
  for (std::size_t at = 0; at <= body.size(); ++at) {
    EXPECT_EQ(status_of(std::string(body).insert(at, 1, ' '), header), 401);
    if (at < body.size()) EXPECT_EQ(status_of(std::string(body).erase(at, 1), header), 401);
  }
  for (std::size_t at = 0; at <= header.size(); ++at) {
    EXPECT_EQ(status_of(body, std::string(header).insert(at, 1, '0')), 401);
    if (at < header.size()) EXPECT_EQ(status_of(body, std::string(header).erase(at, 1)), 401);
  }
  EXPECT_EQ(gateway.journal->end(), 0U);
}

}  // namespace
}  // namespace waypost
