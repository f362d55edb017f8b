// ChatCaller: carries out one try of a chat completion: the workspace's settings, key and history from the store, the
// request, the answer. Loop only.

#pragma once

#include "base/crypto.h"
#include "net/client.h"
#include "sql/database.h"
#include "workflow/outside.h"

namespace waypost::workflow {

struct ChatCallerParts {
  HttpClient& http;  // the one for addresses that a workspace chooses
  sql::Database& database;
  const Keyring& keyring;
};

class ChatCaller {
 public:
  // What it is made of outlives it.
  explicit ChatCaller(const ChatCallerParts& parts) : parts_(parts) {}
  ChatCaller(const ChatCaller&) = delete;
  ChatCaller& operator=(const ChatCaller&) = delete;
  ~ChatCaller() = default;

  // `ask.call` holds a ChatCall. Ends within its timeout, but for the store's patience. The value and the failures are
  // read_chat_answer()'s (chat_answer.h), with "cost", a text, where the workspace has set prices; and:
  //   no_ai_key     OpenAI's address without a key, or one that our keyring cannot open
  //   ai_timeout    no answer in time
  //   ai_failed     no connection, a broken answer, the store is away
  // No words hold the key.
  awaitable<OutsideTry> ask(OutsideAsk ask);

 private:
  ChatCallerParts parts_;  // Constant after construction.
};

}  // namespace waypost::workflow
