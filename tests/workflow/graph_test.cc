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
