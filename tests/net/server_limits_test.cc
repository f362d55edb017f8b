#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "net/server.h"
#include "raw_client.h"
#include "test_server.h"

namespace waypost::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

TestServer::Options hurried() {
  TestServer::Options options;
  options.limits.read = 150ms;
  options.limits.write = 150ms;
  options.limits.idle = 200ms;
  return options;
}

TEST(ServerLimits, RefusesABodyBeyondTheRoutesLimit) {
  TestServer server;
  RawClient exact(server.port());
  exact.send(post("/echo", std::string(1000, 'x')));
  EXPECT_EQ(status_of(exact.answer()), 200);
  RawClient over(server.port());
  over.send(post("/echo", std::string(1001, 'x')));
  EXPECT_EQ(status_of(over.answer()), 413);
  RawClient chunked(server.port());
  chunked.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n");
  EXPECT_EQ(status_of(chunked.answer()), 413);
  EXPECT_EQ(server.handled(), 1);
}

TEST(ServerLimits, TellsAClientThatStillSendsWhyItIsRefused) {
  TestServer server;
  RawClient client(server.port());
  client.send(post("/echo", std::string(600'000, 'x')));
  EXPECT_EQ(status_of(client.answer()), 413);
  EXPECT_TRUE(client.ended());
}

TEST(ServerLimits, TakesABodyOfFourMebibytes) {
  TestServer server;
  RawClient client(server.port());
  client.send(post("/large", std::string(4 << 20, 'x')));
  EXPECT_EQ(body_of(client.answer()), "4194304");
  client.send(post("/echo", "still here"));
  EXPECT_EQ(body_of(client.answer()), "still here");
}

TEST(ServerLimits, RefusesAHeadBeyondTheLimit) {
  TestServer server;
  RawClient one(server.port());
  one.send("GET /peer HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(17'000, 'a') + "\r\n\r\n");
  EXPECT_EQ(status_of(one.answer()), 431);
  RawClient line(server.port());
  line.send("GET /" + std::string(17'000, 'a'));
  EXPECT_EQ(status_of(line.answer()), 431);
  RawClient many(server.port());
  many.send("GET /peer HTTP/1.1\r\nHost: x\r\n");
  for (int i = 0; i < 3000; ++i) many.send("X-A: b\r\n");
  EXPECT_EQ(status_of(many.answer()), 431);
}

TEST(ServerLimits, TakesAHeadJustBelowTheLimit) {
  TestServer server;
  RawClient client(server.port());
  client.send(get("/peer", "X-Long: " + std::string(15'000, 'a') + "\r\n"));
  EXPECT_EQ(status_of(client.answer()), 200);
}

TEST(ServerLimits, RefusesBodiesBeyondTheBudgetAndGivesItBack) {
  TestServer::Options options;
  options.budget = 100'000;
  TestServer server(options);
  RawClient holder(server.port());
  holder.send("POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 90001\r\n\r\n" + std::string(90'000, 'x'));
  for (int i = 0;; ++i) {
    RawClient other(server.port());
    other.send(post("/large", std::string(50'000, 'x')));
    const auto answer = other.answer();
    if (status_of(answer) != 503) {
      ASSERT_LT(i, 1000) << "the first body was never counted";
      continue;
    }
    EXPECT_TRUE(answer.contains("Retry-After: 1\r\n"));
    break;
  }
  holder.send("x");
  EXPECT_EQ(body_of(holder.answer()), "90001");
  RawClient later(server.port());
  later.send(post("/large", std::string(99'000, 'x')));
  EXPECT_EQ(body_of(later.answer()), "99000");
}

TEST(ServerLimits, ClosesAnIdleConnectionInSilence) {
  TestServer server(hurried());
  RawClient client(server.port());
  client.send(get("/peer"));
  EXPECT_EQ(status_of(client.answer()), 200);
  const auto begin = Clock::now();
  EXPECT_TRUE(client.ended());
  EXPECT_GE(Clock::now() - begin, 150ms);
}

TEST(ServerLimits, ClosesAConnectionThatNeverSpeaks) {
  TestServer server(hurried());
  RawClient client(server.port());
  EXPECT_TRUE(client.ended());
}

TEST(ServerLimits, GivesUpOnAHeadThatDoesNotCome) {
  TestServer server(hurried());
  RawClient client(server.port());
  client.send("GET /peer HTTP/1.1\r\nHost:");
  EXPECT_EQ(status_of(client.answer()), 408);
  EXPECT_TRUE(client.ended());
}

TEST(ServerLimits, GivesUpOnABodyThatDripsIn) {
  TestServer server(hurried());
  RawClient client(server.port());
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n");
  std::jthread drip([&](const std::stop_token& stop) {
    for (int i = 0; i < 99 && !stop.stop_requested(); ++i) {
      client.send("x");
      std::this_thread::sleep_for(10ms);
    }
  });
  EXPECT_EQ(status_of(client.answer()), 408);
  EXPECT_EQ(server.handled(), 0);
}

TEST(ServerLimits, AHandlerMayTakeLongerThanTheLimits) {
  TestServer server(hurried());
  RawClient client(server.port());
  client.send(get("/slow"));
  std::this_thread::sleep_for(400ms);  // the limits under test are 150 and 200 ms
  server.open_slow();
  EXPECT_EQ(body_of(client.answer()), "at last");
}

TEST(ServerLimits, CutsAConnectionWhoseAnswersAreNotRead) {
  TestServer server(hurried());
  RawClient client(server.port());
  std::string all;
  for (int i = 0; i < 30'000; ++i) all += post("/echo", std::string(1000, 'x'));
  client.send(all);  // the answers fill the socket's buffers while none is read
  EXPECT_LT(server.handled(), 30'000);
}

TEST(ServerLimits, ClosesConnectionsBeyondTheLimit) {
  TestServer::Options options;
  options.limits.connections = 2;
  TestServer server(options);
  RawClient first(server.port());
  RawClient second(server.port());
  first.send(get("/peer"));
  second.send(get("/peer"));
  EXPECT_EQ(status_of(first.answer()), 200);
  EXPECT_EQ(status_of(second.answer()), 200);
  RawClient third(server.port());
  EXPECT_TRUE(third.ended());
}

}  // namespace
}  // namespace waypost::test
