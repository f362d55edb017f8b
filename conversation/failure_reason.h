// Why a message failed: the words of failure.reason in the API, each with advice for a person. One table; docs/api.md
// shows the same. Pure; any thread.

#pragma once

#include <span>
#include <string_view>

namespace waypost {

// A word once given is never given another meaning.
struct FailureReason {
  std::string_view word{};
  std::string_view advice{};  // one sentence that a person can act on
};

// By group: our own verdicts first, then Meta's.
std::span<const FailureReason> failure_reasons();
// Of a word that is not in the table: what fits every failure.
std::string_view advice_of(std::string_view reason);

// Our own verdicts.
inline constexpr std::string_view kOutcomeUnknown = "outcome_unknown";
inline constexpr std::string_view kDroppedAfterRestore = "dropped_after_restore";  // it may have gone out before
inline constexpr std::string_view kDropped = "dropped";  // by an operator; a try of it may have gone out before
inline constexpr std::string_view kWindowClosed = "window_closed";
inline constexpr std::string_view kUploadMissing = "upload_missing";  // the file that it was to bring
inline constexpr std::string_view kMarketingStopped = "marketing_stopped";
inline constexpr std::string_view kMarketingEmbargo = "marketing_embargo";
// Meta's refusal with a code that says nothing to us, or with none.
inline constexpr std::string_view kRejected = "rejected";

}  // namespace waypost
