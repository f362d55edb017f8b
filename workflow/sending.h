// What the nodes share that send messages: the content in the short form that conversation/send_form.h reads, with
// variables in its texts, and what becomes of it outside the service window. Pure; any thread.

#pragma once

#include <optional>
#include <vector>

#include "workflow/node_family.h"

namespace waypost::workflow {

// Faults of a content as it is drawn, by the request's own members in dots ("buttons.0.title"). A text that holds
// variables may become any text: its length is not judged, nor what a variable stands for.
std::vector<FieldError> content_faults(const Json& request);

// Every text of `request` with its variables filled in.
Json filled_request(Plan& plan, const Json& request, const Json& scope);

// Puts the sends of a filled request among the plan's effects; what Meta would refuse fails the plan with `bad_content`
// and the first fault's words.
void add_sends(Plan& plan, const Json& request, std::optional<WindowPolicy> policy);

// The member "outsideWindow": one of the policies; nothing when it is not given, and the workspace's is in force.
void check_policy(std::vector<FieldError>& faults, const Json& config);
std::optional<WindowPolicy> policy_in(const Json& config);
Json policy_schema();

}  // namespace waypost::workflow
