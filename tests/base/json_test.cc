#include "base/json.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

TEST(Json, ALoneSurrogateBecomesTheReplacementCharacter) {
  EXPECT_EQ(text_or_empty(*parse_json(R"({"a":"x\ud83dy"})"), "a"), "x\xEF\xBF\xBDy");
  EXPECT_EQ(text_or_empty(*parse_json(R"({"a":"\ude00"})"), "a"), "\xEF\xBF\xBD");
  EXPECT_EQ(text_or_empty(*parse_json(R"({"a":"\ud83d\ud83d\ude00"})"), "a"), "\xEF\xBF\xBD\xF0\x9F\x98\x80");
}

TEST(Json, AnEscapedPairStaysAnEmoji) {
  EXPECT_EQ(text_or_empty(*parse_json(R"({"a":"\ud83d\ude00"})"), "a"), "\xF0\x9F\x98\x80");
}

TEST(Json, ABackslashBeforeAnEscapeIsNotAnEscape) {
  EXPECT_EQ(text_or_empty(*parse_json(R"({"a":"\\ud83d"})"), "a"), "\\ud83d");
}

TEST(Json, NulNeverComesThrough) {
  EXPECT_EQ(text_or_empty(*parse_json(R"({"a":"x\u0000y"})"), "a"), "x\xEF\xBF\xBDy");
}

TEST(Json, NothingBehindARawNulIsLeftOut) {
  for (const std::string_view text : {std::string_view("{}\0{}", 5), std::string_view("[1]\0", 4)}) {
    EXPECT_EQ(parse_json(text).error().kind(), ErrorKind::InvalidInput);
  }
}

TEST(Json, BytesThatAreNoUtf8AreMended) {
  EXPECT_EQ(text_or_empty(*parse_json("{\"a\":\"\xff\"}"), "a"), "\xEF\xBF\xBD");
}

TEST(Json, DepthIsBounded) {
  const std::string fits = std::string(64, '[') + std::string(64, ']');
  const std::string deep = std::string(65, '[') + std::string(65, ']');
  const std::string brackets_in_text = "\"" + std::string(100, '[') + "\"";
  EXPECT_TRUE(parse_json(fits));
  EXPECT_EQ(parse_json(deep).error().kind(), ErrorKind::InvalidInput);
  EXPECT_TRUE(parse_json(brackets_in_text));
  EXPECT_FALSE(parse_json(std::string(200'000, '[')));
}

TEST(Json, WhatIsNotJsonIsInvalidInput) {
  for (const char* text : {"", "{", "{\"a\":}", "nul", "\"\\u12\"", "1e999999", "{} x"}) {
    EXPECT_FALSE(parse_json(text)) << text;
  }
}

TEST(Json, IntegersMayBeStrings) {
  const Json json = *parse_json(R"({"a":"1700000000","b":17,"c":"1x","d":1.5,"e":18446744073709551615})");
  EXPECT_EQ(find_integer(json, "a"), 1700000000);
  EXPECT_EQ(find_integer(json, "b"), 17);
  EXPECT_FALSE(find_integer(json, "c"));
  EXPECT_FALSE(find_integer(json, "d"));
  EXPECT_FALSE(find_integer(json, "e"));
}

TEST(Json, ReadersNeverThrow) {
  for (const char* text : {"[]", "1", "null", "\"a\"", "{\"a\":{}}"}) {
    const Json json = *parse_json(text);
    EXPECT_FALSE(find_text(json, "a"));
    EXPECT_FALSE(find_array(json, "a"));
    EXPECT_FALSE(find_integer(json, "a"));
  }
}

}  // namespace
}  // namespace waypost
