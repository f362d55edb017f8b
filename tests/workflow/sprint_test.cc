#include "workflow/sprint.h"

#include <gtest/gtest.h>

namespace waypost::workflow {
namespace {

Json node(const std::string& id, const char* type, Json config = Json::object()) {
  return {{"id", id}, {"type", type}, {"data", std::move(config)}};
}
Json edge(const std::string& from, const std::string& to) { return {{"source", from}, {"target", to}}; }

// t ─▶ n1 ─▶ n2 …, each saying its text.
Graph chain(const std::vector<std::string>& texts) {
  Json nodes = Json::array({node("t", "trigger.inbound_message")});
  Json edges = Json::array();
  std::string before = "t";
  for (const auto& text : texts) {
    const auto id = "n" + std::to_string(nodes.size());
    nodes.push_back(node(id, "wa.send_message", {{"body", text}}));
    edges.push_back(edge(before, id));
    before = id;
  }
  return read_graph({{"nodes", nodes}, {"edges", edges}, {"entry", "t"}});
}

Situation at(const char* position) {
  return {.position = position, .scope = {{"contact", {{"fields", Json::object()}}}, {"message", {{"text", "hi"}}}}};
}

std::vector<std::string> ids(const Sprint& sprint) {
  std::vector<std::string> ids;
  for (const auto& step : sprint.steps) ids.push_back(step.node_id);
  return ids;
}

using Ids = std::vector<std::string>;

TEST(Sprint, TakesAllStepsToTheEnd) {
  const auto sprint = plan_sprint(chain({"a", "b"}), at("t"), {});
  EXPECT_EQ(ids(sprint), (Ids{"t", "n1", "n2"}));
  EXPECT_EQ(sprint.next, std::nullopt);
  EXPECT_EQ(sprint.failure, std::nullopt);
}

TEST(Sprint, StopsAtItsLimitAndSaysWhereToGoOn) {
  const auto graph = chain({"a", "b", "c"});
  const auto first = plan_sprint(graph, at("t"), {.steps_per_sprint = 2});
  EXPECT_EQ(ids(first), (Ids{"t", "n1"}));
  EXPECT_EQ(first.next, "n2");
  const auto second = plan_sprint(graph, at("n2"), {.steps_per_sprint = 2});
  EXPECT_EQ(ids(second), (Ids{"n2", "n3"}));
  EXPECT_EQ(second.next, std::nullopt);
}

TEST(Sprint, FailsBehindTheRunsLastStep) {
  auto situation = at("t");
  situation.steps = 9;
  const auto sprint = plan_sprint(chain({"a", "b"}), situation, {.steps_per_run = 11});
  EXPECT_EQ(ids(sprint), (Ids{"t", "n1"}));
  ASSERT_TRUE(sprint.failure.has_value());
  EXPECT_EQ(sprint.failure->code, kTooManySteps);
  EXPECT_EQ(sprint.next, std::nullopt);
}

TEST(Sprint, RefusesTheTextThatWentOutTooOften) {
  auto situation = at("t");
  situation.sent_texts = {{"a", 1}, {"b", 2}};
  const auto sprint = plan_sprint(chain({"a", "b", "c"}), situation, {.equal_texts = 2});
  EXPECT_EQ(ids(sprint), (Ids{"t", "n1", "n2"}));
  EXPECT_EQ(sprint.failure.value().code, kEqualTexts);
  EXPECT_TRUE(sprint.steps.back().plan.effects.empty());
  EXPECT_EQ(sprint.steps[1].plan.effects.size(), 1U);
}

TEST(Sprint, CountsItsOwnEqualTexts) {
  const auto sprint = plan_sprint(chain({"a", "a", "a"}), at("t"), {.equal_texts = 2});
  EXPECT_EQ(sprint.failure.value().code, kEqualTexts);
  EXPECT_EQ(sprint.steps.size(), 4U);
}

TEST(Sprint, EndsAtAStepThatFails) {
  const auto sprint = plan_sprint(chain({"{{contact.fields.x}}", "b"}), at("t"), {});
  EXPECT_EQ(ids(sprint), (Ids{"t", "n1"}));
  EXPECT_EQ(sprint.failure.value().code, "empty_text");
  EXPECT_EQ(sprint.steps[1].plan.handle, std::nullopt);
  EXPECT_EQ(sprint.steps[1].plan.output.at("unknownVariables"), Json{"contact.fields.x"});
}

Graph asking(bool has_way) {
  Json edges = Json::array({edge("t", "h")});
  if (has_way) edges.push_back({{"source", "h"}, {"sourceHandle", "failed"}, {"target", "m"}});
  return read_graph(
      {{"nodes",
        {node("t", "trigger.inbound_message"), node("h", "tool.http_request", {{"url", "https://shop.example"}}),
         node("m", "wa.send_message", {{"body", "Sorry"}})}},
       {"edges", edges},
       {"entry", "t"}});
}

Situation answered_by_a_failure() {
  auto situation = at("h");
  situation.steps = 2;
  situation.state.stop = Stop{.step = 2, .call = true};
  situation.cause = CallAnswer{.failure = store::Complaint{.code = "http_failed", .words = "no answer"}};
  return situation;
}

TEST(Sprint, StopsAtACall) {
  const auto sprint = plan_sprint(asking(true), at("t"), {});
  EXPECT_EQ(ids(sprint), (Ids{"t", "h"}));
  EXPECT_EQ(sprint.next, "h");
  ASSERT_TRUE(sprint.state.stop.has_value());
  EXPECT_TRUE(sprint.state.stop->call);
  EXPECT_EQ(sprint.state.stop->step, 2);
  EXPECT_EQ(sprint.state.stop->ask.at("http").at("url"), "https://shop.example");
}

TEST(Sprint, GoesOnBehindAFailureThatHasAWay) {
  const auto sprint = plan_sprint(asking(true), answered_by_a_failure(), {});
  EXPECT_EQ(ids(sprint), (Ids{"h", "m"}));
  EXPECT_EQ(sprint.failure, std::nullopt);
  EXPECT_EQ(sprint.steps[0].open, 2);
  EXPECT_EQ(sprint.steps[0].plan.handle, "failed");
  EXPECT_EQ(sprint.steps[1].open, std::nullopt);
  EXPECT_EQ(sprint.state.stop.has_value(), false);
}

TEST(Sprint, EndsAtAFailureThatHasNone) {
  const auto sprint = plan_sprint(asking(false), answered_by_a_failure(), {});
  EXPECT_EQ(sprint.failure.value().code, "http_failed");
  EXPECT_EQ(sprint.steps[0].plan.handle, std::nullopt);
}

TEST(Sprint, ShowsASetFieldToTheNextNodes) {
  const auto graph = read_graph(
      {{"nodes",
        {node("t", "trigger.inbound_message"),
         node("f", "state.set_field", {{"target", "contact"}, {"field", "x"}, {"value", "{{message.text}}!"}}),
         node("m", "wa.send_message", {{"body", "{{contact.fields.x}}"}})}},
       {"edges", {edge("t", "f"), edge("f", "m")}},
       {"entry", "t"}});
  const auto sprint = plan_sprint(graph, at("t"), {});
  EXPECT_EQ(std::get<SendEffect>(sprint.steps.at(2).plan.effects.at(0)).text, "hi!");
}

TEST(Sprint, FailsOnANodeItDoesNotKnow) {
  const auto graph = read_graph({{"nodes", {node("t", "ai.magic")}}, {"edges", Json::array()}, {"entry", "t"}});
  EXPECT_EQ(plan_sprint(graph, at("t"), {}).failure.value().code, kBadGraph);
  const auto gone = plan_sprint(graph, at("elsewhere"), {});
  EXPECT_EQ(gone.failure.value().code, kBadGraph);
  EXPECT_TRUE(gone.steps.empty());
}

}  // namespace
}  // namespace waypost::workflow
