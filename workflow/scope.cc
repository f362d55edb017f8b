#include "workflow/scope.h"

#include "base/or_null.h"

namespace waypost::workflow {
namespace {

Json fields_of(const Json& fields) { return fields.is_object() ? fields : Json::object(); }

}  // namespace

Json scope_of(const store::Contact& contact, const store::Conversation& conversation, const store::Message& message) {
  return {
      {"contact",
       {{"id", contact.id.text()},
        {"name", contact.shown_name()},
        {"phone", contact.phone ? Json("+" + *contact.phone) : Json()},
        {"language", or_null(contact.language)},
        {"tags", contact.tags},
        {"fields", fields_of(contact.fields)}}},
      {"conversation",
       {{"id", conversation.id.text()}, {"status", conversation.status}, {"fields", fields_of(conversation.fields)}}},
      {"message", {{"id", message.id.text()}, {"type", message.type}, {"text", or_null(message.text)}}},
      {"timestamp", iso8601(message.happened_at)}};
}

void set_field(Json& fields, const SetFieldEffect& effect) {
  if (!fields.is_object()) fields = Json::object();
  if (effect.value.is_null()) {
    fields.erase(effect.key);
  } else {
    fields[effect.key] = effect.value;
  }
}

void set_field_in_scope(Json& scope, const SetFieldEffect& effect) {
  set_field(scope[std::string(name_of(effect.owner))]["fields"], effect);
}

}  // namespace waypost::workflow
