#include "net/answer.h"

#include <gtest/gtest.h>

namespace waypost::test {
namespace {

std::string head_of(const Response& response, AnswerFacts facts = {}) {
  facts.date = "D";
  std::string out;
  append_head(out, response, facts);
  return out;
}

TEST(Answer, HasStatusDateHeadersAndLength) {
  auto response = text_response(201, "hello");
  response.headers.add("X-A", "b");
  EXPECT_EQ(head_of(response),
            "HTTP/1.1 201 Created\r\nDate: D\r\nContent-Type: text/plain; charset=utf-8\r\nX-A: b\r\n"
            "Content-Length: 5\r\n\r\n");
}

TEST(Answer, ItsOwnDateGoesBeforeTheServers) {
  Response response;
  response.headers.add("date", "yesterday\r\nX: y");
  const auto head = head_of(response);
  EXPECT_TRUE(head.contains("\r\nDate: yesterday  X: y\r\n")) << head;
  EXPECT_FALSE(head.contains("Date: D")) << head;
  EXPECT_FALSE(head.contains("\r\nX")) << head;
}

TEST(Answer, NoHeaderCanBeginAnother) {
  Response response;
  response.headers.add("Location", std::string("/a\r\nSet-Cookie: b\0c", 19));
  EXPECT_TRUE(head_of(response).contains("\r\nLocation: /a  Set-Cookie: b c\r\n")) << head_of(response);
}

TEST(Answer, SaysHowItEnds) {
  EXPECT_TRUE(head_of({}, {.keep_alive = false}).contains("Connection: close\r\n"));
  EXPECT_TRUE(head_of({}, {.http_1_1 = false}).contains("Connection: keep-alive\r\n"));
  EXPECT_FALSE(head_of({}).contains("Connection"));
  EXPECT_TRUE(head_of({}, {.framed = Framed::ByChunks}).contains("Transfer-Encoding: chunked\r\n"));
}

// A HEAD is answered with it, too.
TEST(Answer, AStreamMaySayHowLongItIs) {
  Response response;
  response.headers.add("Content-Length", "123");
  response.stream = [](BodyWriter&) -> awaitable<void> { co_return; };
  EXPECT_EQ(head_of(response), "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 123\r\n\r\n");
}

TEST(Answer, WithoutAStreamTheLengthIsTheBodys) {
  auto response = text_response(200, "hello");
  response.headers.add("Content-Length", "123");
  EXPECT_TRUE(head_of(response).contains("Content-Length: 5\r\n"));
  EXPECT_FALSE(head_of(response).contains("123"));
}

TEST(Answer, NoContentHasNoLength) {
  Response response;
  response.status = 204;
  EXPECT_FALSE(head_of(response).contains("Content-Length"));
}

TEST(Answer, DatesAreOfRfc9110) {
  EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(Answer, RefusalsAreInTheApisShape) {
  EXPECT_EQ(refusal(413).body, R"({"error":"Content Too Large"})");
  EXPECT_EQ(refusal(503).headers.find("Retry-After"), "1");
}

}  // namespace
}  // namespace waypost::test
