// SilentNodes: notices that another node of this store has died: its row was moving, stands still for `limit`, and does
// not say that the node stopped. Clocks are not compared; what counts is how long we have seen nothing move. Pure.

#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "store/nodes.h"

namespace waypost {

class SilentNodes {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  explicit SilentNodes(std::chrono::milliseconds limit) : limit_(limit) {}

  // The rows of now, our own among them or not. How many fell silent since the last look.
  std::size_t look(const std::vector<store::Node>& nodes, Instant now);

 private:
  struct Seen {
    Uuid incarnation{};
    Time at{};
    Instant moved{};
    bool moved_ever = false;  // what was dead when we came is nobody's death
    bool told = false;
  };

  const std::chrono::milliseconds limit_;
  std::map<std::string, Seen> seen_;  // by name
};

}  // namespace waypost
