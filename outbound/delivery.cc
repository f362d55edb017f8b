#include "outbound/delivery.h"

#include <algorithm>
#include <utility>

#include "conversation/upload.h"

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
  const Tried& tried;
  double jitter;

  DeliveryStep give_up(Refused refused, bool needs_operator = false) const {
    return GiveUp{.why = std::move(refused.why), .code = refused.code, .needs_operator = needs_operator};
  }
  DeliveryStep retry(Refused refused, int most) const {
    const bool reached_meta = refused.code.has_value();
    if (!reached_meta) return TryAgain{.pause = pause_of(policy.unreachable, tried.failures, jitter)};
    if (tried.failures >= most) {
      return GiveUp{.why = std::move(refused.why).during("last attempt"), .code = refused.code};
    }
    return TryAgain{.pause = pause_of(policy.refused, tried.failures, jitter)};
  }
  DeliveryStep pause(const Refused& refused, milliseconds pause, PauseScope scope) const {
    return TryAgain{.pause = std::max(pause, refused.retry_after.value_or(milliseconds(0))), .scope = scope};
  }
  DeliveryStep slow_down(const Refused& refused) const {
    const auto failures = tried.failures;
    if (refused.action == GraphAction::PausePair)
      return pause(refused, pair_pause(failures, policy.longest_pair), PauseScope::Pair);
    if (refused.action == GraphAction::PauseNumber)
      return pause(refused, pause_of(policy.number, failures, jitter), PauseScope::Number);
    const auto scope = refused.action == GraphAction::PauseApp ? PauseScope::App : PauseScope::Account;
    return pause(refused, pause_of(policy.app, failures, jitter), scope);
  }

  DeliveryStep operator()(Refused refused) const {
    if (tried.by_old_file && refused.code && may_mean_lost_file(*refused.code)) return UploadAgain{};
    switch (refused.action) {
      case GraphAction::Retry:
        return retry(std::move(refused), policy.attempts - 1);
      case GraphAction::RetryLink:
        return retry(std::move(refused), tried.by_link ? policy.link_retries : 0);
      case GraphAction::RetryByPhone:
        return TryByPhone{.why = std::move(refused.why), .code = refused.code.value_or(0)};
      case GraphAction::PausePair:
      case GraphAction::PauseNumber:
      case GraphAction::PauseAccount:
      case GraphAction::PauseApp:
        return slow_down(refused);
      case GraphAction::UseTemplate:
        return LeaveWindow{};
      case GraphAction::HoldForToken:
        return AwaitToken{.why = std::move(refused.why)};
      case GraphAction::BlockNumber:
      case GraphAction::BlockAccount:
      case GraphAction::BlockTemplates:
      case GraphAction::BlockInitiated:
        return AwaitChannel{.why = std::move(refused.why), .code = refused.code.value_or(0)};
      case GraphAction::Fail:
      case GraphAction::Embargo:
      case GraphAction::StopMarketing:
      case GraphAction::ListTemplates:
      case GraphAction::PauseTemplate:
      case GraphAction::DisableTemplate:
        return give_up(std::move(refused));
      case GraphAction::Config:
        return give_up(std::move(refused), true);
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

DeliveryStep next_step(SendAnswer answer, const Tried& tried, const RetryPolicy& policy, double jitter) {
  return std::visit(Weighing{.policy = policy, .tried = tried, .jitter = jitter}, std::move(answer));
}

bool brings_link(const Json& content) {
  if (content.is_object() && find_text(content, "link")) return true;
  return content.is_structured() && std::ranges::any_of(content, brings_link);
}

}  // namespace waypost
