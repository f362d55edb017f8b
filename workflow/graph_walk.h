// Ways through a graph: what can be reached, and which edges close a cycle. Pure; any thread.

#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "workflow/graph.h"

namespace waypost::workflow {

// Ids of the nodes on some way from `from`, itself included.
std::set<std::string, std::less<>> reachable(const Graph& graph, std::string_view from);

// Does a run stand still at the node, at least for a while? wa.send_interactive only where it waits for the choice.
bool waits(const Node& node);

// Places in graph.edges of the edges that lead back to a node on the way to them without passing one that waits. Empty:
// there is no endless loop.
std::vector<std::size_t> closing_edges(const Graph& graph);

}  // namespace waypost::workflow
