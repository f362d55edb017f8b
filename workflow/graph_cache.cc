#include "workflow/graph_cache.h"

namespace waypost::workflow {

std::shared_ptr<const Graph> GraphCache::find(WorkflowId workflow, std::int64_t version) const {
  const auto found = graphs_.find({workflow, version});
  return found == graphs_.end() ? nullptr : found->second;
}

std::shared_ptr<const Graph> GraphCache::keep(WorkflowId workflow, std::int64_t version, Graph graph) {
  if (graphs_.size() >= most_) graphs_.clear();
  auto kept = std::make_shared<const Graph>(std::move(graph));
  graphs_.insert_or_assign({workflow, version}, kept);
  return kept;
}

}  // namespace waypost::workflow
