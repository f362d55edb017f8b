#include "api/byte_range.h"

#include <gtest/gtest.h>

namespace waypost::api {
namespace {

constexpr const char* kEtag = "\"abc\"";

FileAnswer asked(std::initializer_list<std::pair<std::string, std::string>> headers, std::string method = "GET") {
  RequestHead head;
  head.method = std::move(method);
  for (const auto& [name, value] : headers) head.headers.add(name, value);
  return answer_for(head, 1'000, kEtag);
}

void expect_part(const std::string& range, ByteSpan span, const std::string& shown) {
  const auto answer = asked({{"Range", range}});
  EXPECT_EQ(answer.status, 206) << range;
  EXPECT_EQ(answer.span, span) << range;
  EXPECT_EQ(answer.content_range, shown) << range;
}

TEST(ByteRange, WithoutOneTheWholeFile) {
  EXPECT_EQ(asked({}).status, 200);
  EXPECT_EQ(asked({}).span, (ByteSpan{.first = 0, .length = 1'000}));
}

TEST(ByteRange, FirstToLastAreBothIn) {
  expect_part("bytes=0-0", {.first = 0, .length = 1}, "bytes 0-0/1000");
  expect_part("bytes=10-19", {.first = 10, .length = 10}, "bytes 10-19/1000");
  expect_part("Bytes=990-", {.first = 990, .length = 10}, "bytes 990-999/1000");
  expect_part("bytes=-10", {.first = 990, .length = 10}, "bytes 990-999/1000");
  expect_part("bytes=-5000", {.first = 0, .length = 1'000}, "bytes 0-999/1000");
  expect_part("bytes=900-5000", {.first = 900, .length = 100}, "bytes 900-999/1000");
}

TEST(ByteRange, BeyondTheEndNothingCanBeSent) {
  for (const auto* range : {"bytes=1000-", "bytes=1000-2000", "bytes=-0"}) {
    const auto answer = asked({{"Range", range}});
    EXPECT_EQ(answer.status, 416) << range;
    EXPECT_FALSE(answer.span) << range;
    EXPECT_EQ(answer.content_range, "bytes */1000") << range;
  }
}

TEST(ByteRange, WhatIsNoSingleRangeIsPassedOver) {
  for (const auto* range : {"bytes=0-1,5-6", "bytes=9-1", "bytes=a-b", "bytes=", "bytes=-", "items=0-1", "bytes=1",
                            "bytes=99999999999999999999-", "bytes=+1-2", "bytes=-1-2"})
    EXPECT_EQ(asked({{"Range", range}}).status, 200) << range;
  EXPECT_EQ(asked({{"Range", "bytes=0-1"}}, "HEAD").status, 200);
}

TEST(ByteRange, AKnownFileIsNotSentAgain) {
  for (const auto* known : {"\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "*"})
    EXPECT_EQ(asked({{"If-None-Match", known}, {"Range", "bytes=0-1"}}).status, 304) << known;
  EXPECT_EQ(asked({{"If-None-Match", "\"x\""}}).status, 200);
  EXPECT_EQ(asked({{"If-None-Match", "abc"}}).status, 200);
}

TEST(ByteRange, ARangeOfAnotherVersionIsPassedOver) {
  EXPECT_EQ(asked({{"Range", "bytes=0-1"}, {"If-Range", "\"abc\""}}).status, 206);
  EXPECT_EQ(asked({{"Range", "bytes=0-1"}, {"If-Range", "\"x\""}}).status, 200);
  EXPECT_EQ(asked({{"Range", "bytes=0-1"}, {"If-Range", "W/\"abc\""}}).status, 200);
  EXPECT_EQ(asked({{"Range", "bytes=0-1"}, {"If-Range", "Mon, 30 Nov 2026 10:00:00 GMT"}}).status, 200);
}

}  // namespace
}  // namespace waypost::api
