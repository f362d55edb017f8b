#include "workflow/graph.h"

#include <gtest/gtest.h>

#include "workflow/catalogue.h"

namespace waypost::workflow {
namespace {

Json parsed(const char* text) { return Json::parse(text); }

TEST(Graph, IsReadFromData) {
  const auto graph = read_graph(parsed(R"({"nodes":[{"id":"a","type":"wa.send_message","data":{"body":"x"}}],
    "edges":[{"source":"a","target":"b","sourceHandle":"yes","targetHandle":"in"}],"entry":"a"})"));
  ASSERT_EQ(graph.nodes.size(), 1U);
  EXPECT_EQ(graph.nodes[0].config, Json({{"body", "x"}}));
  EXPECT_EQ(graph.nodes[0].config_key, "data");
  EXPECT_EQ(graph.edges[0].source_handle, "yes");
  EXPECT_EQ(graph.entry, "a");
}

TEST(Graph, ConfigWinsOverData) {
  const auto graph = read_graph(parsed(R"({"nodes":[{"id":"a","data":{"label":"x"},"config":{"body":"y"}}]})"));
  EXPECT_EQ(graph.nodes[0].config, Json({{"body", "y"}}));
  EXPECT_EQ(graph.nodes[0].config_key, "config");
}

TEST(Graph, OfWrongTypesIsEmptyAndKeepsItsPlaces) {
  const auto graph = read_graph(parsed(R"({"nodes":[7,{"id":3},{"id":"c"}],"edges":["x"],"entry":1})"));
  ASSERT_EQ(graph.nodes.size(), 3U);
  EXPECT_EQ(graph.nodes[2].id, "c");
  EXPECT_EQ(graph.edges.size(), 1U);
  EXPECT_EQ(graph.entry, "");
  EXPECT_TRUE(read_graph(parsed("[]")).nodes.empty());
}

TEST(Graph, AnEdgeWithoutAHandleLeavesByTheOneOutput) {
  const auto graph = read_graph(parsed(R"({"edges":[{"source":"a","target":"b"},
    {"source":"s","target":"c","sourceHandle":"yes"}]})"));
  EXPECT_EQ(graph.next("a", "out"), "b");
  EXPECT_EQ(graph.next("a", "other"), std::nullopt);
  EXPECT_EQ(graph.next("s", "yes"), "c");
  EXPECT_EQ(graph.next("s", "default"), std::nullopt);
}

TEST(Graph, FindsTheFirstOfEqualNodesAndEdges) {
  const auto graph = read_graph(parsed(R"({"nodes":[{"id":"b","type":"x"},{"id":"a","type":"y"},{"id":"b","type":"z"}],
    "edges":[{"id":"e","source":"b","target":"c"},{"source":"b","sourceHandle":"out","target":"d"}]})"));
  EXPECT_EQ(graph.find("b"), &graph.nodes[0]);
  EXPECT_EQ(graph.find("a"), &graph.nodes[1]);
  EXPECT_EQ(graph.find("c"), nullptr);
  EXPECT_EQ(graph.next("b", "out"), "c");
  EXPECT_EQ(graph.edges[0].id, "e");
}

TEST(Graph, OfManyNodesFindsEach) {
  Json json{{"nodes", Json::array()}, {"edges", Json::array()}};
  for (int n = 0; n < 500; ++n) {
    json["nodes"].push_back({{"id", "n" + std::to_string(n)}});
    json["edges"].push_back({{"source", "n" + std::to_string(n)}, {"target", "n" + std::to_string(n + 1)}});
  }
  const auto graph = read_graph(json);
  for (int n = 0; n < 500; ++n) {
    const auto id = "n" + std::to_string(n);
    ASSERT_NE(graph.find(id), nullptr);
    EXPECT_EQ(graph.find(id)->id, id);
    EXPECT_EQ(graph.next(id, "out"), "n" + std::to_string(n + 1));
  }
}

TEST(Graph, KeepsTheOutputsThatAreReferredTo) {
  const auto graph = read_graph(parsed(R"({"nodes":[{"id":"a"},{"id":"b.c"},{"id":"d"},
    {"id":"e","data":{"body":"{{steps.a.text}} {{steps.b.c.id | upper}} {{steps.x.y}}"}},
    {"id":"f","data":{"conditions":[{"field":"steps.e.messageId"}]}}]})"));
  EXPECT_EQ(graph.kept_outputs, (std::set<std::string>{"a", "b.c", "e"}));
  const auto all = read_graph(parsed(R"({"nodes":[{"id":"a"},{"id":"b","data":{"body":"{{steps}}"}}]})"));
  EXPECT_EQ(all.kept_outputs, (std::set<std::string>{"a", "b"}));
}

TEST(Graph, KnowsWhetherItCounts) {
  EXPECT_TRUE(read_graph(parsed(R"({"nodes":[{"id":"a","type":"logic.rate_limit"}]})")).counts);
  EXPECT_FALSE(read_graph(parsed(R"({"nodes":[{"id":"a","type":"logic.end"}]})")).counts);
}

TEST(Draft, MayBeUnfinished) {
  EXPECT_TRUE(draft_faults(parsed(R"({"nodes":[],"edges":[]})")).empty());
  EXPECT_TRUE(draft_faults(parsed(R"({"nodes":[{"type":"what"}],"edges":[{}],"entry":null})")).empty());
  EXPECT_TRUE(draft_faults(first_draft()).empty());
}

TEST(Draft, MustBeAnObjectWithBothArrays) {
  EXPECT_EQ(draft_faults(parsed("[]")), (std::vector<FieldError>{{"draftGraph", "must be an object"}}));
  EXPECT_EQ(
      draft_faults(parsed(R"({"nodes":{}})")),
      (std::vector<FieldError>{{"draftGraph.nodes", "must be an array"}, {"draftGraph.edges", "must be an array"}}));
}

TEST(Draft, IsLimitedInNodesAndBytes) {
  Json draft{{"nodes", Json::array()}, {"edges", Json::array()}};
  for (std::size_t n = 0; n < kDraftNodes; ++n) draft["nodes"].push_back({{"id", "x"}});
  EXPECT_TRUE(draft_faults(draft).empty());
  draft["nodes"].push_back({{"id", "x"}});
  EXPECT_EQ(draft_faults(draft).at(0).path, "draftGraph.nodes");
  const Json large{{"nodes", {{{"id", std::string(kDraftBytes, 'x')}}}}, {"edges", Json::array()}};
  EXPECT_EQ(draft_faults(large).at(0).path, "draftGraph");
}

}  // namespace
}  // namespace waypost::workflow
