// What keeps a graph from being published: all of it, with the place and words for the one who drew it. Pure; any
// thread.

#pragma once

#include <vector>

#include "base/error.h"
#include "workflow/graph.h"

namespace waypost::workflow {

// Empty: it may be published. Paths as in the JSON: "nodes.2.data.body", "edges.0.source", "entry". Checked: ids, types
// and configurations of the nodes; exactly one trigger, which is the entry; edges' ends and handles, one edge from an
// output; every node reachable, no cycle; the variables' first segments.
std::vector<FieldError> publish_faults(const Graph& graph);

}  // namespace waypost::workflow
