#include "workflow/http_credential.h"

#include <gtest/gtest.h>

namespace waypost::workflow {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;
using store::CredentialKind;

HttpCall signed_as(CredentialKind kind, std::string parameter = {}, std::string url = "https://h/x") {
  return signed_call({.url = std::move(url), .headers = {{"authorization", "mine"}, {"x-api-key", "mine"}}},
                     {.kind = kind, .parameter = std::move(parameter), .secret = Secret("s&1")});
}

TEST(HttpCredential, SignsInAsItsKindSays) {
  EXPECT_EQ(signed_as(CredentialKind::Bearer).headers, (Pairs{{"x-api-key", "mine"}, {"Authorization", "Bearer s&1"}}));
  EXPECT_EQ(signed_as(CredentialKind::Basic, "me").headers,
            (Pairs{{"x-api-key", "mine"}, {"Authorization", "Basic bWU6cyYx"}}));
  EXPECT_EQ(signed_as(CredentialKind::Header, "X-Api-Key").headers,
            (Pairs{{"authorization", "mine"}, {"X-Api-Key", "s&1"}}));
  EXPECT_EQ(signed_as(CredentialKind::Query, "a key").url, "https://h/x?a%20key=s%261");
  EXPECT_EQ(signed_as(CredentialKind::Query, "k", "https://h/x?y=1").url, "https://h/x?y=1&k=s%261");
}

TEST(HttpCredential, GoesToItsHostsOnly) {
  const auto goes = [](std::vector<std::string> hosts, const char* url) {
    return may_go_to({.hosts = std::move(hosts)}, parse_url(url)->origin);
  };
  EXPECT_TRUE(goes({}, "https://anywhere/"));
  EXPECT_TRUE(goes({"other", "API.example.com"}, "https://api.Example.com./"));
  EXPECT_TRUE(goes({"h:8443"}, "https://h:8443/"));
  EXPECT_TRUE(goes({"h:443"}, "https://h/"));
  EXPECT_TRUE(goes({"h"}, "https://h:8443/"));
  EXPECT_FALSE(goes({"h:8443"}, "https://h/"));
  EXPECT_FALSE(goes({"example.com"}, "https://api.example.com/"));
  EXPECT_FALSE(goes({"h"}, "https://h.evil/"));
}

}  // namespace
}  // namespace waypost::workflow
