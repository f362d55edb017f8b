#include "net/client.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <thread>

#include "on_loop.h"
#include "scripted_server.h"
#include "test_server.h"

namespace waypost::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

std::string at(const TestServer& server, std::string_view path) {
  return "http://127.0.0.1:" + std::to_string(server.port()) + std::string(path);
}

TEST(Client, GetsAndPosts) {
  TestServer server;
  ClientOnLoop client;
  const auto got = client.get(at(server, "/things/a%20b?q=1"));
  ASSERT_TRUE(got.has_value()) << got.error().error.words();
  EXPECT_EQ(got->status, 200);
  EXPECT_EQ(got->body, "a b?1");
  EXPECT_EQ(got->headers.find("content-type"), "text/plain; charset=utf-8");
  const auto posted = client.ask({.method = "POST", .url = at(server, "/echo"), .body = "hello"});
  ASSERT_TRUE(posted.has_value());
  EXPECT_EQ(posted->body, "hello");
}

TEST(Client, TakesEveryStatusForAnAnswer) {
  TestServer server;
  ClientOnLoop client;
  const auto missing = client.get(at(server, "/nowhere"));
  ASSERT_TRUE(missing.has_value());
  EXPECT_EQ(missing->status, 404);
  const auto broken = client.get(at(server, "/throws"));
  ASSERT_TRUE(broken.has_value());
  EXPECT_EQ(broken->status, 500);
}

TEST(Client, ReadsChunkedBodies) {
  TestServer server;
  ClientOnLoop client;
  const auto streamed = client.get(at(server, "/stream"));
  ASSERT_TRUE(streamed.has_value());
  EXPECT_EQ(streamed->body, "onetwenty-one characters");
}

TEST(Client, ReadsABodyThatEndsWithTheConnection) {
  ScriptedServer server([](Peer& peer, int) {
    peer.request();
    peer.send("HTTP/1.1 200 OK\r\n\r\nuntil the end");
  });
  ClientOnLoop client;
  const auto answer = client.get(server.url("/"));
  ASSERT_TRUE(answer.has_value()) << answer.error().error.words();
  EXPECT_EQ(answer->body, "until the end");
}

TEST(Client, PassesOverInterimAnswers) {
  ScriptedServer server([](Peer& peer, int) {
    peer.request();
    peer.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ok("final"));
  });
  ClientOnLoop client;
  const auto answer = client.get(server.url("/"));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "final");
  EXPECT_FALSE(answer->headers.find("Link"));
}

TEST(Client, AsksForAHeadWithoutWaitingForItsBody) {
  TestServer server;
  ClientOnLoop client;
  const auto answer = client.ask({.method = "HEAD", .url = at(server, "/peer"), .deadline = 2s});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->headers.find("Content-Length"), "15");
  EXPECT_EQ(answer->body, "");
}

TEST(Client, WritesWellFormedRequests) {
  std::promise<std::string> seen;
  ScriptedServer server([&seen](Peer& peer, int) {
    seen.set_value(peer.request());
    peer.send(ok(""));
  });
  ClientOnLoop client;
  ClientRequest request{.method = "POST", .url = server.url("/a?b=c#d")};
  request.headers.add("Authorization", "Bearer t");
  request.headers.add("Content-Length", "999");
  ASSERT_TRUE(client.ask(request).has_value());
  const auto text = seen.get_future().get();
  EXPECT_TRUE(text.starts_with("POST /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:")) << text;
  EXPECT_TRUE(text.contains("\r\nAuthorization: Bearer t\r\n"));
  EXPECT_TRUE(text.contains("\r\nContent-Length: 0\r\n"));
  EXPECT_TRUE(text.contains("\r\nUser-Agent: waypost/"));
  EXPECT_FALSE(text.contains("999"));
}

TEST(GuardedClient, ConnectsOnlyWhereItMay) {
  std::atomic<int> accepted = 0;
  ScriptedServer server([&accepted](Peer& peer, int) {
    ++accepted;
    peer.request();
    peer.send(ok("inside"));
  });
  std::string asked_of;
  const auto guarded = [&](std::vector<std::string> listed) {
    auto guard = AddressGuard::parse(listed).value();
    return ClientSettings{.may_connect = [&asked_of, guard](std::string_view host, const asio::ip::address& address) {
      asked_of = std::string(host) + " " + address.to_string();
      return guard.may_connect(host, address);
    }};
  };
  {
    ClientOnLoop client(guarded({}));
    const auto refused = client.get(server.url("/"));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().error.code(), kRefusedAddress);
    EXPECT_EQ(refused.error().sent, Sent::NothingSent);
    EXPECT_EQ(asked_of, "127.0.0.1 127.0.0.1");
  }
  EXPECT_EQ(accepted, 0);
  ClientOnLoop client(guarded({"127.0.0.0/8"}));
  const auto answer = client.get(server.url("/"));
  ASSERT_TRUE(answer.has_value()) << answer.error().error.words();
  EXPECT_EQ(answer->body, "inside");
}

