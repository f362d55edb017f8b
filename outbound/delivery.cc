#include "outbound/delivery.h"

#include <algorithm>
#include <utility>

namespace waypost {
namespace {

using std::chrono::milliseconds;

// Between half and all of the pause.
milliseconds spread(milliseconds pause, double jitter) {
  return milliseconds(static_cast<std::int64_t>(static_cast<double>(pause.count()) * (0.5 + jitter / 2)));
}

milliseconds pause_of(const RetryPace& backoff, std::int64_t failures, double jitter) {
  const auto doubled = backoff.first * (std::int64_t{1} << std::clamp<std::int64_t>(failures, 0, 20));
  return spread(std::min(doubled, backoff.longest), jitter);
}

// Meta's rule for 131056; its pause is not shortened by the dice.
milliseconds pair_pause(std::int64_t failures, milliseconds longest) {
  const auto pause = milliseconds(1'000) * (std::int64_t{1} << (2 * std::clamp<std::int64_t>(failures, 0, 15)));
  return std::min<milliseconds>(pause, longest);
}

struct Weighing {
  const RetryPolicy& policy;
  std::int64_t failures;
  double jitter;

  DeliveryStep retry(Refused refused) const {
    const bool reached_meta = refused.code.has_value();
    if (!reached_meta) return TryAgain{.pause = pause_of(policy.unreachable, failures, jitter)};
    if (failures + 1 >= policy.attempts) {
      return GiveUp{.why = std::move(refused.why).during("last attempt"), .code = refused.code};
    }
    return TryAgain{.pause = pause_of(policy.refused, failures, jitter)};
  }
  DeliveryStep pause(const Refused& refused, milliseconds pause, PauseScope scope) const {
    return TryAgain{.pause = std::max(pause, refused.retry_after.value_or(milliseconds(0))), .scope = scope};
  }

  DeliveryStep operator()(Refused refused) const {
    switch (refused.action) {
      case GraphAction::Retry:
        return retry(std::move(refused));
      case GraphAction::PauseNumber:
        return pause(refused, pause_of(policy.number, failures, jitter), PauseScope::Number);
      case GraphAction::PausePair:
        return pause(refused, pair_pause(failures, policy.longest_pair), PauseScope::Pair);
      case GraphAction::PauseApp:
        return pause(refused, pause_of(policy.app, failures, jitter), PauseScope::App);
      case GraphAction::UseTemplate:
        return LeaveWindow{};
      case GraphAction::HoldForToken:
        return AwaitToken{.why = std::move(refused.why)};
      case GraphAction::Fail:
        return GiveUp{.why = std::move(refused.why), .code = refused.code};
      case GraphAction::Config:
        return GiveUp{.why = std::move(refused.why), .code = refused.code, .needs_operator = true};
      case GraphAction::Unknown:
        return AwaitStatus{.why = std::move(refused.why)};
    }
  }
  DeliveryStep operator()(Accepted accepted) const {
    return MarkAccepted{.wamid = std::move(accepted.wamid), .wa_id = std::move(accepted.wa_id)};
  }
  DeliveryStep operator()(Unclear unclear) const { return AwaitStatus{.why = std::move(unclear.why)}; }
};

}  // namespace

DeliveryStep next_step(SendAnswer answer, std::int64_t failures, const RetryPolicy& policy, double jitter) {
  return std::visit(Weighing{.policy = policy, .failures = failures, .jitter = jitter}, std::move(answer));
}

}  // namespace waypost
