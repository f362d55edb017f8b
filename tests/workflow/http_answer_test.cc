#include "workflow/http_answer.h"

#include <gtest/gtest.h>

namespace waypost::workflow {
namespace {

using namespace std::chrono_literals;

Response answered(int status, std::string body = {}, std::string type = {}) {
  Response answer;
  answer.status = status;
  answer.body = std::move(body);
  if (!type.empty()) answer.headers.add("Content-Type", std::move(type));
  return answer;
}
Json body(std::string bytes, std::string type = {}) {
  return answer_value(answered(200, std::move(bytes), std::move(type)), "GET")["body"];
}
OutsideTry failure(std::string_view method, Sent sent, Asked asked = {}) {
  asked.method = method;
  return failed_try({.error = {ErrorKind::Unavailable, "h: connection reset"}, .sent = sent}, asked);
}
std::optional<std::chrono::milliseconds> waits(std::string said, std::optional<Time> now = std::nullopt) {
  Headers headers;
  headers.add("Retry-After", std::move(said));
  return retry_after(headers, now);
}

TEST(AnswerValue, ReadsJsonByItsTypeOrItsLook) {
  EXPECT_EQ(body(R"({"a":1})", "application/json; charset=utf-8"), Json({{"a", 1}}));
  EXPECT_EQ(body("7", "application/problem+json"), Json(7));
  EXPECT_EQ(body(R"( [1, 2])", "text/plain"), Json({1, 2}));
  EXPECT_EQ(body(R"({"a":1})"), Json({{"a", 1}}));
  EXPECT_EQ(body("7"), Json("7"));
  EXPECT_EQ(body("{broken", "application/json"), Json("{broken"));
  EXPECT_EQ(body(std::string(100, '[')), Json(std::string(100, '[')));
}

TEST(AnswerValue, IsTextThatAColumnTakes) {
  EXPECT_EQ(body("héllo"), "héllo");
  EXPECT_EQ(body("h\xe9llo", "text/html; charset=iso-8859-1"), "h\xef\xbf\xbdllo");
  EXPECT_FALSE(body(std::string("a\0b", 3), "text/plain").get<std::string>().contains('\0'));
  EXPECT_EQ(body("\x89PNG\r\n\x1a\n", "image/png"), "(8 bytes of image/png)");
  EXPECT_EQ(body("\xff\xfe"), "(2 bytes)");
  EXPECT_EQ(body(""), Json());
  EXPECT_EQ(body("  "), Json());
  EXPECT_EQ(answer_value(answered(200, "x"), "HEAD")["body"], Json());
}

TEST(AnswerValue, NamesHeadersInLowerCase) {
  auto answer = answered(201);
  answer.headers.add("X-One", "a");
  answer.headers.add("x-one", "b");
  answer.headers.add("X-Bytes", "h\xe9");
  answer.headers.add("X-Long", std::string(9'000, 'a'));
  const auto value = answer_value(answer, "POST");
  EXPECT_EQ(value["status"], 201);
  EXPECT_EQ(value["headers"]["x-one"], "a, b");
  EXPECT_EQ(value["headers"]["x-bytes"], "h\xef\xbf\xbd");
  EXPECT_EQ(value["headers"]["x-long"].get<std::string>().size(), 2'000U);
}

TEST(AnsweredTry, IsRepeatedWhereTheServerDidNothingOrTwiceIsOnce) {
  const auto repeats = [](std::string_view method, int status, bool has_acted = false) {
    return answered_try(answered(status), {.method = method, .has_acted = has_acted}).may_repeat;
  };
  for (const int status : {429, 503}) {
    EXPECT_TRUE(repeats("GET", status) && repeats("POST", status));
    EXPECT_FALSE(repeats("POST", status, true));
  }
  for (const int status : {500, 502, 504, 599}) {
    for (const char* method : {"GET", "HEAD", "PUT", "DELETE"})
      EXPECT_TRUE(repeats(method, status)) << status << method;
    for (const char* method : {"POST", "PATCH"}) EXPECT_FALSE(repeats(method, status)) << status << method;
  }
  for (const int status : {200, 204, 301, 400, 401, 404, 408, 501, 505}) EXPECT_FALSE(repeats("GET", status)) << status;
}

TEST(AnsweredTry, WaitsAsLongAsItIsTold) {
  auto busy = answered(429);
  busy.headers.add("Retry-After", "7");
  const auto result = answered_try(busy, {.method = "POST"});
  EXPECT_EQ(result.retry_after, 7s);
  EXPECT_FALSE(result.answer.failure);
  EXPECT_EQ(result.answer.value["status"], 429);
}

TEST(RetryAfter, IsSecondsOrADate) {
  EXPECT_EQ(waits("0"), 0ms);
  EXPECT_EQ(waits(" 120 "), 120s);
  EXPECT_EQ(waits("999999999999"), 24h);
  EXPECT_EQ(waits("-1"), std::nullopt);
  EXPECT_EQ(waits("soon"), std::nullopt);
  EXPECT_EQ(waits(""), std::nullopt);
  const auto now = parse_iso8601("1994-11-06T08:49:07Z");
  EXPECT_EQ(waits("Sun, 06 Nov 1994 08:49:37 GMT", now), 30s);
  EXPECT_EQ(waits("Sun, 06 Nov 1994 08:49:00 GMT", now), 0ms);
  EXPECT_EQ(waits("Sun, 06 Nov 1994 08:49:37 GMT"), std::nullopt);
  EXPECT_EQ(retry_after({}, now), std::nullopt);
}

TEST(FailedTry, IsRepeatedWhenNothingWasSentOrTwiceIsOnce) {
  EXPECT_TRUE(failure("GET", Sent::MaybeSent).may_repeat);
  EXPECT_FALSE(failure("POST", Sent::MaybeSent).may_repeat);
  EXPECT_TRUE(failure("POST", Sent::NothingSent).may_repeat);
  EXPECT_FALSE(failure("POST", Sent::NothingSent, {.has_acted = true}).may_repeat);
  EXPECT_TRUE(failure("DELETE", Sent::MaybeSent).may_repeat);
}

TEST(FailedTry, SaysWhy) {
  EXPECT_EQ(failure("GET", Sent::MaybeSent).answer.failure->code, "http_failed");
  EXPECT_EQ(failure("GET", Sent::MaybeSent).answer.failure->words, "h: connection reset");
  EXPECT_EQ(failure("GET", Sent::MaybeSent, {.is_over = true}).answer.failure->code, "timeout");
  const auto refused = failed_try(
      {.error = Error(ErrorKind::Forbidden, "h").with_code(std::string(kRefusedAddress)), .sent = Sent::NothingSent},
      {.method = "GET"});
  EXPECT_EQ(refused.answer.failure->code, "http_refused_address");
  EXPECT_FALSE(refused.may_repeat);
  const auto large = failed_try({.error = {ErrorKind::Unavailable, "x"}, .too_large = true}, {.method = "GET"});
  EXPECT_EQ(large.answer.failure->code, "http_too_large");
  EXPECT_FALSE(large.may_repeat);
  EXPECT_FALSE(failed_try({.error = {ErrorKind::InvalidInput, "x"}}, {.method = "GET"}).may_repeat);
}

}  // namespace
}  // namespace waypost::workflow
