// A test of a draft: its nodes are planned as in a run, with their calls to outside really made, but nothing is written
// and nothing is sent. What the customer would answer is given beforehand. Loop only.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/asio.h"
#include "store/contacts.h"
#include "store/conversations.h"
#include "store/messages.h"
#include "workflow/call_places.h"
#include "workflow/graph.h"
#include "workflow/outside.h"
#include "workflow/sprint.h"

namespace waypost::workflow {

// A wait that no answer is left for ends the test as "waiting"; a delay is over at once.
struct DraftTest {
  Graph graph{};
  store::Run run{};  // tenant, workflow, its name: what {{run}} and {{workflow}} say
  store::Contact contact{};
  store::Conversation conversation{};
  bool is_real = false;                        // the conversation is one of the store's: a model reads its history
  std::optional<store::Message> message{};     // what starts it; nothing: an API call does
  Json trigger{};                              // of an API call: {"data": {…}}
  std::vector<std::optional<Json>> replies{};  // to nodes that wait, as Reply::message; nothing: no answer in time
  std::string time_zone = "UTC";
  Time now{};
  SprintLimits limits{};
};

inline constexpr std::chrono::seconds kTestTime{60};  // for all its calls

// {"status": completed | failed | waiting, "error": {code, message}|null, "steps": [{nodeId, nodeType, status, input,
// output, usage, handle, error}], "sends": [{nodeId, type, text, content}], "contact": {fields, tags},
// "conversation": {status, fields}}
// RateLimited: so many tests are under way already.
awaitable<Result<Json>> test_draft(Outside& outside, CallPlaces& places, DraftTest test);

}  // namespace waypost::workflow
