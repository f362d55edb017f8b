// Cause: why a node is planned now. Pure; any thread.

#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/json.h"
#include "store/runs.h"

namespace waypost::workflow {

// The run came to the node.
struct Entered {};
// The customer wrote while it waited. {"id", "type", "text", "choice": {"id", "title"} of a button or a row, else null,
// "content": Meta's part}: as {{message}} and {{reply}} read it (scope.h).
struct Reply {
  Json message{};
};
// The time that it waited for has come.
struct TimeUp {};
// What a call to outside gave: a value, or why there is none after the last try. Of a model's refusal both: it used
// tokens.
struct CallAnswer {
  Json value{};  // HTTP: {"status", "headers", "body"}; AI: {"text", "model", "inputTokens", "outputTokens"}
  std::optional<store::Complaint> failure{};
};

using Cause = std::variant<Entered, Reply, TimeUp, CallAnswer>;

inline const Cause kEntered = Entered{};
inline const Json kNoMemo = Json::object();

}  // namespace waypost::workflow
