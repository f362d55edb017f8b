// The client against a real HTTP server: what is an answer, what is none, and what proves that nothing was sent.

#include <gtest/gtest.h>

#include <atomic>

#include "graph/client.h"
#include "net/server.h"
#include "tests/support/run_loop.h"

namespace waypost {
namespace {

using std::chrono::milliseconds;

enum class Behaviour { Accepts, Refuses, DropsTheAnswer, Stalls };

awaitable<Response> answer_as(Behaviour behaviour) {
  Response closed;
  closed.status = 0;
  switch (behaviour) {
    case Behaviour::Accepts:
      co_return json_response(200, R"({"contacts":[{"input":"+1","wa_id":"1"}],"messages":[{"id":"wamid.W"}]})");
    case Behaviour::Refuses:
      co_return json_response(400, R"({"error":{"code":131026,"message":"no","fbtrace_id":"T"}})");
    case Behaviour::DropsTheAnswer:
      co_return std::move(closed);
    case Behaviour::Stalls:
      co_await sleep_for(std::chrono::seconds(30));
      co_return std::move(closed);
  }
}

class WireTest : public testing::Test {
 protected:
  WireTest() {
    router.add({.method = "POST", .pattern = "/v25.0/{number}/messages", .handler = [this](Request request) {
                  ++posts;
                  authorization = std::string(request.headers.find("Authorization").value_or(""));
                  return answer_as(behaviour);
                }});
    auto listening = HttpServer::listen({.address = "127.0.0.1:0"}, router, budget, {}, {&server_loop});
    if (!listening) throw std::runtime_error(listening.error().words());
    server = *std::move(listening);
    server->start();
    port = server->port();
  }
  ~WireTest() override {
    if (server) server->stop(milliseconds(0));
  }

  SendExchange post() {
    GraphSettings settings;
    settings.base_url = "http://127.0.0.1:" + std::to_string(port);
    settings.timeout = milliseconds(300);
    const auto client = GraphClient::make(*http, settings);
    return loop.wait(client->post_message({.id = "106", .token = Secret("t")}, {{"type", "text"}}));
  }

  std::atomic<Behaviour> behaviour{Behaviour::Accepts};
  std::atomic<int> posts{0};
  std::string authorization;
  Router router;
  BodyBudget budget{1 << 20};
  Loop server_loop{"graph"};
  test::RunLoop loop;
  std::unique_ptr<HttpClient> http = HttpClient::make(loop.executor(), {});
  std::unique_ptr<HttpServer> server;
  std::uint16_t port = 0;
};

TEST_F(WireTest, AnAcceptanceComesBack) {
  const auto exchange = post();
  ASSERT_TRUE(std::holds_alternative<Accepted>(exchange.answer));
  EXPECT_EQ(std::get<Accepted>(exchange.answer).wamid, "wamid.W");
  EXPECT_EQ(authorization, "Bearer t");
}

TEST_F(WireTest, ARefusalComesBack) {
  behaviour = Behaviour::Refuses;
  EXPECT_TRUE(std::holds_alternative<Refused>(post().answer));
}

TEST_F(WireTest, ADroppedAnswerIsUnclearAndPostedOnce) {
  post();  // so that there is a kept connection, whose loss is no excuse for a second POST
  behaviour = Behaviour::DropsTheAnswer;
  EXPECT_TRUE(std::holds_alternative<Unclear>(post().answer));
  EXPECT_EQ(posts, 2);
}

TEST_F(WireTest, ATimeoutIsUnclear) {
  behaviour = Behaviour::Stalls;
  EXPECT_TRUE(std::holds_alternative<Unclear>(post().answer));
  EXPECT_EQ(posts, 1);
}

TEST_F(WireTest, ARefusedConnectionProvesThatNothingWasSent) {
  server->stop(milliseconds(0));
  server.reset();
  const auto exchange = post();
  ASSERT_TRUE(std::holds_alternative<Refused>(exchange.answer));
  EXPECT_EQ(std::get<Refused>(exchange.answer).action, GraphAction::Retry);
  EXPECT_EQ(exchange.trace["sent"], "nothing");
}

}  // namespace
}  // namespace waypost
