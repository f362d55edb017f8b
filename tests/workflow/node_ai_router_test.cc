#include <gtest/gtest.h>

#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

using Handles = std::vector<std::string>;
using Lines = std::vector<std::pair<std::string, std::string>>;

const NodeFamily& router() { return ai_router_node(); }

Json config() {
  return {{"categories",
           {{{"label", "billing"}, {"description", "Invoices"}}, {{"label", "Support"}, {"description", "Trouble"}}}}};
}
Json config_with(const std::string& key, const Json& value) {
  auto json = config();
  json[key] = value;
  return json;
}
const Json& scope() {
  static const Json kScope{{"contact", {{"name", "Ana"}}}, {"message", {{"text", " my invoice "}}}};
  return kScope;
}
Plan planned(const Json& configured, const Cause& cause = kEntered, const Json& memo = kNoMemo) {
  return router().plan({.config = configured, .scope = scope(), .node = "r", .cause = cause, .memo = memo});
}
Cause said(const std::string& text) {
  return CallAnswer{
      .value = {{"text", text}, {"model", "m"}, {"inputTokens", 10}, {"outputTokens", 2}, {"cost", "0.5"}}};
}
const ChatCall& asked(const Plan& plan) { return std::get<ChatCall>(plan.call.value().ask); }
std::string path_of_only(const Json& configured) {
  const auto faults = router().faults(configured);
  EXPECT_EQ(faults.size(), 1U);
  return faults.empty() ? "" : faults.front().path;
}

TEST(AiRouter, AsksForOneOfTheLabels) {
  const auto configured = config();
  const auto plan = planned(configured);
  ASSERT_TRUE(plan.call.has_value());
  EXPECT_EQ(plan.handle, std::nullopt);
  EXPECT_TRUE(plan.effects.empty());
  EXPECT_EQ(plan.call->attempts, 3);
  EXPECT_EQ(plan.call->timeout, std::chrono::seconds(30));
  EXPECT_EQ(asked(plan).history_messages, 10U);
  EXPECT_EQ(asked(plan).more, (Lines{{"user", "my invoice"}}));
  EXPECT_TRUE(asked(plan).system.contains("- billing: Invoices\n- Support: Trouble\n"));
  EXPECT_EQ(asked(plan).schema.at("name"), "category");
  const Json& schema = asked(plan).schema.at("schema");
  EXPECT_EQ(schema.at("properties").at("category").at("enum"), Json({"billing", "Support"}));
  EXPECT_EQ(schema.at("required"), Json({"category"}));
  EXPECT_EQ(schema.at("additionalProperties"), false);
  EXPECT_EQ(plan.input.at("input"), " my invoice ");
}

TEST(AiRouter, TakesItsConfiguration) {
  Json configured = config();
  configured.update(Json{{"model", "gpt-5"},
                         {"systemPrompt", "For {{contact.name}} of {{contact.town}}"},
                         {"input", "About: {{message.text}}"},
                         {"historyMessages", 0},
                         {"timeoutSeconds", 5}});
  const auto plan = planned(configured);
  EXPECT_EQ(asked(plan).model, "gpt-5");
  EXPECT_EQ(asked(plan).history_messages, 0U);
  EXPECT_EQ(asked(plan).more, (Lines{{"user", "About:  my invoice"}}));
  EXPECT_TRUE(asked(plan).system.ends_with("For Ana of"));
  EXPECT_EQ(plan.call->timeout, std::chrono::seconds(5));
  EXPECT_EQ(plan.unknown_variables, Handles{"contact.town"});
}

TEST(AiRouter, TakesTheOutputOfTheLabel) {
  const auto configured = config();
  for (const auto* text : {R"({"category":"Support"})", "Support", " support\n", R"({"category":" SUPPORT "})",
                           "```json\n{\"category\": \"Support\"}\n```"}) {
    const auto plan = planned(configured, said(text));
    EXPECT_EQ(plan.handle, "Support") << text;
    EXPECT_FALSE(plan.call.has_value());
    EXPECT_FALSE(plan.failure.has_value());
    EXPECT_EQ(plan.output, (Json{{"category", "Support"}}));
    EXPECT_EQ(plan.variables, (Json{{"router", {{"category", "Support"}}}}));
    EXPECT_EQ(plan.usage, (Json{{"model", "m"}, {"inputTokens", 10}, {"outputTokens", 2}, {"cost", "0.5"}}));
  }
}

TEST(AiRouter, LabelsMayDifferByCaseAlone) {
  const Json configured{
      {"categories", {{{"label", "a"}, {"description", "x"}}, {{"label", "A"}, {"description", "y"}}}}};
  EXPECT_EQ(planned(configured, said("A")).handle, "A");
  EXPECT_EQ(planned(configured, said("a")).handle, "a");
}

