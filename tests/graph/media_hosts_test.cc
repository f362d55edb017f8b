#include "graph/media_hosts.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

bool may(const std::string& url, const std::string& base = "https://graph.facebook.com") {
  const auto parsed = parse_url(url);
  return parsed && may_see_token(*parsed, base, {"lookaside.fbsbx.com", "cdn.example:8443"});
}

TEST(MediaHosts, MetasOwnSeeTheToken) {
  EXPECT_TRUE(may("https://graph.facebook.com/v25.0/7"));
  EXPECT_TRUE(may("https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=7"));
  EXPECT_TRUE(may("https://LOOKASIDE.fbsbx.com:443/x"));
  EXPECT_TRUE(may("https://cdn.example:8443/x"));
}

TEST(MediaHosts, NobodyElseDoes) {
  for (const auto* url :
       {"https://evil.example/x", "http://lookaside.fbsbx.com/x", "http://graph.facebook.com/x",
        "https://lookaside.fbsbx.com:444/x", "https://lookaside.fbsbx.com.evil.example/x", "https://cdn.example/x",
        "https://evil.example/lookaside.fbsbx.com", "https://lookaside.fbsbx.com@evil.example/x",
        "unix:/run/waypost/admin.sock:/admin", "https://127.0.0.1/x", "https://[::1]/x", "https://fbsbx.com/x"})
    EXPECT_FALSE(may(url)) << url;
}

// A gateway in front of Meta, or the sandbox: whoever is the Graph API sees the token anyhow.
TEST(MediaHosts, TheGraphApiOfTheSettingsDoes) {
  EXPECT_TRUE(may("http://127.0.0.1:8090/sandbox-media/k", "http://127.0.0.1:8090"));
  EXPECT_FALSE(may("http://127.0.0.1:8091/sandbox-media/k", "http://127.0.0.1:8090"));
  EXPECT_FALSE(may("https://graph.facebook.com/x", "http://127.0.0.1:8090"));
}

}  // namespace
}  // namespace waypost
