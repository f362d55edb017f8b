#include "net/request_rules.h"

#include <gtest/gtest.h>

namespace waypost::test {
namespace {

RequestHead head_of(std::string target) {
  RequestHead head;
  head.target = std::move(target);
  return head;
}

TEST(Target, GivesPathAndQuery) {
  auto head = head_of("/a%20b/c?x=1&y&=z&x=%26+2");
  ASSERT_TRUE(read_target(head));
  EXPECT_EQ(head.path, "/a b/c");
  const std::vector<std::pair<std::string, std::string>> expected = {{"x", "1"}, {"y", ""}, {"", "z"}, {"x", "& 2"}};
  EXPECT_EQ(head.query, expected);
  EXPECT_EQ(head.query_value("x"), "1");
}

TEST(Target, TakesTheAbsoluteForm) {
  auto head = head_of("http://host:80/p?q=1");
  ASSERT_TRUE(read_target(head));
  EXPECT_EQ(head.path, "/p");
  EXPECT_EQ(raw_path("https://host"), "/");
}

TEST(Target, RefusesOtherForms) {
  for (const char* target : {"*", "host:443", "", "p", "/%", "/%00", "/a?b=%x", "ftpsxx://h/", "/a#b"}) {
    auto head = head_of(target);
    EXPECT_FALSE(read_target(head)) << target;
  }
}

RequestHead forwarded(std::string peer, std::vector<std::string> lines) {
  RequestHead head;
  head.peer = std::move(peer);
  for (auto& line : lines) head.headers.add("X-Forwarded-For", std::move(line));
  return head;
}

const std::vector<std::string> kProxies = {"10.0.0.1", "10.0.0.2"};

TEST(Proxies, AStrangersWordIsNotTaken) {
  auto head = forwarded("192.0.2.1", {"203.0.113.9"});
  head.headers.add("X-Forwarded-Proto", "https");
  believe_proxy(head, kProxies);
  EXPECT_EQ(head.peer, "192.0.2.1");
  EXPECT_FALSE(head.tls);
}

TEST(Proxies, TheClientIsTheLastAddressThatIsNoProxy) {
  auto head = forwarded("10.0.0.1", {"1.1.1.1, 203.0.113.9 ,10.0.0.2"});
  head.headers.add("X-Forwarded-Proto", "HTTPS");
  believe_proxy(head, kProxies);
  EXPECT_EQ(head.peer, "203.0.113.9");
  EXPECT_TRUE(head.tls);
}

TEST(Proxies, LinesCountAsOneList) {
  auto head = forwarded("10.0.0.1", {"1.1.1.1", "203.0.113.9", "10.0.0.2"});
  believe_proxy(head, kProxies);
  EXPECT_EQ(head.peer, "203.0.113.9");
}

TEST(Proxies, AProxyThatNamesNobodyIsThePeer) {
  auto head = forwarded("10.0.0.1", {});
  believe_proxy(head, kProxies);
  EXPECT_EQ(head.peer, "10.0.0.1");
}

}  // namespace
}  // namespace waypost::test
