#include "workflow/ai_faults.h"

#include <algorithm>

#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

bool is_ai(const Node& node) {
  const NodeFamily* family = find_family(node.type);
  return family != nullptr && family->kind == NodeKind::Ai;
}

}  // namespace

bool asks_ai(const Graph& graph) { return std::ranges::any_of(graph.nodes, is_ai); }

std::vector<FieldError> ai_faults(const Graph& graph, bool has_ai) {
  std::vector<FieldError> faults;
  for (std::size_t at = 0; !has_ai && at < graph.nodes.size(); ++at) {
    if (!is_ai(graph.nodes[at])) continue;
    faults.push_back({"nodes." + std::to_string(at), "an AI node needs settings.ai.apiKey or a baseUrl of your own"});
  }
  return faults;
}

}  // namespace waypost::workflow
