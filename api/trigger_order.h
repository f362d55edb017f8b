// TriggerOrder: one request that starts a workflow by a call, carried out in one unit: what was started before with the
// same key, whether the workflow may be called so, with whom, the run. Lane only.

#pragma once

#include <optional>
#include <variant>

#include "api/destination.h"
#include "api/input.h"
#include "queue/signals.h"
#include "sql/connection.h"
#include "store/idempotency.h"

namespace waypost::api {

// A contact that is known, on a channel that is said or the workspace's only one.
struct KnownContact {
  ContactId id{};
  std::optional<ChannelId> channel{};
};

struct TriggerOrder {
  TenantId tenant{};
  WorkflowId workflow{};
  std::variant<KnownContact, Person> with{};
  Json data = Json::object();
  std::optional<store::RequestKey> key{};  // of the header Idempotency-Key
  std::int64_t runs_per_minute = 0;        // of the contact
  Time now{};
};

// {"contactId" | "to" | "userId", "channelId"?, "data"?}. Complains in the input; pure. Only `with` and `data` are set.
TriggerOrder read_trigger_order(Input& input);

struct Triggered {
  store::KeptAnswer answer{};      // 202 {"ok": true, "runId"}
  bool replayed = false;           // by its key; nothing was done
  std::optional<Signal> signal{};  // to be offered after the commit
};
// Errors, nothing written: InvalidInput with fields; NotFound, there is no such workflow; Rejected and
// RateLimited as workflow/api_start.h says.
Result<Triggered> carry_out(sql::Connection& connection, const TriggerOrder& order);

}  // namespace waypost::api
