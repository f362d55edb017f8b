#include "net/router.h"

#include <gtest/gtest.h>

namespace waypost::test {
namespace {

Route route(std::string method, std::string pattern) {
  return {.method = std::move(method),
          .pattern = std::move(pattern),

          .handler = [](Request) -> awaitable<Response> { co_return Response(); }};
}

std::string matched(const Router& router, std::string_view method, std::string_view path) {
  const auto match = router.match(method, path);
  return match.route == nullptr ? "-" : match.route->method + " " + match.route->pattern;
}

class Routes : public testing::Test {
 protected:
  Routes() {
    for (const char* pattern : {"/", "/api/contacts", "/api/contacts/{id}", "/api/contacts/{id}/notes",
                                "/api/contacts/export", "/{a}/{b}/{c}"}) {
      router.add(route("GET", pattern));
    }
    router.add(route("POST", "/api/contacts"));
    router.add(route("DELETE", "/api/contacts/{id}"));
    router.add(route("POST", "/api/contacts/export"));
  }
  Router router;
};

TEST_F(Routes, MatchWholePaths) {
  EXPECT_EQ(matched(router, "GET", "/"), "GET /");
  EXPECT_EQ(matched(router, "GET", "/api/contacts"), "GET /api/contacts");
  EXPECT_EQ(matched(router, "POST", "/api/contacts"), "POST /api/contacts");
  EXPECT_EQ(matched(router, "GET", "/api/contacts/7/notes"), "GET /api/contacts/{id}/notes");
  EXPECT_EQ(matched(router, "GET", "/api"), "-");
  EXPECT_EQ(matched(router, "GET", "/api/contacts/"), "-");
  EXPECT_EQ(matched(router, "GET", "/api/contacts/7/notes/8"), "-");
  EXPECT_EQ(matched(router, "GET", ""), "-");
  EXPECT_EQ(matched(router, "GET", "api/contacts"), "-");
}

TEST_F(Routes, ALiteralWinsOverAPlaceholder) {
  EXPECT_EQ(matched(router, "GET", "/api/contacts/export"), "GET /api/contacts/export");
  EXPECT_EQ(matched(router, "GET", "/api/contacts/exports"), "GET /api/contacts/{id}");
  EXPECT_EQ(matched(router, "GET", "/api/x/export"), "GET /{a}/{b}/{c}");
}

TEST_F(Routes, APlaceholderServesAMethodThatTheLiteralLacks) {
  EXPECT_EQ(matched(router, "DELETE", "/api/contacts/export"), "DELETE /api/contacts/{id}");
}

TEST_F(Routes, GiveDecodedParameters) {
  const auto match = router.match("GET", "/api/contacts/a%2Fb%20c/notes");
  ASSERT_NE(match.route, nullptr);
  ASSERT_EQ(match.params.size(), 1u);
  EXPECT_EQ(match.params[0], (std::pair<std::string, std::string>("id", "a/b c")));
  EXPECT_EQ(matched(router, "GET", "/api/contacts/%zz"), "-");
}

TEST_F(Routes, SayWhichMethodsAPathHas) {
  const auto match = router.match("PUT", "/api/contacts");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allow, "GET, POST");
  EXPECT_EQ(router.not_found({}, match).status, 405);
  EXPECT_EQ(router.not_found({}, match).headers.find("Allow"), "GET, POST");
}

TEST_F(Routes, AnswerHeadByGet) { EXPECT_EQ(matched(router, "HEAD", "/api/contacts"), "GET /api/contacts"); }

TEST_F(Routes, AnUnknownPathIsA404InJsonOrAsTold) {
  EXPECT_EQ(router.not_found({}, {}).status, 404);
  EXPECT_EQ(router.not_found({}, {}).body, R"({"error":"Not found"})");
  router.set_not_found([](const RequestHead& head) { return text_response(410, head.path); });
  RequestHead head;
  head.path = "/gone";
  EXPECT_EQ(router.not_found(head, {}).body, "/gone");
}

}  // namespace
}  // namespace waypost::test
