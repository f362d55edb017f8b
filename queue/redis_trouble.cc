#include "queue/redis_trouble.h"

namespace waypost {

namespace {

constexpr std::chrono::seconds kRemembered{10};
constexpr std::chrono::minutes kSilence{1};

}  // namespace

void RedisTrouble::refused(const std::string& what, const std::string& words, Instant now) {
  words_ = words;
  what_ = what;
  last_ = now;
}

void RedisTrouble::done(const std::string& what, Instant now) {
  if (words_.empty()) return;
  if (what == what_ || now - last_ >= kRemembered) words_.clear();
}

bool Rarely::may_say(const std::string& reason, std::chrono::steady_clock::time_point now) {
  std::erase_if(said_, [now](const auto& entry) { return now - entry.second >= kSilence; });
  return said_.emplace(reason, now).second;
}

}  // namespace waypost
