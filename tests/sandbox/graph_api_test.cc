#include "sandbox/graph_api.h"

#include <chrono>

#include "tests/sandbox/stage.h"

namespace waypost::sandbox {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class Graph : public Stage {
 protected:
  std::vector<std::string> names_of(const std::vector<Json>& statuses) {
    std::vector<std::string> names;
    for (const auto& status : statuses) names.push_back(status["status"]);
    return names;
  }
  Json inbox() { return get("/control/customers/" + customer_ + "/inbox")["bubbles"]; }
  // The customer has written, so that a text may be sent.
  void given_open_window() {
    given_sandbox();
    customer_writes(customer_, "hi");
    gateway_.wait_for(1);
  }
};

TEST_F(Graph, AnAcceptedTextIsAnsweredReceivedAndToldOf) {
  given_open_window();
  const auto answer = send_text(customer_, "hello", "m-1.1");
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.body["messaging_product"], "whatsapp");
  EXPECT_EQ(answer.body["contacts"], Json::parse(R"([{"input":"+16505551234","wa_id":"16505551234"}])"));
  EXPECT_FALSE(answer.body["messages"][0].contains("message_status"));
  const auto statuses = gateway_.wait_for_statuses(2);
  for (const auto& status : statuses) {
    EXPECT_EQ(status["id"], answer.body["messages"][0]["id"]);
    EXPECT_EQ(status["biz_opaque_callback_data"], "m-1.1");
  }
  EXPECT_EQ(inbox()[0]["text"], "hello");
  EXPECT_EQ(inbox()[0]["callback_data"], "m-1.1");
}

TEST_F(Graph, StatusesComeInOrderWithTheirPauses) {
  given_open_window();
  post("/control/settings", {{"delivered_after_ms", 40}, {"read_after_ms", 40}});
  const auto start = std::chrono::steady_clock::now();
  send_text(customer_, "hello");
  EXPECT_EQ(names_of(gateway_.wait_for_statuses(3)), (std::vector<std::string>{"sent", "delivered", "read"}));
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(80));
  eventually([&] { return inbox()[0]["statuses"][2]["acked"] == true; }, "read acked");
  EXPECT_EQ(inbox()[0]["status"], "read");
}

TEST_F(Graph, ACustomerReadsWhenToldTo) {
  given_open_window();
  send_text(customer_, "one");
  send_text(customer_, "two");
  gateway_.wait_for_statuses(4);
  EXPECT_EQ(post("/control/customers/" + customer_ + "/read")["read"], 2);
  EXPECT_EQ(post("/control/customers/" + customer_ + "/read")["read"], 0);
  EXPECT_EQ(gateway_.wait_for_statuses(6)[5]["status"], "read");
}

TEST_F(Graph, APhoneThatIsAwayReceivesNothing) {
  given_open_window();
  post("/control/settings", {{"delivered_after_ms", "never"}});
  send_text(customer_, "hello");
  gateway_.wait_for_statuses(1);
  EXPECT_EQ(inbox().size(), 0U);
  EXPECT_EQ(get("/control/sends")["sends"][0]["status"], "sent");
}

TEST_F(Graph, AMessageToAUserIdIsAnsweredByUserId) {
  given_open_window();
  const std::string user_id = get("/control/customers")["customers"][0]["user_id"];
  const auto answer = send({{"recipient", user_id}, {"type", "text"}, {"text", {{"body", "x"}}}});
  EXPECT_EQ(answer.body["contacts"], Json::array({{{"input", user_id}, {"user_id", user_id}}}));
  eventually([&] { return inbox().size() == 1; }, "received");
}

TEST_F(Graph, OutsideTheWindowATextFailsLate) {
  given_sandbox();
  const auto answer = send_text(customer_, "hello", "m-1.1");
  EXPECT_EQ(answer.status, 200);
  const auto failed = gateway_.wait_for_statuses(1).front();
  EXPECT_EQ(failed["status"], "failed");
  EXPECT_EQ(failed["errors"][0]["code"], 131047);
  EXPECT_EQ(failed["biz_opaque_callback_data"], "m-1.1");
  EXPECT_EQ(inbox().size(), 0U);
}

