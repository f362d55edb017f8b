// What keeps a graph from being published: all of it, with the place and words for the one who drew it. Pure; any
// thread.

#pragma once

#include <vector>

#include "base/error.h"
#include "workflow/graph.h"

namespace waypost::workflow {

// Empty: it may be published. Paths as in the JSON: "nodes.2.data.body", "edges.0.source", "entry". Checked: ids, types
// and configurations of the nodes; exactly one trigger, which is the entry and no trigger.manual_test; edges' ids, ends
// and handles, one edge from an output; every node reachable; no cycle without a node that waits; the variables' first
// segments, and the nodes that steps.<id> names.
std::vector<FieldError> publish_faults(const Graph& graph);

// The same for a test of the draft, which a trigger.manual_test may begin.
std::vector<FieldError> test_faults(const Graph& graph);

}  // namespace waypost::workflow
