#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

class Sessions : public ApiTest {
 protected:
  Sessions() : tenant_(given_workspace()), user_(given_person("ann@example.com")) {
    given_member(tenant_, user_, store::Role::Admin);
  }
  static std::vector<std::string> cookies_of(const Answer& answer) {
    std::vector<std::string> cookies;
    for (const auto cookie : answer.headers.all("Set-Cookie")) cookies.emplace_back(cookie);
    return cookies;
  }
  // As the guide's sample takes it out: /session_token=([^;]+)/.
  static std::string token_of(const Answer& answer) {
    const auto cookie = answer.header("Set-Cookie");
    const auto from = cookie.find("session_token=") + 14;
    return cookie.substr(from, cookie.find(';') - from);
  }
  int status_with(const std::string& cookie_line) {
    return ask("GET", "/api/contacts", HeaderList{{"Cookie", cookie_line}, {"x-tenant-id", tenant_.text()}}).status;
  }

  TenantId tenant_;
  UserId user_;
};

TEST_F(Sessions, ASignInSetsBothCookies) {
  const auto answer = sign_in("ann@example.com", kPassword);
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto cookies = cookies_of(answer);
  ASSERT_EQ(cookies.size(), 2U);
  EXPECT_TRUE(cookies[0].starts_with("session_token="));
  EXPECT_TRUE(cookies[1].starts_with("better-auth.session_token="));
  for (const auto& cookie : cookies) {
    EXPECT_TRUE(cookie.ends_with("; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax")) << cookie;
  }
}

TEST_F(Sessions, UnderTlsTheCookiesAreSecure) {
  const Json body{{"email", "ann@example.com"}, {"password", kPassword}};
  const auto answer = ask("POST", "/api/auth/sign-in/email", Ask{.body = dump(body), .tls = true});
  for (const auto& cookie : cookies_of(answer)) EXPECT_TRUE(cookie.ends_with("; Secure")) << cookie;
}

TEST_F(Sessions, ASignInTellsThePersonAndTheWorkspaces) {
  const auto answer = sign_in("Ann@Example.com", kPassword);
  EXPECT_EQ(answer.json["user"]["id"], user_.text());
  EXPECT_EQ(answer.json["user"]["email"], "ann@example.com");
  EXPECT_EQ(answer.json["workspaces"], Json::array({{{"id", tenant_.text()}, {"name", "Acme"}, {"role", "admin"}}}));
  EXPECT_EQ(answer.json["redirect"], false);
  EXPECT_EQ(answer.json["token"], token_of(answer));
  EXPECT_FALSE(answer.json["user"].contains("password_hash"));
  EXPECT_FALSE(answer.body.contains("scrypt"));
}

TEST_F(Sessions, EitherCookieIsAccepted) {
  const auto token = token_of(sign_in("ann@example.com", kPassword));
  EXPECT_EQ(status_with("session_token=" + token), 200);
  EXPECT_EQ(status_with("better-auth.session_token=" + token), 200);
  EXPECT_EQ(status_with("other=1; session_token=stale; better-auth.session_token=" + token), 200);
  EXPECT_EQ(status_with("session_tokens=" + token), 401);
  EXPECT_EQ(status_with("session_token=" + token + "x"), 401);
}

TEST_F(Sessions, AWrongPasswordAndAnUnknownEmailLookAlike) {
  const auto wrong = sign_in("ann@example.com", "no");
  const auto unknown = sign_in("bob@example.com", "no");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(unknown.status, 401);
  EXPECT_EQ(wrong.body, unknown.body);
  EXPECT_EQ(wrong.header("Set-Cookie"), "");
}

TEST_F(Sessions, BadInputIsSaidFieldByField) {
  EXPECT_EQ(ask("POST", "/api/auth/sign-in/email", Ask{.body = "{"}).status, 400);
  EXPECT_EQ(ask("POST", "/api/auth/sign-in/email", Ask{.body = "[]"}).status, 400);
  const auto answer = ask("POST", "/api/auth/sign-in/email", Ask{.body = R"({"email":"nobody"})"});
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.json["error"], "Validation failed");
  EXPECT_EQ(answer.json["details"], Json::parse(R"([{"path":"password","message":"Required"},
      {"path":"email","message":"Invalid email address"}])"));
}

