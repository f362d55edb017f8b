// carousel: cards side by side, each of media with a link or quick replies, or each a product.
// Source: Meta, "Interactive media carousel messages", "Interactive product carousel messages", seen November 2026.

#include <algorithm>
#include <set>

#include "conversation/interactive_rules.h"

namespace waypost {
namespace {

constexpr Span kCards{.least = 2, .most = 10};
constexpr std::size_t kCardCharacters = 160;
constexpr std::ptrdiff_t kCardLineBreaks = 2;

void check_card_body(const Part& card) {
  const auto body = card.maybe_object("body");
  const auto text = body ? body->text("text", {.most = kCardCharacters}) : std::nullopt;
  const auto breaks = text ? std::ranges::count(*text, '\n') : 0;
  if (breaks > kCardLineBreaks) {
    body->complain("text",
                   "at most " + std::to_string(kCardLineBreaks) + " line breaks, has " + std::to_string(breaks));
  }
}

void check_quick_replies(const Part& action) {
  for (const auto& button : action.list("buttons")) {
    button.word("type", {"quick_reply"});
    const auto reply = button.object("quick_reply");
    if (!reply) continue;
    reply->text("id", {.most = 256});
    reply->text("title", {.most = kButtonCharacters});
  }
}

void check_media_card(const Part& card) {
  if (const auto header = card.object("header")) check_header(*header, {"image", "video"});
  check_card_body(card);
  const auto action = card.object("action");
  if (!action) return;
  if (action->has("buttons")) return check_quick_replies(*action);
  check_cta_url(*action);
}

void check_product_card(const Part& card) {
  if (const auto action = card.object("action")) check_product(*action);
}

// What must be the same on every card: product or media; of media a link or how many quick replies.
std::size_t shape_of(const Part& card) {
  constexpr std::size_t kProductCard = 1'000;
  const Json* action = find_object(card.json(), "action");
  if (text_or_empty(card.json(), "type") == "product") return kProductCard;
  const Json* buttons = action == nullptr ? nullptr : find_array(*action, "buttons");
  return buttons == nullptr ? 0 : buttons->size();
}

}  // namespace

void check_carousel(const Part& action) {
  std::set<std::int64_t> places;
  const auto cards = action.list("cards", kCards);
  for (const auto& card : cards) {
    const auto place = card.integer("card_index", {.least = 0, .most = static_cast<std::int64_t>(kCards.most) - 1});
    if (place && !places.insert(*place).second) card.complain("card_index", "is there twice: each must be another");
    const auto type = card.maybe_word("type", {"cta_url", "quick_reply", "button", "product"});
    if (type == "product") {
      check_product_card(card);
    } else {
      check_media_card(card);
    }
    if (shape_of(card) != shape_of(cards.front()))
      card.complain("has another kind or number of buttons than the first");
  }
}

}  // namespace waypost
