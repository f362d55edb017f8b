// order_details and order_status: payments, in the countries where WhatsApp has them. Which ways to pay there are is
// the country's matter.

#include "conversation/interactive_rules.h"

namespace waypost {
namespace {

constexpr std::size_t kReferenceCharacters = 35;  // Meta, "Payments API": reference_id

void check_amount(const Part& owner, std::string_view key) {
  const auto amount = owner.object(key);
  if (!amount) return;
  amount->integer("value", {.least = 0});
  amount->integer("offset", {.least = 1});
}

void check_items(const Part& order) {
  for (const auto& item : order.list("items")) {
    item.text("name");
    check_amount(item, "amount");
    item.integer("quantity", {.least = 1});
  }
}

}  // namespace

void check_order_details(const Part& action) {
  action.word("name", {"review_and_pay"});
  const auto parameters = action.object("parameters");
  if (!parameters) return;
  parameters->text("reference_id", {.most = kReferenceCharacters});
  parameters->word("type", {"digital-goods", "physical-goods"});
  parameters->text("currency", {.least = 3, .most = 3});
  check_amount(*parameters, "total_amount");
  const auto order = parameters->object("order");
  if (!order) return;
  order->text("status");
  check_items(*order);
  check_amount(*order, "subtotal");
}

void check_order_status(const Part& action) {
  action.word("name", {"review_order"});
  const auto parameters = action.object("parameters");
  if (!parameters) return;
  parameters->text("reference_id", {.most = kReferenceCharacters});
  const auto order = parameters->object("order");
  if (!order) return;
  order->word("status", {"pending", "processing", "partially_shipped", "shipped", "completed", "canceled"});
  order->maybe_text("description", {.least = 0, .most = 120});
}

}  // namespace waypost