TEST_F(Graph, OutsideTheWindowATextIsRefusedAtOnceWhenAsked) {
  given_sandbox({{"settings", {{"window_refusal", "at_once"}}}});
  const auto answer = send_text(customer_, "hello");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(error_code(answer), 131047);
  EXPECT_EQ(get("/control/sends")["total"], 0);
}

TEST_F(Graph, TheWindowClosesADayAfterTheLastMessage) {
  given_sandbox({{"settings", {{"window_refusal", "at_once"}}}});
  customer_writes(customer_, "hi");
  pass(hours(24) - seconds(30));
  EXPECT_EQ(send_text(customer_, "in time").status, 200);
  pass(seconds(30));
  EXPECT_EQ(error_code(send_text(customer_, "too late")), 131047);
  customer_writes(customer_, "again");
  EXPECT_EQ(send_text(customer_, "open").status, 200);
}

TEST_F(Graph, TheClockCanBePutBack) {
  given_sandbox({{"settings", {{"window_refusal", "at_once"}}}});
  customer_writes(customer_, "hi");
  pass(hours(25));
  EXPECT_EQ(error_code(send_text(customer_, "too late")), 131047);
  pass(-hours(25));
  EXPECT_EQ(send_text(customer_, "in time").status, 200);
}

TEST_F(Graph, AWindowIsOfOneNumber) {
  auto second = usual_number();
  second["phone_number_id"] = "2";
  given_sandbox({{"settings", {{"window_refusal", "at_once"}}}});
  post("/control/numbers", second);
  post("/control/customers/" + customer_ + "/messages", {{"text", "hi"}, {"phone_number_id", "2"}});
  EXPECT_EQ(error_code(send_text(customer_, "from the other")), 131047);
}

TEST_F(Graph, TemplatesNeedNoWindow) {
  given_sandbox();
  post("/control/templates", {{"name", "offer"}, {"body", "Hi {{1}}"}, {"category", "MARKETING"}});
  const Json name = {{"type", "text"}, {"text", "Ana"}};
  const auto answer =
      send_template(customer_, "offer", Json::array({{{"type", "body"}, {"parameters", Json::array({name})}}}));
  EXPECT_EQ(answer.body["messages"][0]["message_status"], "accepted");
  eventually([&] { return inbox().size() == 1; }, "received");
  EXPECT_EQ(inbox()[0]["text"], "Hi Ana");
  EXPECT_EQ(gateway_.wait_for_statuses(1)[0]["pricing"]["category"], "marketing");
}

TEST_F(Graph, AnUnknownTemplateOrLanguageIs132001) {
  given_sandbox();
  EXPECT_EQ(error_code(send_template(customer_, "no_such")), 132001);
  EXPECT_EQ(send_template(customer_, "hello_world").status, 200);
  const Json german = {{"name", "hello_world"}, {"language", {{"code", "de"}}}};
  EXPECT_EQ(error_code(send({{"to", customer_}, {"type", "template"}, {"template", german}})), 132001);
}

TEST_F(Graph, AWrongCountOfParametersAndAPausedTemplateAreRefused) {
  given_sandbox();
  post("/control/templates", {{"name", "offer"}, {"body", "Hi {{1}}"}});
  EXPECT_EQ(error_code(send_template(customer_, "offer")), 132000);
  post("/control/templates", {{"name", "hello_world"}, {"status", "PAUSED"}});
  EXPECT_EQ(error_code(send_template(customer_, "hello_world")), 132015);
}

TEST_F(Graph, ABadTokenIs190) {
  given_open_window();
  const Json body = {{"messaging_product", "whatsapp"}, {"to", customer_}, {"type", "text"}, {"text", {{"body", "x"}}}};
  const auto answer = ask("POST", "/v25.0/" + number_ + "/messages", body, "wrong");
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(error_code(answer), 190);
  EXPECT_EQ(answer.body["error"]["type"], "OAuthException");
  EXPECT_TRUE(answer.body["error"].contains("fbtrace_id"));
  EXPECT_EQ(error_code(ask("GET", "/v25.0/" + waba_ + "/message_templates")), 190);
}

