#include "sandbox/commerce_rules.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "base/text.h"

namespace waypost::sandbox {
namespace {

constexpr std::size_t kAnyLength = 1'000'000;

Judged<std::size_t> check_product_section(const Json& section) {
  const auto* items = find_array(section, "product_items");
  if (!items || items->empty()) return refuse(131008, "Section needs product_items");
  for (const auto& item : *items) {
    if (auto named = check_text_at(item, "product_retailer_id", kAnyLength); !named) {
      return std::unexpected(named.error());
    }
  }
  return items->size();
}

Judged<void> check_card_body(const Json& card) {
  const auto* body = find_object(card, "body");
  if (!body) return {};
  const auto text = text_or_empty(*body, "text");
  if (text.empty() || count_characters(text) > 160) return refuse(131009, "Card body text: 1 to 160 characters");
  if (std::ranges::count(text, '\n') > 2) return refuse(131009, "Card body text: at most 2 line breaks");
  return {};
}

Judged<void> check_card_header(const Json& card) {
  const auto* header = find_object(card, "header");
  if (!header) return refuse(131008, "Card needs header");
  const auto type = text_or_empty(*header, "type");
  if (type != "image" && type != "video") return refuse(131009, "Card header must be image or video");
  const auto* media = find_object(*header, type);
  if (!media) return refuse(131008, "Card header needs " + type);
  return check_source(*media, "Card header");
}

Judged<void> check_quick_replies(const Json& buttons) {
  for (const auto& button : buttons) {
    const auto* reply = find_object(button, "quick_reply");
    if (!reply) return refuse(131008, "Card button needs quick_reply");
    if (auto id = check_text_at(*reply, "id", 256); !id) return id;
    if (auto title = check_text_at(*reply, "title", 20); !title) return title;
  }
  return {};
}

Judged<void> check_media_card(const Json& card, const Json& action) {
  if (auto header = check_card_header(card); !header) return header;
  if (auto body = check_card_body(card); !body) return body;
  const auto* buttons = find_array(action, "buttons");
  if (!buttons) return check_link(action);
  if (buttons->empty()) return refuse(131008, "Card needs buttons");
  return check_quick_replies(*buttons);
}

Judged<void> check_card(const Json& card, std::set<std::int64_t>& places) {
  const auto place = find_integer(card, "card_index");
  if (!place) return refuse(131008, "Card needs card_index");
  if (*place < 0 || *place > 9 || !places.insert(*place).second) return refuse(131009, "card_index: 0 to 9, each once");
  const auto* action = find_object(card, "action");
  if (!action) return refuse(131008, "Card needs action");
  return text_or_empty(card, "type") == "product" ? check_product(*action) : check_media_card(card, *action);
}

Judged<void> check_amount(const Json& owner, std::string_view key) {
  const auto* amount = find_object(owner, key);
  if (!amount || !find_integer(*amount, "value") || !find_integer(*amount, "offset")) {
    return refuse(131008, std::string(key) + " needs value and offset");
  }
  return {};
}

Judged<void> check_order(const Json& parameters) {
  const auto* order = find_object(parameters, "order");
  if (!order) return refuse(131008, "parameters.order is required");
  const auto* items = find_array(*order, "items");
  if (!items || items->empty()) return refuse(131008, "order.items is required");
  for (const auto& item : *items) {
    if (text_or_empty(item, "name").empty()) return refuse(131008, "order.items need name");
    if (auto amount = check_amount(item, "amount"); !amount) return amount;
  }
  return check_amount(*order, "subtotal");
}

}  // namespace

Judged<void> check_product(const Json& action) {
  if (auto catalog = check_text_at(action, "catalog_id", kAnyLength); !catalog) return catalog;
  return check_text_at(action, "product_retailer_id", kAnyLength);
}

Judged<void> check_product_list(const Json& action) {
  if (auto catalog = check_text_at(action, "catalog_id", kAnyLength); !catalog) return catalog;
  const auto* sections = find_array(action, "sections");
  if (!sections || sections->empty()) return refuse(131008, "interactive.action.sections is required");
  if (sections->size() > 10) return refuse(131009, "Sections: at most 10");
  std::size_t products = 0;
  for (const auto& section : *sections) {
    const auto counted = check_product_section(section);
    if (!counted) return std::unexpected(counted.error());
    products += *counted;
  }
  if (products > 30) return refuse(131009, "Total product count exceed max allowed count: 30");
  return {};
}

Judged<void> check_catalog(const Json& action) { return check_name(action, "catalog_message"); }

Judged<void> check_carousel(const Json& action) {
  const auto* cards = find_array(action, "cards");
  if (!cards) return refuse(131008, "interactive.action.cards is required");
  if (cards->size() < 2 || cards->size() > 10) return refuse(131009, "Cards: 2 to 10");
  std::set<std::int64_t> places;
  for (const auto& card : *cards) {
    if (auto checked = check_card(card, places); !checked) return checked;
  }
  return {};
}

Judged<void> check_order_details(const Json& action) {
  if (auto named = check_name(action, "review_and_pay"); !named) return named;
  const auto* parameters = find_object(action, "parameters");
  if (!parameters) return refuse(131008, "interactive.action.parameters is required");
  if (auto reference = check_text_at(*parameters, "reference_id", 35); !reference) return reference;
  const auto type = text_or_empty(*parameters, "type");
  if (type != "digital-goods" && type != "physical-goods") {
    return refuse(131009, "parameters.type must be digital-goods or physical-goods");
  }
  if (auto currency = check_text_at(*parameters, "currency", 3); !currency) return currency;
  if (auto total = check_amount(*parameters, "total_amount"); !total) return total;
  return check_order(*parameters);
}

Judged<void> check_order_status(const Json& action) {
  if (auto named = check_name(action, "review_order"); !named) return named;
  const auto* parameters = find_object(action, "parameters");
  if (!parameters) return refuse(131008, "interactive.action.parameters is required");
  if (auto reference = check_text_at(*parameters, "reference_id", 35); !reference) return reference;
  static const std::set<std::string, std::less<>> statuses = {"pending", "processing", "partially_shipped",
                                                              "shipped", "completed",  "canceled"};
  const auto* order = find_object(*parameters, "order");
  if (!order) return refuse(131008, "parameters.order is required");
  if (!statuses.contains(text_or_empty(*order, "status"))) return refuse(131009, "order.status is no such status");
  return {};
}

}  // namespace waypost::sandbox
