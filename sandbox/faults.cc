#include "sandbox/faults.h"

#include <algorithm>
#include <array>

namespace waypost::sandbox {
namespace {

constexpr auto kKinds = std::to_array<FaultKind>(
    {FaultKind::Delay,        FaultKind::DropBefore,       FaultKind::DropAfter,        FaultKind::EmptyBefore,
     FaultKind::EmptyAfter,   FaultKind::CutAnswer,        FaultKind::HtmlBefore,       FaultKind::Refuse,
     FaultKind::FailLate,     FaultKind::StatusesFirst,    FaultKind::TokenInvalid,     FaultKind::TemplatesFail,
     FaultKind::MediaDead,    FaultKind::MediaCorrupt,     FaultKind::MediaCut,         FaultKind::MediaSlow,
     FaultKind::UploadRefuse, FaultKind::UploadEmpty,      FaultKind::UploadDropBefore, FaultKind::UploadDropAfter,
     FaultKind::UploadSlow,   FaultKind::DuplicateWebhook, FaultKind::ReorderWebhook});

int usual_code(FaultKind kind) {
  switch (kind) {
    case FaultKind::TokenInvalid:
      return 190;
    case FaultKind::FailLate:
      return 131026;
    case FaultKind::TemplatesFail:
      return 2;
    case FaultKind::Delay:
    case FaultKind::DropBefore:
    case FaultKind::DropAfter:
    case FaultKind::EmptyBefore:
    case FaultKind::EmptyAfter:
    case FaultKind::CutAnswer:
    case FaultKind::HtmlBefore:
    case FaultKind::Refuse:
    case FaultKind::StatusesFirst:
    case FaultKind::MediaDead:
    case FaultKind::MediaCorrupt:
    case FaultKind::MediaCut:
    case FaultKind::MediaSlow:
    case FaultKind::UploadRefuse:
    case FaultKind::UploadEmpty:
    case FaultKind::UploadDropBefore:
    case FaultKind::UploadDropAfter:
    case FaultKind::UploadSlow:
    case FaultKind::DuplicateWebhook:
    case FaultKind::ReorderWebhook:
      return 131000;
  }
}

double drawn(std::mt19937_64& dice) { return static_cast<double>(dice() >> 11) * 0x1.0p-53; }

Result<double> read_probability(const Json& body) {
  const auto* value = find(body, "probability");
  if (value == nullptr) return 1.0;
  if (!value->is_number() || value->get<double>() < 0 || value->get<double>() > 1) {
    return fail(ErrorKind::InvalidInput, "probability is a number from 0 to 1");
  }
  return value->get<double>();
}

}  // namespace

std::string_view name_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::Delay:
      return "delay";
    case FaultKind::DropBefore:
      return "drop_before";
    case FaultKind::DropAfter:
      return "drop_after";
    case FaultKind::EmptyBefore:
      return "empty_500_before";
    case FaultKind::EmptyAfter:
      return "empty_500_after";
    case FaultKind::CutAnswer:
      return "cut_answer";
    case FaultKind::HtmlBefore:
      return "html_429";
    case FaultKind::Refuse:
      return "error";
    case FaultKind::FailLate:
      return "fail_late";
    case FaultKind::StatusesFirst:
      return "statuses_first";
    case FaultKind::TokenInvalid:
      return "token_invalid";
    case FaultKind::TemplatesFail:
      return "templates_fail";
    case FaultKind::MediaDead:
      return "media_dead";
    case FaultKind::MediaCorrupt:
      return "media_corrupt";
    case FaultKind::MediaCut:
      return "media_cut";
    case FaultKind::MediaSlow:
      return "media_slow";
    case FaultKind::UploadRefuse:
      return "upload_error";
    case FaultKind::UploadEmpty:
      return "upload_empty_500";
    case FaultKind::UploadDropBefore:
      return "upload_drop_before";
    case FaultKind::UploadDropAfter:
      return "upload_drop_after";
    case FaultKind::UploadSlow:
      return "upload_slow";
    case FaultKind::DuplicateWebhook:
      return "duplicate_webhooks";
    case FaultKind::ReorderWebhook:
      return "reorder_webhooks";
  }
}

Result<FaultRule> read_fault(const Json& body) {
  const auto kind = std::ranges::find(kKinds, text_or_empty(body, "kind"), [](FaultKind one) { return name_of(one); });
  if (kind == kKinds.end()) return fail(ErrorKind::InvalidInput, "kind is not a fault");
  const auto probability = read_probability(body);
  if (!probability) return fail(probability.error());
  FaultRule rule{.kind = *kind, .next = find_integer(body, "next"), .probability = *probability};
  if (!rule.next && !find(body, "probability")) return fail(ErrorKind::InvalidInput, "say next or probability");
  rule.seed = static_cast<std::uint64_t>(find_integer(body, "seed").value_or(1));
  rule.pause = milliseconds(std::max<std::int64_t>(0, find_integer(body, "ms").value_or(1'000)));
  rule.error.code = static_cast<int>(find_integer(body, "code").value_or(usual_code(*kind)));
  rule.error.status = static_cast<int>(find_integer(body, "status").value_or(0));
  rule.error.details = find_text(body, "details").value_or("injected fault");
  rule.phone_number_id = text_or_empty(body, "phone_number_id");
  if (find_bool(body, "marks").value_or(false)) rule.target = FaultTarget::Marks;
  return rule;
}

void Faults::add(FaultRule rule) {
  const auto seed = rule.seed;
  rules_.push_back({std::move(rule), std::mt19937_64(seed)});
}

bool Faults::turn_of(Standing& standing) {
  auto& left = standing.rule.next;
  if (left && *left <= 0) return false;
  if (standing.rule.probability < 1 && drawn(standing.dice) >= standing.rule.probability) return false;
  if (left) --*left;
  return true;
}

std::optional<Strike> Faults::strike(FaultKind kind, std::string_view phone_number_id, FaultTarget target) {
  for (auto& standing : rules_) {
    const auto& rule = standing.rule;
    const bool concerns = rule.phone_number_id.empty() || rule.phone_number_id == phone_number_id;
    if (rule.kind != kind || rule.target != target || !concerns || !turn_of(standing)) continue;
    ++standing.struck;
    const double share = kind == FaultKind::ReorderWebhook ? drawn(standing.dice) : 1;
    const auto pause = static_cast<std::int64_t>(static_cast<double>(rule.pause.count()) * share);
    return Strike{milliseconds(pause), rule.error};
  }
  return std::nullopt;
}

Json Faults::to_json() const {
  Json all = Json::array();
  for (const auto& [rule, dice, struck] : rules_) {
    all.push_back({{"kind", name_of(rule.kind)},
                   {"left", rule.next ? Json(*rule.next) : Json()},
                   {"probability", rule.probability},
                   {"ms", rule.pause.count()},
                   {"code", rule.error.code},
                   {"phone_number_id", rule.phone_number_id},
                   {"marks", rule.target == FaultTarget::Marks},
                   {"struck", struck}});
  }
  return all;
}

}  // namespace waypost::sandbox
