// Effects: the rows that a planned step writes. Lane only, within the sprint's commit.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/connection.h"
#include "store/conversations.h"
#include "store/outbox.h"
#include "store/runs.h"
#include "workflow/sprint.h"

namespace waypost::workflow {

struct EffectContext {
  const store::Run& run;
  store::Conversation conversation{};  // as it is under this commit
  store::AcceptRules rules{};
  Time now{};
};

struct Applied {
  std::vector<std::string> message_ids{};
  std::optional<store::Complaint> failure{};  // the store refused, and nothing of the refused effect is written
};

Applied apply_effects(sql::Connection& connection, const EffectContext& context, const PlannedStep& step);

}  // namespace waypost::workflow
