#include "workflow/graph.h"

#include <algorithm>

namespace waypost::workflow {
namespace {

Node read_node(const Json& json) {
  Node node{.id = text_or_empty(json, "id"), .type = text_or_empty(json, "type")};
  for (const auto* key : {"config", "data"}) {
    const Json* config = find(json, key);
    if (config == nullptr || config->is_null()) continue;
    node.config_key = key;
    node.config = *config;
    break;
  }
  return node;
}

Edge read_edge(const Json& json) {
  return {.source = text_or_empty(json, "source"),
          .source_handle = text_or_empty(json, "sourceHandle"),
          .target = text_or_empty(json, "target"),
          .target_handle = text_or_empty(json, "targetHandle")};
}

bool leaves_by(const Edge& edge, std::string_view handle) {
  return edge.source_handle == handle || (edge.source_handle.empty() && handle == kOut);
}

void check_array(std::vector<FieldError>& faults, const Json& json, const char* key, std::size_t most) {
  const std::string path = std::string("draftGraph.") + key;
  const Json* array = find_array(json, key);
  if (array == nullptr) {
    faults.push_back({path, "must be an array"});
  } else if (array->size() > most) {
    faults.push_back({path, "holds more than " + std::to_string(most)});
  }
}

}  // namespace

const Node* Graph::find(std::string_view id) const {
  const auto found = std::ranges::find(nodes, id, &Node::id);
  return found == nodes.end() ? nullptr : &*found;
}

std::optional<std::string> Graph::next(std::string_view node, std::string_view handle) const {
  const auto found =
      std::ranges::find_if(edges, [&](const Edge& edge) { return edge.source == node && leaves_by(edge, handle); });
  if (found == edges.end()) return std::nullopt;
  return found->target;
}

Graph read_graph(const Json& json) {
  Graph graph{.entry = text_or_empty(json, "entry")};
  if (const Json* nodes = find_array(json, "nodes")) {
    for (const auto& node : *nodes) graph.nodes.push_back(read_node(node));
  }
  if (const Json* edges = find_array(json, "edges")) {
    for (const auto& edge : *edges) graph.edges.push_back(read_edge(edge));
  }
  return graph;
}

std::vector<FieldError> draft_faults(const Json& json) {
  if (!json.is_object()) return {{"draftGraph", "must be an object"}};
  std::vector<FieldError> faults;
  check_array(faults, json, "nodes", kDraftNodes);
  check_array(faults, json, "edges", kDraftEdges);
  if (faults.empty() && dump(json).size() > kDraftBytes) faults.push_back({"draftGraph", "is larger than 1 MiB"});
  return faults;
}

}  // namespace waypost::workflow
