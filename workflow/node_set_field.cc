// state.set_field: writes a custom field. {"target": contact | conversation, "field" or "key", "value": text with
// variables, number, boolean, or null to take the field away}; one output.

#include "base/text.h"
#include "workflow/node_family.h"
#include "workflow/variables.h"

namespace waypost::workflow {
namespace {

constexpr std::size_t kKeyBytes = 64;

std::optional<FieldOwner> owner_in(const Json& config) {
  const auto target = text_or_empty(config, "target");
  if (target == name_of(FieldOwner::Contact)) return FieldOwner::Contact;
  if (target == name_of(FieldOwner::Conversation)) return FieldOwner::Conversation;
  return std::nullopt;
}

std::pair<std::string, std::string> key_in(const Json& config) {
  const std::string name = find(config, "field") == nullptr && find(config, "key") != nullptr ? "key" : "field";
  return {name, text_or_empty(config, name)};
}

bool is_key(std::string_view key) {
  return !key.empty() && key.size() <= kKeyBytes && key.find_first_of(".{}\n\r\t") == std::string_view::npos;
}

Json schema() { return Json::object(); }

std::vector<FieldError> faults(const Json& config) {
  std::vector<FieldError> faults;
  if (!owner_in(config)) faults.push_back({"target", "must be contact or conversation"});
  const auto [name, key] = key_in(config);
  if (!is_key(key)) faults.push_back({name, "must be a name of 1 to 64 bytes without dots and braces"});
  const Json* value = find(config, "value");
  if (value == nullptr || value->is_structured()) {
    faults.push_back({"value", "must be a text, a number, true, false or null"});
  }
  return faults;
}

Plan plan(const Visit& visit) {
  const Json& config = visit.config;
  const Json& scope = visit.scope;
  Plan plan{.handle = std::string(kOut)};
  const Json* given = find(config, "value");
  Json value = given ? *given : Json();
  if (value.is_string()) value = plan.filled(value.get<std::string>(), scope);
  const auto owner = owner_in(config).value_or(FieldOwner::Contact);
  const auto key = key_in(config).second;
  plan.input = {{"target", name_of(owner)}, {"field", key}, {"value", value}};
  const Json* before = look_up(scope, std::string(name_of(owner)) + ".fields." + key);
  plan.output = {{"previous", before ? *before : Json()}};
  plan.effects.emplace_back(SetFieldEffect{.owner = owner, .key = key, .value = std::move(value)});
  return plan;
}

}  // namespace

const NodeFamily& set_field_node() {
  static constexpr NodeFamily kFamily{
      .type = "state.set_field", .label = "Set field", .says = "Writes a field of the contact or the conversation, or a tag of the contact.", .kind = NodeKind::State, .schema = schema, .faults = faults, .handles = one_output, .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
