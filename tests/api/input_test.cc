#include "api/input.h"

#include <gtest/gtest.h>

#include "api/answers.h"
#include "api/cookies.h"
#include "api/paging.h"
#include "api/phone.h"

namespace waypost::test {
namespace {

using api::Input;

Request with_body(std::string body) {
  Request request;
  request.body = std::move(body);
  return request;
}

TEST(Input, AnEmptyBodyIsAnEmptyObject) {
  EXPECT_TRUE(Input::of(with_body(""))->body().empty());
  EXPECT_TRUE(Input::of(with_body(" \r\n"))->body().empty());
}

TEST(Input, OnlyAnObjectIsABody) {
  for (const auto body : {"{", "[]", "1", "null", "\"x\"", "{} {}", "\xff", "{'a':1}"})
    EXPECT_EQ(Input::of(with_body(body)).error().kind(), ErrorKind::InvalidInput) << body;
  EXPECT_FALSE(Input::of(with_body(std::string(200'000, '['))));
}

TEST(Input, EveryComplaintIsCollected) {
  Input input(Json{{"a", 1}, {"b", ""}, {"n", 11}, {"o", 1}});
  input.text("a");
  input.text("b");
  input.text("c");
  input.maybe_integer("n", 1, 10);
  input.maybe_object("o");
  const auto fields = input.end().error().fields();
  EXPECT_EQ(fields, (std::vector<FieldError>{{"a", "Expected string, received number"},
                                             {"b", "String must contain at least 1 character(s)"},
                                             {"c", "Required"},
                                             {"n", "Number must be between 1 and 10"},
                                             {"o", "Expected object, received number"}}));
}

TEST(Input, NullAndAbsentAreNothing) {
  Input input(Json{{"a", nullptr}});
  EXPECT_FALSE(input.maybe_text("a"));
  EXPECT_FALSE(input.maybe_bool("b"));
  EXPECT_TRUE(input.is_null("a"));
  EXPECT_FALSE(input.is_null("b"));
  EXPECT_TRUE(input.end());
}

TEST(Input, CharactersAreCountedNotBytes) {
  Input input(Json{{"a", "äöü"}});
  EXPECT_EQ(input.maybe_text("a", {.most = 3}), "äöü");
  EXPECT_TRUE(input.end());
}

TEST(Input, AHugeNumberIsOutOfBounds) {
  Input input(Json::parse(R"({"n":18446744073709551615})"));
  EXPECT_FALSE(input.maybe_integer("n", -5, 5));
  EXPECT_FALSE(input.end());
}

TEST(Phone, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(api::phone_digits("+14155551234"), "14155551234");
  EXPECT_EQ(api::phone_digits(" +49 (0151) 123-45.67 "), "4901511234567");
  EXPECT_EQ(api::phone_digits("1234567"), "1234567");
  for (const auto wrong :
       {"", "+", "123456", "1234567890123456", "0151123456", "+1415555CALL", "++14155551234", "1+4155551234"})
    EXPECT_FALSE(api::phone_digits(wrong)) << wrong;
}

TEST(Paging, CutsTheLimitAndRefusesNonsense) {
  RequestHead head;
  EXPECT_EQ(api::read_page(head)->limit, 20);
  head.query = {{"limit", "500"}, {"offset", "10000"}};
  EXPECT_EQ(api::read_page(head)->limit, 100);
  EXPECT_EQ(api::read_page(head)->offset, 10'000);
  head.query = {{"limit", "99999999999999999999"}};
  EXPECT_FALSE(api::read_page(head));
}

TEST(Cookies, BothNamesAreReadOnce) {
  Headers headers;
  headers.add("Cookie", "a=b; better-auth.session_token=one ;session_token=two;  session_token=one");
  headers.add("cookie", "session_token=three; session_token=; session_token");
  EXPECT_EQ(api::session_cookies(headers), (std::vector<std::string>{"one", "two", "three"}));
}

TEST(Answers, EachKindHasItsStatus) {
  EXPECT_EQ(api::answer(Error(ErrorKind::InvalidInput, "x")).status, 400);
  EXPECT_EQ(api::answer(Error(ErrorKind::Unauthorised, "x")).status, 401);
  EXPECT_EQ(api::answer(Error(ErrorKind::Forbidden, "x")).status, 403);
  EXPECT_EQ(api::answer(Error(ErrorKind::NotFound, "x")).status, 404);
  EXPECT_EQ(api::answer(Error(ErrorKind::Conflict, "x")).status, 409);
  EXPECT_EQ(api::answer(Error(ErrorKind::Rejected, "x")).status, 422);
  EXPECT_EQ(api::answer(Error(ErrorKind::RateLimited, "x")).status, 429);
  EXPECT_EQ(api::answer(Error(ErrorKind::Internal, "x")).status, 500);
  const auto away = api::answer(Error(ErrorKind::Unavailable, "x"));
  EXPECT_EQ(away.status, 503);
  EXPECT_TRUE(away.headers.find("Retry-After"));
}

TEST(Answers, AFaultOfOursTellsNothing) {
  EXPECT_EQ(api::body_of(Error(ErrorKind::Internal, "UNIQUE constraint failed")), Json({{"error", "Internal error"}}));
}

}  // namespace
}  // namespace waypost::test
