// Budgets of channels as resources, of the family of pricing (api/routes.h). Called once, at start.

#pragma once

#include "api/door.h"

namespace waypost::api {

void add_budget_routes(Router& router, Shared& shared);

}  // namespace waypost::api
