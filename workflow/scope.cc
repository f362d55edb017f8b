#include "workflow/scope.h"

#include <algorithm>

#include "base/or_null.h"
#include "workflow/reply.h"

namespace waypost::workflow {
namespace {

Json fields_of(const Json& fields) { return fields.is_object() ? fields : Json::object(); }

Json contact_json(const store::Contact& contact) {
  return {{"id", contact.id.text()},
          {"name", contact.shown_name()},
          {"phone", contact.phone ? Json("+" + *contact.phone) : Json()},
          {"language", or_null(contact.language)},
          {"tags", contact.tags},
          {"fields", fields_of(contact.fields)}};
}

Json conversation_json(const store::Conversation& conversation) {
  return {{"id", conversation.id.text()}, {"status", conversation.status}, {"fields", fields_of(conversation.fields)}};
}

void put_effect(Json& scope, const Effect& effect) {
  if (const auto* field = std::get_if<SetFieldEffect>(&effect)) {
    set_field(scope[std::string(name_of(field->owner))]["fields"], *field);
  } else if (const auto* tag = std::get_if<TagEffect>(&effect)) {
    set_tag(scope["contact"]["tags"], *tag);
  }
}

}  // namespace

Json message_json(const store::Message& message) {
  Json json = reply_of(message.type, message.text, message.content);
  json["id"] = message.id.text();
  return json;
}

Json scope_of(const Setting& setting, const store::Run& run, const RunState& state) {
  Json scope = state.variables;
  scope["contact"] = contact_json(setting.contact);
  scope["conversation"] = conversation_json(setting.conversation);
  scope["message"] = setting.message ? message_json(*setting.message) : Json();
  scope["timestamp"] = iso8601(setting.message ? setting.message->happened_at : run.created_at);
  scope["trigger"] = state.trigger.is_null() ? Json::object() : state.trigger;
  scope["steps"] = state.outputs;
  scope["run"] = {{"id", run.id.text()}};
  scope["workflow"] = {{"id", run.workflow.text()}, {"name", run.workflow_name}, {"version", run.version}};
  scope["workspace"] = {{"timeZone", setting.time_zone}};
  scope["now"] = iso8601(setting.now);
  return scope;
}

void set_field(Json& fields, const SetFieldEffect& effect) {
  if (!fields.is_object()) fields = Json::object();
  if (effect.value.is_null()) {
    fields.erase(effect.key);
  } else {
    fields[effect.key] = effect.value;
  }
}

void set_tag(Json& tags, const TagEffect& effect) {
  if (!tags.is_array()) tags = Json::array();
  const auto found = std::ranges::find_if(tags, [&](const Json& tag) { return tag == effect.tag; });
  if (effect.add && found == tags.end()) tags.push_back(effect.tag);
  if (!effect.add && found != tags.end()) tags.erase(found);
}

void put_in_scope(Json& scope, std::string_view node, const Plan& plan) {
  for (const auto& effect : plan.effects) put_effect(scope, effect);
  for (const auto& [root, value] : plan.variables.items()) scope[root] = value;
  scope["steps"][std::string(node)] = plan.output;
}

}  // namespace waypost::workflow
