#include "workflow/http_redirect.h"

#include <gtest/gtest.h>

namespace waypost::workflow {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Response to(int status, std::string location) {
  Response answer;
  answer.status = status;
  answer.headers.add("Location", std::move(location));
  return answer;
}
HttpCall posted() {
  return {.method = "POST",
          .url = "https://h/a/b?x=1",
          .headers = {{"Authorization", "Bearer t"}, {"X-Api-Key", "k"}, {"Accept", "a"}, {"Content-Type", "c"}},
          .body = "body",
          .credential = CredentialId::make(Time{})};
}
HttpCall next(int status, std::string location) {
  return redirected(posted(), to(status, std::move(location))).value();
}

TEST(Redirect, IsFiveStatusesWithAPlace) {
  for (const int status : {301, 302, 303, 307, 308}) EXPECT_TRUE(is_redirect(to(status, "/"))) << status;
  for (const int status : {200, 300, 304, 305, 400}) EXPECT_FALSE(is_redirect(to(status, "/"))) << status;
  Response without;
  without.status = 302;
  EXPECT_FALSE(is_redirect(without));
}

TEST(Redirect, BecomesAGetOrStaysWhatItIs) {
  for (const int status : {301, 302, 303}) {
    const auto call = next(status, "/c");
    EXPECT_EQ(call.method, "GET");
    EXPECT_EQ(call.body, "");
    EXPECT_EQ(call.headers, (Pairs{{"Authorization", "Bearer t"}, {"X-Api-Key", "k"}, {"Accept", "a"}}));
  }
  for (const int status : {307, 308}) {
    const auto call = next(status, "/c");
    EXPECT_EQ(call.method, "POST");
    EXPECT_EQ(call.body, "body");
    EXPECT_EQ(call.headers, posted().headers);
  }
  auto head = posted();
  head.method = "HEAD";
  EXPECT_EQ(redirected(head, to(303, "/c"))->method, "HEAD");
}

TEST(Redirect, LeadsFromWhereItWasRead) {
  EXPECT_EQ(next(302, "/c?y#f").url, "https://h/c?y");
  EXPECT_EQ(next(302, "c").url, "https://h/a/c");
  EXPECT_EQ(next(302, "https://other/x").url, "https://other/x");
}

TEST(Redirect, TakesNoSecretToAnotherOrigin) {
  EXPECT_TRUE(next(307, "https://h:443/x").credential);
  for (const char* elsewhere : {"https://other/", "//other/", "https://h:8443/", "http://h/", "https://x.h/"}) {
    const auto call = next(307, elsewhere);
    EXPECT_FALSE(call.credential) << elsewhere;
    EXPECT_EQ(call.headers, (Pairs{{"Accept", "a"}, {"Content-Type", "c"}})) << elsewhere;
  }
}

TEST(Redirect, GoesNowhereElseThanHttp) {
  for (const char* place : {"unix:/run/x.sock:/y", "file:///etc/passwd", "ftp://h/", "gopher://h:70/_x", "a b",
                            "https://u:p@h/", "https:///x", "javascript:alert(1)"}) {
    const auto call = redirected(posted(), to(302, place));
    ASSERT_FALSE(call) << place << " " << call->url;
    EXPECT_EQ(call.error().kind(), ErrorKind::InvalidInput);
  }
}

}  // namespace
}  // namespace waypost::workflow
