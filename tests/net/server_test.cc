#include "net/server.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "raw_client.h"
#include "test_server.h"

namespace waypost::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

std::string post(std::string_view path, std::string_view body, std::string_view more = "") {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(more) + "\r\n" + std::string(body);
}

std::string get(std::string_view path, std::string_view more = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(more) + "\r\n";
}

TestServer::Options hurried() {
  TestServer::Options options;
  options.limits.read = 150ms;
  options.limits.write = 150ms;
  options.limits.idle = 200ms;
  return options;
}

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

TEST(Server, RefusesABodyBeyondTheRoutesLimit) {
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

TEST(Server, TellsAClientThatStillSendsWhyItIsRefused) {
  TestServer server;
  RawClient client(server.port());
  client.send(post("/echo", std::string(600'000, 'x')));
  EXPECT_EQ(status_of(client.answer()), 413);
  EXPECT_TRUE(client.ended());
}

TEST(Server, TakesABodyOfFourMebibytes) {
  TestServer server;
  RawClient client(server.port());
  client.send(post("/large", std::string(4 << 20, 'x')));
  EXPECT_EQ(body_of(client.answer()), "4194304");
  client.send(post("/echo", "still here"));
  EXPECT_EQ(body_of(client.answer()), "still here");
}

TEST(Server, RefusesAHeadBeyondTheLimit) {
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

TEST(Server, TakesAHeadJustBelowTheLimit) {
  TestServer server;
  RawClient client(server.port());
  client.send(get("/peer", "X-Long: " + std::string(15'000, 'a') + "\r\n"));
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

TEST(Server, RefusesBodiesBeyondTheBudgetAndGivesItBack) {
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

TEST(Server, ClosesAnIdleConnectionInSilence) {
  TestServer server(hurried());
  RawClient client(server.port());
  client.send(get("/peer"));
  EXPECT_EQ(status_of(client.answer()), 200);
  const auto begin = Clock::now();
  EXPECT_TRUE(client.ended());
  EXPECT_GE(Clock::now() - begin, 150ms);
}

TEST(Server, ClosesAConnectionThatNeverSpeaks) {
  TestServer server(hurried());
  RawClient client(server.port());
  EXPECT_TRUE(client.ended());
}

TEST(Server, GivesUpOnAHeadThatDoesNotCome) {
  TestServer server(hurried());
  RawClient client(server.port());
  client.send("GET /peer HTTP/1.1\r\nHost:");
  EXPECT_EQ(status_of(client.answer()), 408);
  EXPECT_TRUE(client.ended());
}

TEST(Server, GivesUpOnABodyThatDripsIn) {
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

TEST(Server, AHandlerMayTakeLongerThanTheLimits) {
  TestServer server(hurried());
  RawClient client(server.port());
  client.send(get("/slow"));
  std::this_thread::sleep_for(400ms);  // the limits under test are 150 and 200 ms
  server.open_slow();
  EXPECT_EQ(body_of(client.answer()), "at last");
}

TEST(Server, CutsAConnectionWhoseAnswersAreNotRead) {
  TestServer server(hurried());
  RawClient client(server.port());
  std::string all;
  for (int i = 0; i < 30'000; ++i) all += post("/echo", std::string(1000, 'x'));
  client.send(all);  // the answers fill the socket's buffers while none is read
  EXPECT_LT(server.handled(), 30'000);
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

TEST(Server, TakesOverAnInheritedSocket) {
  const int inherited = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(inherited, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(inherited, 16), 0);
  TestServer::Options options;
  options.listen = {.inherited = inherited};
  {
    TestServer server(options);
    ASSERT_NE(server.port(), 0);
    RawClient client(server.port());
    client.send(get("/peer"));
    EXPECT_EQ(status_of(client.answer()), 200);
    RawClient waiting(server.port());
    server.server().stop(1s);
    EXPECT_TRUE(RawClient(server.port()).connected()) << "systemd's socket must go on listening";
  }
  ::close(inherited);
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

TEST(Server, ClosesConnectionsBeyondTheLimit) {
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

TEST(Server, ListensOnAUnixSocketOfItsOwner) {
  const auto folder = std::filesystem::temp_directory_path() / ("waypost-net-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const auto path = (folder / "admin.sock").string();
  {
    TestServer::Options options;
    options.listen.address = "unix:" + path;
    TestServer server(options);
    struct stat found{};
    ASSERT_EQ(::stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600u);
    EXPECT_EQ(server.port(), 0);
    RawClient client(path);
    client.send(get("/peer"));
    EXPECT_EQ(body_of(client.answer()), "unix plain");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  std::filesystem::remove_all(folder);
}

struct Malformed {
  std::string name;
  std::string bytes;
  int status = 400;
};

class MalformedRequest : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedRequest, IsRefusedAndEndsTheConnection) {
  TestServer server;
  RawClient client(server.port());
  client.send(GetParam().bytes);
  const auto answer = client.answer();
  EXPECT_EQ(status_of(answer), GetParam().status) << answer;
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(server.handled(), 0);
}

const std::string kPost = "POST /echo HTTP/1.1\r\nHost: x\r\n";

INSTANTIATE_TEST_SUITE_P(
    Server, MalformedRequest,
    testing::Values(
        Malformed{"noise", "\x16\x03\x01\x02 hello\r\n\r\n"}, Malformed{"no_version", "GET /peer\r\n\r\n"},
        Malformed{"old_version", "GET /peer HTTP/0.9\r\nHost: x\r\n\r\n", 505},
        Malformed{"new_version", "GET /peer HTTP/2.0\r\nHost: x\r\n\r\n", 505},
        Malformed{"no_host", "GET /peer HTTP/1.1\r\n\r\n"},
        Malformed{"two_hosts", "GET /peer HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"},
        Malformed{"bad_escape", "GET /things/%zz HTTP/1.1\r\nHost: x\r\n\r\n"},
        Malformed{"nul_in_path", "GET /things/%00 HTTP/1.1\r\nHost: x\r\n\r\n"},
        Malformed{"asterisk", "GET * HTTP/1.1\r\nHost: x\r\n\r\n"},
        Malformed{"space_before_colon", kPost + "Content-Length : 5\r\n\r\nhello"},
        Malformed{"length_and_coding", kPost + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        Malformed{"coding_and_length", kPost + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"},
        Malformed{"two_lengths", kPost + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"},
        Malformed{"the_same_length_twice", kPost + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"},
        Malformed{"list_of_lengths", kPost + "Content-Length: 5, 5\r\n\r\nhello"},
        Malformed{"negative_length", kPost + "Content-Length: -5\r\n\r\nhello"},
        Malformed{"signed_length", kPost + "Content-Length: +5\r\n\r\nhello"},
        Malformed{"hex_length", kPost + "Content-Length: 0x5\r\n\r\nhello"},
        Malformed{"huge_length", kPost + "Content-Length: 99999999999999999999999\r\n\r\nhello"},
        Malformed{"two_codings", kPost + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        Malformed{"other_coding", kPost + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
        Malformed{"almost_chunked", kPost + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501},
        Malformed{"coding_in_http_1_0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        Malformed{"bad_chunk_size", kPost + "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n"},
        Malformed{"chunk_without_end", kPost + "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX0\r\n\r\n"},
        Malformed{"endless_chunk_line", kPost + "Transfer-Encoding: chunked\r\n\r\n5;" + std::string(20'000, 'a')},
        Malformed{"endless_trailer", kPost + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + std::string(20'000, 'a')},
        Malformed{"other_expectation", kPost + "Expect: tea\r\nContent-Length: 5\r\n\r\nhello", 417}),
    [](const auto& param) { return param.param.name; });

TEST(Listen, RefusesABadAddress) {
  Router router;
  BodyBudget budget(1);
  for (const char* address : {"", "8080", "localhost", "1.2.3:80", "127.0.0.1:99999", "[::1:80", "unix:"}) {
    const auto server = HttpServer::listen({.address = address}, router, budget, {}, {});
    ASSERT_FALSE(server.has_value()) << address;
    EXPECT_EQ(server.error().kind(), ErrorKind::InvalidInput) << address;
  }
}

TEST(Listen, SaysWhenThePortIsTaken) {
  TestServer server;
  Router router;
  BodyBudget budget(1);
  const auto second =
      HttpServer::listen({.address = "127.0.0.1:" + std::to_string(server.port())}, router, budget, {}, {});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().kind(), ErrorKind::Unavailable);
}

}  // namespace
}  // namespace waypost::test
