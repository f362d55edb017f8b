// ChatRequest: the body of POST {base}/chat/completions (OpenAI's API reference, "Create chat completion", seen
// 2026-12), with no member that an answer can do without: llama.cpp, Ollama, vLLM and others read the same. Pure; any
// thread.

#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "workflow/chat_history.h"
#include "workflow/outside_call.h"

namespace waypost::workflow {

struct ChatServer {
  std::string model{};  // where the call names none
  // OpenAI refuses `max_tokens` for its newer models; Ollama and older servers know no `max_completion_tokens`.
  bool is_openai = true;
};

// Messages: the system's, the history, then `call.more`, of which the first is left out when the customer's last words
// in the history say the same.
Json chat_request(const ChatCall& call, std::vector<ChatLine> history, const ChatServer& server);

}  // namespace waypost::workflow
