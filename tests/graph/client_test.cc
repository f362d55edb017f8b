#include "graph/client.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "tests/support/run_loop.h"

namespace waypost {
namespace {

constexpr const char* kToken = "EAA-secret-token";

// Answers once, and keeps what it was asked.
class ScriptedHttp final : public HttpClient {
 public:
  awaitable<std::expected<Response, ExchangeFailure>> ask(ClientRequest request) override {
    asked.push_back(std::move(request));
    if (failure) co_return std::unexpected(*failure);
    co_return json_response(status, body);
  }

  std::vector<ClientRequest> asked;
  int status = 200;
  std::string body = "{}";
  std::optional<ExchangeFailure> failure;
};

struct GraphClientTest : testing::Test {
  GraphClientTest() { settings.timeout = std::chrono::milliseconds(1234); }

  SendExchange post(const Json& message) {
    return loop.wait(client->post_message({.id = "106", .token = Secret(kToken)}, message));
  }

  test::RunLoop loop;
  ScriptedHttp http;
  GraphSettings settings{.base_url = "https://graph.example", .version = "v25.0", .ca_file = ""};
  std::unique_ptr<GraphClient> client = GraphClient::make(http, settings);
};

TEST_F(GraphClientTest, PostsJsonToTheVersionedPathWithTheToken) {
  http.body = R"({"messages":[{"id":"wamid.A"}]})";
  const auto exchange = post({{"type", "text"}});
  EXPECT_TRUE(std::holds_alternative<Accepted>(exchange.answer));
  ASSERT_EQ(http.asked.size(), 1U);
  EXPECT_EQ(http.asked[0].method, "POST");
  EXPECT_EQ(http.asked[0].url, "https://graph.example/v25.0/106/messages");
  EXPECT_EQ(http.asked[0].headers.find("Authorization"), std::string("Bearer ") + kToken);
  EXPECT_EQ(http.asked[0].headers.find("Content-Type"), "application/json");
  EXPECT_EQ(http.asked[0].body, R"({"type":"text"})");
}

TEST_F(GraphClientTest, TheTraceHoldsNeitherTokenNorText) {
  http.status = 400;
  http.body = R"json({"error":{"message":"(#131026)","code":131026,"fbtrace_id":"AbC"}})json";
  const auto exchange = post({{"type", "text"}, {"text", {{"body", "very private"}}}});
  const std::string trace = exchange.trace.dump();
  EXPECT_EQ(trace.find(kToken), std::string::npos);
  EXPECT_EQ(trace.find("private"), std::string::npos);
  EXPECT_EQ(exchange.trace["method"], "POST");
  EXPECT_EQ(exchange.trace["path"], "/v25.0/106/messages");
  EXPECT_EQ(exchange.trace["status"], 400);
  EXPECT_EQ(exchange.trace["code"], 131026);
  EXPECT_EQ(exchange.trace["fbtraceId"], "AbC");
  EXPECT_TRUE(exchange.trace["durationMs"].is_number());
}

TEST_F(GraphClientTest, ALostAnswerLeavesATraceToo) {
  http.failure = ExchangeFailure{.error = Error(ErrorKind::Unavailable, "connection reset"), .sent = Sent::MaybeSent};
  const auto exchange = post(Json::object());
  EXPECT_TRUE(std::holds_alternative<Unclear>(exchange.answer));
  EXPECT_EQ(exchange.trace["failure"], "connection reset");
  EXPECT_EQ(exchange.trace["sent"], "maybe");
}

TEST_F(GraphClientTest, AMarkIsPostedAsItIs) {
  http.body = R"({"success":true})";
  const Json mark{{"messaging_product", "whatsapp"}, {"status", "read"}, {"message_id", "wamid.A"}};
  EXPECT_TRUE(loop.wait(client->post_mark({.id = "106", .token = Secret(kToken)}, mark)));
  EXPECT_EQ(http.asked[0].method, "POST");
  EXPECT_EQ(http.asked[0].url, "https://graph.example/v25.0/106/messages");
  EXPECT_EQ(Json::parse(http.asked[0].body), mark);
  EXPECT_EQ(http.asked[0].headers.find("Authorization"), std::string("Bearer ") + kToken);
}

TEST_F(GraphClientTest, AMarkThatMetaRefusesIsAnError) {
  http.status = 400;
  http.body = R"({"error":{"message":"(#100) Invalid parameter","code":100}})";
  const auto refused = loop.wait(client->post_mark({.id = "106", .token = Secret(kToken)}, Json::object()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::Rejected);
  http.failure = ExchangeFailure{.error = Error(ErrorKind::Unavailable, "connection reset"), .sent = Sent::MaybeSent};
  EXPECT_EQ(loop.wait(client->post_mark({.id = "106", .token = Secret(kToken)}, Json::object())).error().kind(),
            ErrorKind::Unavailable);
}

TEST_F(GraphClientTest, ListsTemplatesBehindACursor) {
  http.body = R"({"data":[{"name":"a"}]})";
  const auto page = loop.wait(client->list_templates({.id = "waba", .token = Secret(kToken)}, "a=b"));
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->templates.size(), 1U);
  EXPECT_TRUE(http.asked[0].url.starts_with("https://graph.example/v25.0/waba/message_templates?fields=name,"));
  EXPECT_TRUE(http.asked[0].url.ends_with("&after=a%3Db"));
  EXPECT_EQ(http.asked[0].headers.find("Authorization"), std::string("Bearer ") + kToken);
}

}  // namespace
}  // namespace waypost
