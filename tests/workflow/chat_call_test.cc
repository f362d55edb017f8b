#include "workflow/chat_call.h"

#include <gtest/gtest.h>

#include "store/ai_settings.h"
#include "store/contacts.h"
#include "store/conversations.h"
#include "store/messages.h"
#include "store/tenant_secrets.h"
#include "tests/support/chat_server.h"
#include "tests/support/run_loop.h"
#include "tests/support/temp_store.h"

namespace waypost::workflow {
namespace {

using namespace waypost::test;  // NOLINT(google-build-using-namespace): the fixture's words

constexpr const char* kKey = "sk-test-0123456789";
constexpr const char* kOtherKey = "local-key";  // looks like no key

Json said(const std::string& role, const std::string& text) { return {{"role", role}, {"content", text}}; }

class ChatCalls : public testing::Test {
 protected:
  ChatCalls() { given_settings({{"baseUrl", server.base_url()}, {"model", "llama"}}); }

  void given_settings(const Json& ai) {
    store.run([&](sql::Connection& c) { store::set_setting(c, store.tenant, "ai", ai, store.clock.now()); });
  }
  void given_key(const std::string& key) {
    store.run([&](sql::Connection& c) {
      const auto sealed = keyring.seal(Secret(key), store::kTenantSecretPurpose);
      store::set_tenant_secret(c, {.tenant = store.tenant, .name = "ai", .sealed = sealed}, store.clock.now());
    });
  }
  // The customer's messages, in their order.
  ConversationId given_talk(const std::vector<std::string>& texts) {
    return store.run([&](sql::Connection& c) {
      const auto contact = store::create_contact(c, {.tenant = store.tenant, .phone = "351900000001"},
                                                 {{AliasKind::Phone, "351900000001"}}, store.clock.now())
                               .value();
      const auto talk = store::open_conversation(c, store.tenant, contact.id, store.channel, store.clock.now());
      std::int64_t seq = 0;
      for (const auto& text : texts) {
        const auto at = store.clock.now() + seconds(++seq);
        store::insert_message(c, {.tenant = store.tenant,
                                  .id = MessageId::make(at),
                                  .conversation = talk.id,
                                  .seq = seq,
                                  .channel = store.channel,
                                  .contact = contact.id,
                                  .text = text,
                                  .happened_at = at,
                                  .created_at = at,
                                  .updated_at = at});
      }
      return talk.id;
    });
  }
  OutsideTry ask(ChatCall call, std::optional<ConversationId> talk = {}, milliseconds timeout = seconds(20)) {
    return loop.wait(caller.ask(
        {.tenant = store.tenant, .conversation = talk, .call = {.ask = std::move(call), .timeout = timeout}}));
  }
  std::string code_of(const OutsideTry& outcome) { return outcome.answer.failure ? outcome.answer.failure->code : ""; }

