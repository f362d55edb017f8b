#include "graph/media_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <utility>
#include <vector>

#include "conversation/media.h"
#include "tests/support/run_loop.h"

namespace waypost {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kToken = "EAA-secret-token";
constexpr const char* kUrl = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=7&hash=secret";

// Answers in order, hands on what is a 200's body, and keeps what it was asked.
class ScriptedHttp final : public HttpClient {
 public:
  struct Reply {
    int status = 200;
    std::string body{};
    std::string location{};
    std::optional<ExchangeFailure> failure{};
  };
  awaitable<std::expected<Response, ExchangeFailure>> ask(ClientRequest request) override {
    asked.push_back(request);
    if (replies.empty()) co_return std::unexpected(ExchangeFailure{Error(ErrorKind::Internal, "nothing scripted")});
    auto reply = std::move(replies.front());
    replies.pop_front();
    if (reply.failure) co_return std::unexpected(*reply.failure);
    Response response = json_response(reply.status, reply.body);
    if (!reply.location.empty()) response.headers.add("Location", reply.location);
    if (reply.status != 200 || !request.take_body) co_return response;
    auto taken = co_await request.take_body(reply.body);
    if (!taken) co_return std::unexpected(ExchangeFailure{taken.error()});
    co_return response;
  }

  std::deque<Reply> replies;
  std::vector<ClientRequest> asked;
};

struct MediaClientTest : testing::Test {
  Result<MediaLink> find() { return loop.wait(client->find({.id = "106", .token = Secret(kToken)}, "7/../8")); }
  Result<void> download(const std::string& url = kUrl) {
    return loop.wait(client->download(
        {.url = url, .token = Secret(kToken), .take = [this](std::string_view piece) { return take(piece); }}));
  }
  awaitable<Result<void>> take(std::string_view piece) {
    got += piece;
    co_return Result<void>();
  }
  // What a caller may write into a log.
  void expect_discreet(const Error& error) {
    EXPECT_THAT(error.words(), Not(HasSubstr(kToken)));
    EXPECT_THAT(error.words(), Not(HasSubstr("secret")));
  }

