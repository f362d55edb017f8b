#include "workflow/graph.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>

#include "workflow/step_references.h"

namespace waypost::workflow {
namespace {

constexpr std::string_view kCountingType = "logic.rate_limit";

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
  return {.id = text_or_empty(json, "id"),
          .source = text_or_empty(json, "source"),
          .source_handle = text_or_empty(json, "sourceHandle"),
          .target = text_or_empty(json, "target"),
          .target_handle = text_or_empty(json, "targetHandle")};
}

using Output = std::pair<std::string_view, std::string_view>;
Output output_of(const Edge& edge) { return {edge.source, edge.output()}; }

// Places in order of what `key` gives for them; of equal ones the first first.
template <class Key>
std::vector<std::size_t> places_by(std::size_t count, const Key& key) {
  std::vector<std::size_t> places(count);
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::ranges::sort(places, {}, [&](std::size_t at) { return std::pair(key(at), at); });
  return places;
}

void index(Graph& graph) {
  graph.nodes_by_id =
      places_by(graph.nodes.size(), [&](std::size_t at) { return std::string_view(graph.nodes[at].id); });
  graph.edges_by_output = places_by(graph.edges.size(), [&](std::size_t at) { return output_of(graph.edges[at]); });
}

void note_references(Graph& graph) {
  std::set<std::string> ids;
  for (const auto& node : graph.nodes) ids.insert(node.id);
  for (const auto& node : graph.nodes) {
    for (const auto& reference : step_references(node.config)) {
      if (reference.rest.empty()) graph.kept_outputs = ids;
      auto id = referred_node(reference.rest, ids);
      if (!id.empty()) graph.kept_outputs.insert(std::move(id));
    }
  }
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
  const auto id_at = [&](std::size_t place) { return std::string_view(nodes[place].id); };
  const auto found = std::ranges::lower_bound(nodes_by_id, id, {}, id_at);
  return found == nodes_by_id.end() || nodes[*found].id != id ? nullptr : &nodes[*found];
}

std::optional<std::string> Graph::next(std::string_view node, std::string_view handle) const {
  const Output wanted{node, handle};
  const auto output_at = [&](std::size_t place) { return output_of(edges[place]); };
  const auto found = std::ranges::lower_bound(edges_by_output, wanted, {}, output_at);
  if (found == edges_by_output.end() || output_at(*found) != wanted) return std::nullopt;
  return edges[*found].target;
}

Graph read_graph(const Json& json) {
  Graph graph{.entry = text_or_empty(json, "entry")};
  if (const Json* nodes = find_array(json, "nodes")) {
    for (const auto& node : *nodes) graph.nodes.push_back(read_node(node));
  }
  if (const Json* edges = find_array(json, "edges")) {
    for (const auto& edge : *edges) graph.edges.push_back(read_edge(edge));
  }
  graph.counts = std::ranges::find(graph.nodes, kCountingType, &Node::type) != graph.nodes.end();
  note_references(graph);
  index(graph);
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
