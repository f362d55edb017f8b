// A template's limited_time_offer and carousel.

#include <set>

#include "conversation/content_template_rules.h"

namespace waypost {
namespace {

constexpr Span kCards{.least = 2, .most = 10};

}  // namespace

// expiration_time_ms: Unix milliseconds, UTC.
void check_limited_time_offer(const Part& component) {
  for (const auto& parameter : component.list("parameters", {.least = 1, .most = 1})) {
    parameter.word("type", {"limited_time_offer"});
    if (const auto offer = parameter.object("limited_time_offer")) offer->integer("expiration_time_ms", {.least = 1});
  }
}

// Each card has components of its own: header, body, buttons.
void check_template_carousel(const Part& component) {
  std::set<std::int64_t> places;
  for (const auto& card : component.list("cards", kCards)) {
    const auto place = card.integer("card_index", {.least = 0, .most = static_cast<std::int64_t>(kCards.most) - 1});
    if (place && !places.insert(*place).second) card.complain("card_index", "is there twice: each must be another");
    if (!card.has("components")) card.complain("components", "is missing");
    check_template_components(card, {.least = 1});
  }
}

}  // namespace waypost
