// Bodies that a handler takes as they come, and bodies that the client gives as it sends them.

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "net/client.h"
#include "net/server.h"
#include "on_loop.h"
#include "raw_client.h"
#include "scripted_server.h"
#include "test_server.h"

namespace waypost::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMiB = 1 << 20;

TestServer::Options hurried() {
  TestServer::Options options;
  options.limits.read = 150ms;
  options.limits.slowest = 1 << 20;
  return options;
}

std::string announce(std::string_view path, std::size_t size, std::string_view more = "") {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(size) + "\r\n" +
         std::string(more) + "\r\n";
}

// Until the handler has seen the end of the body, one way or the other.
bool eventually(const std::function<bool()>& is_so) {
  for (const auto end = Clock::now() + 5s; Clock::now() < end; std::this_thread::sleep_for(2ms)) {
    if (is_so()) return true;
  }
  return false;
}

std::size_t longest_piece(const std::string& answer) {
  const auto body = body_of(answer);
  return std::stoul(body.substr(body.find(' ') + 1));
}

TEST(StreamedBody, ReachesItsHandlerInPiecesAndTheConnectionGoesOn) {
  TestServer server;
  RawClient client(server.port());
  client.send(post("/upload", std::string(5 * kMiB, 'x')));
  const auto answer = client.answer();
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_TRUE(body_of(answer).starts_with("5242880 ")) << body_of(answer);
  EXPECT_LE(longest_piece(answer), 64U * 1024);
  client.send(post("/upload", "more"));
  EXPECT_EQ(body_of(client.answer()), "4 4");
  EXPECT_EQ(server.whole_bodies(), 2);
}

