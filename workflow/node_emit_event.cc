// event.emit: an event of the workspace's own, "workflow.event". {"name", "payload"?: JSON, its texts with variables};
// one output.

#include <algorithm>

#include "workflow/config_schema.h"
#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

constexpr std::size_t kNameBytes = 64;
// As JSON; an event is read by everybody who follows the workspace's.
constexpr std::size_t kPayloadBytes = 16 << 10;

Json schema() {
  return schema_of::config(
      {{"name", schema_of::text("Name", "Small letters, digits, dots, _ and -; at most 64.")},
       {"payload", schema_of::anything("Payload", "What is told with it, as JSON; its texts may hold {{variables}}.")}},
      {"name"});
}

bool is_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= kNameBytes && std::ranges::all_of(name, fits);
}

Json payload_in(const Json& config) {
  const Json* payload = find(config, "payload");
  return payload == nullptr || payload->is_null() ? Json::object() : *payload;
}

std::vector<FieldError> faults(const Json& config) {
  std::vector<FieldError> faults;
  if (!is_name(text_or_empty(config, "name"))) {
    faults.push_back({"name", "must be 1 to 64 of a-z, 0-9, dot, _ and -"});
  }
  if (dump(payload_in(config)).size() > kPayloadBytes) faults.push_back({"payload", "is larger than 16 KiB"});
  return faults;
}

Plan plan(const Visit& visit) {
  Plan plan{.handle = std::string(kOut)};
  auto name = text_or_empty(visit.config, "name");
  auto payload = plan.filled_value(payload_in(visit.config), visit.scope);
  plan.input = {{"name", name}};
  if (dump(payload).size() > kPayloadBytes) {
    plan.failure = store::Complaint{.code = "too_large",
                                    .words = "with its variables filled in the payload is larger than 16 KiB"};
    return plan;
  }
  plan.input["payload"] = payload;
  plan.effects.emplace_back(EmitEffect{.name = std::move(name), .payload = std::move(payload)});
  return plan;
}

}  // namespace

const NodeFamily& emit_event_node() {
  static constexpr NodeFamily kFamily{.type = "event.emit",
                                      .label = "Emit event",
                                      .says = "Tells the systems that follow the events.",
                                      .kind = NodeKind::State,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = one_output,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
