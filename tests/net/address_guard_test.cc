#include "net/address_guard.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace waypost::test {
namespace {

asio::ip::address at(const char* text) { return asio::ip::make_address(text); }

TEST(PublicAddress, IsOneThatEverybodyReaches) {
  for (const char* text :
       {"1.1.1.1",        "8.8.8.8",         "9.255.255.255",   "11.0.0.0",         "100.63.255.255",
        "100.128.0.0",    "126.255.255.255", "128.0.0.0",       "169.253.255.255",  "169.255.0.0",
        "172.15.255.255", "172.32.0.0",      "192.0.1.0",       "192.167.255.255",  "192.169.0.0",
        "198.17.255.255", "198.20.0.0",      "223.255.255.255", "2606:4700::1111",  "2001:4860:4860::8888",
        "2001:200::1",    "2a00::1",         "::ffff:8.8.8.8",  "64:ff9b::8.8.8.8", "2002:808:808::1"}) {
    EXPECT_TRUE(is_public(at(text))) << text;
  }
}

TEST(PublicAddress, IsNoneOfTheSpecialPurposeOnes) {
  for (const char* text : {"0.0.0.0",
                           "0.1.2.3",
                           "10.0.0.1",
                           "10.255.255.255",
                           "100.64.0.1",
                           "100.100.100.200",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.0.1",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.192",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.0.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.7",
                           "203.0.113.9",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::2",
                           "::8.8.8.8",
                           "100::1",
                           "fc00::1",
                           "fdff::1",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1",
                           "2001::1",
                           "2001:2::1",
                           "2001:1ff::1",
                           "2001:db8::1",
                           "3fff::1",
                           "5f00::1",
                           "64:ff9b:1::1",
                           "4000::1",
                           "::ffff:0:8.8.8.8"}) {
    EXPECT_FALSE(is_public(at(text))) << text;
  }
}

TEST(PublicAddress, IsNoCloudsMetadata) {
  for (const char* text : {"169.254.169.254", "fd00:ec2::254", "168.63.129.16", "fd20:ce::254"}) {
    EXPECT_FALSE(is_public(at(text))) << text;
  }
}

TEST(PublicAddress, IsNoneThatLeadsToAPrivateOne) {
  for (const char* text :
       {"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::1", "2002:a00:1::1", "2002:a9fe:a9fe::", "2001:0:4136:e378:8000:63bf:3fff:fdd2"}) {
    EXPECT_FALSE(is_public(at(text))) << text;
  }
}

TEST(AddressOf, IsThatOfTheSocketsAddress) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  ::inet_pton(AF_INET, "10.1.2.3", &v4.sin_addr);
  EXPECT_EQ(address_of(reinterpret_cast<const sockaddr&>(v4)), at("10.1.2.3"));
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  ::inet_pton(AF_INET6, "fd00::7", &v6.sin6_addr);
  EXPECT_EQ(address_of(reinterpret_cast<const sockaddr&>(v6)), at("fd00::7"));
  const sockaddr other{.sa_family = AF_UNIX, .sa_data = {}};
  EXPECT_FALSE(is_public(address_of(other)));
}

TEST(AddressGuard, LetsThePublicThroughAndNothingElse) {
  const auto guard = AddressGuard::parse({}).value();
  EXPECT_TRUE(guard.may_connect("example.com", at("1.1.1.1")));
  EXPECT_FALSE(guard.may_connect("localhost", at("127.0.0.1")));
}

TEST(AddressGuard, LetsThroughWhatIsListed) {
  const auto guard = AddressGuard::parse({"10.1.0.0/16", "192.168.7.9", "fd00::/9", "CRM.internal", "nothing/../x"});
  ASSERT_FALSE(guard);
  const auto listed = AddressGuard::parse({"10.1.0.0/16", "192.168.7.9", "fd00::/9", "CRM.internal."}).value();
  for (const char* text : {"10.1.0.1", "10.1.255.255", "::ffff:10.1.2.3", "192.168.7.9", "fd00::1", "fd7f::1"})
    EXPECT_TRUE(listed.may_connect("x", at(text))) << text;
  for (const char* text : {"10.0.255.255", "10.2.0.0", "192.168.7.8", "fd80::1", "127.0.0.1", "64:ff9b::10.1.2.3"})
    EXPECT_FALSE(listed.may_connect("x", at(text))) << text;
  EXPECT_TRUE(listed.may_connect("crm.INTERNAL", at("172.16.0.1")));
  EXPECT_TRUE(listed.may_connect("crm.internal.", at("172.16.0.1")));
  EXPECT_FALSE(listed.may_connect("x.crm.internal", at("172.16.0.1")));
}

TEST(AddressGuard, TakesAWholeFamilyBySlashNought) {
  const auto guard = AddressGuard::parse({"0.0.0.0/0"}).value();
  EXPECT_TRUE(guard.may_connect("x", at("127.0.0.1")));
  EXPECT_FALSE(guard.may_connect("x", at("fd00::1")));
}

TEST(AddressGuard, RefusesWhatIsNeitherNetworkNorName) {
  for (const char* text : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8", "127.1", "fd00::/129", "a b",
                           "https://x", "x:443", "10.0.0.1/8x", "*.example.com"}) {
    const auto guard = AddressGuard::parse({text});
    ASSERT_FALSE(guard) << text;
    EXPECT_EQ(guard.error().kind(), ErrorKind::InvalidInput);
  }
}

}  // namespace
}  // namespace waypost::test
