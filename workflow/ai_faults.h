// AiFaults: what keeps a graph with AI nodes from being published: a workspace without a language model. Pure; any
// thread.

#pragma once

#include <vector>

#include "workflow/graph.h"

namespace waypost::workflow {

// One for each AI node ("nodes.2"); none when the workspace has a model to ask (store::has_ai).
std::vector<FieldError> ai_faults(const Graph& graph, bool has_ai);
bool asks_ai(const Graph& graph);

}  // namespace waypost::workflow