TEST(StreamedBody, MayBeEmptyOrChunkedOrAskedFor) {
  TestServer server;
  RawClient client(server.port());
  client.send(post("/upload", ""));
  EXPECT_EQ(body_of(client.answer()), "0 0");
  client.send(
      "POST /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
  EXPECT_TRUE(body_of(client.answer()).starts_with("7 "));
  client.send(announce("/upload", 3, "Expect: 100-continue\r\n"));
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  EXPECT_EQ(body_of(client.answer()), "3 3");
}

TEST(StreamedBody, PipelinedBehindItIsAnsweredToo) {
  TestServer server;
  RawClient client(server.port());
  client.send(post("/upload", "abc") + post("/upload", "de") + get("/peer"));
  EXPECT_EQ(body_of(client.answer()), "3 3");
  EXPECT_EQ(body_of(client.answer()), "2 2");
  EXPECT_EQ(status_of(client.answer()), 200);
}

TEST(StreamedBody, TooLongIsRefusedBeforeItIsRead) {
  TestServer server;
  RawClient client(server.port());
  client.send(announce("/upload", 32 * kMiB + 1));
  EXPECT_EQ(status_of(client.answer()), 413);
  EXPECT_EQ(server.handled(), 0);
}

TEST(StreamedBody, ThatTurnsOutTooLongIsRefusedAndItsHandlerTold) {
  TestServer server;
  RawClient client(server.port());
  client.send("POST /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.send("1f00000\r\n" + std::string(0x1f00000, 'x') + "\r\n");
  client.send("200000\r\n");
  EXPECT_EQ(status_of(client.answer()), 413);
  EXPECT_EQ(server.broken_bodies(), 1);
  EXPECT_EQ(server.whole_bodies(), 0);
}

TEST(StreamedBody, ThatIsMalformedIsRefused) {
  TestServer server;
  RawClient client(server.port());
  client.send("POST /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
  EXPECT_EQ(status_of(client.answer()), 400);
  EXPECT_EQ(server.broken_bodies(), 1);
}

TEST(StreamedBody, ThatDripsInIsCut) {
  TestServer server(hurried());
  RawClient client(server.port());
  client.send(announce("/upload", 100));
  std::jthread drip([&](const std::stop_token& stop) {
    for (int i = 0; i < 99 && !stop.stop_requested(); ++i) {
      client.send("x");
      std::this_thread::sleep_for(10ms);
    }
  });
  EXPECT_EQ(status_of(client.answer()), 408);
  EXPECT_TRUE(eventually([&] { return server.broken_bodies() == 1; }));
}

TEST(StreamedBody, MayTakeAsLongAsItsSizeAllows) {
  TestServer server(hurried());
  RawClient client(server.port());
  client.send(announce("/upload", kMiB));
  for (int i = 0; i < 16; ++i) {
    client.send(std::string(kMiB / 16, 'x'));
    std::this_thread::sleep_for(25ms);  // 400 ms in all: far beyond `read`, and faster than `slowest`
  }
  EXPECT_EQ(status_of(client.answer()), 200);
}

TEST(StreamedBody, TimeOfItsHandlerDoesNotCountAgainstTheClient) {
  TestServer server(hurried());
  RawClient client(server.port());
  client.send(post("/patient", "abc"));
  std::this_thread::sleep_for(400ms);  // the limit is 150 ms
  server.let_read();
  EXPECT_EQ(body_of(client.answer()), "3 3");
}

// A handler that does not read holds up the client, and the memory stays flat.
TEST(StreamedBody, NoMoreIsReadThanIsAskedFor) {
  TestServer server;
  RawClient client(server.port());
  std::atomic<bool> is_sent = false;
  std::jthread sender([&] {
    client.send(post("/patient", std::string(30 * kMiB, 'x')));
    is_sent = true;
  });
  std::this_thread::sleep_for(300ms);
  EXPECT_FALSE(is_sent) << "30 MiB went somewhere while nobody read them";
  server.let_read();
  const auto answer = client.answer();
  EXPECT_TRUE(body_of(answer).starts_with("31457280 "));
  EXPECT_LE(longest_piece(answer), 64U * 1024);
}

TEST(StreamedBody, ItsHandlerIsToldWhenTheClientGoes) {
  TestServer server;
  RawClient client(server.port());
  client.send(announce("/upload", kMiB) + std::string(kMiB / 2, 'x'));
  client.close();
  EXPECT_TRUE(eventually([&] { return server.broken_bodies() == 1; }));
  EXPECT_EQ(server.whole_bodies(), 0);
}

TEST(StreamedBody, UnreadEndsTheConnectionBehindTheAnswer) {
  TestServer server;
  RawClient client(server.port());
  client.send(announce("/careless", kMiB));
  EXPECT_EQ(status_of(client.answer()), 401);
  client.send(std::string(kMiB, 'x'));
  EXPECT_TRUE(client.ended());
}

TEST(StreamedBody, AHandlerThatFailsIsAnswered500) {
  TestServer server;
  RawClient client(server.port());
  client.send(announce("/fainting", kMiB) + "x");
  EXPECT_EQ(status_of(client.answer()), 500);
}

TEST(StreamedBody, NeedsItsShareOfTheBudget) {
  TestServer::Options options;
  options.budget = 100'000;
  TestServer server(options);
  RawClient holder(server.port());
  holder.send(post("/patient", "abc"));
  int status = 0;
  EXPECT_TRUE(eventually([&] {
    RawClient other(server.port());
    other.send(post("/upload", "abc"));
    return (status = status_of(other.answer())) == 503;
  })) << status;
  server.let_read();
  EXPECT_EQ(status_of(holder.answer()), 200);
  RawClient later(server.port());
  later.send(post("/upload", "abc"));
  EXPECT_EQ(status_of(later.answer()), 200);
}

// `pieces` pieces of `size` bytes.
BodySource source_of(int pieces, std::size_t size, std::atomic<int>* asked = nullptr) {
  return {.size = static_cast<std::uint64_t>(pieces) * size, .next = [size, asked]() -> awaitable<Result<std::string>> {
            if (asked != nullptr) ++*asked;
            return [](std::size_t bytes) -> awaitable<Result<std::string>> { co_return std::string(bytes, 'x'); }(size);
          }};
}

std::string at(const TestServer& server, std::string_view path) {
  return "http://127.0.0.1:" + std::to_string(server.port()) + std::string(path);
}

TEST(GivenBody, IsSentPieceByPieceWithItsLength) {
  TestServer server;
  ClientOnLoop client;
  for (int round = 0; round < 2; ++round) {  // the second on the same connection
    const auto answer =
        client.ask({.method = "POST", .url = at(server, "/upload"), .give_body = source_of(80, 256 * 1024)});
    ASSERT_TRUE(answer.has_value()) << answer.error().error.words();
    EXPECT_TRUE(answer->body.starts_with("20971520 ")) << answer->body;
  }
}

TEST(GivenBody, NoMoreIsAskedForThanTheServerTakes) {
  TestServer server;
  ClientOnLoop client;
  std::atomic<int> asked = 0;
  std::jthread ask([&] {
    const auto answer =
        client.ask({.method = "POST", .url = at(server, "/patient"), .give_body = source_of(30, kMiB, &asked)});
    EXPECT_TRUE(answer.has_value());
  });
  std::this_thread::sleep_for(300ms);
  EXPECT_LT(asked, 30);
  server.let_read();
}

TEST(GivenBody, ThatIsShorterThanAnnouncedEndsTheExchange) {
  TestServer server;
  ClientOnLoop client;
  auto source = source_of(1, 10);
  source.size = 11;
  const auto answer = client.ask({.method = "POST", .url = at(server, "/upload"), .give_body = source});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().error.kind(), ErrorKind::Internal);
  EXPECT_TRUE(eventually([&] { return server.broken_bodies() == 1; })) << "the server waits for the rest";
}

TEST(GivenBody, ItsErrorIsTheFailures) {
  TestServer server;
  ClientOnLoop client;
  BodySource source{.size = 10, .next = []() -> awaitable<Result<std::string>> {
                      co_return fail(ErrorKind::NotFound, "the file is gone");
                    }};
  const auto answer = client.ask({.method = "POST", .url = at(server, "/upload"), .give_body = source});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().error.kind(), ErrorKind::NotFound);
  EXPECT_EQ(answer.error().sent, Sent::MaybeSent);
}

TEST(GivenBody, AnAnswerBeforeItsEndCounts) {
  ScriptedServer server([](Peer& peer, int) {
    peer.some();
    peer.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    while (!peer.some().empty()) {
    }
  });
  ClientOnLoop client;
  const auto answer = client.ask({.method = "POST", .url = server.url("/"), .give_body = source_of(4, 100)});
  ASSERT_TRUE(answer.has_value()) << answer.error().error.words();
  EXPECT_EQ(answer->status, 413);
}

TEST(GivenBody, ADeadlineEndsWhatTheServerDoesNotTake) {
  TestServer server;
  ClientOnLoop client;
  const auto begin = Clock::now();
  const auto answer = client.ask(
      {.method = "POST", .url = at(server, "/patient"), .give_body = source_of(31, kMiB), .deadline = 300ms});
  EXPECT_FALSE(answer.has_value());
  EXPECT_LT(Clock::now() - begin, 3s);
  server.let_read();
}

}  // namespace
}  // namespace waypost::test