TEST_F(Sessions, FiveFailuresLockTheEmailAtThatAddressForAQuarterOfAnHour) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(sign_in("ann@example.com", "no").status, 401);
  const auto locked = sign_in("ann@example.com", kPassword);
  EXPECT_EQ(locked.status, 429);
  EXPECT_EQ(locked.header("Retry-After"), "900");
  EXPECT_EQ(sign_in("ann@example.com", kPassword, "192.0.2.2").status, 200);
  clock_.pass(std::chrono::minutes(15) - milliseconds(1));
  EXPECT_EQ(sign_in("ann@example.com", kPassword).status, 429);
  clock_.pass(milliseconds(1));
  EXPECT_EQ(sign_in("ann@example.com", kPassword).status, 200);
}

TEST_F(Sessions, AGoodSignInForgetsTheFailures) {
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 4; ++i) EXPECT_EQ(sign_in("ann@example.com", "no").status, 401);
    EXPECT_EQ(sign_in("ann@example.com", kPassword).status, 200);
  }
}

TEST_F(Sessions, ASessionEndsSevenDaysAfterItsToken) {
  const auto token = token_of(sign_in("ann@example.com", kPassword));
  clock_.pass(std::chrono::days(7) - milliseconds(1));
  EXPECT_EQ(status_with("session_token=" + token), 200);
  clock_.pass(milliseconds(1));
  EXPECT_EQ(status_with("session_token=" + token), 401);
}

TEST_F(Sessions, ADayOfUseBringsAFreshTokenAndKeepsTheOld) {
  const auto old = given_session(user_);
  EXPECT_EQ(ask("GET", "/api/contacts", as(old, tenant_)).header("Set-Cookie"), "");
  clock_.pass(std::chrono::hours(24));
  const auto renewed = ask("GET", "/api/contacts", as(old, tenant_));
  const auto fresh = token_of(renewed);
  EXPECT_EQ(cookies_of(renewed).size(), 2U);
  EXPECT_EQ(ask("GET", "/api/contacts", as(old, tenant_)).header("Set-Cookie"), "");
  clock_.pass(std::chrono::days(6));
  EXPECT_EQ(status_with("session_token=" + old), 401);
  EXPECT_EQ(status_with("session_token=" + fresh), 200);
}

TEST_F(Sessions, SigningOutEndsEveryTokenOfTheSignIn) {
  const auto old = given_session(user_);
  const auto other = given_session(user_);
  clock_.pass(std::chrono::hours(24));
  const auto fresh = token_of(ask("GET", "/api/contacts", as(old, tenant_)));
  const auto out = ask("POST", "/api/auth/sign-out", HeaderList{{"Cookie", "session_token=" + fresh}});
  EXPECT_EQ(out.status, 200);
  for (const auto& cookie : cookies_of(out)) EXPECT_TRUE(cookie.contains("=; Max-Age=0")) << cookie;
  EXPECT_EQ(status_with("session_token=" + old), 401);
  EXPECT_EQ(status_with("session_token=" + fresh), 401);
  EXPECT_EQ(status_with("session_token=" + other), 200);
}

TEST_F(Sessions, TheSessionCanBeAskedFor) {
  const auto token = given_session(user_);
  const auto answer = ask("GET", "/api/auth/get-session", HeaderList{{"Cookie", "session_token=" + token}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json["user"]["id"], user_.text());
  EXPECT_EQ(answer.json["session"]["userId"], user_.text());
  EXPECT_EQ(answer.json["workspaces"].size(), 1U);
  EXPECT_EQ(ask("GET", "/api/auth/get-session").status, 401);
}

TEST_F(Sessions, NoPasswordOrTokenIsKeptInTheClear) {
  const auto token = token_of(sign_in("ann@example.com", kPassword));
  const auto found = database_->read_and_wait([&](sql::Connection& connection) {
    return connection.run("SELECT count(*) FROM session WHERE token_hash = $1", {sql::Bytes{token}}).front().number(0);
  });
  EXPECT_EQ(*found, 0);
  EXPECT_EQ(rows_of("session"), 1);
}

}  // namespace
}  // namespace waypost::test