TEST_F(Graph, AnUnknownNumberIs100WithSubcode33) {
  given_sandbox();
  const auto answer = graph("POST", "777/messages", {{"messaging_product", "whatsapp"}});
  EXPECT_EQ(error_code(answer), 100);
  EXPECT_EQ(answer.body["error"]["error_subcode"], 33);
}

TEST_F(Graph, ThrottlesAnswer400WithTheirCodes) {
  given_open_window();
  post("/control/settings", {{"pair_seconds", 6}, {"pair_burst", 1}});
  EXPECT_EQ(send_text(customer_, "one").status, 200);
  const auto paced = send_text(customer_, "two");
  EXPECT_EQ(paced.status, 400);
  EXPECT_EQ(error_code(paced), 131056);
  pass(seconds(6));
  EXPECT_EQ(send_text(customer_, "two").status, 200);
  post("/control/settings", {{"pair_seconds", 0}, {"number_per_second", 0.001}});
  EXPECT_EQ(send_text(customer_, "three").status, 200);
  EXPECT_EQ(error_code(send_text(customer_, "four")), 130429);
  EXPECT_EQ(get("/control/stats")["throttled"], (Json{{"numbers", 1}, {"pairs", 1}}));
}

TEST_F(Graph, MarkAsReadNeedsAMessageOfACustomer) {
  given_sandbox();
  const auto wamid = customer_writes(customer_, "hi");
  const auto mark = [&](const std::string& id) { return send({{"status", "read"}, {"message_id", id}}); };
  EXPECT_EQ(mark(wamid).body["success"], true);
  EXPECT_EQ(get("/control/inbound")["inbound"][0]["read_by_business"], true);
  EXPECT_EQ(error_code(mark("wamid.unknown")), 131009);
}

TEST_F(Graph, TemplatesArePaged) {
  given_sandbox();
  for (int i = 0; i < 6; ++i) post("/control/templates", {{"name", "t" + std::to_string(i)}, {"body", "x"}});
  std::vector<std::string> names;
  std::string after;
  int pages = 0;
  do {
    const auto page =
        graph("GET", waba_ + "/message_templates?fields=name,status&limit=3&after=" + percent_encoded(after)).body;
    for (const auto& form : page["data"]) names.push_back(form["name"]);
    EXPECT_FALSE(page["data"][0].contains("components"));
    after = page["paging"].contains("next") ? page["paging"]["cursors"]["after"].get<std::string>() : "";
    ++pages;
  } while (!after.empty() && pages < 9);
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(names, (std::vector<std::string>{"hello_world", "t0", "t1", "t2", "t3", "t4", "t5"}));
  EXPECT_EQ(error_code(graph("GET", waba_ + "/message_templates?after=junk")), 131059);
}

TEST_F(Graph, ANewTemplateIsPendingUntilControlApprovesIt) {
  given_sandbox();
  const Json form = {{"name", "offer"},
                     {"language", "en_US"},
                     {"category", "UTILITY"},
                     {"components", Json::array({{{"type", "BODY"}, {"text", "x"}}})}};
  EXPECT_EQ(graph("POST", waba_ + "/message_templates", form).body["status"], "PENDING");
  EXPECT_EQ(error_code(send_template(customer_, "offer")), 132001);
  EXPECT_EQ(graph("POST", waba_ + "/message_templates", form).body["error"]["error_subcode"], 2388024);
  post("/control/templates", {{"name", "offer"}, {"status", "APPROVED"}});
  EXPECT_EQ(send_template(customer_, "offer").status, 200);
}

