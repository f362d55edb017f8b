// Meta's rules of interactive messages that sell: products, carousels, orders. Pure; any thread.

#pragma once

#include "base/json.h"
#include "sandbox/graph_error.h"

namespace waypost::sandbox {

// Each reads interactive.action. 131008 what is missing, 131009 what is too long, too many or no such word.
Judged<void> check_product(const Json& action);
Judged<void> check_product_list(const Json& action);
Judged<void> check_catalog(const Json& action);
Judged<void> check_carousel(const Json& action);
Judged<void> check_order_details(const Json& action);
Judged<void> check_order_status(const Json& action);

// interactive_rules.cc: action.name, and the link button of a message or a card.
Judged<void> check_name(const Json& action, std::string_view name);
Judged<void> check_link(const Json& action);
// A text at that key of 1 to `longest` characters.
Judged<void> check_text_at(const Json& owner, std::string_view key, std::size_t longest);
// id or link.
Judged<void> check_source(const Json& media, std::string_view what);

}  // namespace waypost::sandbox
