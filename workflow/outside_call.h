// OutsideCall: what a node asks of somebody outside, as its plan says it; outside.h carries it out. It may be carried
// out more than once (law 5). No credential's secret is in it: that is named by its id. Pure; any thread.

#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/id.h"
#include "base/json.h"

namespace waypost::workflow {

struct HttpCall {
  std::string method = "GET";
  std::string url{};
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  std::optional<CredentialId> credential{};
};

// OpenAI's chat completions, POST {base}/chat/completions.
struct ChatCall {
  std::string model{};   // empty: the workspace's
  std::string system{};  // empty: none
  // What was said before, from the conversation's messages: at most so many of the newest, and so many tokens (four
  // bytes count as one).
  std::size_t history_messages = 20;
  std::size_t history_tokens = 4'000;
  std::vector<std::pair<std::string, std::string>> more{};  // role and text, behind the history
  Json schema{};  // null, or the JSON schema that the answer must keep to: {"name", "schema"}
  std::optional<double> temperature{};
  std::optional<std::int64_t> max_tokens{};
};

struct OutsideCall {
  std::variant<HttpCall, ChatCall> ask{};
  std::chrono::milliseconds timeout{10'000};  // of one try
  int attempts = 1;                           // tries in all: after a 429, a 5xx or no answer
};

}  // namespace waypost::workflow
