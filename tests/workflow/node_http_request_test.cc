#include <gtest/gtest.h>

#include "workflow/http_request.h"
#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

using namespace std::chrono_literals;
using Pairs = std::vector<std::pair<std::string, std::string>>;

const Json& scope() {
  static const Json kScope{{"contact",
                            {{"name", "Ana \"A\" & co"},
                             {"phone", "+351 9"},
                             {"tags", {"vip", "new"}},
                             {"fields", {{"age", 40}, {"cart", {{"id", 7}}}, {"base", "https://a.example/v1"}}}}},
                           {"message", {{"text", "../admin?x=1#y\r\nX: z"}, {"type", "evil.example/"}}}};
  return kScope;
}

Plan planned(const Json& config) { return http_request_node().plan({.config = config, .scope = scope()}); }
OutsideCall called(const Json& config) {
  auto plan = planned(config);
  EXPECT_TRUE(plan.call.has_value()) << (plan.failure ? plan.failure->words : "");
  return plan.call.value_or(OutsideCall{.ask = HttpCall{}});
}
HttpCall asked(const Json& config) { return std::get<HttpCall>(called(config).ask); }
std::string url(const std::string& written) { return asked({{"url", written}}).url; }
std::string failure(const Json& config) {
  const auto plan = planned(config);
  EXPECT_FALSE(plan.call.has_value());
  EXPECT_EQ(plan.handle, "failed");
  return plan.failure ? plan.failure->code : "none";
}
Plan answered(const CallAnswer& answer, const Json& config = {{"url", "https://h/"}}) {
  const auto memo = planned(config).memo;
  const Cause cause = answer;
  return http_request_node().plan({.config = config, .scope = scope(), .cause = cause, .memo = memo});
}
CallAnswer answer(int status, Json body = Json(), Json headers = Json::object()) {
  return {.value = {{"status", status}, {"headers", std::move(headers)}, {"body", std::move(body)}}};
}

TEST(HttpRequest, AsksWithGetAndItsDefaults) {
  const auto plan = planned({{"url", " https://api.example.com/x "}});
  ASSERT_TRUE(plan.call);
  EXPECT_FALSE(plan.handle || plan.wait || plan.failure);
  const auto& call = std::get<HttpCall>(plan.call->ask);
  EXPECT_EQ(call.method, "GET");
  EXPECT_EQ(call.url, "https://api.example.com/x");
  EXPECT_TRUE(call.headers.empty() && call.body.empty() && !call.credential);
  EXPECT_EQ(plan.call->timeout, 10s);
  EXPECT_EQ(plan.call->attempts, 3);
  EXPECT_EQ(
      plan.input,
      Json({{"method", "GET"}, {"url", "https://api.example.com/x"}, {"headers", Json::object()}, {"body", nullptr}}));
}

