#include "workflow/chat_answer.h"

#include <gtest/gtest.h>

#include "tests/support/chat_server.h"

namespace waypost::workflow {
namespace {

using test::chat_completion;
using test::chat_error;

OutsideTry read(int status, const Json& body, Headers headers = {}) {
  Response response = json_response(status, body.is_string() ? body.get<std::string>() : dump(body));
  for (const auto& [name, value] : headers) response.headers.add(name, value);
  return read_chat_answer(response);
}
Headers after(const std::string& value) {
  Headers headers;
  headers.add("retry-after", value);
  return headers;
}
std::string code_of(const OutsideTry& outcome) { return outcome.answer.failure ? outcome.answer.failure->code : ""; }
std::string words_of(const OutsideTry& outcome) { return outcome.answer.failure ? outcome.answer.failure->words : ""; }
// The completion with a member of its one choice, or of its message, set.
Json with_choice(const std::string& key, const Json& value) {
  Json body = chat_completion("Hi");
  body["choices"][0][key] = value;
  return body;
}
Json with_message(const std::string& key, const Json& value) {
  Json body = chat_completion("Hi");
  body["choices"][0]["message"][key] = value;
  return body;
}
Json text_in(const OutsideTry& outcome) { return outcome.answer.value.at("text"); }

TEST(ChatAnswer, GivesTextModelAndTokens) {
  const auto outcome = read(200, chat_completion(" Hi "));
  EXPECT_FALSE(outcome.answer.failure.has_value());
  EXPECT_EQ(outcome.answer.value,
            (Json{{"text", "Hi"}, {"model", "gpt-4.1-nano-2025-04-14"}, {"inputTokens", 12}, {"outputTokens", 3}}));
}

TEST(ChatAnswer, NeedsNoUsageAndNoModel) {
  const auto outcome = read(200, {{"choices", {{{"message", {{"content", "Hi"}}}}}}});
  EXPECT_EQ(text_in(outcome), "Hi");
  EXPECT_EQ(outcome.answer.value.at("inputTokens"), 0);
  EXPECT_EQ(outcome.answer.value.at("model"), "");
}

TEST(ChatAnswer, ReadsPartsAndNothing) {
  EXPECT_EQ(text_in(read(200, with_message("content", {{{"type", "text"}, {"text", "a"}}, {{"text", "b"}}}))), "ab");
  EXPECT_EQ(text_in(read(200, with_message("content", nullptr))), "");
  EXPECT_EQ(text_in(read(200, with_message("content", 7))), "");
}

TEST(ChatAnswer, LeavesOutThoughts) {
  EXPECT_EQ(text_in(read(200, chat_completion("<think>hm\n</think>\n\nYes"))), "Yes");
  EXPECT_EQ(text_in(read(200, chat_completion("<think>hm"))), "");
  EXPECT_EQ(text_in(read(200, chat_completion("I <think> so"))), "I <think> so");
}

TEST(ChatAnswer, SaysThatItIsCut) {
  const auto outcome = read(200, with_choice("finish_reason", "length"));
  EXPECT_FALSE(outcome.answer.failure.has_value());
  EXPECT_EQ(outcome.answer.value.at("cut"), true);
}

TEST(ChatAnswer, ARefusalAndAFilterAreFailuresThatCost) {
  const auto refused = read(200, with_message("refusal", "I cannot"));
  EXPECT_EQ(code_of(refused), "ai_refused");
  EXPECT_FALSE(refused.may_repeat);
  EXPECT_EQ(refused.answer.value.at("outputTokens"), 3);
  EXPECT_EQ(code_of(read(200, with_choice("finish_reason", "content_filter"))), "ai_filtered");
  EXPECT_EQ(code_of(read(200, with_message("refusal", nullptr))), "");
}

TEST(ChatAnswer, WhatIsNoCompletionFailsForGood) {
  for (const auto& body : {Json("<html>"), Json::object(), Json{{"choices", Json::array()}}, Json{{"choices", {7}}}}) {
    const auto outcome = read(200, body);
    EXPECT_EQ(code_of(outcome), "ai_failed") << body;
    EXPECT_FALSE(outcome.may_repeat);
  }
}

TEST(ChatAnswer, EveryStatusHasItsCode) {
  struct Case {
    int status;
    const char* code;
    bool may_repeat;
  };
  for (const auto& [status, code, may_repeat] :
       {Case{301, "ai_refused_request", false}, Case{400, "ai_refused_request", false},
        Case{401, "ai_key_refused", false}, Case{402, "ai_quota", false}, Case{403, "ai_key_refused", false},
        Case{404, "ai_no_such_model", false}, Case{408, "ai_busy", true}, Case{413, "ai_refused_request", false},
        Case{422, "ai_refused_request", false}, Case{429, "ai_busy", true}, Case{500, "ai_failed", true},
        Case{503, "ai_failed", true}, Case{529, "ai_failed", true}}) {
    for (const auto& body : {chat_error("no"), Json("not json"), Json{{"error", "no"}}}) {
      const auto outcome = read(status, body);
      EXPECT_EQ(code_of(outcome), code) << status;
      EXPECT_EQ(outcome.may_repeat, may_repeat) << status;
      EXPECT_TRUE(words_of(outcome).contains(std::to_string(status)));
    }
  }
}

TEST(ChatAnswer, NoCreditIsForGood) {
  const auto outcome = read(429, chat_error("You exceeded your quota", "insufficient_quota"), after("7"));
  EXPECT_EQ(code_of(outcome), "ai_quota");
  EXPECT_FALSE(outcome.may_repeat);
  EXPECT_FALSE(outcome.retry_after.has_value());
}

TEST(ChatAnswer, KeepsRetryAfter) {
  EXPECT_EQ(read(429, chat_error("slow"), after("7")).retry_after, std::chrono::seconds(7));
  EXPECT_EQ(read(503, chat_error("slow"), after("0")).retry_after, std::chrono::seconds(0));
  EXPECT_EQ(read(429, chat_error("slow"), after("999999")).retry_after, std::chrono::hours(1));
  for (const auto* value : {"", "-1", "soon", "7s", "Wed, 21 Oct 2026 07:28:00 GMT", "99999999999999999999"})
    EXPECT_FALSE(read(429, chat_error("slow"), after(value)).retry_after.has_value()) << value;
}

TEST(ChatAnswer, AnErrorIn200CountsAsItsCode) {
  const Json busy{{"error", {{"code", 429}, {"message", "slow"}}}};
  EXPECT_EQ(code_of(read(200, busy)), "ai_busy");
  EXPECT_TRUE(read(200, busy).may_repeat);
  EXPECT_EQ(code_of(read(200, {{"error", {{"message", "gone"}}}})), "ai_failed");
}

TEST(ChatAnswer, QuotesTheServerInEachOfItsForms) {
  EXPECT_TRUE(words_of(read(400, chat_error("Unknown parameter"))).contains("Unknown parameter"));
  EXPECT_TRUE(words_of(read(400, {{"error", "model 'x' not found"}})).contains("model 'x' not found"));
  EXPECT_TRUE(words_of(read(400, {{"message", "no good"}})).contains("no good"));
  EXPECT_TRUE(words_of(read(400, {{"detail", "no good"}})).contains("no good"));
  EXPECT_TRUE(words_of(read(404, chat_error("no gpt-4.1-nano-2025-04-14"))).contains("gpt-4.1-nano-2025-04-14"));
  EXPECT_LT(words_of(read(400, chat_error(std::string(5'000, 'x')))).size(), 500U);
}

TEST(ChatAnswer, NeverQuotesAKey) {
  const std::string key = "sk-proj-AbCdEfGh0123456789AbCdEfGh0123456789";
  const std::string other = "AbCdEfGh0123456789AbCdEfGh0123456789";
  for (const int status : {400, 401, 403, 404, 429, 500}) {
    for (const auto& secret : {key, other, std::string("sk-proj-**********6789"), std::string("ab**********yz")}) {
      const auto words = words_of(read(status, chat_error("Incorrect API key provided: " + secret + ". See there.")));
      EXPECT_FALSE(words.contains(secret)) << words;
      EXPECT_FALSE(words.contains("6789")) << words;
    }
  }
}

}  // namespace
}  // namespace waypost::workflow
