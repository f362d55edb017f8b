#include "api/rate_limits.h"
#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

TEST(RateLimits, AWindowBeginsWithTheFirstRequest) {
  api::RateLimits limits;
  const api::Quota quota{.requests = 2};
  const Time now = from_millis(1'000'000);
  EXPECT_EQ(limits.take("a", quota, now).remaining, 1);
  EXPECT_EQ(limits.take("a", quota, now + milliseconds(30'000)).reset_seconds, 30);
  EXPECT_FALSE(limits.take("a", quota, now + milliseconds(59'999)).allowed);
  EXPECT_TRUE(limits.take("b", quota, now + milliseconds(59'999)).allowed);
  EXPECT_TRUE(limits.take("a", quota, now + milliseconds(60'000)).allowed);
}

TEST(RateLimits, LookingCountsNothing) {
  api::RateLimits limits;
  const api::Quota quota{.requests = 1};
  const Time now = from_millis(0);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(limits.look("a", quota, now).allowed);
  EXPECT_TRUE(limits.take("a", quota, now).allowed);
  EXPECT_FALSE(limits.look("a", quota, now).allowed);
  EXPECT_FALSE(limits.take("a", quota, now).allowed);
}

TEST(RateLimits, MemoryIsBounded) {
  api::RateLimits limits(3);
  const api::Quota quota{.requests = 1};
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(limits.take(std::to_string(i), quota, from_millis(0)).allowed);
}

TEST(RateLimits, AnIpv6SiteIsOneCaller) {
  EXPECT_EQ(api::caller_address("2001:db8:1:2:3:4:5:6"), api::caller_address("2001:db8:1:2::9"));
  EXPECT_NE(api::caller_address("2001:db8:1:2:3:4:5:6"), api::caller_address("2001:db8:1:3::9"));
  EXPECT_EQ(api::caller_address("192.0.2.7"), "192.0.2.7");
}

class Limits : public ApiTest {
 protected:
  Limits() : tenant_(given_workspace()), admin_(as_admin(tenant_)) {
    settings_.api.limits = true;
    settings_.api.requests_per_minute = 3;
    settings_.api.sign_ins_per_minute = 2;
    settings_.api.auth_requests_per_minute = 2;
  }
  Answer contacts(const HeaderList& headers, const std::string& peer = "192.0.2.1") {
    return ask("GET", "/api/contacts", Ask{.headers = headers, .peer = peer});
  }

  TenantId tenant_;
  HeaderList admin_;
};

TEST_F(Limits, EveryAnswerSaysWhatIsLeft) {
  const auto answer = contacts(admin_);
  EXPECT_EQ(answer.header("RateLimit-Limit"), "3");
  EXPECT_EQ(answer.header("RateLimit-Remaining"), "2");
  EXPECT_EQ(answer.header("RateLimit-Reset"), "60");
  EXPECT_EQ(contacts({}).header("RateLimit-Remaining"), "1");
}

TEST_F(Limits, BeyondIs429UntilTheWindowEnds) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(contacts(admin_).status, 200);
  clock_.pass(seconds(30));
  const auto refused = contacts(admin_);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.body, R"({"error":"Too many requests, please try again later"})");
  EXPECT_EQ(refused.header("Retry-After"), "30");
  EXPECT_EQ(refused.header("RateLimit-Remaining"), "0");
  EXPECT_EQ(contacts(admin_, "192.0.2.2").status, 200);
  clock_.pass(seconds(30));
  EXPECT_EQ(contacts(admin_).status, 200);
}

TEST_F(Limits, ATokenIsCountedByItself) {
  const auto token = ask("POST", "/api/tokens", admin_, {{"name", "t"}, {"requestsPerMinute", 5}}).json["token"];
  const HeaderList bearer{{"Authorization", "Bearer " + token.get<std::string>()}};
  EXPECT_EQ(contacts(bearer).header("RateLimit-Limit"), "3");
  for (int i = 0; i < 5; ++i) {
    const auto answer = contacts(bearer);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("RateLimit-Limit"), "5");
  }
  EXPECT_EQ(contacts(bearer, "192.0.2.9").status, 429);
  EXPECT_EQ(contacts(admin_).status, 200);
}

TEST_F(Limits, GuessedTokensAreCountedByAddress) {
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(contacts({{"Authorization", "Bearer wp_guess" + std::to_string(i)}}).status, 401);
  EXPECT_EQ(contacts({{"Authorization", "Bearer wp_another"}}).status, 429);
}

TEST_F(Limits, SignInsHaveALimitOfTheirOwn) {
  given_person("ann@example.com");
  EXPECT_EQ(sign_in("ann@example.com", kPassword).header("RateLimit-Limit"), "2");
  EXPECT_EQ(sign_in("ann@example.com", kPassword).status, 200);
  EXPECT_EQ(sign_in("ann@example.com", kPassword).status, 429);
  EXPECT_EQ(sign_in("ann@example.com", kPassword, "192.0.2.2").status, 200);
}

TEST_F(Limits, AuthRequestsCountAgainstTheAddressToo) {
  ask("GET", "/api/auth/get-session");
  ask("GET", "/api/auth/get-session");
  EXPECT_EQ(ask("GET", "/api/auth/get-session").status, 429);
  EXPECT_EQ(contacts(admin_).header("RateLimit-Remaining"), "0");
}

}  // namespace
}  // namespace waypost::test
