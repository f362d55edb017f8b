// docs/workflows.md and docs/workflows/*.json: every graph in them could be published, every node is shown, and what
// the page says of the files is what stands in them.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "workflow/graph.h"
#include "workflow/graph_faults.h"
#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

std::filesystem::path docs() { return std::filesystem::path(WAYPOST_TEST_DATA).parent_path().parent_path() / "docs"; }

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string page() { return content_of(docs() / "workflows.md"); }

// What stands between "```json" and "```".
std::vector<std::string> json_blocks() {
  static const std::string kBegin = "\n```json\n";
  const auto text = page();
  std::vector<std::string> blocks;
  for (auto at = text.find(kBegin); at != std::string::npos; at = text.find(kBegin, at)) {
    at += kBegin.size();
    blocks.push_back(text.substr(at, text.find("\n```", at) - at));
  }
  return blocks;
}

std::vector<std::filesystem::path> files() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(docs() / "workflows")) files.push_back(entry.path());
  return files;
}

bool is_trigger(const Json& node) {
  const auto* family = find_family(text_or_empty(node, "type"));
  return family != nullptr && family->is_trigger();
}

// The least graph that the node can stand in.
Json graph_around(const Json& node) {
  if (is_trigger(node)) {
    return {{"nodes", Json::array({node})}, {"edges", Json::array()}, {"entry", node.value("id", "")}};
  }
  const Json trigger = {{"id", "a message"}, {"type", "trigger.inbound_message"}};
  const Json edge = {{"source", "a message"}, {"target", node.value("id", "")}};
  return {{"nodes", Json::array({trigger, node})}, {"edges", Json::array({edge})}, {"entry", "a message"}};
}

// An export, a graph, or one node.
Json graph_in(const Json& json) {
  if (const auto* graph = find_object(json, "graph")) return *graph;
  return find_array(json, "nodes") != nullptr ? json : graph_around(json);
}

// A draft that begins so can be tested, not published.
bool is_only_for_tests(const Json& json) { return text_or_empty(json, "type") == manual_test_trigger().type; }

std::string words_of(const std::vector<FieldError>& faults) {
  std::string words;
  for (const auto& fault : faults) words += fault.path + ": " + fault.message + "\n";
  return words;
}

std::set<std::string> shown_types() {
  std::set<std::string> types;
  for (const auto& block : json_blocks()) {
    const auto json = parse_json(block);
    if (json && find_array(*json, "nodes") == nullptr && find_object(*json, "graph") == nullptr) {
      types.insert(text_or_empty(*json, "type"));
    }
  }
  return types;
}

TEST(WorkflowDocs, EveryExampleCouldBePublished) {
  const auto blocks = json_blocks();
  EXPECT_GE(blocks.size(), all_families().size());
  for (const auto& block : blocks) {
    const auto json = parse_json(block);
    ASSERT_TRUE(json.has_value()) << block;
    if (is_only_for_tests(*json)) continue;
    EXPECT_EQ(words_of(publish_faults(read_graph(graph_in(*json)))), "") << block;
  }
}

TEST(WorkflowDocs, TheTestsTriggerIsShownWithAConfigurationThatHolds) {
  for (const auto& block : json_blocks()) {
    const auto json = parse_json(block);
    if (json && is_only_for_tests(*json)) EXPECT_EQ(words_of(manual_test_trigger().faults(json->at("data"))), "");
  }
}

TEST(WorkflowDocs, EveryNodeHasItsHeadingAndAnExample) {
  const auto text = page();
  const auto shown = shown_types();
  for (const auto* family : all_families()) {
    EXPECT_NE(text.find("\n### " + std::string(family->type) + "\n"), std::string::npos) << family->type;
    EXPECT_TRUE(shown.contains(std::string(family->type))) << family->type;
  }
}

TEST(WorkflowDocs, TheFilesCouldBePublishedAndAreShownWordForWord) {
  EXPECT_GE(files().size(), 3U);
  const auto blocks = json_blocks();
  for (const auto& file : files()) {
    const auto text = content_of(file);
    const auto json = parse_json(text);
    ASSERT_TRUE(json.has_value()) << file;
    EXPECT_EQ(text_or_empty(*json, "waypost"), "workflow") << file;
    EXPECT_EQ(words_of(publish_faults(read_graph(graph_in(*json)))), "") << file;
    EXPECT_NE(std::ranges::find(blocks, text.substr(0, text.find_last_not_of('\n') + 1)), blocks.end()) << file;
  }
}

}  // namespace
}  // namespace waypost::workflow
