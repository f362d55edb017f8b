// What the nodes that ask a language model have in common: members of their configuration, the call, what it used.
// Pure; any thread.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "workflow/config_checks.h"
#include "workflow/config_schema.h"
#include "workflow/node_family.h"

namespace waypost::workflow {

inline constexpr std::int64_t kMostHistory = 100;
inline constexpr std::int64_t kMostAiSeconds = 300;
inline constexpr int kAiAttempts = 3;

// Where the configuration says nothing.
struct AiUsual {
  std::int64_t history_messages = 20;
  std::int64_t timeout_seconds = 60;
};

// model, systemPrompt, input, historyMessages, timeoutSeconds.
schema_of::Members ai_members(const AiUsual& usual, std::string_view input_says);
std::vector<FieldError> ai_config_faults(const Json& config);

std::int64_t whole_or(const Json& config, std::string_view key, std::int64_t usual);

// Model and limits of the history; `input`, where it is no blank, as what the customer says last.
ChatCall chat_call_of(const Json& config, const AiUsual& usual, std::string_view input);
OutsideCall ai_call(ChatCall call, const Json& config, const AiUsual& usual);

// {"model", "inputTokens", "outputTokens", "cost"?} of an answer's value, with what the node used before added; null
// when neither says anything.
Json usage_with(const Json& before, const Json& value);

}  // namespace waypost::workflow
