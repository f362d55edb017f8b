#include <gtest/gtest.h>

#include "net/spawn.h"
#include "tests/queue/redis_link_fixture.h"
#include "tests/support/certificate.h"

namespace waypost {
namespace {

using std::chrono::milliseconds;
using test::Certificate;
using test::RedisServer;

class TlsLink : public test::LinkFixture {
 protected:
  RedisLinkSettings to(const std::string& host, const std::string& ca_file) const {
    auto settings = test::quick(Secret("rediss://tess:hush@" + host + ":" + redis.port() + "/2"));
    settings.ca_file = ca_file;
    settings.answer = milliseconds(1'000);
    return settings;
  }
  // Tries again and again, and says why in vain.
  void expect_refused(const RedisLinkSettings& settings, std::string_view why) {
    start(settings);
    ASSERT_TRUE(says(why)) << link->words();
    EXPECT_FALSE(link->is_up());
    EXPECT_FALSE(link->words().contains("hush"));
    const auto asked = ask({"PING"});
    EXPECT_EQ(asked.error().kind(), ErrorKind::Unavailable);
  }

  Certificate certificate;
  RedisServer redis{{.more = {"--user", "tess", "on", ">hush", "~*", "+@all"}, .certificate = &certificate}};
};

TEST_F(TlsLink, WorksWithTheRightAuthorityByNameAndByAddress) {
  for (const auto* host : {"localhost", "127.0.0.1"}) {
    connect(to(host, certificate.certificate_file()));
    EXPECT_EQ(ask({"ACL", "WHOAMI"})->text, "tess");
    EXPECT_TRUE(ask({"CLIENT", "INFO"})->text.contains(" db=2 "));
    loop.wait(link->stop());
  }
}

awaitable<void> count_up(RedisLink& link, int times, int& done) {
  for (int i = 0; i < times; ++i) {
    const auto reply = co_await link.ask({"ECHO", std::string(static_cast<std::size_t>(i * 97), 'x')});
    EXPECT_TRUE(reply.has_value());
    if (reply) EXPECT_EQ(reply->text.size(), static_cast<std::size_t>(i * 97));
    ++done;
  }
}

TEST_F(TlsLink, CarriesManyAndLargeAsksAtOnce) {
  connect(to("localhost", certificate.certificate_file()));
  int done = 0;
  for (int i = 0; i < 20; ++i) spawn(loop.executor(), "count", count_up(*link, 100, done));
  ASSERT_TRUE(loop.run_until([&] { return done == 2'000; }));
  const std::string large(4 << 20, 'y');
  EXPECT_EQ(ask({"SET", "large", large})->text, "OK");
  EXPECT_EQ(ask({"GET", "large"})->text, large);
}

TEST_F(TlsLink, ComesBackWhenRedisDoes) {
  connect(to("localhost", certificate.certificate_file()));
  redis.kill_it();
  ASSERT_TRUE(is_up(false));
  redis.start();
  ASSERT_TRUE(is_up(true));
  EXPECT_TRUE(ask({"PING"}).has_value());
}

TEST_F(TlsLink, AnotherAuthorityIsRefused) {
  const Certificate other;
  expect_refused(to("localhost", other.certificate_file()), "redis.ca_file must hold the authority");
}

TEST_F(TlsLink, TheSystemsAuthoritiesDoNotKnowOurs) {
  expect_refused(to("localhost", ""), "redis.ca_file must hold the authority");
}

TEST_F(TlsLink, AnotherHostsCertificateIsRefused) {
  const Certificate elsewhere("elsewhere.example");
  const RedisServer stranger({.certificate = &elsewhere});
  auto settings = to("localhost", elsewhere.certificate_file());
  settings.url = Secret("rediss://tess:hush@localhost:" + stranger.port());
  expect_refused(settings, "redis.url must name a host that its certificate names");
}

TEST_F(TlsLink, APortWithoutTlsIsRefused) {
  const RedisServer plain({.on_port = true});
  auto settings = to("localhost", certificate.certificate_file());
  settings.url = Secret("rediss://tess:hush@" + plain.place());
  expect_refused(settings, "is this the port on which it speaks TLS");
}

TEST_F(TlsLink, AHandshakeThatDoesNotComeIsEnded) {
  redis.pause();
  auto settings = to("localhost", certificate.certificate_file());
  settings.answer = milliseconds(100);
  expect_refused(settings, "no answer in time");
  redis.resume();
  EXPECT_TRUE(is_up(true));
}

TEST_F(TlsLink, AMissingFileOfAuthoritiesIsNoSetting) {
  const auto made = RedisLink::make(loop.executor(), to("localhost", "/nowhere/ca.pem"));
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().kind(), ErrorKind::InvalidInput);
  EXPECT_TRUE(made.error().words().contains("/nowhere/ca.pem"));
}

}  // namespace
}  // namespace waypost
