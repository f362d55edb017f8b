#include "net/server.h"

#include <gtest/gtest.h>

#include <chrono>
#include <latch>
#include <thread>
#include <vector>

#include "raw_client.h"
#include "test_server.h"

namespace waypost::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

TEST(Server, AnswersARequest) {
  TestServer server;
  RawClient client(server.port());
  client.send(post("/echo", "hello"));
  const auto answer = client.answer();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\nDate: ")) << answer;
  EXPECT_TRUE(answer.contains(" GMT\r\n")) << answer;
  EXPECT_TRUE(answer.contains("Content-Length: 5\r\n")) << answer;
  EXPECT_EQ(body_of(answer), "hello");
}

TEST(Server, KeepsTheConnectionForTheNextRequest) {
  TestServer server;
  RawClient client(server.port());
  for (int i = 0; i < 100; ++i) {
    client.send(post("/echo", std::to_string(i)));
    ASSERT_EQ(body_of(client.answer()), std::to_string(i));
  }
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  TestServer server;
  RawClient client(server.port());
  std::string all;
  for (int i = 0; i < 500; ++i) all += post("/echo", std::to_string(i));
  client.send(all);
  for (int i = 0; i < 500; ++i) ASSERT_EQ(body_of(client.answer()), std::to_string(i));
}

TEST(Server, TakesARequestByteByByte) {
  TestServer server;
  RawClient client(server.port());
  for (const char byte : "\r\n" + post("/echo", "hello")) client.send({&byte, 1});
  EXPECT_EQ(body_of(client.answer()), "hello");
}

TEST(Server, TakesAChunkedBodyInPieces) {
  TestServer server;
  RawClient client(server.port());
  const std::string request =
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nX-Trailer: 1\r\nHost: y\r\n\r\n";
  for (const char byte : request) client.send({&byte, 1});
  EXPECT_EQ(body_of(client.answer()), "hello world");
  client.send(post("/echo", "next"));
  EXPECT_EQ(body_of(client.answer()), "next");
}

TEST(Server, ClosesWhenTheClientAsks) {
  TestServer server;
  RawClient client(server.port());
  client.send(get("/peer", "Connection: close\r\n"));
  const auto answer = client.answer();
  EXPECT_EQ(body_of(answer), "127.0.0.1 plain");
  EXPECT_TRUE(answer.contains("Connection: close\r\n"));
  EXPECT_TRUE(client.ended());
}

