#include "workflow/chat_request.h"

#include <gtest/gtest.h>

namespace waypost::workflow {
namespace {

const ChatServer kOpenAi{.model = "gpt-4.1-nano"};
const ChatServer kLocal{.model = "llama", .is_openai = false};

Json said(const std::string& role, const std::string& text) { return {{"role", role}, {"content", text}}; }
using Lines = std::vector<ChatLine>;

TEST(ChatRequest, HoldsNothingButModelAndMessages) {
  const auto body = chat_request({.more = {{"user", "hi"}}}, {}, kOpenAi);
  EXPECT_EQ(body, (Json{{"model", "gpt-4.1-nano"}, {"messages", {said("user", "hi")}}}));
}

TEST(ChatRequest, SaysSystemThenHistoryThenMore) {
  const auto body = chat_request({.system = "Be kind", .more = {{"user", "c"}, {"assistant", "d"}, {"user", "e"}}},
                                 {{"user", "a"}, {"assistant", "b"}}, kOpenAi);
  EXPECT_EQ(body.at("messages"), Json({said("system", "Be kind"), said("user", "a"), said("assistant", "b"),
                                       said("user", "c"), said("assistant", "d"), said("user", "e")}));
}

TEST(ChatRequest, SaysTheCustomersLastWordsOnce) {
  const ChatCall call{.more = {{"user", "menu"}, {"assistant", "x"}}};
  const auto messages = [&](Lines history) { return chat_request(call, std::move(history), kOpenAi).at("messages"); };
  EXPECT_EQ(messages({{"user", "menu"}}), Json({said("user", "menu"), said("assistant", "x")}));
  // He went on writing: the order stays.
  EXPECT_EQ(messages({{"user", "menu"}, {"user", "please"}}),
            Json({said("user", "menu"), said("user", "please"), said("assistant", "x")}));
  // What was answered already he says again.
  EXPECT_EQ(messages({{"user", "menu"}, {"assistant", "Here"}}),
            Json({said("user", "menu"), said("assistant", "Here"), said("user", "menu"), said("assistant", "x")}));
  EXPECT_EQ(messages({{"user", "other"}}), Json({said("user", "other"), said("user", "menu"), said("assistant", "x")}));
}

TEST(ChatRequest, TheCallsModelWins) {
  EXPECT_EQ(chat_request({.model = "gpt-5"}, {}, kOpenAi).at("model"), "gpt-5");
  EXPECT_EQ(chat_request({}, {}, kLocal).at("model"), "llama");
}

TEST(ChatRequest, NamesTheLimitAsTheServerKnowsIt) {
  const ChatCall call{.temperature = 0.5, .max_tokens = 200};
  const auto openai = chat_request(call, {}, kOpenAi);
  EXPECT_EQ(openai.at("max_completion_tokens"), 200);
  EXPECT_FALSE(openai.contains("max_tokens"));
  EXPECT_EQ(openai.at("temperature"), 0.5);
  const auto local = chat_request(call, {}, kLocal);
  EXPECT_EQ(local.at("max_tokens"), 200);
  EXPECT_FALSE(local.contains("max_completion_tokens"));
}

TEST(ChatRequest, AsksForTheSchemaStrictly) {
  const Json schema{{"type", "object"}};
  const auto body = chat_request({.schema = {{"name", "category"}, {"schema", schema}}}, {}, kOpenAi);
  EXPECT_EQ(
      body.at("response_format"),
      Json({{"type", "json_schema"}, {"json_schema", {{"name", "category"}, {"strict", true}, {"schema", schema}}}}));
}

}  // namespace
}  // namespace waypost::workflow