// A name is judged by what it stands for, and by every way to write it.
TEST(GuardedClient, JudgesNamesByTheirAddresses) {
  const auto guard = AddressGuard::parse({}).value();
  ClientOnLoop client({.may_connect = [guard](std::string_view host, const asio::ip::address& address) {
    return guard.may_connect(host, address);
  }});
  for (const char* host : {"localhost", "127.1", "0x7f000001", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "0"}) {
    const auto refused = client.get("http://" + std::string(host) + ":9/");
    ASSERT_FALSE(refused.has_value()) << host;
    EXPECT_EQ(refused.error().error.code(), kRefusedAddress) << host << ": " << refused.error().error.words();
  }
}

TEST(GuardedClient, AsksNoUnixSocket) {
  ClientOnLoop client({.may_connect = [](std::string_view, const asio::ip::address&) { return true; }});
  const auto refused = client.get("unix:/run/x.sock:/");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().error.code(), kRefusedAddress);
}

TEST(Client, RefusesWhatCouldBeginALineOfItsOwn) {
  ClientOnLoop client;
  ClientRequest request{.url = "http://127.0.0.1:1/"};
  request.headers.add("X-A", "b\r\nX-C: d");
  const auto header = client.ask(request);
  ASSERT_FALSE(header.has_value());
  EXPECT_EQ(header.error().error.kind(), ErrorKind::InvalidInput);
  const auto method = client.ask({.method = "GET /", .url = "http://127.0.0.1:1/"});
  ASSERT_FALSE(method.has_value());
  EXPECT_EQ(method.error().sent, Sent::NothingSent);
}

TEST(Client, KeepsConnections) {
  ScriptedServer counted([](Peer& peer, int) {
    while (!peer.request().empty()) peer.send(ok("x"));
  });
  ClientOnLoop client;
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(client.get(counted.url("/")).has_value());
  EXPECT_EQ(counted.accepted(), 1);
}

TEST(Client, DropsAConnectionThatTheServerWillClose) {
  ScriptedServer server([](Peer& peer, int) {
    peer.request();
    peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx");
  });
  ClientOnLoop client;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(client.get(server.url("/")).has_value());
  EXPECT_EQ(server.accepted(), 3);
}

TEST(Client, OpensAnotherConnectionWhenTheIdleOneHasEnded) {
  ScriptedServer server([](Peer& peer, int number) {
    peer.request();
    peer.send(ok(std::to_string(number)));
  });
  ClientOnLoop client;
  ASSERT_EQ(client.get(server.url("/")).value().body, "0");
  while (server.closed() < 1) std::this_thread::yield();
  const auto second = client.ask({.method = "POST", .url = server.url("/"), .body = "x"});
  ASSERT_TRUE(second.has_value()) << second.error().error.words();
  EXPECT_EQ(second->body, "1");
}

TEST(Client, DoesNotRepeatARequestThatAnIdleConnectionSwallowed) {
  ScriptedServer server([](Peer& peer, int) {
    peer.request();
    peer.send(ok("first"));
    peer.request();
  });
  ClientOnLoop client;
  ASSERT_TRUE(client.get(server.url("/")).has_value());
  const auto second = client.ask({.method = "POST", .url = server.url("/"), .body = "x"});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().sent, Sent::MaybeSent);
  EXPECT_EQ(server.accepted(), 1);
}

TEST(Client, DropsAConnectionWithBytesNobodyAskedFor) {
  ScriptedServer server([](Peer& peer, int number) {
    peer.request();
    peer.send(ok(std::to_string(number)) + ok("smuggled"));
    peer.wait_for_end();
  });
  ClientOnLoop client;
  EXPECT_EQ(client.get(server.url("/")).value().body, "0");
  EXPECT_EQ(client.get(server.url("/")).value().body, "1");
}

