#include "daemon/silent_nodes.h"

namespace waypost {

std::size_t SilentNodes::look(const std::vector<store::Node>& nodes, Instant now) {
  std::size_t fallen = 0;
  for (const auto& node : nodes) {
    const auto [place, fresh] =
        seen_.try_emplace(node.name, Seen{.incarnation = node.incarnation, .at = node.seen_at, .moved = now});
    Seen& seen = place->second;
    const bool moved = !fresh && (seen.incarnation != node.incarnation || seen.at != node.seen_at);
    if (moved) seen = {.incarnation = node.incarnation, .at = node.seen_at, .moved = now, .moved_ever = true};
    const bool silent = seen.moved_ever && !node.stopped_at && now - seen.moved >= limit_;
    if (silent && !seen.told) {
      seen.told = true;
      ++fallen;
    }
  }
  return fallen;
}

}  // namespace waypost
