// Which business portfolio owns an account: the messaging limit is the portfolio's, its accounts together. Pure; any
// thread. Source: Meta, "Health status", "Account update"; the facts' sections 1.7, 4.3.

#pragma once

#include <optional>
#include <string>

#include "base/json.h"

namespace waypost {

// By the fields of a number, whose health_status names the business above it.
std::optional<std::string> portfolio_of_number(const Json& fields);
// By the value of an account_update about a partner's or a customer's account.
std::optional<std::string> portfolio_of_news(const Json& value);

}  // namespace waypost
