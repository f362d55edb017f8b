#include "net/http.h"

#include <gtest/gtest.h>

namespace waypost::test {
namespace {

TEST(Headers, FindsNamesWithoutCase) {
  Headers headers;
  headers.add("Set-Cookie", "a=1");
  headers.add("set-cookie", "b=2");
  EXPECT_EQ(headers.find("SET-COOKIE"), "a=1");
  EXPECT_EQ(headers.all("Set-Cookie"), (std::vector<std::string_view>{"a=1", "b=2"}));
  EXPECT_FALSE(headers.find("Set-Cooki"));
}

TEST(PercentCoding, DecodesFormsAndPathsEachInItsWay) {
  EXPECT_EQ(percent_decoded("a+b%2Bc", true), "a b+c");
  EXPECT_EQ(percent_decoded("a+b%2bc", false), "a+b+c");
  EXPECT_EQ(percent_decoded("%C3%A9", false), "\xC3\xA9");
}

TEST(PercentCoding, RefusesMalformedEscapes) {
  for (const char* text : {"%", "%4", "a%", "%zz", "%4g", "%%41"}) EXPECT_FALSE(percent_decoded(text, true)) << text;
}

TEST(PercentCoding, RoundTripsEveryByte) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(percent_decoded(percent_encoded(all), true), all);
  EXPECT_EQ(percent_decoded(percent_encoded(all), false), all);
  EXPECT_EQ(percent_encoded("a/b c~"), "a%2Fb%20c~");
}

TEST(Responses, NameTheirType) {
  EXPECT_EQ(json_response(201, "{}").headers.find("content-type"), "application/json");
  EXPECT_EQ(text_response(200, "x").headers.find("content-type"), "text/plain; charset=utf-8");
}

}  // namespace
}  // namespace waypost::test
