// HttpCaller on a real store and real sockets, against a server of ours.

#include "workflow/http_call.h"

#include <gtest/gtest.h>

#include <mutex>

#include "net/server.h"
#include "tests/support/run_loop.h"
#include "tests/support/temp_store.h"

namespace waypost::workflow {
namespace {

using namespace std::chrono_literals;

Response sent_on(int status, std::string location) {
  auto answer = text_response(status, "");
  answer.headers.add("Location", std::move(location));
  return answer;
}

class HttpCalls : public testing::Test {
 protected:
  HttpCalls() {
    serve("/json", [](const Request&) { return json_response(200, R"({"a":1})"); });
    serve("/busy", [](const Request&) {
      auto answer = text_response(503, "later");
      answer.headers.add("Retry-After", "3");
      return answer;
    });
    serve("/large", [](const Request&) { return text_response(200, std::string(5'000, 'a')); });
    serve("/here", [](const Request&) { return sent_on(302, "/json"); });
    serve("/again", [](const Request&) { return sent_on(307, "/json"); });
    serve("/away", [this](const Request&) { return sent_on(307, elsewhere("/json")); });
    serve("/inside", [](const Request&) { return sent_on(302, "http://10.255.255.1/secret"); });
    serve("/file", [](const Request&) { return sent_on(302, "file:///etc/passwd"); });
    serve("/socket", [](const Request&) { return sent_on(302, "unix:/run/admin.sock:/admin"); });
    serve("/round", [](const Request&) { return sent_on(302, "/round"); });
    serve("/lost", [](const Request&) {
      Response closed;
      closed.status = 0;
      return closed;
    });
    serve_slowly();
    server_ = HttpServer::listen({.address = "127.0.0.1:0"}, router_, budget_, {}, {&server_loop_}).value();
    server_->start();
    http_ = guarded({"127.0.0.0/8", "::1"});
  }
  ~HttpCalls() override { server_->stop(milliseconds(0)); }

  void serve(const std::string& path, std::function<Response(const Request&)> answer) {
    for (const char* method : {"GET", "POST"}) {
      router_.add({.method = method, .pattern = path, .handler = [this, answer](Request request) {
                     return noted(std::move(request), answer);
                   }});
    }
  }
  void serve_slowly() {
    router_.add({.method = "GET", .pattern = "/slow", .handler = [](Request) { return slow(); }});
  }
  static awaitable<Response> slow() {
    asio::steady_timer timer(co_await asio::this_coro::executor, 1s);
    co_await timer.async_wait(kToken);
    co_return text_response(200, "late");
  }
  awaitable<Response> noted(Request request, std::function<Response(const Request&)> answer) {
    auto given = answer(request);
    const std::scoped_lock lock(mutex_);
    seen_.push_back(std::move(request));
    co_return given;
  }
  std::vector<Request> seen() {
    const std::scoped_lock lock(mutex_);
    return seen_;
  }

  std::unique_ptr<HttpClient> guarded(std::vector<std::string> allowed) {
    const auto guard = AddressGuard::parse(allowed).value();
    return HttpClient::make(loop_.executor(),
                            {.may_connect = [guard](std::string_view host, const asio::ip::address& address) {
                              return guard.may_connect(host, address);
                            }});
  }
  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(server_->port()) + path;
  }
  std::string elsewhere(const std::string& path) const {
    return "http://localhost:" + std::to_string(server_->port()) + path;
  }
  OutsideTry ask(HttpCall call, std::chrono::milliseconds timeout = 5s) {
    HttpCaller caller({.http = *http_, .database = *store_.database, .keyring = keyring_, .rules = rules_});
    return loop_.wait(caller.ask(store_.tenant, std::move(call), timeout));
  }
  OutsideTry get(const std::string& path) { return ask({.url = url(path)}); }
  std::string failure(HttpCall call, std::chrono::milliseconds timeout = 5s) {
    const auto result = ask(std::move(call), timeout);
    return result.answer.failure ? result.answer.failure->code : "none: " + dump(result.answer.value);
  }
  CredentialId given_credential(store::Credential credential) {
    credential.tenant = store_.tenant;
    credential.name = "crm";
    if (credential.sealed_secret.empty())
      credential.sealed_secret = keyring_.seal(Secret("hush"), store::kCredentialPurpose);
    return store_.run([&](sql::Connection& c) { return store::create_credential(c, credential, store_.clock.now()); })
        .id;
  }
  std::string authorization() { return std::string(seen().back().headers.find("Authorization").value_or("")); }

  Keyring keyring_{{{"k1", Secret(std::string(32, 'k'))}}, "k1"};
  test::TempStore store_;
  OutsideSettings rules_{.max_kib = 4};
  std::mutex mutex_;
  std::vector<Request> seen_;
  Router router_;
  BodyBudget budget_{1 << 20};
  Loop server_loop_{"outside"};
  test::RunLoop loop_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<HttpClient> http_;
};

TEST_F(HttpCalls, BringAnAnswer) {
  const auto result = ask({.method = "POST", .url = url("/json"), .headers = {{"X-A", "b"}}, .body = "hello"});
  ASSERT_FALSE(result.answer.failure) << result.answer.failure->words;
  EXPECT_EQ(result.answer.value["status"], 200);
  EXPECT_EQ(result.answer.value["body"], Json({{"a", 1}}));
  EXPECT_EQ(result.answer.value["headers"]["content-type"], "application/json");
  EXPECT_FALSE(result.may_repeat);
  const auto asked = seen();
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].method, "POST");
  EXPECT_EQ(asked[0].body, "hello");
  EXPECT_EQ(asked[0].headers.find("x-a"), "b");
}

TEST_F(HttpCalls, SayWhenTheyMayBeRepeated) {
  const auto busy = ask({.method = "POST", .url = url("/busy")});
  EXPECT_EQ(busy.answer.value["status"], 503);
  EXPECT_TRUE(busy.may_repeat);
  EXPECT_EQ(busy.retry_after, 3s);
  const auto lost = get("/lost");
  EXPECT_EQ(lost.answer.failure->code, "http_failed");
  EXPECT_TRUE(lost.may_repeat);
  EXPECT_FALSE(ask({.method = "POST", .url = url("/lost")}).may_repeat);
  EXPECT_TRUE(ask({.method = "POST", .url = "http://127.0.0.1:1/"}).may_repeat);
}

TEST_F(HttpCalls, ReadNoMoreThanTheyMay) {
  EXPECT_EQ(failure({.url = url("/large")}), "http_too_large");
  rules_.max_kib = 5;
  EXPECT_FALSE(get("/large").answer.failure);
}

TEST_F(HttpCalls, EndInTime) {
  const auto began = std::chrono::steady_clock::now();
  const auto result = ask({.url = url("/slow")}, 200ms);
  ASSERT_TRUE(result.answer.failure);
  EXPECT_EQ(result.answer.failure->code, "timeout");
  EXPECT_TRUE(result.may_repeat);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 900ms);
}

TEST_F(HttpCalls, AskNoPrivateAddress) {
  http_ = guarded({});
  EXPECT_EQ(failure({.url = url("/json")}), "http_refused_address");
  EXPECT_EQ(failure({.url = elsewhere("/json")}), "http_refused_address");
  EXPECT_EQ(failure({.url = "http://169.254.169.254/latest/meta-data/"}), "http_refused_address");
  EXPECT_EQ(failure({.url = "http://[::ffff:127.0.0.1]:" + std::to_string(server_->port()) + "/json"}),
            "http_refused_address");
  EXPECT_TRUE(seen().empty());
}

TEST_F(HttpCalls, AskNothingButHttp) {
  for (const char* text : {"unix:/run/x.sock:/y", "file:///etc/passwd", "h", "", "https://u:p@h/"})
    EXPECT_EQ(failure({.url = text}), "bad_url") << text;
}

TEST_F(HttpCalls, FollowRedirects) {
  EXPECT_EQ(ask({.method = "POST", .url = url("/here"), .body = "x"}).answer.value["status"], 200);
  EXPECT_EQ(seen().back().method, "GET");
  EXPECT_EQ(seen().back().body, "");
  EXPECT_EQ(ask({.method = "POST", .url = url("/again"), .body = "x"}).answer.value["status"], 200);
  EXPECT_EQ(seen().back().method, "POST");
  EXPECT_EQ(seen().back().body, "x");
  rules_.max_redirects = 0;
  EXPECT_EQ(get("/here").answer.value["status"], 302);
}

TEST_F(HttpCalls, FollowNoRedirectInside) {
  const auto refused = get("/inside");
  ASSERT_TRUE(refused.answer.failure);
  EXPECT_EQ(refused.answer.failure->code, "http_refused_address");
  EXPECT_FALSE(refused.may_repeat);
  EXPECT_EQ(failure({.url = url("/file")}), "http_failed");
  EXPECT_EQ(failure({.url = url("/socket")}), "http_failed");
}

TEST_F(HttpCalls, FollowNoRedirectForEver) {
  EXPECT_EQ(failure({.url = url("/round")}), "http_failed");
  EXPECT_EQ(seen().size(), 6U);
}

TEST_F(HttpCalls, SignIn) {
  const auto id = given_credential({.kind = store::CredentialKind::Bearer});
  EXPECT_FALSE(ask({.url = url("/json"), .credential = id}).answer.failure);
  EXPECT_EQ(authorization(), "Bearer hush");
  ask({.url = url("/again"), .credential = id});
  EXPECT_EQ(authorization(), "Bearer hush");
}

TEST_F(HttpCalls, ShowNoSecretToAnotherHost) {
  const auto id = given_credential({.kind = store::CredentialKind::Query, .parameter = "key"});
  const auto result = ask({.url = url("/away"), .headers = {{"Authorization", "mine"}}, .credential = id});
  ASSERT_FALSE(result.answer.failure) << result.answer.failure->words;
  const auto asked = seen();
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked[0].target, "/away?key=hush");
  EXPECT_EQ(asked[0].headers.find("Authorization"), "mine");
  EXPECT_EQ(asked[1].target, "/json");
  EXPECT_FALSE(asked[1].headers.find("Authorization"));
}

TEST_F(HttpCalls, ShowASecretToItsHostsOnly) {
  const auto id = given_credential({.hosts = {"api.example.com"}});
  EXPECT_EQ(failure({.url = url("/json"), .credential = id}), "no_credential");
  EXPECT_TRUE(seen().empty());
}

TEST_F(HttpCalls, NeedTheCredentialThatTheyName) {
  EXPECT_EQ(failure({.url = url("/json"), .credential = CredentialId::make(store_.clock.now())}), "no_credential");
  const auto id = given_credential({.sealed_secret = "k9.AAAA"});
  EXPECT_EQ(failure({.url = url("/json"), .credential = id}), "no_credential");
  EXPECT_TRUE(seen().empty());
}

TEST_F(HttpCalls, NeedACredentialOfTheirOwnWorkspace) {
  const auto other = store_.run([&](sql::Connection& c) { return store::create_tenant(c, "two", store_.clock.now()); });
  const auto id = given_credential({});
  HttpCaller caller({.http = *http_, .database = *store_.database, .keyring = keyring_, .rules = rules_});
  const auto result = loop_.wait(caller.ask(other.id, {.url = url("/json"), .credential = id}, 5s));
  ASSERT_TRUE(result.answer.failure);
  EXPECT_EQ(result.answer.failure->code, "no_credential");
}

}  // namespace
}  // namespace waypost::workflow
