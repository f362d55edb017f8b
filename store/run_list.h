// Run list: a workspace's runs as people and programs look for them. Lane only.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/page.h"
#include "store/runs.h"

namespace waypost::store {

struct RunFilter {
  std::optional<std::string> status{};
  std::optional<WorkflowId> workflow{};
  std::optional<std::int64_t> version{};
  std::optional<ContactId> contact{};  // who it is by now: a merge takes runs along
  std::optional<Time> from{};          // made then or later
  std::optional<Time> to{};            // made before

  bool operator==(const RunFilter&) const = default;
};

// Newest first.
std::vector<Run> list_runs(sql::Connection& connection, TenantId tenant, const RunFilter& filter, const Page& page);

struct RunTotal {
  std::int64_t runs = 0;
  bool is_at_least = false;  // there are so many, and maybe more
};
// From the counters where the filter is empty or is one final status; else counted up to `most`.
RunTotal total_of_runs(sql::Connection& connection, TenantId tenant, const RunFilter& filter, std::int64_t most);

}  // namespace waypost::store
