#include "workflow/calls.h"

#include <algorithm>

namespace waypost::workflow {
namespace {

constexpr milliseconds kFirstPause{500};
constexpr milliseconds kLongestPause{60'000};
constexpr std::int64_t kMostDoublings = 7;

}  // namespace

std::optional<milliseconds> pause_before_retry(const OutsideTry& tried, std::int64_t attempt, int attempts) {
  if (!tried.answer.failure || !tried.may_repeat || attempt >= attempts) return std::nullopt;
  const auto doubled = kFirstPause * (1 << std::min(attempt - 1, kMostDoublings));
  return std::min(kLongestPause, std::max<milliseconds>(doubled, tried.retry_after.value_or(milliseconds(0))));
}

bool CallPlaces::take(TenantId tenant) {
  if (taken_ >= most_) return false;
  auto& mine = of_[tenant];
  if (mine >= most_of_one_) return false;
  ++mine;
  ++taken_;
  return true;
}

void CallPlaces::give_back(TenantId tenant) {
  --taken_;
  const auto found = of_.find(tenant);
  if (--found->second == 0) of_.erase(found);
}

}  // namespace waypost::workflow
