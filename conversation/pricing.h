// What Meta bills for a message, as its statuses say. Pure; any thread.
// Source: Meta, status messages webhook, pricing; the facts' sections 2.5 and 3.7.

#pragma once

#include <optional>
#include <string>

#include "base/json.h"

namespace waypost {

struct Pricing {
  std::string category{};  // marketing, utility, authentication, authentication-international, service …
  std::string type{};      // regular, free_customer_service, free_entry_point …; "" in old webhooks
  std::string model{};     // PMP, CBP
  bool operator==(const Pricing&) const = default;
};

// Beside the status' word, or within its `conversation`, as some examples for groups have it.
std::optional<Pricing> pricing_of(const Json& status);

}  // namespace waypost
