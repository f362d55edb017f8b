// A template's buttons: what fills the one at `index`, by its sub_type.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "conversation/content_template_rules.h"

namespace waypost {
namespace {

constexpr std::int64_t kLastButton = 9;  // a template has at most ten
constexpr std::size_t kCodeCharacters = 15;

void check_action_object(const Part& parameter) { parameter.object("action"); }
void check_maybe_payload(const Part& parameter) { parameter.maybe_text("payload", {.least = 0}); }
void check_code(const Part& parameter) { parameter.text("coupon_code", {.most = kCodeCharacters}); }
void check_payload(const Part& parameter) { parameter.text("payload"); }
void check_url_end(const Part& parameter) { parameter.text("text"); }

struct ButtonRule {
  std::string_view sub_type{};
  std::string_view parameter{};  // the type of its one parameter
  void (*check)(const Part&) = nullptr;
  bool is_needed = false;
};
constexpr std::array<ButtonRule, 8> kButtons{{{"quick_reply", "payload", check_payload, true},
                                              {"url", "text", check_url_end, true},
                                              {"copy_code", "coupon_code", check_code, true},
                                              {"catalog", "action", check_action_object},
                                              {"mpm", "action", check_action_object, true},
                                              {"flow", "action", check_action_object},
                                              {"voice_call", "payload", check_maybe_payload},
                                              {"order_details", "action", check_action_object, true}}};

// voice_call also takes ttl_minutes beside its payload.
bool takes_others(const ButtonRule& rule) { return rule.sub_type == "voice_call"; }

void check_parameters(const Part& button, const ButtonRule& rule) {
  const std::size_t most = takes_others(rule) ? 2 : 1;
  const Span count{.least = rule.is_needed ? 1U : 0U, .most = most};
  const auto parameters = rule.is_needed ? button.list("parameters", count) : button.maybe_list("parameters", count);
  for (const auto& parameter : parameters) {
    if (takes_others(rule)) {
      parameter.text("type");
      rule.check(parameter);
    } else if (parameter.word("type", {rule.parameter})) {
      rule.check(parameter);
    }
  }
}

}  // namespace

void check_template_button(const Part& component) {
  component.integer("index", {.least = 0, .most = kLastButton});
  const auto given = component.text("sub_type");
  if (!given) return;
  const auto* rule = std::ranges::find(kButtons, lower_ascii(*given), &ButtonRule::sub_type);
  if (rule == kButtons.end()) {
    return component.complain("sub_type",
                              "must be quick_reply, url, copy_code, catalog, mpm, flow, voice_call or order_details");
  }
  check_parameters(component, *rule);
}

}  // namespace waypost
