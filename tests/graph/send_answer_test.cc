#include "graph/send_answer.h"

#include <gtest/gtest.h>

#include <utility>

namespace waypost {
namespace {

SendAnswer read(int status, std::string body, Headers headers = {}) {
  Response response = json_response(status, std::move(body));
  for (const auto& [name, value] : headers) response.headers.add(name, value);
  return read_send_answer(std::move(response));
}

std::string error_body(std::int64_t code) {
  return R"json({"error":{"message":"(#)","type":"OAuthException","code":)json" + std::to_string(code) +
         R"json(,"error_data":{"details":"why"},"fbtrace_id":"T"}})json";
}

TEST(SendAnswer, AnAcceptanceBringsWamidAndWaId) {
  const auto answer = read(
      200, R"({"messaging_product":"whatsapp","contacts":[{"input":"+1","wa_id":"1"}],"messages":[{"id":"wamid.A"}]})");
  ASSERT_TRUE(std::holds_alternative<Accepted>(answer));
  EXPECT_EQ(std::get<Accepted>(answer).wamid, "wamid.A");
  EXPECT_EQ(std::get<Accepted>(answer).wa_id, "1");
}

TEST(SendAnswer, AnAcceptanceByUserIdHasNoWaId) {
  const auto answer = read(200, R"({"contacts":[{"input":"US.1","user_id":"US.1"}],"messages":[{"id":"wamid.A"}]})");
  EXPECT_EQ(std::get<Accepted>(answer).wa_id, std::nullopt);
}

TEST(SendAnswer, AKnownErrorIsARefusalWithItsActionAndWords) {
  const auto answer = read(400, error_body(131026));
  ASSERT_TRUE(std::holds_alternative<Refused>(answer));
  const auto& refused = std::get<Refused>(answer);
  EXPECT_EQ(refused.action, GraphAction::Fail);
  EXPECT_EQ(refused.code, 131026);
  EXPECT_EQ(refused.why.words(), "(#): why");
}

TEST(SendAnswer, NothingSentIsARefusalThatMayBeRetried) {
  const auto answer = read_send_answer(std::unexpected(
      ExchangeFailure{.error = Error(ErrorKind::Unavailable, "connection refused"), .sent = Sent::NothingSent}));
  ASSERT_TRUE(std::holds_alternative<Refused>(answer));
  EXPECT_EQ(std::get<Refused>(answer).action, GraphAction::Retry);
  EXPECT_EQ(std::get<Refused>(answer).code, std::nullopt);
}

// Law 8: none of these proves that the customer will not get the message.
TEST(SendAnswer, WhateverProvesNothingIsUnclear) {
  EXPECT_TRUE(std::holds_alternative<Unclear>(read_send_answer(
      std::unexpected(ExchangeFailure{.error = Error(ErrorKind::Unavailable, "reset"), .sent = Sent::MaybeSent}))));
  for (const auto code : {1, 2, 131000, 131016}) {
    EXPECT_TRUE(std::holds_alternative<Unclear>(read(400, error_body(code)))) << code;
  }
  for (const int status : {301, 400, 401, 404, 500, 502, 503}) {
    EXPECT_TRUE(std::holds_alternative<Unclear>(read(status, "<html>"))) << status;
    EXPECT_TRUE(std::holds_alternative<Unclear>(read(status, ""))) << status;
    EXPECT_TRUE(std::holds_alternative<Unclear>(read(status, "{}"))) << status;
  }
  for (const char* body : {"", "[]", "{}", R"({"messages":[]})", R"({"messages":[{}]})", R"({"messages":[{"id":""}]})",
                           R"({"messages":[7]})", "{\"messages\":"}) {
    EXPECT_TRUE(std::holds_alternative<Unclear>(read(200, body))) << body;
  }
  EXPECT_TRUE(std::holds_alternative<Unclear>(read(500, error_body(777))));
}

TEST(SendAnswer, A429IsAThrottleAlsoWithoutAReadableBody) {
  for (const auto& body : {std::string("slow down"), error_body(777)}) {
    const auto answer = read(429, body);
    ASSERT_TRUE(std::holds_alternative<Refused>(answer)) << body;
    EXPECT_EQ(std::get<Refused>(answer).action, GraphAction::PauseNumber) << body;
  }
}

TEST(SendAnswer, RetryAfterIsHonouredWhereItIsANumberOfSeconds) {
  const auto pause_of = [](const char* value) {
    Headers headers;
    headers.add("retry-after", value);
    return std::get<Refused>(read(429, error_body(130429), std::move(headers))).retry_after;
  };
  EXPECT_EQ(pause_of("7"), std::chrono::seconds(7));
  EXPECT_EQ(pause_of("-7"), std::nullopt);
  EXPECT_EQ(pause_of("soon"), std::nullopt);
  EXPECT_EQ(pause_of("99999999999"), std::nullopt);
}

}  // namespace
}  // namespace waypost
