#include "workflow/graph_faults.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "workflow/graph_walk.h"
#include "workflow/node_family.h"
#include "workflow/step_references.h"
#include "workflow/variables.h"

namespace waypost::workflow {
namespace {

using Faults = std::vector<FieldError>;

constexpr std::size_t kIdBytes = 100;
constexpr std::string_view kTestTrigger = "trigger.manual_test";

std::string node_path(std::size_t place) { return "nodes." + std::to_string(place); }
std::string edge_path(std::size_t place) { return "edges." + std::to_string(place); }

void check_variables(Faults& faults, const Json& json, const std::string& path) {
  if (json.is_string()) {
    for (auto& message : expression_faults(json.get_ref<const std::string&>())) {
      FieldError fault{path, std::move(message)};
      if (std::ranges::find(faults, fault) == faults.end()) faults.push_back(std::move(fault));
    }
  }
  if (!json.is_structured()) return;
  for (const auto& [key, value] : json.items()) check_variables(faults, value, path + "." + key);
}

void check_config(Faults& faults, const Node& node, const std::string& path) {
  if (!node.config.is_object()) {
    faults.push_back({path, "must be an object"});
    return;
  }
  for (auto& fault : find_family(node.type)->faults(node.config)) {
    faults.push_back({path + "." + fault.path, std::move(fault.message)});
  }
  check_variables(faults, node.config, path);
}

void check_nodes(Faults& faults, const Graph& graph) {
  std::set<std::string_view> ids;
  for (std::size_t place = 0; place < graph.nodes.size(); ++place) {
    const auto& node = graph.nodes[place];
    const auto path = node_path(place);
    if (node.id.empty() || node.id.size() > kIdBytes) {
      faults.push_back({path + ".id", "must be a text of 1 to 100 bytes"});
    } else if (!ids.insert(node.id).second) {
      faults.push_back({path + ".id", "another node has the id " + node.id});
    }
    if (find_family(node.type) == nullptr) {
      faults.push_back({path + ".type", node.type.empty() ? "is required" : "unknown type " + node.type});
    } else {
      check_config(faults, node, path + "." + node.config_key);
    }
  }
}

void check_references(Faults& faults, const Graph& graph) {
  std::set<std::string> ids;
  for (const auto& node : graph.nodes) ids.insert(node.id);
  for (std::size_t place = 0; place < graph.nodes.size(); ++place) {
    const auto& node = graph.nodes[place];
    for (const auto& reference : step_references(node.config)) {
      if (reference.rest.empty() || !referred_node(reference.rest, ids).empty()) continue;
      faults.push_back({node_path(place) + "." + node.config_key + "." + reference.place,
                        "there is no node " + reference.rest.substr(0, reference.rest.find('.'))});
    }
  }
}

bool is_trigger(const Node& node) {
  const auto* family = find_family(node.type);
  return family != nullptr && family->is_trigger();
}

void check_entry(Faults& faults, const Graph& graph) {
  const auto triggers = std::ranges::count_if(graph.nodes, is_trigger);
  if (triggers == 0) faults.push_back({"nodes", "a trigger is missing: exactly one node must be one"});
  if (triggers > 1) faults.push_back({"nodes", "exactly one node must be a trigger, not " + std::to_string(triggers)});
  const auto* entry = graph.find(graph.entry);
  if (graph.entry.empty()) {
    faults.push_back({"entry", "is required: the trigger's id"});
  } else if (entry == nullptr) {
    faults.push_back({"entry", "there is no node " + graph.entry});
  } else if (!is_trigger(*entry)) {
    faults.push_back({"entry", "must be the trigger, not " + graph.entry});
  }
}

void check_source(Faults& faults, const Graph& graph, const Edge& edge, const std::string& path) {
  const auto* node = graph.find(edge.source);
  if (node == nullptr || edge.source.empty()) {
    faults.push_back({path + ".source", "there is no node " + edge.source});
    return;
  }
  const auto* family = find_family(node->type);
  if (family == nullptr) return;
  const auto handles = family->handles(node->config);
  const std::string handle(edge.output());
  if (std::ranges::find(handles, handle) != handles.end()) return;
  std::string known;
  for (const auto& each : handles) known += (known.empty() ? "" : ", ") + each;
  faults.push_back({path + ".sourceHandle", node->id + " has no output " + handle + "; it has " +
                                                (known.empty() ? std::string("none") : known)});
}

void check_target(Faults& faults, const Graph& graph, const Edge& edge, const std::string& path) {
  const auto* node = graph.find(edge.target);
  if (node == nullptr || edge.target.empty()) {
    faults.push_back({path + ".target", "there is no node " + edge.target});
  } else if (is_trigger(*node)) {
    faults.push_back({path + ".target", "a trigger has no input"});
  } else if (!edge.target_handle.empty() && edge.target_handle != kIn) {
    faults.push_back({path + ".targetHandle", node->id + " has no input " + edge.target_handle + "; it has in"});
  }
}

void check_edge_id(Faults& faults, std::set<std::string_view>& ids, const Edge& edge, const std::string& path) {
  if (!edge.id.empty() && !ids.insert(edge.id).second) {
    faults.push_back({path + ".id", "another edge has the id " + edge.id});
  }
}

using Outputs = std::map<std::pair<std::string_view, std::string_view>, std::size_t>;

// One edge leaves an output; a second with the same end is the same edge drawn twice.
void check_output(Faults& faults, const Graph& graph, Outputs& taken, std::size_t place) {
  const auto& edge = graph.edges[place];
  const auto [first, is_new] = taken.emplace(std::pair(std::string_view(edge.source), edge.output()), place);
  if (is_new) return;
  if (graph.edges[first->second].target == edge.target) {
    faults.push_back({edge_path(place), "is the same as " + edge_path(first->second)});
  } else {
    faults.push_back({edge_path(place) + ".sourceHandle", "another edge leaves this output already"});
  }
}

void check_edges(Faults& faults, const Graph& graph) {
  Outputs taken;
  std::set<std::string_view> ids;
  for (std::size_t place = 0; place < graph.edges.size(); ++place) {
    const auto& edge = graph.edges[place];
    const auto path = edge_path(place);
    check_edge_id(faults, ids, edge, path);
    check_source(faults, graph, edge, path);
    check_target(faults, graph, edge, path);
    check_output(faults, graph, taken, place);
  }
}

// Where the walk begins when the entry itself is at fault.
std::string beginning(const Graph& graph) {
  if (graph.find(graph.entry) != nullptr) return graph.entry;
  const auto trigger = std::ranges::find_if(graph.nodes, is_trigger);
  return trigger == graph.nodes.end() ? std::string() : trigger->id;
}

void check_ways(Faults& faults, const Graph& graph) {
  const auto from = beginning(graph);
  if (from.empty()) return;
  const auto reached = reachable(graph, from);
  for (std::size_t place = 0; place < graph.nodes.size(); ++place) {
    const auto& id = graph.nodes[place].id;
    if (id.empty() || reached.contains(id)) continue;
    faults.push_back({node_path(place), id + " cannot be reached from the trigger"});
  }
  for (const auto place : closing_edges(graph)) {
    faults.push_back({edge_path(place),
                      "closes a cycle without a node that waits: " + graph.edges[place].target + " would run again"});
  }
}

}  // namespace

std::vector<FieldError> test_faults(const Graph& graph) {
  Faults faults;
  check_entry(faults, graph);
  check_nodes(faults, graph);
  check_references(faults, graph);
  check_edges(faults, graph);
  check_ways(faults, graph);
  return faults;
}

std::vector<FieldError> publish_faults(const Graph& graph) {
  auto faults = test_faults(graph);
  for (std::size_t place = 0; place < graph.nodes.size(); ++place) {
    if (graph.nodes[place].type == kTestTrigger) {
      faults.push_back({node_path(place) + ".type", "is only for tests of a draft"});
    }
  }
  return faults;
}

}  // namespace waypost::workflow
