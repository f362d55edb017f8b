// QuietTenants: workspaces that had nothing published a moment ago, whose triggers are dropped without being read. It
// is a guess that saves a reading; the dropping statement itself looks again (store::drop_unwanted_triggers), so that a
// workflow published meanwhile, here or on another node, loses no message. Loop only.

#pragma once

#include <chrono>
#include <cstddef>
#include <unordered_map>

#include "base/clock.h"
#include "base/id.h"

namespace waypost::workflow {

class QuietTenants {
 public:
  static constexpr std::chrono::seconds kFresh{1};
  static constexpr std::size_t kMost = 10'000;

  [[nodiscard]] bool is_quiet(TenantId tenant, Time now) const {
    const auto found = seen_.find(tenant);
    return found != seen_.end() && now - found->second < kFresh;
  }
  void remember(TenantId tenant, Time now) {
    if (seen_.size() >= kMost) seen_.clear();
    seen_[tenant] = now;
  }
  void forget(TenantId tenant) { seen_.erase(tenant); }

 private:
  std::unordered_map<TenantId, Time> seen_;
};

}  // namespace waypost::workflow
