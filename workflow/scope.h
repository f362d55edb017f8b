// Scope: the values that a run's variables stand for. Pure; any thread.
//
//   contact       id, name, phone ("+…"), language, tags, fields
//   conversation  id, status, fields
//   message       id, type, text, choice: what triggered the run; null when an API call did
//   timestamp     when the customer wrote it, ISO 8601; of an API call when it came
//   trigger       data: what the API call brought
//   reply         the customer's last answer to a node that waited: id, type, text, title
//   router, respond, response   what the last node of that kind gave
//   steps         <node's id>: its output
//   run           id; workflow: id, name, version; workspace: timeZone; now: ISO 8601

#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "store/contacts.h"
#include "store/conversations.h"
#include "store/messages.h"
#include "workflow/effect.h"
#include "workflow/node_family.h"
#include "workflow/run_state.h"

namespace waypost::workflow {

// Whom a run is about, and when.
struct Setting {
  const store::Contact& contact;
  const store::Conversation& conversation;
  const store::Message* message = nullptr;
  std::string_view time_zone{};
  Time now{};
};

Json scope_of(const Setting& setting, const store::Run& run, const RunState& state);

// {"id", "type", "text", "choice", "content"} of an inbound message: also what a Reply holds.
Json message_json(const store::Message& message);

// What the fields are with the effect: the next nodes see it before it is committed.
void set_field(Json& fields, const SetFieldEffect& effect);
void set_tag(Json& tags, const TagEffect& effect);
// What the step did, so that the next ones see it: its fields, tags, variables and output.
void put_in_scope(Json& scope, std::string_view node, const Plan& plan);

}  // namespace waypost::workflow
