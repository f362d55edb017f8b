// Scope: the values that a run's variables stand for. Pure; any thread.
//
//   contact       id, name, phone ("+…"), language, tags, fields
//   conversation  id, status, fields
//   message       id, type, text: what triggered the run
//   timestamp     when the customer wrote it, ISO 8601

#pragma once

#include "base/json.h"
#include "store/contacts.h"
#include "store/conversations.h"
#include "store/messages.h"
#include "workflow/node_family.h"

namespace waypost::workflow {

Json scope_of(const store::Contact& contact, const store::Conversation& conversation, const store::Message& message);

// What the fields are with the effect: the next nodes see it before it is committed.
void set_field(Json& fields, const SetFieldEffect& effect);
void set_field_in_scope(Json& scope, const SetFieldEffect& effect);

}  // namespace waypost::workflow
