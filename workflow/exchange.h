// Exchange: a workflow as a file that another workspace, or another installation, takes in:
//
//   {"waypost": "workflow", "version": 1, "name", "priority", "graph": {"nodes", "edges", "entry"}}
//
// Ids of other things in it (templates, credentials, users) are texts here, and mean what they mean there.

#pragma once

#include <string>

#include "base/error.h"
#include "base/json.h"
#include "store/workflows.h"

namespace waypost::workflow {

inline constexpr std::string_view kExchangeKind = "workflow";
inline constexpr std::int64_t kExchangeVersion = 1;
inline constexpr std::int64_t kMostPriority = 1'000'000;  // and least, below zero

// Its draft. Pure.
Json exported(const store::Workflow& workflow);

// Makes it anew, as a draft with an id of its own. InvalidInput with every complaint, as a draft's; whether it can be
// published shows when it is. Lane only.
Result<store::Workflow> import_workflow(sql::Connection& connection, TenantId tenant, const Json& file, Time now);

}  // namespace waypost::workflow
