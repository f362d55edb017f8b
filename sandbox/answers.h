// Answers: the few ways in which the simulator's handlers answer. Pure; any thread.

#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "net/http.h"
#include "sandbox/graph_error.h"

namespace waypost::sandbox {

// Of the Graph endpoints, with Meta's headers.
Response graph_answer(const Json& body);
Response graph_refusal(const GraphError& error);
// Closes the connection unanswered.
Response hang_up();
// Closes it within the answer.
Response cut_in_half(Response answer);
// What a proxy in between says when there is too much: 429, a page for people.
Response too_many_in_html();

// Of the control endpoints: {"error": words} with the status of the kind.
Response control_answer(const Json& body);
Response control_refusal(const Error& error);

// A handler that has nothing to wait for.
awaitable<Response> at_once(Response response);

}  // namespace waypost::sandbox