TEST(Client, ClosesIdleConnectionsInTime) {
  std::promise<void> ended;
  ScriptedServer server([&ended](Peer& peer, int) {
    peer.request();
    peer.send(ok("x"));
    peer.wait_for_end();
    ended.set_value();
  });
  ClientOnLoop client({.idle = 100ms});
  ASSERT_TRUE(client.get(server.url("/")).has_value());
  EXPECT_EQ(ended.get_future().wait_for(5s), std::future_status::ready);
}

TEST(Client, ARefusedConnectionHasSentNothing) {
  std::string url;
  {
    url = ScriptedServer([](Peer&, int) {}).url("/");
  }
  ClientOnLoop client;
  const auto answer = client.ask({.method = "POST", .url = url, .body = "x"});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().sent, Sent::NothingSent);
  EXPECT_EQ(answer.error().error.kind(), ErrorKind::Unavailable);
}

TEST(Client, AnUnknownHostHasSentNothing) {
  ClientOnLoop client;
  const auto answer = client.ask({.url = "http://no-such-host.invalid/", .deadline = 3s});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().sent, Sent::NothingSent);
}

// A connection broken after the request was written, at each step of the answer.
class BrokenAnswer : public testing::TestWithParam<std::string> {};

TEST_P(BrokenAnswer, MayHaveBeenSent) {
  ScriptedServer server([](Peer& peer, int) {
    peer.request();
    peer.send(GetParam());
  });
  ClientOnLoop client;
  const auto answer = client.ask({.method = "POST", .url = server.url("/"), .body = "x"});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().sent, Sent::MaybeSent);
  EXPECT_EQ(answer.error().error.kind(), ErrorKind::Unavailable);
  EXPECT_EQ(server.accepted(), 1) << "a written request must not be repeated";
}

INSTANTIATE_TEST_SUITE_P(Client, BrokenAnswer,
                         testing::Values("", "HTTP/1.1 ", "HTTP/1.1 200 OK\r\nContent-", "SSH-2.0-x\r\n",
                                         "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
                                         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                                         "HTTP/1.1 100 Continue\r\n\r\n",
                                         "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"));

TEST(Client, AResetAfterTheRequestMayHaveBeenSent) {
  ScriptedServer server([](Peer& peer, int) {
    peer.request();
    peer.reset();
  });
  ClientOnLoop client;
  const auto answer = client.ask({.method = "POST", .url = server.url("/"), .body = "x"});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().sent, Sent::MaybeSent);
}

TEST(Client, HoldsItsDeadline) {
  ScriptedServer silent([](Peer& peer, int) { peer.wait_for_end(); });
  ClientOnLoop client;
  const auto begin = Clock::now();
  const auto answer = client.ask({.url = silent.url("/"), .deadline = 200ms});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().sent, Sent::MaybeSent);
  EXPECT_GE(Clock::now() - begin, 200ms);
  EXPECT_LT(Clock::now() - begin, 2s);
}

TEST(Client, HoldsItsDeadlineAgainstAnAnswerThatDripsIn) {
  ScriptedServer dripping([](Peer& peer, int) {
    peer.request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    for (int i = 0; i < 100; ++i) {
      peer.send("x");
      std::this_thread::sleep_for(5ms);
    }
  });
  ClientOnLoop client;
  const auto begin = Clock::now();
  EXPECT_FALSE(client.ask({.url = dripping.url("/"), .deadline = 150ms}).has_value());
  EXPECT_LT(Clock::now() - begin, 450ms);
}

TEST(Client, RefusesAnAnswerBeyondItsLimit) {
  ScriptedServer server([](Peer& peer, int number) {
    peer.request();
    if (number == 0) peer.send(ok(std::string(1001, 'x')));
    if (number == 1) peer.send("HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x'));
    if (number == 2) peer.send(ok(std::string(1000, 'x')));
  });
  ClientOnLoop client;
  EXPECT_FALSE(client.ask({.url = server.url("/"), .body_limit = 1000}).has_value());
  EXPECT_FALSE(client.ask({.url = server.url("/"), .body_limit = 1000}).has_value());
  EXPECT_TRUE(client.ask({.url = server.url("/"), .body_limit = 1000}).has_value());
}

// Hands out what a body is taken in.
struct Taken {
  std::string bytes;
  std::size_t most = 0;  // of one piece
  std::size_t refuses_behind = std::string::npos;

  std::function<awaitable<Result<void>>(std::string_view)> taker() {
    return [this](std::string_view piece) { return take(piece); };
  }
  awaitable<Result<void>> take(std::string_view piece) {
    bytes += piece;
    most = std::max(most, piece.size());
    if (bytes.size() > refuses_behind) co_return fail(ErrorKind::Unavailable, "the disk is full");
    co_return Result<void>();
  }
};

TEST(Client, HandsOnABodyAsItComes) {
  const std::string body(1'000'000, 'x');
  ScriptedServer server([&](Peer& peer, int) {
    peer.request();
    peer.send(ok(body));
    peer.request();
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n");
  });
  ClientOnLoop client;
  Taken taken;
  const auto answer = client.ask({.url = server.url("/"), .take_body = taken.taker()});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "");
  EXPECT_EQ(taken.bytes, body);
  EXPECT_LE(taken.most, 64U * 1024);
  Taken chunked;
  ASSERT_TRUE(client.ask({.url = server.url("/"), .take_body = chunked.taker()}).has_value());
  EXPECT_EQ(chunked.bytes, "onetwo");
  EXPECT_EQ(server.accepted(), 1);
}

