#include "net/client_pool.h"

#include <utility>

namespace waypost {

std::unique_ptr<Wire> ClientPool::take(const std::string& origin, Instant now) {
  const auto found = idle_wires_.find(origin);
  if (found == idle_wires_.end()) return nullptr;
  auto& parked = found->second;
  std::unique_ptr<Wire> wire;
  while (!wire && !parked.empty()) {
    auto youngest = std::move(parked.back());
    parked.pop_back();
    if (now - youngest.since < idle_ && youngest.wire->quiet()) wire = std::move(youngest.wire);
  }
  if (parked.empty()) idle_wires_.erase(found);
  return wire;
}

void ClientPool::put(const std::string& origin, std::unique_ptr<Wire> wire, Instant now) {
  if (per_origin_ == 0) return;
  auto& parked = idle_wires_[origin];
  if (parked.size() >= per_origin_) parked.pop_front();
  parked.push_back({std::move(wire), now});
}

void ClientPool::sweep(Instant now) {
  for (auto& [origin, parked] : idle_wires_) {
    while (!parked.empty() && now - parked.front().since >= idle_) parked.pop_front();
  }
  std::erase_if(idle_wires_, [](const auto& entry) { return entry.second.empty(); });
}

}  // namespace waypost
