// The short forms: Meta's content made of what people write by hand. Pure; any thread.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conversation/part.h"

namespace waypost {

// Where a member of Meta's content came from: "action.buttons" from "buttons". A fault about the one is told as one
// about the other.
struct CameFrom {
  std::string content{};
  std::string request{};
};

struct MadeContent {
  Json content = Json::object();
  std::vector<CameFrom> origins{};  // the first that fits counts
};

// Leaves a fault where the short form itself is broken; `content` then does not count.
MadeContent make_text(const Part& request);
MadeContent make_media(const Part& request);
MadeContent make_location(const Part& request);
MadeContent make_reaction(const Part& request);
MadeContent make_template(const Part& request);     // short_template.cc
MadeContent make_interactive(const Part& request);  // short_interactive.cc

}  // namespace waypost
