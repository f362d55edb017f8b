#include "api/rate_limits.h"

#include <algorithm>

#include "api/answers.h"

namespace waypost::api {
namespace {

std::int64_t seconds_until(Time end, Time now) {
  return std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(end - now).count());
}

Verdict verdict_of(std::int64_t used, const Quota& quota, std::int64_t reset_seconds) {
  return {.allowed = used <= quota.requests,
          .limit = quota.requests,
          .remaining = std::max<std::int64_t>(0, quota.requests - used),
          .reset_seconds = reset_seconds};
}

}  // namespace

Verdict RateLimits::take(const std::string& key, const Quota& quota, Time now) {
  const std::lock_guard hold(lock_);
  if (windows_.size() >= most_keys_) make_room(now);
  auto& window = windows_[key];
  if (window.ends <= now) window = {.ends = now + quota.window, .used = 0};
  if (window.used <= quota.requests) ++window.used;
  return verdict_of(window.used, quota, seconds_until(window.ends, now));
}

Verdict RateLimits::look(const std::string& key, const Quota& quota, Time now) const {
  const std::lock_guard hold(lock_);
  const auto found = windows_.find(key);
  if (found == windows_.end() || found->second.ends <= now)
    return verdict_of(1, quota, seconds_until(now + quota.window, now));
  return verdict_of(found->second.used + 1, quota, seconds_until(found->second.ends, now));
}

void RateLimits::make_room(Time now) {
  std::erase_if(windows_, [now](const auto& entry) { return entry.second.ends <= now; });
  if (windows_.size() >= most_keys_) windows_.clear();
}

std::string caller_address(std::string_view peer) {
  if (!peer.contains(':') || peer.contains('.')) return std::string(peer);
  // The first four groups; a "::" among them ends the written part early, which is the same for the whole site.
  std::size_t end = 0;
  for (int groups = 0; groups < 4 && end != std::string_view::npos; ++groups) {
    end = peer.find(':', end == 0 ? 0 : end + 1);
    if (end != std::string_view::npos && peer.substr(end).starts_with("::")) break;
  }
  return std::string(peer.substr(0, end)) + "/64";
}

void add_limit_headers(Headers& headers, const Verdict& verdict) {
  headers.add("RateLimit-Limit", std::to_string(verdict.limit));
  headers.add("RateLimit-Remaining", std::to_string(verdict.remaining));
  headers.add("RateLimit-Reset", std::to_string(verdict.reset_seconds));
}

Response too_many(const Verdict& verdict) {
  Response response = answer(429, {{"error", "Too many requests, please try again later"}});
  response.headers.add("Retry-After", std::to_string(verdict.reset_seconds));
  add_limit_headers(response.headers, verdict);
  return response;
}

}  // namespace waypost::api
