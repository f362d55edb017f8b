#include "workflow/call_places.h"

#include <algorithm>

namespace waypost::workflow {

bool CallPlaces::has_room(TenantId tenant) const {
  if (taken_ >= most_) return false;
  const auto found = of_.find(tenant);
  const auto mine = found == of_.end() ? 0 : found->second;
  const bool is_scarce = most_ - taken_ <= most_ / 4;
  return mine < (is_scarce ? std::max<std::size_t>(1, most_of_one_ / 8) : most_of_one_);
}

bool CallPlaces::take(TenantId tenant) {
  if (!has_room(tenant)) return false;
  ++of_[tenant];
  ++taken_;
  return true;
}

void CallPlaces::give_back(TenantId tenant) {
  --taken_;
  const auto found = of_.find(tenant);
  if (--found->second == 0) of_.erase(found);
}

void CallPlaces::line_up(const InLine& who) {
  if (in_line_.insert(who.conversation).second) lines_[who.tenant].push_back(who.conversation);
}

std::optional<InLine> CallPlaces::next() {
  auto at = lines_.upper_bound(last_);
  for (std::size_t looked = 0; looked < lines_.size(); ++looked, ++at) {
    if (at == lines_.end()) at = lines_.begin();
    if (!has_room(at->first)) continue;
    const InLine first{.tenant = at->first, .conversation = at->second.front()};
    last_ = first.tenant;
    in_line_.erase(first.conversation);
    at->second.pop_front();
    if (at->second.empty()) lines_.erase(at);
    return first;
  }
  return std::nullopt;
}

}  // namespace waypost::workflow
