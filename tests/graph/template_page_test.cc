#include "graph/template_page.h"

#include <gtest/gtest.h>

#include <utility>

namespace waypost {
namespace {

Result<TemplatePage> read(int status, std::string body) {
  return read_template_page(json_response(status, std::move(body)));
}

TEST(TemplatePage, KeepsObjectsAndTheCursorOfTheNextPage) {
  const auto page = read(200, R"({"data":[{"name":"a"},7,{"name":"b"}],"paging":{"cursors":{"before":"x","after":"y"},
                                 "next":"https://graph.facebook.com/…"}})");
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->templates.size(), 2U);
  EXPECT_EQ(page->after, "y");
}

// Meta names a cursor on the last page too; only `next` says that there is more.
TEST(TemplatePage, TheLastPageHasNoNext) {
  const auto page = read(200, R"({"data":[],"paging":{"cursors":{"before":"x","after":"y"}}})");
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->after, std::nullopt);
}

TEST(TemplatePage, ErrorsSayWhatTheCallerCanDo) {
  const auto kind_of = [](int status, std::string body) { return read(status, std::move(body)).error().kind(); };
  EXPECT_EQ(kind_of(400, R"({"error":{"code":80007}})"), ErrorKind::RateLimited);
  EXPECT_EQ(kind_of(401, R"({"error":{"code":190}})"), ErrorKind::Unauthorised);
  EXPECT_EQ(kind_of(400, R"({"error":{"code":100}})"), ErrorKind::Rejected);
  EXPECT_EQ(kind_of(400, R"({"error":{"code":131059}})"), ErrorKind::Conflict);
  EXPECT_EQ(kind_of(500, R"({"error":{"code":2}})"), ErrorKind::Unavailable);
  EXPECT_EQ(kind_of(500, ""), ErrorKind::Unavailable);
  EXPECT_EQ(kind_of(429, ""), ErrorKind::RateLimited);
  EXPECT_EQ(kind_of(200, "{}"), ErrorKind::Unavailable);
}

}  // namespace
}  // namespace waypost