TEST(AiRouter, ABadAnswerIsCorrectedOnce) {
  const auto configured = config();
  for (const auto* bad : {"sales", "", "{", R"({"category":"sales"})", R"({"label":"billing"})", R"({"category":7})"}) {
    const auto again = planned(configured, said(bad));
    ASSERT_TRUE(again.call.has_value()) << bad;
    EXPECT_EQ(again.handle, std::nullopt);
    EXPECT_EQ(again.memo.at("repair"), true);
    ASSERT_EQ(asked(again).more.size(), 3U);
    EXPECT_EQ(asked(again).more[0].second, "my invoice");
    EXPECT_EQ(asked(again).more[1], (std::pair<std::string, std::string>{"assistant", bad}));
    EXPECT_TRUE(asked(again).more[2].second.contains(R"(["billing","Support"])"));
    EXPECT_FALSE(asked(again).schema.is_null());

    const auto good = planned(configured, said("billing"), again.memo);
    EXPECT_EQ(good.handle, "billing");
    EXPECT_EQ(good.usage, (Json{{"model", "m"}, {"inputTokens", 20}, {"outputTokens", 4}, {"cost", "1"}}));

    const auto failed = planned(configured, said(bad), again.memo);
    EXPECT_EQ(failed.handle, "failed");
    EXPECT_EQ(failed.failure.value().code, "ai_bad_answer");
    EXPECT_FALSE(failed.call.has_value());
    EXPECT_EQ(failed.usage.at("inputTokens"), 20);
  }
}

TEST(AiRouter, ACallThatFailedLeavesByFailed) {
  const auto configured = config();
  const auto plan = planned(configured, CallAnswer{.failure = store::Complaint{.code = "ai_busy", .words = "busy"}});
  EXPECT_EQ(plan.handle, "failed");
  EXPECT_EQ(plan.failure.value().code, "ai_busy");
  EXPECT_FALSE(plan.call.has_value());
  EXPECT_TRUE(plan.usage.is_null());
  const Json memo{{"repair", true}, {"usage", {{"model", "m"}, {"inputTokens", 1}, {"outputTokens", 1}}}};
  const auto later = planned(configured, CallAnswer{.failure = store::Complaint{.code = "ai_timeout"}}, memo);
  EXPECT_EQ(later.failure.value().code, "ai_timeout");
  EXPECT_EQ(later.usage.at("inputTokens"), 1);
}

TEST(AiRouter, HasAnOutputForEachLabelAndForFailure) {
  EXPECT_EQ(router().handles(config()), (Handles{"billing", "Support", "failed"}));
  EXPECT_EQ(router().handles(Json::object()), Handles{"failed"});
}

TEST(AiRouter, NamesEveryFault) {
  EXPECT_TRUE(router().faults(config()).empty());
  EXPECT_EQ(path_of_only(Json::object()), "categories");
  EXPECT_EQ(path_of_only({{"categories", Json::array()}}), "categories");
  const auto categories = [](const Json& one) { return Json{{"categories", {one}}}; };
  EXPECT_EQ(path_of_only(categories({{"description", "x"}})), "categories.0.label");
  EXPECT_EQ(path_of_only(categories({{"label", "failed"}, {"description", "x"}})), "categories.0.label");
  EXPECT_EQ(path_of_only(categories({{"label", std::string(65, 'x')}, {"description", "x"}})), "categories.0.label");
  EXPECT_EQ(path_of_only(categories({{"label", "x"}, {"description", " "}})), "categories.0.description");
  EXPECT_EQ(router().faults(categories(7)).size(), 2U);
  EXPECT_EQ(
      path_of_only({{"categories", {{{"label", "a"}, {"description", "x"}}, {{"label", " a"}, {"description", "y"}}}}}),
      "categories.1.label");
  Json many = Json::array();
  for (int at = 0; at < 21; ++at) many.push_back({{"label", std::to_string(at)}, {"description", "x"}});
  EXPECT_EQ(path_of_only({{"categories", many}}), "categories");
}

TEST(AiRouter, NamesTheFaultsOfEveryAiNode) {
  EXPECT_EQ(path_of_only(config_with("model", 7)), "model");
  EXPECT_EQ(path_of_only(config_with("model", std::string(201, 'x'))), "model");
  EXPECT_EQ(path_of_only(config_with("systemPrompt", Json::array())), "systemPrompt");
  EXPECT_EQ(path_of_only(config_with("input", false)), "input");
  EXPECT_EQ(path_of_only(config_with("historyMessages", 101)), "historyMessages");
  EXPECT_EQ(path_of_only(config_with("historyMessages", 1.5)), "historyMessages");
  EXPECT_EQ(path_of_only(config_with("timeoutSeconds", 0)), "timeoutSeconds");
  EXPECT_EQ(path_of_only(config_with("timeoutSeconds", "soon")), "timeoutSeconds");
  EXPECT_TRUE(router().faults(config_with("timeoutSeconds", nullptr)).empty());
}

TEST(AiRouter, HasASchemaWithWordsForEachMember) {
  const auto schema = router().schema();
  EXPECT_EQ(schema.at("required"), Json({"categories"}));
  for (const auto* key : {"categories", "model", "systemPrompt", "input", "historyMessages", "timeoutSeconds"}) {
    EXPECT_FALSE(text_or_empty(schema.at("properties").at(key), "title").empty()) << key;
    EXPECT_FALSE(text_or_empty(schema.at("properties").at(key), "description").empty()) << key;
  }
}

}  // namespace
}  // namespace waypost::workflow