TEST(Client, KeepsTheBodyOfARefusalWhoeverTakesBodies) {
  ScriptedServer server([](Peer& peer, int) {
    peer.request();
    peer.send("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone");
  });
  ClientOnLoop client;
  Taken taken;
  const auto answer = client.ask({.url = server.url("/"), .take_body = taken.taker()});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "gone");
  EXPECT_EQ(taken.bytes, "");
}

TEST(Client, EndsWithTheErrorOfWhoeverTakesTheBody) {
  ScriptedServer server([](Peer& peer, int) {
    peer.request();
    peer.send(ok(std::string(500'000, 'x')));
  });
  ClientOnLoop client;
  Taken taken{.bytes = {}, .refuses_behind = 50'000};
  const auto answer = client.ask({.url = server.url("/"), .take_body = taken.taker()});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().error.words(), "the disk is full");
  EXPECT_LT(taken.bytes.size(), 200'000U);
}

TEST(Client, ABodyThatIsCutIsNoAnswerToWhoeverTakesIt) {
  ScriptedServer server([](Peer& peer, int) {
    peer.request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it");
  });
  ClientOnLoop client;
  Taken taken;
  EXPECT_FALSE(client.ask({.url = server.url("/"), .take_body = taken.taker()}).has_value());
  EXPECT_EQ(taken.bytes, "half of it");
}

TEST(Client, SaysThatABodyIsTooLarge) {
  ScriptedServer server([](Peer& peer, int n) {
    peer.request();
    if (n == 0)
      peer.send(ok(std::string(2'000, 'x')));
    else
      peer.send("HTTP/1.1 200 OK\r\n\r\n" + std::string(2'000, 'x'));
  });
  ClientOnLoop client;
  for (int n = 0; n < 2; ++n) {
    Taken taken;
    const auto answer = client.ask({.url = server.url("/"), .body_limit = 1'000, .take_body = taken.taker()});
    ASSERT_FALSE(answer.has_value());
    EXPECT_TRUE(answer.error().too_large);
    EXPECT_LE(taken.bytes.size(), 1'000U);
  }
}

TEST(Client, TakesTheAnswerOfAServerThatDoesNotReadOn) {
  TestServer server;
  ClientOnLoop client;
  const auto answer = client.ask({.method = "POST", .url = at(server, "/echo"), .body = std::string(600'000, 'x')});
  ASSERT_TRUE(answer.has_value()) << answer.error().error.words();
  EXPECT_EQ(answer->status, 413);
}

TEST(Client, SpeaksOverAUnixSocket) {
  const auto path = (std::filesystem::temp_directory_path() / ("waypost-c-" + std::to_string(::getpid()))).string();
  TestServer::Options options;
  options.listen.address = "unix:" + path;
  TestServer server(options);
  ClientOnLoop client;
  const auto answer = client.get("unix:" + path + ":/things/7?q=x");
  ASSERT_TRUE(answer.has_value()) << answer.error().error.words();
  EXPECT_EQ(answer->body, "7?x");
}

TEST(Client, ResolvesNames) {
  TestServer server;
  ClientOnLoop client;
  for (int i = 0; i < 2; ++i) {
    const auto answer = client.get("http://localhost:" + std::to_string(server.port()) + "/peer");
    ASSERT_TRUE(answer.has_value()) << answer.error().error.words();
    EXPECT_EQ(answer->body, "127.0.0.1 plain");
  }
}

}  // namespace
}  // namespace waypost::test
