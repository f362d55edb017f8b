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

// Of the control endpoints: {"error": words} with the status of the kind.
Response control_answer(const Json& body);
Response control_refusal(const Error& error);

// A handler that has nothing to wait for.
awaitable<Response> at_once(Response response);

}  // namespace waypost::sandbox
