// Tamed: a body in which what no parser of ours takes stands as a text of its own bytes, so that it harms only the item
// it is in (law 3): numbers beyond what a double holds, and parts nested too deeply. Pure; any thread.

#pragma once

#include <string>
#include <string_view>

namespace waypost {

// Of JSON that parse_json() refuses. One pass, whatever the body; one that is no JSON stays none.
std::string tamed(std::string_view body);

}  // namespace waypost