TEST(Server, SpeaksHttp10) {
  TestServer server;
  RawClient once(server.port());
  once.send("GET /peer HTTP/1.0\r\n\r\n");
  EXPECT_EQ(status_of(once.answer()), 200);
  EXPECT_TRUE(once.ended());
  RawClient kept(server.port());
  kept.send("GET /peer HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_TRUE(kept.answer().contains("Connection: keep-alive\r\n"));
  kept.send("GET /peer HTTP/1.0\r\n\r\n");
  EXPECT_EQ(status_of(kept.answer()), 200);
}

TEST(Server, DecodesPathAndQuery) {
  TestServer server;
  RawClient client(server.port());
  client.send(get("/things/a%2Fb%20c?q=x+y%26z"));
  EXPECT_EQ(body_of(client.answer()), "a/b c?x y&z");
  client.send(get("http://host:80/things/7?q="));
  EXPECT_EQ(body_of(client.answer()), "7?");
}

TEST(Server, KnowsPathsAndMethodsApart) {
  TestServer server;
  RawClient client(server.port());
  client.send(get("/nowhere"));
  EXPECT_EQ(status_of(client.answer()), 404);
  client.send(get("/echo"));
  const auto answer = client.answer();
  EXPECT_EQ(status_of(answer), 405);
  EXPECT_TRUE(answer.contains("Allow: POST\r\n"));
}

TEST(Server, AnswersHeadWithoutABody) {
  TestServer server;
  RawClient client(server.port());
  client.send("HEAD /peer HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto head = client.read_until("\r\n\r\n");
  EXPECT_TRUE(head.contains("Content-Length: 15\r\n")) << head;
  client.send(get("/peer"));
  EXPECT_EQ(status_of(client.answer()), 200);
}

TEST(Server, AGateAnswersBeforeTheBodyIsSent) {
  TestServer server;
  RawClient client(server.port());
  client.send("POST /gated HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
  EXPECT_EQ(status_of(client.answer()), 401);
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(server.handled(), 0);
}

TEST(Server, AGateKeepsTheConnectionWhenTheBodyIsThereAlready) {
  TestServer server;
  RawClient client(server.port());
  client.send(post("/gated", "hello") + post("/gated", "GET /peer HTTP/1.1\r\nHost: x\r\n\r\n") +
              post("/gated", "in", "X-Pass: 1\r\n"));
  EXPECT_EQ(status_of(client.answer()), 401);
  EXPECT_EQ(status_of(client.answer()), 401);
  EXPECT_EQ(body_of(client.answer()), "2");
  EXPECT_EQ(server.gated(), 3);
}

TEST(Server, InvitesABodyOnlyBehindTheGate) {
  TestServer server;
  RawClient refused(server.port());
  refused.send("POST /gated HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(status_of(refused.answer()), 401);
  RawClient client(server.port());
  client.send("POST /gated HTTP/1.1\r\nHost: x\r\nX-Pass: 1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hello");
  EXPECT_EQ(body_of(client.answer()), "5");
}

TEST(Server, AThrowingHandlerIsA500AndEndsTheConnection) {
  TestServer server;
  RawClient client(server.port());
  client.send(get("/throws"));
  EXPECT_EQ(status_of(client.answer()), 500);
  EXPECT_TRUE(client.ended());
  RawClient next(server.port());
  next.send(get("/peer"));
  EXPECT_EQ(status_of(next.answer()), 200);
}

TEST(Server, AHandlerMayCloseWithoutAnAnswer) {
  TestServer server;
  RawClient client(server.port());
  client.send(get("/lost"));
  EXPECT_EQ(client.read_to_end(), "");
}

TEST(Server, ServesOnEveryLoop) {
  TestServer::Options options;
  options.loops = 3;
  TestServer server(options);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&server] {
      for (int round = 0; round < 50; ++round) {
        RawClient client(server.port());
        client.send(post("/echo", "hello"));
        EXPECT_EQ(body_of(client.answer()), "hello");
      }
    });
  }
  threads.clear();
  EXPECT_EQ(server.handled(), 400);
  server.server().stop(5s);
}

TEST(Server, StreamsInChunks) {
  TestServer server;
  RawClient client(server.port());
  client.send(get("/stream"));
  const auto answer = client.read_until("0\r\n\r\n");
  EXPECT_TRUE(answer.contains("Transfer-Encoding: chunked\r\n")) << answer;
  EXPECT_EQ(body_of(answer), "3\r\none\r\n15\r\ntwenty-one characters\r\n0\r\n\r\n");
  client.send(get("/peer"));
  EXPECT_EQ(status_of(client.answer()), 200);
}

TEST(Server, StreamsWhatItMeasuredAndKeepsTheConnection) {
  TestServer server;
  RawClient client(server.port());
  client.send(get("/measured"));
  const auto answer = client.answer();
  EXPECT_TRUE(answer.contains("Content-Length: 10\r\n")) << answer;
  EXPECT_FALSE(answer.contains("chunked")) << answer;
  EXPECT_EQ(body_of(answer), "0123456789");
  client.send("HEAD /measured HTTP/1.1\r\nHost: x\r\n\r\n" + get("/peer"));
  EXPECT_TRUE(client.read_until("\r\n\r\n").contains("Content-Length: 10\r\n"));
  EXPECT_EQ(status_of(client.answer()), 200);
}

// Nobody takes half a file for a whole one, nor its rest for the next answer.
TEST(Server, CutsAStreamThatIsNotAsLongAsItSaid) {
  TestServer server;
  for (const auto* path : {"/short", "/long"}) {
    RawClient client(server.port());
    client.send(get(path));
    EXPECT_LT(body_of(client.read_to_end()).size(), path == std::string("/short") ? 11U : 9U) << path;
  }
}

TEST(Server, StreamsToHttp10UntilItCloses) {
  TestServer server;
  RawClient client(server.port());
  client.send("GET /stream HTTP/1.0\r\n\r\n");
  EXPECT_EQ(body_of(client.read_to_end()), "onetwenty-one characters");
}

TEST(Server, StopsWithoutWaitingForIdleConnectionsAndStreams) {
  TestServer server;
  RawClient idle(server.port());
  idle.send(get("/peer"));
  EXPECT_EQ(status_of(idle.answer()), 200);
  RawClient fresh(server.port());
  RawClient stream(server.port());
  stream.send(get("/ticks"));
  stream.read_until("tick\n");
  const auto begin = Clock::now();
  server.server().stop(10s);
  EXPECT_LT(Clock::now() - begin, 2s);
  EXPECT_TRUE(idle.ended());
  EXPECT_FALSE(RawClient(server.port()).connected());
}

TEST(Server, AnIdleConnectionMayAskOnceMoreWhileItStops) {
  TestServer server;
  RawClient kept(server.port());
  kept.send(get("/peer"));
  EXPECT_EQ(status_of(kept.answer()), 200);
  RawClient fresh(server.port());
  std::jthread stopper([&] { server.server().stop(10s); });
  while (RawClient(server.port()).connected()) std::this_thread::yield();
  for (auto* client : {&kept, &fresh}) {
    client->send(get("/peer"));
    const auto answer = client->answer();
    EXPECT_EQ(status_of(answer), 200);
    EXPECT_TRUE(answer.contains("Connection: close\r\n"));
    EXPECT_TRUE(client->ended());
  }
}

TEST(Server, AnswersWhomTheKernelConnectedBeforeItStopped) {
  TestServer server;
  std::latch held(1);
  std::latch released(1);
  server.loop().post([&] {
    held.count_down();
    released.wait();
  });
  held.wait();
  RawClient client(server.port());
  client.send(get("/peer"));
  std::jthread stopper([&] { server.server().stop(10s); });
  std::this_thread::sleep_for(50ms);
  released.count_down();
  EXPECT_EQ(status_of(client.answer()), 200);
}

TEST(Server, LetsARequestInProgressFinish) {
  TestServer server;
  RawClient client(server.port());
  client.send(get("/slow"));
  while (server.inside_slow() == 0) std::this_thread::yield();
  std::jthread stopper([&] { server.server().stop(10s); });
  while (RawClient(server.port()).connected()) std::this_thread::yield();
  server.open_slow();
  const auto answer = client.answer();
  EXPECT_EQ(body_of(answer), "at last");
  EXPECT_TRUE(answer.contains("Connection: close\r\n"));
}

TEST(Server, CutsWhatDoesNotFinishInTime) {
  TestServer server;
  RawClient client(server.port());
  client.send(get("/slow"));
  while (server.inside_slow() == 0) std::this_thread::yield();
  const auto begin = Clock::now();
  server.server().stop(100ms);
  EXPECT_GE(Clock::now() - begin, 100ms);
  EXPECT_LT(Clock::now() - begin, 2s);
  EXPECT_EQ(client.answer(), "");
}

TEST(Server, BelievesOnlyATrustedProxy) {
  TestServer stranger;
  const auto forwarded = get("/peer", "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n");
  RawClient first(stranger.port());
  first.send(forwarded);
  EXPECT_EQ(body_of(first.answer()), "127.0.0.1 plain");
  TestServer::Options options;
  options.listen.trusted_proxies = {"127.0.0.1"};
  TestServer trusting(options);
  RawClient second(trusting.port());
  second.send(forwarded);
  EXPECT_EQ(body_of(second.answer()), "203.0.113.9 tls");
}

}  // namespace
}  // namespace waypost::test
