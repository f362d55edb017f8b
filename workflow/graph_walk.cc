#include "workflow/graph_walk.h"

#include <algorithm>
#include <map>

#include "workflow/interactive_choices.h"
#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

using EdgesOf = std::map<std::string_view, std::vector<std::size_t>>;

EdgesOf edges_by_source(const Graph& graph) {
  EdgesOf edges;
  for (std::size_t place = 0; place < graph.edges.size(); ++place) edges[graph.edges[place].source].push_back(place);
  return edges;
}

// Depth first without recursion: a draft may hold one chain of 500 nodes, and later limits may be higher.
class CycleSearch {
 public:
  explicit CycleSearch(const Graph& graph) : graph_(graph), edges_(edges_by_source(graph)) {}

  std::vector<std::size_t> search() {
    for (const auto& node : graph_.nodes) {
      if (!seen_.contains(node.id)) walk_from(node.id);
    }
    std::ranges::sort(closing_);
    return std::move(closing_);
  }

 private:
  struct Visit {
    std::string_view node;
    std::size_t next_edge = 0;
  };

  // Nothing for a node that waits: a cycle through it is cut there.
  const std::vector<std::size_t>& leaving(std::string_view node) {
    static const std::vector<std::size_t> kNone;
    const auto* found = graph_.find(node);
    return found != nullptr && waits(*found) ? kNone : edges_[node];
  }

  void enter(std::string_view node) {
    seen_.insert(node);
    on_way_.insert(node);
    way_.push_back({.node = node});
  }

  void walk_from(std::string_view node) {
    enter(node);
    while (!way_.empty()) {
      auto& visit = way_.back();
      const auto& edges = leaving(visit.node);
      if (visit.next_edge == edges.size()) {
        on_way_.erase(visit.node);
        way_.pop_back();
      } else {
        follow(edges[visit.next_edge++]);
      }
    }
  }

  void follow(std::size_t edge) {
    const std::string_view target = graph_.edges[edge].target;
    if (on_way_.contains(target)) {
      closing_.push_back(edge);
    } else if (!seen_.contains(target)) {
      enter(target);
    }
  }

  const Graph& graph_;
  EdgesOf edges_;
  std::set<std::string_view> seen_;
  std::set<std::string_view> on_way_;
  std::vector<Visit> way_;
  std::vector<std::size_t> closing_;
};

}  // namespace

std::set<std::string, std::less<>> reachable(const Graph& graph, std::string_view from) {
  auto edges = edges_by_source(graph);
  std::set<std::string, std::less<>> reached{std::string(from)};
  std::vector<std::string_view> open{from};
  while (!open.empty()) {
    const auto node = open.back();
    open.pop_back();
    for (const auto edge : edges[node]) {
      const auto& target = graph.edges[edge].target;
      if (reached.insert(target).second) open.push_back(target);
    }
  }
  return reached;
}

bool waits(const Node& node) {
  const auto* family = find_family(node.type);
  if (family == nullptr || !family->waits) return false;
  return node.type != kInteractiveType || waits_for_choice(node.config);
}

std::vector<std::size_t> closing_edges(const Graph& graph) { return CycleSearch(graph).search(); }

}  // namespace waypost::workflow
