// Queue view: which owners of a queue are shown by themselves, and what the rest adds up to. Pure; any thread.

#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "queue/keyed_queue.h"

namespace waypost::api {

inline constexpr std::size_t kOwnersShown = 50;

struct ShownOwners {
  std::vector<OwnerStats> top{};  // by ready and leased keys, the most first
  std::size_t others = 0;
  std::uint64_t ready = 0;  // of the others
  std::uint64_t leased = 0;
};
ShownOwners shown_owners(std::vector<OwnerStats> owners, std::size_t most = kOwnersShown);

struct ShownOldest {
  std::vector<std::pair<TenantId, Time>> top{};  // the oldest first
  std::optional<Time> others{};                  // the oldest of the others
};
ShownOldest shown_oldest(const std::map<TenantId, Time>& oldest, std::size_t most = kOwnersShown);

}  // namespace waypost::api
