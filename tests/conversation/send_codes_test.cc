#include "conversation/send_codes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "conversation/failure_reason.h"

namespace waypost {
namespace {

using enum GraphAction;

struct Line {
  std::int64_t code;
  GraphAction action;
  std::string_view reason;
};

// The facts' section 3.10, as far as a send can get it.
TEST(SendCodes, SayWhatMetasCodesMean) {
  const std::vector<Line> lines{
      {0, HoldForToken, "token_refused"},
      {1, Unknown, "service_fault"},
      {2, Unknown, "service_fault"},
      {3, HoldForToken, "token_refused"},
      {4, PauseApp, "throttled"},
      {10, HoldForToken, "token_refused"},
      {33, BlockNumber, "number_unusable"},
      {100, Fail, "invalid_request"},
      {104, HoldForToken, "token_refused"},
      {190, HoldForToken, "token_refused"},
      {200, HoldForToken, "token_refused"},
      {250, HoldForToken, "token_refused"},
      {299, HoldForToken, "token_refused"},
      {368, BlockAccount, "account_blocked"},
      {613, PauseApp, "throttled"},
      {80007, PauseAccount, "throttled"},
      {130403, Fail, "contact_blocked"},
      {130429, PauseNumber, "throttled"},
      {130472, Fail, "experiment"},
      {130497, Config, "country_restricted"},
      {131000, Unknown, "service_fault"},
      {131005, HoldForToken, "token_refused"},
      {131008, Fail, "invalid_request"},
      {131009, Fail, "invalid_request"},
      {131016, Unknown, "service_fault"},
      {131020, Fail, "group_refused"},
      {131021, Fail, "to_self"},
      {131026, Fail, "undeliverable"},
      {131030, Config, "not_test_recipient"},
      {131031, BlockAccount, "account_blocked"},
      {131037, BlockNumber, "number_unusable"},
      {131041, Fail, "group_refused"},
      {131042, BlockAccount, "payment_missing"},
      {131044, Config, "payment_missing"},
      {131045, BlockNumber, "number_unusable"},
      {131047, UseTemplate, "window_closed"},
      {131048, BlockInitiated, "number_restricted"},
      {131049, Embargo, "marketing_embargo"},
      {131050, StopMarketing, "marketing_stopped"},
      {131051, Fail, "unsupported_type"},
      {131053, RetryLink, "media_failed"},
      {131055, Fail, "wrong_endpoint"},
      {131056, PausePair, "throttled"},
      {131057, PauseNumber, "throttled"},
      {131061, Fail, "wrong_endpoint"},
      {131062, RetryByPhone, "needs_phone"},
      {131063, Fail, "wrong_endpoint"},
      {131064, BlockTemplates, "templates_restricted"},
      {131201, Fail, "group_refused"},
      {131208, PauseNumber, "throttled"},
      {131215, Fail, "group_refused"},
      {132000, Fail, "template_mismatch"},
      {132001, ListTemplates, "template_missing"},
      {132005, Fail, "template_too_long"},
      {132007, Fail, "template_policy"},
      {132012, Fail, "template_mismatch"},
      {132015, PauseTemplate, "template_paused"},
      {132016, DisableTemplate, "template_disabled"},
      {132018, Fail, "template_mismatch"},
      {132068, Fail, "flow_refused"},
      {132069, Retry, "flow_refused"},
      {133010, BlockNumber, "number_unusable"},
      {134011, Config, "terms_missing"},
      {134100, Fail, "wrong_endpoint"},
      {134101, Retry, "service_fault"},
      {134102, Fail, "wrong_endpoint"},
      {135000, Fail, "invalid_request"},
      {137000, Fail, "identity_changed"},
      {2494100, Retry, "service_fault"},
  };
  for (const auto& line : lines) {
    EXPECT_EQ(action_of(line.code), line.action) << line.code;
    EXPECT_EQ(reason_of(line.code), line.reason) << line.code;
  }
}

TEST(SendCodes, DoNotKnowWhatIsBetweenTheirLines) {
  for (const std::int64_t code : {-1, 5, 199, 300, 131007, 131010, 131058, 999999, 2494101}) {
    EXPECT_EQ(action_of(code), std::nullopt) << code;
    EXPECT_EQ(reason_of(code), "rejected") << code;
  }
  EXPECT_EQ(reason_of(std::nullopt), "rejected");
}

TEST(SendCodes, StandInOrderWithoutOverlaps) {
  for (std::size_t at = 1; at < send_codes().size(); ++at) {
    EXPECT_LE(send_codes()[at].first, send_codes()[at].last);
    EXPECT_LT(send_codes()[at - 1].last, send_codes()[at].first) << send_codes()[at].first;
  }
}

bool is_reason(std::string_view word) {
  return std::ranges::find(failure_reasons(), word, &FailureReason::word) != failure_reasons().end();
}

TEST(FailureReasons, HoldEveryReasonOfACode) {
  for (const auto& line : send_codes()) EXPECT_TRUE(is_reason(line.reason)) << line.first;
}

TEST(FailureReasons, AreOneWordWithOneSentenceEach) {
  std::set<std::string_view> words;
  for (const auto& reason : failure_reasons()) {
    EXPECT_TRUE(words.insert(reason.word).second) << reason.word;
    EXPECT_TRUE(std::ranges::all_of(reason.word, [](char c) { return c == '_' || (c >= 'a' && c <= 'z'); }));
    EXPECT_TRUE(reason.advice.ends_with('.')) << reason.word;
    EXPECT_EQ(advice_of(reason.word), reason.advice);
  }
  EXPECT_EQ(advice_of("never_heard_of"), advice_of("rejected"));
}

}  // namespace
}  // namespace waypost
