// template: an approved form by name and language, with what fills its variables. Whether count, names and kinds fit
// the approved form is Meta's to judge (132000, 132012, 132018).
// Source: Meta, "Template messages"; the facts' section 3.5.

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "conversation/content_rules.h"
#include "conversation/content_template_rules.h"

namespace waypost {
namespace {

constexpr std::size_t kNameCharacters = 512;

struct ComponentRule {
  std::string_view type{};
  void (*check)(const Part&) = nullptr;
};
constexpr std::array<ComponentRule, 5> kComponents{{{"header", check_template_header},
                                                    {"body", check_template_body},
                                                    {"button", check_template_button},
                                                    {"limited_time_offer", check_limited_time_offer},
                                                    {"carousel", check_template_carousel}}};

bool is_name(std::string_view name) {
  return std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

// Meta's own lists write the types in capitals: both pass.
void check_component(const Part& component, std::set<std::string>& seen) {
  const auto given = component.text("type");
  if (!given) return;
  const auto type = lower_ascii(*given);
  const auto* rule = std::ranges::find(kComponents, type, &ComponentRule::type);
  if (rule == kComponents.end())
    return component.complain("type", "must be header, body, button, limited_time_offer or carousel");
  if (type != "button" && !seen.insert(type).second) component.complain("type", "is there twice");
  rule->check(component);
}

}  // namespace

void check_template(const Part& form) {
  const auto name = form.text("name", {.most = kNameCharacters});
  if (name && !is_name(*name)) form.complain("name", "may hold a to z, 0 to 9 and _ only");
  if (!form.has("language")) form.complain("language", "is missing");
  if (const auto language = form.maybe_object("language")) {
    if (!language->has("code")) {
      form.complain("language", "is missing");
    } else {
      language->text("code");
    }
  }
  check_template_components(form, {.least = 0});
}

void check_template_components(const Part& owner, Span count) {
  std::set<std::string> seen;
  for (const auto& component : owner.maybe_list("components", count)) check_component(component, seen);
}

}  // namespace waypost
