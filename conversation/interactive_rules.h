// The rules of `action` for each interactive type, one file a family. Pure; any thread.

#pragma once

#include "conversation/part.h"

namespace waypost {

inline constexpr std::size_t kButtonCharacters = 20;

// interactive_choices.cc
void check_reply_buttons(const Part& action);
void check_list(const Part& action);
// interactive_links.cc
void check_cta_url(const Part& action);
void check_flow(const Part& action);
void check_voice_call(const Part& action);
// interactive_requests.cc
void check_location_request(const Part& action);
void check_address_request(const Part& action);
void check_call_permission(const Part& action);
void check_contact_request(const Part& action);
// interactive_products.cc
void check_product(const Part& action);
void check_product_list(const Part& action);
void check_catalog(const Part& action);
// interactive_carousel.cc
void check_carousel(const Part& action);
// interactive_orders.cc
void check_order_details(const Part& action);
void check_order_status(const Part& action);

// content_interactive.cc. {"type", and behind the type's word its part}: text, or media.
void check_header(const Part& header, Choices kinds);

}  // namespace waypost
