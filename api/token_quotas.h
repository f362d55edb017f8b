// TokenQuotas: which API tokens were good lately and how many requests a minute each may make, so that a known token is
// counted by itself and a guessed one by its address. Any thread: one short lock.

#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace waypost::api {

class TokenQuotas {
 public:
  std::optional<std::int64_t> find(const std::string& token_hash) const {
    const std::lock_guard hold(lock_);
    const auto found = quotas_.find(token_hash);
    if (found == quotas_.end()) return std::nullopt;
    return found->second;
  }
  void learn(const std::string& token_hash, std::int64_t requests_per_minute) {
    const std::lock_guard hold(lock_);
    if (quotas_.size() >= kMost) quotas_.clear();
    quotas_[token_hash] = requests_per_minute;
  }
  void forget(const std::string& token_hash) {
    const std::lock_guard hold(lock_);
    quotas_.erase(token_hash);
  }

 private:
  static constexpr std::size_t kMost = 100'000;
  mutable std::mutex lock_;
  std::unordered_map<std::string, std::int64_t> quotas_;  // under the lock
};

}  // namespace waypost::api
