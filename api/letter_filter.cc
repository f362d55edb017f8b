#include "api/letter_filter.h"

#include "api/answers.h"

namespace waypost::api {
namespace {

constexpr std::string_view kReasons = "Expected 'not_json' | 'wrong_shape' | 'no_channel' | 'crashed'";
constexpr std::string_view kTimes = "Expected a time such as 2026-11-23T15:52:46Z";

Result<store::LetterState> read_state(const RequestHead& head) {
  const auto text = head.query_value("state").value_or("waiting");
  if (text == "waiting") return store::LetterState::Waiting;
  if (text == "applied") return store::LetterState::Applied;
  if (text == "all") return store::LetterState::All;
  return invalid("state", "Expected 'waiting' | 'applied' | 'all'");
}

std::optional<std::string> text_of(const RequestHead& head, std::string_view name) {
  const auto text = head.query_value(name);
  return text ? std::optional(std::string(*text)) : std::nullopt;
}

}  // namespace

Result<store::LetterFilter> read_filter(const RequestHead& head) {
  const auto state = read_state(head);
  if (!state) return fail(state.error());
  store::LetterFilter filter{
      .state = *state, .app = text_of(head, "app"), .phone_number_id = text_of(head, "phoneNumberId")};
  if (const auto reason = head.query_value("reason")) {
    filter.reason = store::dead_reason_named(*reason);
    if (!filter.reason) return invalid("reason", std::string(kReasons));
  }
  if (const auto since = head.query_value("since")) {
    filter.since = parse_iso8601(*since);
    if (!filter.since) return invalid("since", std::string(kTimes));
  }
  return filter;
}

store::LetterFilter read_filter(Input& input) {
  store::LetterFilter filter{.app = input.maybe_text("app"), .phone_number_id = input.maybe_text("phoneNumberId")};
  const auto reason = input.maybe_text("reason");
  if (reason) filter.reason = store::dead_reason_named(*reason);
  if (reason && !filter.reason) input.complain("reason", std::string(kReasons));
  const auto since = input.maybe_text("since");
  if (since) filter.since = parse_iso8601(*since);
  if (since && !filter.since) input.complain("since", std::string(kTimes));
  const bool all = input.maybe_bool("all").value_or(false);
  if (!all && !reason && !since && !filter.app && !filter.phone_number_id)
    input.complain("reason", "Say which letters: reason, app, phoneNumberId or since; or all");
  return filter;
}

LateRuns read_late_runs(Input& input) {
  return input.maybe_bool("startRuns").value_or(false) ? LateRuns::AsUsual : LateRuns::None;
}

Json to_json(const ReplayCounts& counts) {
  return {{"fresh", counts.fresh}, {"alreadyApplied", counts.applied}, {"dead", counts.dead}};
}

}  // namespace waypost::api