  TempStore store;
  ChatServer server;
  RunLoop loop;
  Keyring keyring{{{"k", Secret(std::string(32, 'k'))}}, "k"};
  std::unique_ptr<HttpClient> http = HttpClient::make(loop.executor(), {});
  ChatCaller caller{{.http = *http, .database = *store.database, .keyring = keyring}};
};

TEST_F(ChatCalls, AskTheWorkspacesServer) {
  server.will_say("Good day");
  const auto outcome = ask({.system = "Be kind", .more = {{"user", "hi"}}});
  EXPECT_EQ(
      outcome.answer.value,
      (Json{{"text", "Good day"}, {"model", "gpt-4.1-nano-2025-04-14"}, {"inputTokens", 12}, {"outputTokens", 3}}));
  ASSERT_EQ(server.asked().size(), 1U);
  const auto asked = server.asked().front();
  EXPECT_EQ(asked.path, "/v1/chat/completions");
  EXPECT_EQ(asked.authorization, "");
  EXPECT_EQ(asked.body, (Json{{"model", "llama"}, {"messages", {said("system", "Be kind"), said("user", "hi")}}}));
}

TEST_F(ChatCalls, ShowTheKeyInTheHeaderAlone) {
  given_key(kKey);
  ask({.more = {{"user", "hi"}}});
  const auto asked = server.asked().at(0);
  EXPECT_EQ(asked.authorization, std::string("Bearer ") + kKey);
  EXPECT_FALSE(dump(asked.body).contains(kKey));
}

TEST_F(ChatCalls, TellTheHistoryWithinItsLimits) {
  const auto talk = given_talk({"one", "two", "three"});
  ask({.history_messages = 2, .more = {{"user", "three"}}}, talk);
  EXPECT_EQ(server.asked().at(0).body.at("messages"), Json({said("user", "two"), said("user", "three")}));
  ask({.history_messages = 0, .more = {{"user", "three"}}}, talk);
  EXPECT_EQ(server.asked().at(1).body.at("messages"), Json::array({said("user", "three")}));
  ask({.history_tokens = 2}, talk);
  EXPECT_EQ(server.asked().at(2).body.at("messages"), Json::array({said("user", "three")}));
}

TEST_F(ChatCalls, SayWhatTheyCost) {
  given_settings({{"baseUrl", server.base_url()}, {"inputPrice", "2.5"}, {"outputPrice", "10"}});
  EXPECT_EQ(ask({}).answer.value.at("cost"), "0.00006");  // 12 × 2.5 + 3 × 10 millionths
}

TEST_F(ChatCalls, WithoutAKeyDoNotAskOpenAi) {
  for (const auto& setting : {Json(), Json{{"baseUrl", "https://api.openai.com/v1"}}}) {
    given_settings(setting);
    const auto outcome = ask({});
    EXPECT_EQ(code_of(outcome), "no_ai_key");
    EXPECT_FALSE(outcome.may_repeat);
  }
}

TEST_F(ChatCalls, SayWhenTheKeyCannotBeOpened) {
  store.run([&](sql::Connection& c) {
    store::set_tenant_secret(c, {.tenant = store.tenant, .name = "ai", .sealed = "gone.AAAA"}, store.clock.now());
  });
  const auto outcome = ask({});
  EXPECT_EQ(code_of(outcome), "no_ai_key");
  EXPECT_FALSE(outcome.may_repeat);
  EXPECT_TRUE(server.asked().empty());
}

TEST_F(ChatCalls, ComeAgainAfterABusyServer) {
  server.will_answer({.status = 429, .body = chat_error("slow down"), .headers = {{"Retry-After", "7"}}});
  const auto busy = ask({});
  EXPECT_EQ(code_of(busy), "ai_busy");
  EXPECT_TRUE(busy.may_repeat);
  EXPECT_EQ(busy.retry_after, seconds(7));
  server.will_answer({.status = 500, .body = chat_error("oops")});
  const auto broken = ask({});
  EXPECT_EQ(code_of(broken), "ai_failed");
  EXPECT_TRUE(broken.may_repeat);
  EXPECT_FALSE(broken.retry_after.has_value());
  EXPECT_EQ(server.asked().size(), 2U);
}

TEST_F(ChatCalls, EndInTime) {
  server.will_answer({.body = chat_completion("late"), .delay = seconds(10)});
  const auto begun = std::chrono::steady_clock::now();
  const auto outcome = ask({}, {}, milliseconds(100));
  EXPECT_EQ(code_of(outcome), "ai_timeout");
  EXPECT_TRUE(outcome.may_repeat);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(8));
}

TEST_F(ChatCalls, MayBeRepeatedWhenNobodyListens) {
  given_settings({{"baseUrl", "http://127.0.0.1:1/v1"}});
  const auto outcome = ask({});
  EXPECT_EQ(code_of(outcome), "ai_failed");
  EXPECT_TRUE(outcome.may_repeat);
}

TEST_F(ChatCalls, NeverRepeatTheKey) {
  for (const auto* key : {kKey, kOtherKey}) {
    given_key(key);
    for (const int status : {400, 401, 404, 429, 500}) {
      server.will_answer({.status = status, .body = chat_error(std::string("Bearer ") + key + " is no good")});
      const auto outcome = ask({});
      ASSERT_TRUE(outcome.answer.failure.has_value());
      EXPECT_FALSE(outcome.answer.failure->words.contains(key)) << outcome.answer.failure->words;
      EXPECT_FALSE(dump(outcome.answer.value).contains(key));
    }
  }
}

TEST_F(ChatCalls, ARefusedKeyIsForGood) {
  given_key(kKey);
  server.will_answer({.status = 401, .body = chat_error("Incorrect API key provided", "invalid_api_key")});
  const auto outcome = ask({});
  EXPECT_EQ(code_of(outcome), "ai_key_refused");
  EXPECT_FALSE(outcome.may_repeat);
}

}  // namespace
}  // namespace waypost::workflow
