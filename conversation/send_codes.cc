#include "conversation/send_codes.h"

#include <algorithm>
#include <array>

#include "conversation/failure_reason.h"

namespace waypost {
namespace {

using enum GraphAction;

// Codes of administration, calling and flows' endpoints cannot come from a send and are left out. 131000 and 131016
// may come after the message was taken: not proofs of rejection.
constexpr auto kCodes = std::to_array<SendCode>({
    {0, 0, HoldForToken, "token_refused"},
    {1, 2, Unknown, "service_fault"},
    {3, 3, HoldForToken, "token_refused"},
    {4, 4, PauseApp, "throttled"},
    {10, 10, HoldForToken, "token_refused"},
    {33, 33, BlockNumber, "number_unusable"},
    {100, 100, Fail, "invalid_request"},
    {104, 104, HoldForToken, "token_refused"},
    {190, 190, HoldForToken, "token_refused"},
    {200, 299, HoldForToken, "token_refused"},
    {368, 368, BlockAccount, "account_blocked"},
    {613, 613, PauseApp, "throttled"},
    {80007, 80007, PauseAccount, "throttled"},
    {130403, 130403, Fail, "contact_blocked"},
    {130429, 130429, PauseNumber, "throttled"},
    {130472, 130472, Fail, "experiment"},
    {130497, 130497, Config, "country_restricted"},
    {131000, 131000, Unknown, "service_fault"},
    {131005, 131005, HoldForToken, "token_refused"},
    {131008, 131009, Fail, "invalid_request"},
    {131016, 131016, Unknown, "service_fault"},
    {131020, 131020, Fail, "group_refused"},
    {131021, 131021, Fail, "to_self"},
    {131026, 131026, Fail, "undeliverable"},
    {131030, 131030, Config, "not_test_recipient"},
    {131031, 131031, BlockAccount, "account_blocked"},
    {131037, 131037, BlockNumber, "number_unusable"},
    {131041, 131041, Fail, "group_refused"},
    {131042, 131042, BlockAccount, "payment_missing"},
    {131044, 131044, Config, "payment_missing"},
    {131045, 131045, BlockNumber, "number_unusable"},
    {131047, 131047, UseTemplate, kWindowClosed},
    {131048, 131048, BlockInitiated, "number_restricted"},
    {131049, 131049, Embargo, kMarketingEmbargo},
    {131050, 131050, StopMarketing, kMarketingStopped},
    {131051, 131051, Fail, "unsupported_type"},
    {131053, 131053, RetryLink, "media_failed"},
    {131055, 131055, Fail, "wrong_endpoint"},
    {131056, 131056, PausePair, "throttled"},
    {131057, 131057, PauseNumber, "throttled"},
    {131061, 131061, Fail, "wrong_endpoint"},
    {131062, 131062, RetryByPhone, "needs_phone"},
    {131063, 131063, Fail, "wrong_endpoint"},
    {131064, 131064, BlockTemplates, "templates_restricted"},
    {131201, 131207, Fail, "group_refused"},
    {131208, 131208, PauseNumber, "throttled"},
    {131209, 131215, Fail, "group_refused"},
    {132000, 132000, Fail, "template_mismatch"},
    {132001, 132001, ListTemplates, "template_missing"},
    {132005, 132005, Fail, "template_too_long"},
    {132007, 132007, Fail, "template_policy"},
    {132012, 132012, Fail, "template_mismatch"},
    {132015, 132015, PauseTemplate, "template_paused"},
    {132016, 132016, DisableTemplate, "template_disabled"},
    {132018, 132018, Fail, "template_mismatch"},
    {132068, 132068, Fail, "flow_refused"},
    {132069, 132069, Retry, "flow_refused"},
    {133010, 133010, BlockNumber, "number_unusable"},
    {134011, 134011, Config, "terms_missing"},
    {134100, 134100, Fail, "wrong_endpoint"},
    {134101, 134101, Retry, "service_fault"},
    {134102, 134102, Fail, "wrong_endpoint"},
    {135000, 135000, Fail, "invalid_request"},
    {137000, 137000, Fail, "identity_changed"},
    {2494100, 2494100, Retry, "service_fault"},
});

}  // namespace

std::span<const SendCode> send_codes() { return kCodes; }

std::optional<SendCode> send_code(std::int64_t code) {
  const auto* found = std::ranges::lower_bound(kCodes, code, {}, &SendCode::last);
  if (found == kCodes.end() || code < found->first) return std::nullopt;
  return *found;
}

std::optional<GraphAction> action_of(std::int64_t code) {
  const auto known = send_code(code);
  return known ? std::optional(known->action) : std::nullopt;
}

std::string_view reason_of(std::optional<std::int64_t> code) {
  const auto known = code ? send_code(*code) : std::nullopt;
  return known ? known->reason : kRejected;
}

}  // namespace waypost
