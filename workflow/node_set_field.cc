// state.set_field: writes a custom field, or the contact's tags. {"target": contact | conversation, "field" or "key",
// "value": text with variables, number, boolean, or null to take the field away}, or {"target": tags, "add"?,
// "remove"?: texts with variables}; one output. A value that is one expression alone keeps its type.

#include <array>

#include "base/text.h"
#include "workflow/config_checks.h"
#include "workflow/config_schema.h"
#include "workflow/node_family.h"
#include "workflow/variables.h"

namespace waypost::workflow {
namespace {

constexpr std::size_t kKeyBytes = 64;
constexpr std::size_t kValueBytes = 16 << 10;  // as the API takes all fields of one request
constexpr std::size_t kTags = 20;
constexpr std::size_t kTagCharacters = 64;  // as the API takes them
constexpr std::string_view kTagsTarget = "tags";
constexpr std::array<std::string_view, 3> kTargets{"contact", "conversation", kTagsTarget};

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

Json schema() {
  const auto tag = schema_of::text("Tag", "May hold {{variables}}; at most 64 characters.");
  return schema_of::config(
      {{"target", schema_of::choice("Target", "Whose field it is; or tags, for those of the contact.", kTargets)},
       {"field", schema_of::text("Field", "The field's name, of 1 to 64 bytes without dots and braces.")},
       {"key", schema_of::text("Field (older name)", "The same as field.")},
       {"value", schema_of::anything("Value",
                                     "A text that may hold {{variables}}, a number, true or false; null takes "
                                     "the field away. One expression alone keeps its type.")},
       {"add", schema_of::list("Tags to add", "With the target tags.", tag, {.least = 0, .most = kTags})},
       {"remove", schema_of::list("Tags to remove", "With the target tags.", tag, {.least = 0, .most = kTags})}},
      {"target"});
}

void check_tag(std::vector<FieldError>& faults, const Json& tag, std::string path) {
  const auto text = tag.is_string() ? tag.get<std::string>() : "";
  const bool is_too_long = variables_in(text).empty() && count_characters(trimmed(text)) > kTagCharacters;
  if (!trimmed(text).empty() && !is_too_long) return;
  faults.push_back({std::move(path), "must be a text of 1 to 64 characters"});
}

void check_tags(std::vector<FieldError>& faults, const Json& config, const std::string& key) {
  const Json* tags = given(config, key);
  if (tags == nullptr) return;
  if (!tags->is_array() || tags->size() > kTags) {
    faults.push_back({key, "must be a list of at most 20 texts"});
    return;
  }
  for (std::size_t place = 0; place < tags->size(); ++place) {
    check_tag(faults, (*tags)[place], key + "." + std::to_string(place));
  }
}

std::vector<FieldError> tags_faults(const Json& config) {
  std::vector<FieldError> faults;
  check_tags(faults, config, "add");
  check_tags(faults, config, "remove");
  if (given(config, "add") == nullptr && given(config, "remove") == nullptr) {
    faults.push_back({"add", "is missing: either it or remove"});
  }
  return faults;
}

std::vector<FieldError> faults(const Json& config) {
  if (text_or_empty(config, "target") == kTagsTarget) return tags_faults(config);
  std::vector<FieldError> faults;
  if (!owner_in(config)) faults.push_back({"target", "must be contact, conversation or tags"});
  const auto [name, key] = key_in(config);
  if (!is_key(key)) faults.push_back({name, "must be a name of 1 to 64 bytes without dots and braces"});
  const Json* value = find(config, "value");
  if (value == nullptr || value->is_structured()) {
    faults.push_back({"value", "must be a text, a number, true, false or null"});
  }
  return faults;
}

// A tag that its variables leave empty is passed over.
void add_tag(Plan& plan, const std::string& text, bool add, const Json& scope) {
  const auto filled = plan.filled(text, scope);
  const auto tag = trimmed(filled);
  if (tag.empty()) return;
  if (count_characters(tag) > kTagCharacters) {
    plan.failure =
        store::Complaint{.code = "too_large", .words = "with its variables filled in a tag is over 64 characters"};
  }
  plan.input[add ? "add" : "remove"].push_back(tag);
  plan.effects.emplace_back(TagEffect{.tag = std::string(tag), .add = add});
}

Plan plan_of_tags(const Visit& visit) {
  Plan plan{.input = {{"target", kTagsTarget}}, .handle = std::string(kOut)};
  for (const auto& text : texts_in(visit.config, "add")) add_tag(plan, text, true, visit.scope);
  for (const auto& text : texts_in(visit.config, "remove")) add_tag(plan, text, false, visit.scope);
  if (plan.failure) plan.effects.clear();
  return plan;
}

Plan plan_of_field(const Visit& visit) {
  Plan plan{.handle = std::string(kOut)};
  const Json* given_value = find(visit.config, "value");
  Json value = given_value ? plan.filled_value(*given_value, visit.scope) : Json();
  const auto owner = owner_in(visit.config).value_or(FieldOwner::Contact);
  const auto key = key_in(visit.config).second;
  plan.input = {{"target", name_of(owner)}, {"field", key}};
  if (dump(value).size() > kValueBytes) {
    plan.failure =
        store::Complaint{.code = "too_large", .words = "with its variables filled in the value is larger than 16 KiB"};
    return plan;
  }
  plan.input["value"] = value;
  const Json* before = look_up(visit.scope, std::string(name_of(owner)) + ".fields." + key);
  plan.output = {{"previous", before ? *before : Json()}};
  plan.effects.emplace_back(SetFieldEffect{.owner = owner, .key = key, .value = std::move(value)});
  return plan;
}

Plan plan(const Visit& visit) {
  return text_or_empty(visit.config, "target") == kTagsTarget ? plan_of_tags(visit) : plan_of_field(visit);
}

}  // namespace

const NodeFamily& set_field_node() {
  static constexpr NodeFamily kFamily{
      .type = "state.set_field",
      .label = "Set field",
      .says = "Writes a field of the contact or the conversation, or a tag of the contact.",
      .kind = NodeKind::State,
      .schema = schema,
      .faults = faults,
      .handles = one_output,
      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
