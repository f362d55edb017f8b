#include "graph/management_client.h"

#include <gmock/gmock.h>

#include <utility>

namespace waypost {
namespace {

using testing::HasSubstr;

Result<GraphReply> read(int status, std::string body, const std::string& date = {}) {
  auto response = json_response(status, std::move(body));
  if (!date.empty()) response.headers.add("Date", date);
  return read_graph_reply(std::move(response));
}

TEST(GraphReply, IsTheBodyAndMetasClock) {
  const auto reply = read(200, R"({"id":"7"})", "Mon, 30 Nov 2026 20:15:00 GMT");
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->body["id"], "7");
  EXPECT_EQ(iso8601(reply->date.value()), "2026-11-30T20:15:00.000Z");
  EXPECT_EQ(read(200, "{}", "yesterday")->date, std::nullopt);
}

TEST(GraphReply, ErrorsSayWhatTheCallerCanDo) {
  const auto kind_of = [](int status, std::string body) { return read(status, std::move(body)).error().kind(); };
  EXPECT_EQ(kind_of(400, R"({"error":{"code":80007}})"), ErrorKind::RateLimited);
  EXPECT_EQ(kind_of(401, R"({"error":{"code":190}})"), ErrorKind::Unauthorised);
  EXPECT_EQ(kind_of(400, R"({"error":{"code":100}})"), ErrorKind::Rejected);
  EXPECT_EQ(kind_of(500, ""), ErrorKind::Unavailable);
  EXPECT_EQ(kind_of(429, ""), ErrorKind::RateLimited);
  EXPECT_EQ(kind_of(200, "no JSON"), ErrorKind::Unavailable);
}

TEST(GraphReply, ARefusalHoldsMetasWordsForPeople) {
  const auto refused = read(400, R"({"error":{"code":100,"message":"Invalid parameter","error_subcode":2388299,
                                     "error_user_msg":"Variables can't be at the start or end."}})");
  EXPECT_EQ(refused.error().code(), kMetaRefused);
  EXPECT_THAT(refused.error().words(), HasSubstr("Variables can't be at the start or end."));
}

}  // namespace
}  // namespace waypost
