#include "sandbox/webhooks.h"

#include <algorithm>
#include <map>

#include "sandbox/payloads.h"
#include "tests/sandbox/stage.h"

namespace waypost::sandbox {
namespace {

class Webhook : public Stage {
 protected:
  Json inbound(const std::string& wamid) {
    const auto all = get("/control/inbound")["inbound"];
    for (const auto& one : all) {
      if (one["wamid"] == wamid) return one;
    }
    return {};
  }
};

TEST_F(Webhook, IsSignedOverTheEscapedBytesThatAreSent) {
  given_sandbox();
  customer_writes(customer_, "Grüße 😀");
  const auto post = gateway_.wait_for(1).front();
  EXPECT_NE(post.body.find(R"("body":"Gr\u00fc\u00dfe \ud83d\ude00")"), std::string::npos) << post.body;
  EXPECT_EQ(post.headers.find("X-Hub-Signature-256"), signature_of(Secret("sandbox-app-secret"), post.body));
  EXPECT_EQ(post.headers.find("Content-Type"), "application/json");
}

TEST_F(Webhook, IsRepeatedByteForByteUntilItIsAnswered200) {
  gateway_.answers({500, 404, 201, 503});
  given_sandbox();
  const auto wamid = customer_writes(customer_, "hi");
  const auto posts = gateway_.wait_for(5);
  for (const auto& post : posts) EXPECT_EQ(post.body, posts.front().body);
  eventually([&] { return inbound(wamid)["acked"] == true; }, "acked");
  EXPECT_EQ(gateway_.received(), 5U);
  EXPECT_EQ(get("/control/stats")["webhooks"]["waiting"], 0);
}

TEST_F(Webhook, WaitsWhileNobodyListens) {
  given_sandbox();
  auto number = usual_number();
  number["webhook_url"] = "http://127.0.0.1:1/hook";
  post("/control/numbers", number);
  const auto wamid = customer_writes(customer_, "hi");
  eventually([&] { return get("/control/stats")["webhooks"]["attempts"] > 2; }, "tried again");
  EXPECT_EQ(inbound(wamid)["acked"], false);
  number["webhook_url"] = gateway_.url();
  post("/control/numbers", number);
  gateway_.wait_for(1);
}

TEST_F(Webhook, ANumberMustBeNamedUnlessThereIsOne) {
  given_sandbox({{"numbers", Json::array()}});
  const auto write = [&] { return ask("POST", "/control/customers/1/messages", {{"text", "hi"}}).status; };
  EXPECT_EQ(write(), 400);
  post("/control/numbers", {{"phone_number_id", "1"}});
  EXPECT_EQ(write(), 200);
  post("/control/numbers", {{"phone_number_id", "2"}});
  EXPECT_EQ(write(), 400);
}

TEST_F(Webhook, IsNotSentToAnAppThatIsNotSubscribed) {
  given_sandbox();
  auto number = usual_number();
  number["subscribed"] = false;
  post("/control/numbers", number);
  customer_writes(customer_, "unheard");
  EXPECT_EQ(graph("GET", waba_ + "/subscribed_apps").body["data"].size(), 0U);
  EXPECT_EQ(graph("POST", waba_ + "/subscribed_apps").body["success"], true);
  EXPECT_EQ(graph("GET", waba_ + "/subscribed_apps").body["data"].size(), 1U);
  customer_writes(customer_, "heard");
  EXPECT_NE(gateway_.wait_for(1).front().body.find("\"heard\""), std::string::npos);
  EXPECT_EQ(get("/control/stats")["webhooks"]["nowhere"], 1);
}

TEST_F(Webhook, TheUrlIsTakenOnlyAfterTheHandshake) {
  given_sandbox();
  gateway_.knows_verify_token("mine");
  const auto other = gateway_.url() + "?app=2";
  EXPECT_EQ(ask("POST", "/control/webhook", {{"url", other}, {"verify_token", "wrong"}}).status, 422);
  EXPECT_EQ(get("/control/numbers")["numbers"][0]["webhook_url"], gateway_.url());
  EXPECT_EQ(post("/control/webhook", {{"url", other}, {"verify_token", "mine"}})["verified"], true);
  EXPECT_EQ(get("/control/numbers")["numbers"][0]["webhook_url"], other);
}

TEST_F(Webhook, AHandshakeNeedsTheChallengeAndNothingElse) {
  given_sandbox();
  gateway_.answers_challenge_with("ok");
  EXPECT_EQ(ask("POST", "/control/webhook", {{"url", gateway_.url()}}).status, 422);
  EXPECT_EQ(ask("POST", "/control/webhook", {{"url", "http://127.0.0.1:1/"}}).status, 422);
}

TEST_F(Webhook, AnOverrideOfTheWabaRunsTheHandshakeToo) {
  given_sandbox();
  const Json wrong = {{"override_callback_uri", gateway_.url() + "?o=1"}, {"verify_token", "wrong"}};
  EXPECT_EQ(error_code(graph("POST", waba_ + "/subscribed_apps", wrong)), 100);
  const Json right = {{"override_callback_uri", gateway_.url() + "?o=1"}, {"verify_token", "sandbox-verify-token"}};
  EXPECT_EQ(graph("POST", waba_ + "/subscribed_apps", right).status, 200);
  EXPECT_EQ(get("/control/numbers")["numbers"][0]["webhook_url"], gateway_.url() + "?o=1");
}

TEST_F(Webhook, CanComeTwice) {
  given_sandbox();
  fault({{"kind", "duplicate_webhooks"}, {"next", 1}});
  customer_writes(customer_, "hi");
  const auto posts = gateway_.wait_for(2);
  EXPECT_EQ(posts[0].body, posts[1].body);
  eventually([&] { return get("/control/stats")["webhooks"]["acked"] == 1; }, "counted once");
}

TEST_F(Webhook, CanBeOvertaken) {
  given_sandbox();
  fault({{"kind", "reorder_webhooks"}, {"next", 1}, {"ms", 400}, {"seed", 3}});
  customer_writes(customer_, "first");
  customer_writes(customer_, "second");
  const auto posts = gateway_.wait_for(2);
  EXPECT_NE(posts[0].body.find("second"), std::string::npos);
  EXPECT_NE(posts[1].body.find("first"), std::string::npos);
}

TEST_F(Webhook, ACustomerKnownByUserIdOnlyHasNoPhone) {
  given_sandbox();
  post("/control/customers/US.13491208655302741918/messages", {{"text", "hi"}, {"username", "ana"}});
  const auto value = Json::parse(gateway_.wait_for(1).front().body)["entry"][0]["changes"][0]["value"];
  EXPECT_FALSE(value["messages"][0].contains("from"));
  EXPECT_EQ(value["messages"][0]["from_user_id"], "US.13491208655302741918");
  EXPECT_EQ(value["contacts"][0]["profile"]["username"], "ana");
}

TEST_F(Webhook, AnyTypeAndContentCanBeWritten) {
  given_sandbox();
  post("/control/customers/" + customer_ + "/messages",
       {{"type", "interactive"},
        {"content", {{"type", "button_reply"}, {"button_reply", {{"id", "b1"}, {"title", "Yes"}}}}},
        {"reply_to", "wamid.X"},
        {"profile_name", "Ana"},
        {"message", {{"referral", {{"source_id", "ad"}}}}}});
  const auto value = Json::parse(gateway_.wait_for(1).front().body)["entry"][0]["changes"][0]["value"];
  EXPECT_EQ(value["messages"][0]["interactive"]["button_reply"]["id"], "b1");
  EXPECT_EQ(value["messages"][0]["context"]["id"], "wamid.X");
  EXPECT_EQ(value["messages"][0]["referral"]["source_id"], "ad");
  EXPECT_EQ(value["contacts"][0]["profile"]["name"], "Ana");
}

TEST_F(Webhook, ATemplatesNewStatusIsTold) {
  given_sandbox();
  post("/control/templates", {{"name", "offer"}, {"body", "x"}});
  post("/control/templates", {{"name", "offer"}, {"status", "PAUSED"}});
  const auto change = Json::parse(gateway_.wait_for(1).front().body)["entry"][0]["changes"][0];
  EXPECT_EQ(change["field"], "message_template_status_update");
  EXPECT_EQ(change["value"]["event"], "PAUSED");
}

TEST_F(Webhook, ALoadWritesNumberedTextsAndKnowsWhichWereAcked) {
  gateway_.answers({500, 500, 500});
  given_sandbox();
  post("/control/load", {{"per_second", 500}, {"customers", 7}, {"messages", 60}});
  EXPECT_EQ(ask("POST", "/control/load", Json::object()).status, 409);
  eventually([&] { return get("/control/load")["acked"] == 60; }, "all acked");
  const auto progress = get("/control/load");
  EXPECT_EQ(progress["written"], 60);
  EXPECT_EQ(progress["running"], false);
  EXPECT_EQ(progress["acked_wamids"].size(), 60U);
  std::map<std::string, int> texts;
  for (const auto& message : get("/control/inbound?limit=100")["inbound"]) ++texts[message["text"]];
  EXPECT_EQ(texts.size(), 60U);
  EXPECT_EQ(get("/control/customers")["customers"].size(), 7U);
}

TEST_F(Webhook, ALoadEndsWhenItIsStopped) {
  given_sandbox();
  post("/control/load", {{"per_second", 200}});
  gateway_.wait_for(5);
  ask("DELETE", "/control/load");
  eventually([&] { return get("/control/load")["running"] == false; }, "ended");
}

}  // namespace
}  // namespace waypost::sandbox