TEST(HttpRequest, RepeatsAsItsMethodAllows) {
  EXPECT_EQ(called({{"url", "https://h/"}, {"method", "HEAD"}}).attempts, 3);
  EXPECT_EQ(called({{"url", "https://h/"}, {"method", "POST"}}).attempts, 1);
  EXPECT_EQ(called({{"url", "https://h/"}, {"method", "POST"}, {"retries", 5}}).attempts, 6);
  EXPECT_EQ(called({{"url", "https://h/"}, {"retries", 0}}).attempts, 1);
  EXPECT_EQ(called({{"url", "https://h/"}, {"retries", 99}}).attempts, 6);
  EXPECT_EQ(called({{"url", "https://h/"}, {"timeout", 60'000}}).timeout, 60s);
  EXPECT_EQ(called({{"url", "https://h/"}, {"timeout", 600'000}}).timeout, 60s);
}

TEST(HttpRequest, EncodesValuesBehindTheHost) {
  EXPECT_EQ(url("https://h/u/{{contact.phone}}?n={{ contact.name }}"),
            "https://h/u/%2B351%209?n=Ana%20%22A%22%20%26%20co");
  EXPECT_EQ(url("https://h/{{message.text}}"), "https://h/..%2Fadmin%3Fx%3D1%23y%0D%0AX%3A%20z");
  EXPECT_EQ(url("{{contact.fields.base}}/users/{{contact.fields.age}}"), "https://a.example/v1/users/40");
  EXPECT_EQ(url("https://h?{{contact.fields.age}}"), "https://h?40");
}

TEST(HttpRequest, MendsWhatPeopleWrite) {
  EXPECT_EQ(url("https://h/ä b?q=ü|1"), "https://h/%C3%A4%20b?q=%C3%BC%7C1");
  EXPECT_EQ(url("https://h/a%20b#part"), "https://h/a%20b");
  EXPECT_EQ(url("https://h/{{unfinished"), "https://h/%7B%7Bunfinished");
}

TEST(HttpRequest, LetsNoVariableChangeTheHost) {
  EXPECT_EQ(failure({{"url", "https://{{message.type}}h/"}}), "bad_url");
  EXPECT_EQ(failure({{"url", "https://h{{message.text}}"}}), "bad_url");
  EXPECT_EQ(url("https://x{{contact.fields.age}}.h/"), "https://x40.h/");
  const Json dots{{"message", {{"text", ".."}}}};
  const Json config{{"url", "https://h/a/{{message.text}}/b"}};
  EXPECT_EQ(http_request_node().plan({.config = config, .scope = dots}).failure->code, "bad_url");
}

TEST(HttpRequest, RefusesWhatIsNoUrl) {
  for (const char* text : {"", "h/x", "ftp://h/", "https://", "https://u:p@h/", "unix:/run/admin.sock:/x",
                           "file:///etc", "https://h:99999/", "{{contact.none}}", "{{contact.name}}"}) {
    EXPECT_EQ(failure({{"url", text}}), "bad_url") << text;
  }
  EXPECT_EQ(failure({{"url", "https://h/" + std::string(9'000, 'a')}}), "http_too_large");
}

TEST(HttpRequest, AddsItsQuery) {
  const Json query{{"a", "{{contact.name}}"},
                   {"b b", 1},
                   {"c", {"{{contact.fields.age}}", true}},
                   {"d", nullptr},
                   {"e", "{{contact.fields.cart}}"},
                   {"f", "{{contact.none}}"}};
  EXPECT_EQ(asked({{"url", "https://h/x"}, {"query", query}}).url,
            "https://h/x?a=Ana%20%22A%22%20%26%20co&b%20b=1&c=40&c=true&e=%7B%22id%22%3A7%7D");
  const Json one{{"a", 1}};
  EXPECT_EQ(asked({{"url", "https://h/x?y=2#z"}, {"query", one}}).url, "https://h/x?y=2&a=1");
  EXPECT_EQ(asked({{"url", "https://h/x?"}, {"query", one}}).url, "https://h/x?a=1");
}

TEST(HttpRequest, LetsNoValueBeginAHeader) {
  const Json headers{{"X-Text", "{{message.text}}"},
                     {"X-Age", "{{contact.fields.age}}"},
                     {"X-None", nullptr},
                     {"Host", "other"},
                     {"bad name", "x"}};
  EXPECT_EQ(asked({{"url", "https://h/"}, {"headers", headers}}).headers,
            (Pairs{{"X-Age", "40"}, {"X-Text", "../admin?x=1#y  X: z"}}));
  EXPECT_EQ(failure({{"url", "https://h/"}, {"headers", {{"X", std::string(17'000, 'a')}}}}), "http_too_large");
}

TEST(HttpRequest, SendsJsonAsJson) {
  const Json body{{"name", "{{contact.name}}"}, {"age", "{{contact.fields.age}}"}, {"tags", "{{contact.tags}}"}};
  const auto call = asked({{"url", "https://h/"}, {"method", "POST"}, {"body", body}});
  EXPECT_EQ(Json::parse(call.body), Json({{"name", "Ana \"A\" & co"}, {"age", 40}, {"tags", {"vip", "new"}}}));
  EXPECT_EQ(call.headers, (Pairs{{"Content-Type", "application/json"}}));
}

TEST(HttpRequest, KeepsJsonThatWasWrittenAsTextWhole) {
  const auto call = asked({{"url", "https://h/"}, {"method", "PUT"}, {"body", R"({"name":"Dear {{contact.name}}"})"}});
  EXPECT_EQ(Json::parse(call.body), Json({{"name", "Dear Ana \"A\" & co"}}));
  EXPECT_EQ(call.headers, (Pairs{{"Content-Type", "application/json"}}));
}

TEST(HttpRequest, SendsTextAndFormsAsTheyAreSaidToBe) {
  const auto text = asked({{"url", "https://h/"}, {"method", "POST"}, {"body", "age {{contact.fields.age}}"}});
  EXPECT_EQ(text.body, "age 40");
  EXPECT_EQ(text.headers, (Pairs{{"Content-Type", "text/plain; charset=utf-8"}}));
  const Json headers{{"content-type", "application/x-www-form-urlencoded"}};
  const auto form = asked({{"url", "https://h/"},
                           {"method", "POST"},
                           {"headers", headers},
                           {"body", {{"a", "{{contact.name}}"}, {"b", {1, 2}}}}});
  EXPECT_EQ(form.body, "a=Ana%20%22A%22%20%26%20co&b=1&b=2");
  EXPECT_EQ(form.headers.size(), 1U);
  EXPECT_TRUE(asked({{"url", "https://h/"}, {"body", "x"}}).body.empty());
}

TEST(HttpRequest, SendsNoBodyThatWasCut) {
  EXPECT_EQ(failure({{"url", "https://h/"}, {"method", "POST"}, {"body", std::string(70'000, 'a')}}), "http_too_large");
  EXPECT_EQ(failure({{"url", "https://h/"}, {"method", "POST"}, {"body", {{"a", std::string(70'000, 'a')}}}}),
            "http_too_large");
}

TEST(HttpRequest, NamesTheCredentialAndUnknownVariables) {
  const std::string id = "0196a000-0000-7000-8000-000000000001";
  const auto plan = planned({{"url", "https://h/{{contact.none}}"}, {"credentialId", id}});
  ASSERT_TRUE(plan.call);
  EXPECT_EQ(std::get<HttpCall>(plan.call->ask).credential, CredentialId::parse(id));
  EXPECT_EQ(plan.input["credentialId"], id);
  EXPECT_EQ(plan.unknown_variables, std::vector<std::string>{"contact.none"});
}

TEST(HttpRequest, ShowsNoSecretInItsStep) {
  const auto plan = planned({{"url", "https://h/?api_key=hush"},
                             {"method", "POST"},
                             {"headers", {{"Authorization", "Bearer hush"}, {"Accept", "x"}}},
                             {"body", {{"password", "hush"}, {"a", 1}}}});
  ASSERT_TRUE(plan.call);
  EXPECT_FALSE(dump(plan.input).contains("hush")) << dump(plan.input);
  EXPECT_FALSE(dump(plan.memo).contains("hush"));
  EXPECT_EQ(plan.input["body"], Json({{"password", "***"}, {"a", 1}}));
  EXPECT_EQ(std::get<HttpCall>(plan.call->ask).body, R"({"a":1,"password":"hush"})");
}

TEST(HttpRequest, GoesOnWithItsAnswer) {
  const auto plan = answered(answer(200, {{"id", 7}}, {{"etag", "1"}, {"set-cookie", "a=b"}}));
  EXPECT_EQ(plan.handle, "out");
  EXPECT_FALSE(plan.failure || plan.call);
  EXPECT_EQ(plan.input["url"], "https://h/");
  EXPECT_EQ(plan.output,
            Json({{"status", 200}, {"headers", {{"etag", "1"}, {"set-cookie", "***"}}}, {"body", {{"id", 7}}}}));
  EXPECT_EQ(plan.variables["response"]["headers"]["set-cookie"], "a=b");
  EXPECT_EQ(plan.variables["response"]["body"]["id"], 7);
}

TEST(HttpRequest, FailsByAStatusUnlessItShallNot) {
  const auto plan = answered(answer(404, "gone"));
  EXPECT_EQ(plan.handle, "failed");
  EXPECT_EQ(plan.failure->code, "http_status");
  EXPECT_EQ(plan.failure->words, "the server answered 404");
  EXPECT_EQ(plan.output["body"], "gone");
  EXPECT_EQ(plan.variables["response"]["status"], 404);
  const auto taken = answered(answer(500), {{"url", "https://h/"}, {"failOnStatus", false}});
  EXPECT_EQ(taken.handle, "out");
  EXPECT_FALSE(taken.failure);
  EXPECT_EQ(answered(answer(399)).handle, "out");
  EXPECT_EQ(answered(answer(400)).handle, "failed");
}

TEST(HttpRequest, FailsWithoutAnAnswerAsTheCallSays) {
  for (const char* code : {"http_failed", "http_refused_address", "http_too_large", "timeout", "no_credential"}) {
    const auto plan = answered({.failure = store::Complaint{.code = code, .words = "x"}});
    EXPECT_EQ(plan.handle, "failed");
    EXPECT_EQ(plan.failure->code, code);
    EXPECT_EQ(plan.variables["response"]["status"], nullptr);
    EXPECT_EQ(plan.input["method"], "GET");
  }
}

TEST(HttpRequest, KeepsTheBeginningOfALongBody) {
  const auto plan = answered(answer(200, std::string(100'000, 'a')));
  EXPECT_EQ(plan.output["body"].get<std::string>().size(), 16U << 10);
  EXPECT_EQ(plan.output["bodyCut"], true);
  EXPECT_EQ(plan.variables["response"]["body"].get<std::string>().size(), 64U << 10);
  EXPECT_EQ(plan.variables["response"]["bodyCut"], true);
  const auto middle = answered(answer(200, Json::array({std::string(20'000, 'a')})));
  EXPECT_TRUE(middle.output["body"].is_string());
  EXPECT_TRUE(middle.variables["response"]["body"].is_array());
  EXPECT_FALSE(middle.variables["response"].contains("bodyCut"));
}

TEST(HttpRequest, HasTwoOutputsAndASchema) {
  const auto& family = http_request_node();
  EXPECT_EQ(family.handles({}), (std::vector<std::string>{"out", "failed"}));
  const auto schema = family.schema();
  EXPECT_EQ(schema["required"], Json::array({"url"}));
  EXPECT_EQ(schema["x-order"].size(), schema["properties"].size());
  for (const auto& name : schema["x-order"]) {
    const auto& member = schema["properties"][name.get<std::string>()];
    EXPECT_TRUE(member["title"].is_string() && member["description"].is_string()) << name;
  }
}

TEST(HttpRequest, NamesItsFaults) {
  const auto paths = [](const Json& config) {
    std::vector<std::string> all;
    for (const auto& fault : http_request_node().faults(config)) all.push_back(fault.path);
    return all;
  };
  using Paths = std::vector<std::string>;
  EXPECT_EQ(paths({{"url", "https://h/"}}), Paths{});
  EXPECT_EQ(paths({{"url", "{{contact.fields.base}}/x"},
                   {"method", "POST"},
                   {"body", {{"a", 1}}},
                   {"retries", 5},
                   {"timeout", 100},
                   {"headers", {{"X-A", "b"}}},
                   {"query", {{"a", {1}}}},
                   {"failOnStatus", false},
                   {"credentialId", "0196a000-0000-7000-8000-000000000001"}}),
            Paths{});
  EXPECT_EQ(paths({}), Paths{"url"});
  EXPECT_EQ(paths({{"url", 7}}), Paths{"url"});
  EXPECT_EQ(paths({{"url", "ftp://h"}}), Paths{"url"});
  EXPECT_EQ(paths({{"url", "https://u:p@h/"}}), Paths{"url"});
  EXPECT_EQ(paths({{"url", "https://h/a@b"}}), Paths{});
  EXPECT_EQ(paths({{"url", "https://h/"}, {"method", "get"}}), Paths{"method"});
  EXPECT_EQ(paths({{"url", "https://h/"}, {"body", "x"}}), Paths{"body"});
  EXPECT_EQ(paths({{"url", "https://h/"}, {"body", ""}}), Paths{});
  EXPECT_EQ(paths({{"url", "https://h/"}, {"headers", {{"Host", "x"}, {"a b", "x"}, {"c", Json::object()}}}}),
            (Paths{"headers.Host", "headers.a b", "headers.c"}));
  EXPECT_EQ(paths({{"url", "https://h/"}, {"query", "a=b"}}), Paths{"query"});
  EXPECT_EQ(paths({{"url", "https://h/"},
                   {"timeout", 60'001},
                   {"retries", 1.5},
                   {"credentialId", "x"},
                   {"failOnStatus", "yes"}}),
            (Paths{"timeout", "retries", "failOnStatus", "credentialId"}));
}

}  // namespace
}  // namespace waypost::workflow
