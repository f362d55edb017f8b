#include <gtest/gtest.h>

#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

using Handles = std::vector<std::string>;
using Lines = std::vector<std::pair<std::string, std::string>>;

const NodeFamily& respond() { return ai_respond_node(); }

const Json& scope() {
  static const Json kScope{{"contact", {{"name", "Ana"}}}, {"message", {{"text", "Where is it?"}}}};
  return kScope;
}
struct Around {
  const Json& values = scope();
  const Cause& cause = kEntered;
};
Plan planned(const Json& configured, Around around = {}) {
  return respond().plan({.config = configured, .scope = around.values, .node = "a", .cause = around.cause});
}
Json value_of(const std::string& text) {
  return {{"text", text}, {"model", "m"}, {"inputTokens", 10}, {"outputTokens", 2}};
}
Plan answered(const std::string& text, const Json& configured = Json::object()) {
  const Cause cause = CallAnswer{.value = value_of(text)};
  return planned(configured, {.cause = cause});
}
const ChatCall& asked(const Plan& plan) { return std::get<ChatCall>(plan.call.value().ask); }
const SendEffect& sent(const Plan& plan, std::size_t place = 0) { return std::get<SendEffect>(plan.effects.at(place)); }
std::string path_of_only(const Json& configured) {
  const auto faults = respond().faults(configured);
  EXPECT_EQ(faults.size(), 1U);
  return faults.empty() ? "" : faults.front().path;
}

