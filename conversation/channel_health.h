// The health of a channel: what a look at it showed, judged check by check, each with what to do next. Pure; any
// thread. Source: Meta, "Debug-token", "Health status"; the facts' sections 1.6, 4.3, 4.4.
//
//   token         debug_token: valid, its end, its permissions
//   number        the phone number: connected, registered, quality, name, health_status
//   subscription  our app is subscribed to the business account
//   callback      Meta's webhooks come to us
//   clock         ours against Meta's
//   silence       what is accepted gets statuses

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"

namespace waypost {

enum class HealthStatus { Good, Unknown, Warning, Bad };  // in the order of their weight
std::string_view name_of(HealthStatus status);

struct HealthCheck {
  std::string name{};
  HealthStatus status = HealthStatus::Good;
  std::string words{};  // what is seen
  std::string next{};   // what to do; empty where it is good
};

// Meta's answers as they came. An Error: that one could not be asked.
struct ChannelLook {
  Time at{};
  Result<Json> token{};                // {"data": {"is_valid", "expires_at", "scopes", "app_id"}}
  Result<Json> number{};               // the number's fields
  Result<Json> apps{};                 // {"data": [{"whatsapp_business_api_data": {"id"}}]}
  std::optional<milliseconds> skew{};  // our clock is so far ahead of Meta's
  bool is_silent = false;              // messages were accepted, and no status has come
  std::string callback{};  // the address at which we take webhooks; its path alone where that is all we know
};

std::vector<HealthCheck> judge_channel(const ChannelLook& look);

// {"status", "checks": [{"name", "status", "words", "next"}], "tokenExpiresAt", "scopes", "qualityRating",
// "throughput", "nameStatus", "numberStatus", "canSendMessage", "clockSkewMs"}. What could not be asked now and is in
// `before` (null: nothing is) stays as it was: a slow Meta changes nobody's health.
Json health_report(const ChannelLook& look, const Json& before);

// Nothing that somebody must hear of has changed: the checks' statuses, the number's standing.
bool is_same_health(const Json& a, const Json& b);

}  // namespace waypost