  test::RunLoop loop;
  ScriptedHttp http;
  GraphSettings graph{.base_url = "https://graph.example", .version = "v25.0", .ca_file = ""};
  MediaSettings media;
  std::unique_ptr<MediaClient> client = MediaClient::make(http, graph, media);
  std::string got;
};

TEST_F(MediaClientTest, AnIdIsAskedForWithItsNumber) {
  http.replies.push_back({.body = R"({"url":"https:\/\/lookaside.fbsbx.com\/x","sha256":"abc","id":"7"})"});
  const auto link = find();
  ASSERT_TRUE(link) << link.error().words();
  EXPECT_EQ(link->url, "https://lookaside.fbsbx.com/x");
  EXPECT_EQ(link->said_hash, "abc");
  EXPECT_EQ(http.asked[0].url, "https://graph.example/v25.0/7%2F..%2F8?phone_number_id=106");
  EXPECT_EQ(http.asked[0].headers.find("Authorization"), std::string("Bearer ") + kToken);
}

TEST_F(MediaClientTest, WhatTheCallerCanDoAboutARefusal) {
  const auto kind_of = [this](int status, const std::string& body) {
    http.replies.push_back({.status = status, .body = body});
    const auto link = find();
    return link ? ErrorKind::Conflict : link.error().kind();
  };
  EXPECT_EQ(kind_of(400, R"({"error":{"code":100,"error_subcode":33,"message":"no"}})"), ErrorKind::Rejected);
  EXPECT_EQ(kind_of(404, "<html>"), ErrorKind::Rejected);
  EXPECT_EQ(kind_of(401, R"({"error":{"code":190,"message":"no"}})"), ErrorKind::Unauthorised);
  EXPECT_EQ(kind_of(400, R"({"error":{"code":4,"message":"slow down"}})"), ErrorKind::RateLimited);
  EXPECT_EQ(kind_of(429, ""), ErrorKind::RateLimited);
  EXPECT_EQ(kind_of(500, ""), ErrorKind::Unavailable);
  EXPECT_EQ(kind_of(500, R"({"error":{"code":1,"message":"oops"}})"), ErrorKind::Unavailable);
  EXPECT_EQ(kind_of(200, "{}"), ErrorKind::Unavailable);
  EXPECT_EQ(kind_of(200, "not json"), ErrorKind::Unavailable);
}

TEST_F(MediaClientTest, AFileIsHandedOn) {
  http.replies.push_back({.body = "the bytes"});
  ASSERT_TRUE(download());
  EXPECT_EQ(got, "the bytes");
  EXPECT_EQ(http.asked[0].url, kUrl);
  EXPECT_EQ(http.asked[0].headers.find("Authorization"), std::string("Bearer ") + kToken);
  EXPECT_EQ(http.asked[0].body_limit, media.max_bytes);
  EXPECT_LE(http.asked[0].deadline, media.time_limit);
}

TEST_F(MediaClientTest, AForeignHostIsAskedNothing) {
  for (const auto* url : {"https://evil.example/x", "http://lookaside.fbsbx.com/x", "unix:/run/x.sock:/y", "", "x"}) {
    const auto refused = download(url);
    ASSERT_FALSE(refused) << url;
    EXPECT_EQ(refused.error().kind(), ErrorKind::Forbidden) << url;
    expect_discreet(refused.error());
  }
  EXPECT_TRUE(http.asked.empty());
}

TEST_F(MediaClientTest, ARedirectIsFollowedAmongTheAllowedAlone) {
  http.replies.push_back({.status = 302, .location = "https://lookaside.fbsbx.com/elsewhere"});
  http.replies.push_back({.body = "x"});
  EXPECT_TRUE(download());
  EXPECT_EQ(http.asked.size(), 2U);
  http.replies.push_back({.status = 302, .location = "https://evil.example/x"});
  EXPECT_EQ(download().error().kind(), ErrorKind::Forbidden);
  EXPECT_EQ(http.asked.size(), 3U);
  http.replies.push_back({.status = 307});
  EXPECT_EQ(download().error().kind(), ErrorKind::Forbidden);
  for (int hop = 0; hop < 5; ++hop) http.replies.push_back({.status = 302, .location = kUrl});
  EXPECT_EQ(download().error().kind(), ErrorKind::Unavailable);
  EXPECT_EQ(http.asked.size(), 7U);
}

TEST_F(MediaClientTest, WhatTheCallerCanDoAboutADownloadThatFails) {
  const auto error_of = [this](ScriptedHttp::Reply reply) {
    http.replies.push_back(std::move(reply));
    const auto got_it = download();
    EXPECT_FALSE(got_it);
    expect_discreet(got_it.error());
    return got_it.error();
  };
  EXPECT_EQ(error_of({.status = 404}).kind(), ErrorKind::NotFound);
  EXPECT_EQ(error_of({.status = 401}).kind(), ErrorKind::Unauthorised);
  EXPECT_EQ(error_of({.status = 403}).kind(), ErrorKind::Unauthorised);
  EXPECT_EQ(error_of({.status = 429}).kind(), ErrorKind::RateLimited);
  EXPECT_EQ(error_of({.status = 503}).kind(), ErrorKind::Unavailable);
  EXPECT_EQ(error_of({.failure = ExchangeFailure{Error(ErrorKind::Unavailable, "reset")}}).kind(),
            ErrorKind::Unavailable);
  const auto large =
      error_of({.failure = ExchangeFailure{.error = Error(ErrorKind::Unavailable, "message size"), .too_large = true}});
  EXPECT_EQ(large.kind(), ErrorKind::Rejected);
  EXPECT_EQ(large.code(), kMediaTooLarge);
}

}  // namespace
}  // namespace waypost