TEST(AiRespond, AsksWithTheUsualLimits) {
  const auto plan = planned(Json::object());
  ASSERT_TRUE(plan.call.has_value());
  EXPECT_EQ(plan.handle, std::nullopt);
  EXPECT_EQ(plan.call->attempts, 3);
  EXPECT_EQ(plan.call->timeout, std::chrono::seconds(60));
  EXPECT_EQ(asked(plan).history_messages, 20U);
  EXPECT_EQ(asked(plan).history_tokens, 4'000U);
  EXPECT_EQ(asked(plan).system, "");
  EXPECT_EQ(asked(plan).model, "");
  EXPECT_TRUE(asked(plan).schema.is_null());
  EXPECT_FALSE(asked(plan).temperature.has_value());
  EXPECT_FALSE(asked(plan).max_tokens.has_value());
  EXPECT_EQ(asked(plan).more, (Lines{{"user", "Where is it?"}}));
  EXPECT_TRUE(plan.unknown_variables.empty());
}

TEST(AiRespond, TakesItsConfiguration) {
  const auto plan = planned({{"systemPrompt", "You serve {{contact.name}}."},
                             {"model", "gpt-5"},
                             {"temperature", 0.3},
                             {"maxTokens", 300},
                             {"input", "Answer: {{message.text}}"},
                             {"historyMessages", 5},
                             {"historyTokens", 100},
                             {"timeoutSeconds", 9}});
  EXPECT_EQ(asked(plan).system, "You serve Ana.");
  EXPECT_EQ(asked(plan).model, "gpt-5");
  EXPECT_EQ(asked(plan).temperature, 0.3);
  EXPECT_EQ(asked(plan).max_tokens, 300);
  EXPECT_EQ(asked(plan).history_messages, 5U);
  EXPECT_EQ(asked(plan).history_tokens, 100U);
  EXPECT_EQ(asked(plan).more, (Lines{{"user", "Answer: Where is it?"}}));
  EXPECT_EQ(plan.call->timeout, std::chrono::seconds(9));
  EXPECT_EQ(plan.input, (Json{{"systemPrompt", "You serve Ana."}, {"input", "Answer: Where is it?"}}));
}

TEST(AiRespond, AnswersTheReplyItWaitedFor) {
  const Json values{{"message", {{"text", "Hi"}}}, {"reply", {{"text", "Room 12"}}}};
  EXPECT_EQ(asked(planned(Json::object(), {.values = values})).more, (Lines{{"user", "Room 12"}}));
  const Json silent{{"message", {{"text", nullptr}}}};
  EXPECT_TRUE(asked(planned(Json::object(), {.values = silent})).more.empty());
}

TEST(AiRespond, SendsTheAnswer) {
  const auto plan = answered(" On its way. ", {{"outsideWindow", "hold"}});
  EXPECT_EQ(plan.handle, "out");
  ASSERT_EQ(plan.effects.size(), 1U);
  EXPECT_EQ(sent(plan).type, "text");
  EXPECT_EQ(sent(plan).text, "On its way.");
  EXPECT_EQ(sent(plan).content, (Json{{"body", "On its way."}}));
  EXPECT_EQ(sent(plan).policy, WindowPolicy::Hold);
  EXPECT_EQ(plan.output, (Json{{"text", "On its way."}}));
  EXPECT_EQ(plan.variables, (Json{{"respond", {{"text", "On its way."}}}}));
  EXPECT_EQ(plan.usage, (Json{{"model", "m"}, {"inputTokens", 10}, {"outputTokens", 2}}));
}

TEST(AiRespond, OnlyGivesTheAnswerWhenItShallNotSend) {
  const auto plan = answered("On its way.", {{"send", false}});
  EXPECT_EQ(plan.handle, "out");
  EXPECT_TRUE(plan.effects.empty());
  EXPECT_EQ(plan.variables.at("respond").at("text"), "On its way.");
}

TEST(AiRespond, SplitsALongAnswer) {
  const auto plan = answered(std::string(4'000, 'a') + ". " + std::string(1'000, 'b'));
  ASSERT_EQ(plan.effects.size(), 2U);
  EXPECT_FALSE(sent(plan, 0).is_later_part);
  EXPECT_TRUE(sent(plan, 1).is_later_part);
  EXPECT_EQ(sent(plan, 1).text, std::string(1'000, 'b'));
}

TEST(AiRespond, SaysThatTheAnswerIsCut) {
  auto value = value_of("Half of");
  value["cut"] = true;
  const Cause cause = CallAnswer{.value = value};
  const auto plan = planned(Json::object(), {.cause = cause});
  EXPECT_EQ(plan.handle, "out");
  EXPECT_EQ(plan.output.at("cut"), true);
}

TEST(AiRespond, AnEmptyAnswerFails) {
  for (const auto* text : {"", " \n"}) {
    const auto plan = answered(text);
    EXPECT_EQ(plan.handle, "failed");
    EXPECT_EQ(plan.failure.value().code, "ai_empty_answer");
    EXPECT_TRUE(plan.effects.empty());
    EXPECT_EQ(plan.usage.at("outputTokens"), 2);
  }
}

TEST(AiRespond, ACallThatFailedLeavesByFailed) {
  const Cause cause = CallAnswer{.failure = store::Complaint{.code = "no_ai_key", .words = "no key"}};
  const auto plan = planned(Json::object(), {.cause = cause});
  EXPECT_EQ(plan.handle, "failed");
  EXPECT_EQ(plan.failure.value().code, "no_ai_key");
  EXPECT_TRUE(plan.effects.empty());
  EXPECT_TRUE(plan.usage.is_null());
  // Tokens that were spent on a refusal are told.
  const Cause refused = CallAnswer{.value = value_of(""), .failure = store::Complaint{.code = "ai_refused"}};
  EXPECT_EQ(planned(Json::object(), {.cause = refused}).usage.at("inputTokens"), 10);
}

TEST(AiRespond, HasTwoOutputs) { EXPECT_EQ(respond().handles({}), (Handles{"out", "failed"})); }

TEST(AiRespond, NamesEveryFault) {
  EXPECT_TRUE(respond().faults(Json::object()).empty());
  EXPECT_EQ(path_of_only({{"temperature", 2.1}}), "temperature");
  EXPECT_EQ(path_of_only({{"temperature", "hot"}}), "temperature");
  EXPECT_EQ(path_of_only({{"maxTokens", 0}}), "maxTokens");
  EXPECT_EQ(path_of_only({{"historyTokens", -1}}), "historyTokens");
  EXPECT_EQ(path_of_only({{"send", "yes"}}), "send");
  EXPECT_EQ(path_of_only({{"outsideWindow", "drop"}}), "outsideWindow");
  EXPECT_EQ(path_of_only({{"historyMessages", -1}}), "historyMessages");
  EXPECT_EQ(path_of_only({{"timeoutSeconds", 301}}), "timeoutSeconds");
}

TEST(AiRespond, HasASchemaWithWordsForEachMember) {
  const auto schema = respond().schema();
  for (const auto& [key, member] : schema.at("properties").items()) {
    EXPECT_FALSE(text_or_empty(member, "title").empty()) << key;
    EXPECT_FALSE(text_or_empty(member, "description").empty()) << key;
  }
  EXPECT_EQ(schema.at("properties").size(), 10U);
}

}  // namespace
}  // namespace waypost::workflow
