#include "conversation/broadcast.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "conversation/failure_reason.h"

namespace waypost {
namespace {

using enum BroadcastStatus;

constexpr std::array<std::pair<std::string_view, BroadcastStatus>, 7> kNames{{{"draft", Draft},
                                                                              {"scheduled", Scheduled},
                                                                              {"preparing", Preparing},
                                                                              {"sending", Sending},
                                                                              {"paused", Paused},
                                                                              {"completed", Completed},
                                                                              {"cancelled", Cancelled}}};

// Failures that say something of the contact which a second try does not change: they will not have it, Meta will not
// bring it to them, or it may reach somebody else. Who is under a marketing embargo may be tried: while it lasts
// nothing goes out, and then it does.
constexpr auto kNever = std::to_array<std::string_view>(
    {"opted_out", kMarketingStopped, "no_address", "no_contact", "thread_elsewhere", kDroppedAfterRestore, "not_needed",
     "broadcast_cancelled", "undeliverable", "contact_blocked", "experiment", "country_restricted", "to_self",
     "identity_changed", "group_refused"});

bool is_editable(BroadcastStatus status) { return status == Draft || status == Scheduled; }
bool is_under_way(BroadcastStatus status) { return status == Preparing || status == Sending; }

std::optional<BroadcastStatus> only_if(bool allowed, BroadcastStatus next) {
  return allowed ? std::optional(next) : std::nullopt;
}

std::optional<BroadcastStatus> after_retry(BroadcastStatus status, bool is_prepared) {
  if (status == Completed) return Sending;
  return only_if(is_prepared && (status == Sending || status == Paused), status);
}

std::optional<BroadcastStop> stop_of_template(const std::optional<std::string>& status) {
  if (!status) return BroadcastStop{.reason = "template_missing", .words = "the template is not in the account's list"};
  if (*status == "APPROVED") return std::nullopt;
  return BroadcastStop{.reason = "template_" + lower_ascii(*status), .words = "Meta says of the template: " + *status};
}

std::optional<BroadcastStop> stop_of_channel(const std::optional<std::string>& state) {
  if (!state) return BroadcastStop{.reason = "no_channel", .words = "the channel is gone"};
  if (*state == "active") return std::nullopt;
  return BroadcastStop{.reason = "channel_" + *state, .words = "the channel's state is " + *state};
}

const Json* said(const Json& standing, std::string_view key) {
  const Json* entry = find_object(standing, key);
  return entry ? find_object(*entry, "value") : nullptr;
}

bool is_banned(const Json& standing) {
  const Json* ban = said(standing, "ban");
  const Json* info = ban ? find_object(*ban, "ban_info") : nullptr;
  return info && text_or_empty(*info, "waba_ban_state") == "DISABLE";
}

// Of messages that the business begins. Meta says until when, in seconds, or says it not.
bool is_restricted(const Json& standing, Time now) {
  const Json* restriction = said(standing, "restriction");
  const Json* list = restriction ? find_array(*restriction, "restriction_info") : nullptr;
  return list && std::ranges::any_of(*list, [now](const Json& one) {
           const auto until = find_integer(one, "expiration");
           const bool is_over = until && *until * 1'000 <= to_millis(now);
           return text_or_empty(one, "restriction_type") == "RESTRICTED_BIZ_INITIATED_MESSAGING" && !is_over;
         });
}

bool is_of_low_quality(const Json& standing) {
  const Json* quality = said(standing, "quality");
  return quality && text_or_empty(*quality, "event") == "FLAGGED";
}

}  // namespace

std::string_view name_of(BroadcastStatus status) {
  return std::ranges::find(kNames, status, &decltype(kNames)::value_type::second)->first;
}

std::optional<BroadcastStatus> broadcast_status(std::string_view name) {
  const auto* known = std::ranges::find(kNames, name, &decltype(kNames)::value_type::first);
  return known == kNames.end() ? std::nullopt : std::optional(known->second);
}

std::string_view name_of(BroadcastWish wish) {
  switch (wish) {
    case BroadcastWish::Edit:
      return "edited";
    case BroadcastWish::Delete:
      return "deleted";
    case BroadcastWish::Schedule:
      return "scheduled";
    case BroadcastWish::Send:
      return "sent";
    case BroadcastWish::Pause:
      return "paused";
    case BroadcastWish::Resume:
      return "resumed";
    case BroadcastWish::Cancel:
      return "cancelled";
    case BroadcastWish::Retry:
      return "retried";
  }
  std::unreachable();
}

std::optional<BroadcastStatus> after(BroadcastStatus status, BroadcastWish wish, bool is_prepared) {
  switch (wish) {
    case BroadcastWish::Edit:
      return only_if(is_editable(status), status);
    case BroadcastWish::Delete:
      return only_if(is_editable(status) || status == Completed || status == Cancelled, status);
    case BroadcastWish::Schedule:
      return only_if(is_editable(status), Scheduled);
    case BroadcastWish::Send:
      return only_if(is_editable(status), Preparing);
    case BroadcastWish::Pause:
      return only_if(is_under_way(status), Paused);
    case BroadcastWish::Resume:
      return only_if(status == Paused, is_prepared ? Sending : Preparing);
    case BroadcastWish::Cancel:
      return only_if(status != Completed && status != Cancelled, Cancelled);
    case BroadcastWish::Retry:
      return after_retry(status, is_prepared);
  }
  std::unreachable();
}

std::optional<BroadcastStop> stop_of(const BroadcastSurroundings& surroundings) {
  if (auto stop = stop_of_channel(surroundings.channel_state)) return stop;
  if (auto stop = stop_of_template(surroundings.template_status)) return stop;
  if (is_banned(surroundings.standing))
    return BroadcastStop{.reason = "account_banned", .words = "Meta has disabled the business account"};
  if (is_restricted(surroundings.standing, surroundings.now)) {
    return BroadcastStop{.reason = "account_restricted",
                         .words = "Meta has restricted the account: it may not begin conversations"};
  }
  if (surroundings.stops_at_low_quality && is_of_low_quality(surroundings.standing))
    return BroadcastStop{.reason = "low_quality", .words = "Meta says that the number's quality is low"};
  return std::nullopt;
}

bool may_retry(std::string_view reason, UnknownOutcomes unknown) {
  if (reason == kOutcomeUnknown || reason == kDropped) return unknown == UnknownOutcomes::Retried;
  return std::ranges::find(kNever, reason) == kNever.end();
}

bool stops_at_low_quality(const Json& settings) {
  const Json* own = find_object(settings, "broadcasts");
  return !own || find_bool(*own, "stopsAtLowQuality").value_or(true);
}

}  // namespace waypost
