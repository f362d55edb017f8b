// GraphCache: graphs of published versions, read once. A version never changes, so nothing is ever stale. Loop only.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "base/id.h"
#include "workflow/graph.h"

namespace waypost::workflow {

class GraphCache {
 public:
  explicit GraphCache(std::size_t most = 256) : most_(most) {}

  // Null: not kept.
  [[nodiscard]] std::shared_ptr<const Graph> find(WorkflowId workflow, std::int64_t version) const;
  // Forgets all others when it is full: reading one again is cheap.
  std::shared_ptr<const Graph> keep(WorkflowId workflow, std::int64_t version, Graph graph);

 private:
  std::size_t most_;
  std::map<std::pair<WorkflowId, std::int64_t>, std::shared_ptr<const Graph>> graphs_;
};

}  // namespace waypost::workflow
