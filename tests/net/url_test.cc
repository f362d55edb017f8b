#include "net/url.h"

#include <gtest/gtest.h>

namespace waypost::test {
namespace {

TEST(Url, GivesOriginAndTarget) {
  const auto url = parse_url("https://graph.facebook.com/v25.0/106/messages?a=b%20c#d");
  ASSERT_TRUE(url.has_value());
  EXPECT_TRUE(url->origin.tls);
  EXPECT_EQ(url->origin.host, "graph.facebook.com");
  EXPECT_EQ(url->origin.port, 443);
  EXPECT_EQ(url->origin.authority(), "graph.facebook.com");
  EXPECT_EQ(url->target, "/v25.0/106/messages?a=b%20c");
}

TEST(Url, KnowsPortsAndAddresses) {
  EXPECT_EQ(parse_url("http://127.0.0.1:8080")->target, "/");
  EXPECT_EQ(parse_url("http://127.0.0.1:8080?x=1")->target, "/?x=1");
  EXPECT_EQ(parse_url("http://[::1]:8080/")->origin.host, "::1");
  EXPECT_EQ(parse_url("http://[::1]:8080/")->origin.authority(), "[::1]:8080");
  EXPECT_NE(parse_url("http://h:443/")->origin.key(), parse_url("https://h/")->origin.key());
}

TEST(Url, KnowsUnixSockets) {
  const auto url = parse_url("unix:/run/way:post/admin.sock:/api/x?y=1");
  ASSERT_TRUE(url.has_value());
  EXPECT_EQ(url->origin.unix_path, "/run/way:post/admin.sock");
  EXPECT_EQ(url->target, "/api/x?y=1");
}

TEST(Url, RefusesTheRest) {
  for (const char* text :
       {"", "graph.facebook.com", "ftp://h/", "http://", "http:///x", "http://u:p@h/", "http://h/a b",
        "http://h:99999/", "http://h/\r\nX: y", "unix:/run/x.sock", "unix:x:/y", "unix:/x:/a b"}) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url.has_value()) << text;
    EXPECT_EQ(url.error().kind(), ErrorKind::InvalidInput) << text;
  }
}

TEST(Url, FollowsALocationFromWhereItWasRead) {
  const std::string base = "https://h:8443/a/b?x=1#f";
  EXPECT_EQ(resolved_url(base, "https://other/x").value(), "https://other/x");
  EXPECT_EQ(resolved_url(base, "//other/x").value(), "https://other/x");
  EXPECT_EQ(resolved_url(base, "/c?y").value(), "https://h:8443/c?y");
  EXPECT_EQ(resolved_url(base, "c").value(), "https://h:8443/a/c");
  EXPECT_EQ(resolved_url(base, "../c").value(), "https://h:8443/c");
  EXPECT_EQ(resolved_url(base, "unix:/run/x.sock:/y").value().substr(0, 5), "unix:");
  EXPECT_FALSE(resolved_url(base, "a b"));
  EXPECT_FALSE(resolved_url("a b", "/x"));
}

TEST(Url, NeverRepeatsItselfInAnError) {
  EXPECT_FALSE(parse_url("http://h/?token=secret value").error().words().contains("secret"));
}

}  // namespace
}  // namespace waypost::test