TEST_F(Graph, ATemplateIsEditedUnlessItsCategoryIsApproved) {
  given_sandbox();
  const Json form = {{"name", "offer"},
                     {"language", "en_US"},
                     {"category", "UTILITY"},
                     {"components", Json::array({{{"type", "BODY"}, {"text", "x"}}})}};
  const std::string id = graph("POST", waba_ + "/message_templates", form).body["id"];
  EXPECT_EQ(error_code(graph("POST", id, {{"category", "MARKETING"}})), 100);  // in review
  post("/control/templates", {{"name", "offer"}, {"status", "APPROVED"}});
  EXPECT_EQ(error_code(graph("POST", id, {{"category", "MARKETING"}})), 100);
  const Json body = Json::array({{{"type", "BODY"}, {"text", "y"}}});
  EXPECT_EQ(graph("POST", id, {{"components", body}}).body["success"], true);
  const auto shown = graph("GET", id + "?fields=status,components").body;
  EXPECT_EQ(shown["status"], "PENDING");
  EXPECT_EQ(shown["components"], body);
}

TEST_F(Graph, EachNumbersTokenIsGoodForItsAccount) {
  given_sandbox();
  post("/control/numbers", {{"phone_number_id", "2"}, {"waba_id", waba_}, {"token", "second"}});
  for (const auto* token : {"sandbox-token", "second"})
    EXPECT_EQ(ask("GET", "/v25.0/" + waba_ + "/subscribed_apps", {}, token).status, 200) << token;
  EXPECT_EQ(error_code(ask("GET", "/v25.0/" + waba_ + "/subscribed_apps", {}, "third")), 190);
}

TEST_F(Graph, TokensAreTold) {
  given_sandbox();
  const auto told = [&](const std::string& token) {
    return ask("GET", "/v25.0/debug_token?input_token=" + token, {}, "sandbox-token").body["data"];
  };
  EXPECT_EQ(told("sandbox-token")["is_valid"], true);
  EXPECT_EQ(told("another")["is_valid"], false);
  post("/control/numbers", {{"phone_number_id", number_}, {"token_info", {{"expires_at", 17}}}});
  EXPECT_EQ(told("sandbox-token")["expires_at"], 17);
  EXPECT_EQ(error_code(ask("GET", "/v25.0/debug_token?input_token=x")), 104);
}

TEST_F(Graph, ATemplateIsDeletedInOneLanguageOrInAll) {
  given_sandbox();
  for (const auto* language : {"en", "de", "fr"})
    post("/control/templates", {{"name", "offer"}, {"language", language}, {"body", "x"}});
  const auto left = [&] { return graph("GET", waba_ + "/message_templates?name=offer").body["data"].size(); };
  const std::string id = graph("GET", waba_ + "/message_templates?name=offer&language=de").body["data"][0]["id"];
  EXPECT_EQ(graph("DELETE", waba_ + "/message_templates?name=offer&hsm_id=" + id).body["success"], true);
  EXPECT_EQ(left(), 2U);
  EXPECT_EQ(graph("DELETE", waba_ + "/message_templates?name=offer").body["success"], true);
  EXPECT_EQ(left(), 0U);
  EXPECT_EQ(error_code(graph("DELETE", waba_ + "/message_templates?name=offer")), 100);
}

TEST_F(Graph, ANumberShowsTheFieldsAskedFor) {
  given_sandbox();
  const auto number = graph("GET", number_ + "?fields=display_phone_number,quality_rating").body;
  EXPECT_EQ(number,
            Json::parse(R"({"id":"106540352242922","display_phone_number":"+15550783881","quality_rating":"GREEN"})"));
  EXPECT_EQ(graph("GET", waba_ + "/phone_numbers").body["data"][0]["id"], number_);
}

TEST_F(Graph, TheLogShowsEachRequestWithItsAnswer) {
  given_open_window();
  send_text(customer_, "hello");
  const auto seen = get("/control/log")["requests"];
  EXPECT_EQ(seen[0]["body"]["text"]["body"], "hello");
  EXPECT_EQ(seen[0]["status"], 200);
}

}  // namespace
}  // namespace waypost::sandbox
