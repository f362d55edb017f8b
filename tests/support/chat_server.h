// ChatServer: speaks the chat completions API on a free port: answers by a script, remembers what it was asked. Test
// thread only, but for its own loop inside.

#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "net/server.h"

namespace waypost::test {

struct ChatAsked {
  std::string path{};
  std::string authorization{};  // "" without
  Json body{};
};

struct ChatReply {
  int status = 200;
  Json body{};
  std::vector<std::pair<std::string, std::string>> headers{};
  std::chrono::milliseconds delay{0};
};

// A whole answer of the API with this text, of 12 tokens in and 3 out.
Json chat_completion(const std::string& text);
// As OpenAI tells an error.
Json chat_error(const std::string& message, const std::string& code = "");

class ChatServer {
 public:
  ChatServer();
  ChatServer(const ChatServer&) = delete;
  ChatServer& operator=(const ChatServer&) = delete;
  ~ChatServer();

  std::string base_url() const { return "http://127.0.0.1:" + std::to_string(server_->port()) + "/v1"; }
  // The next answers, in this order; when none is left it says "Hello."
  void will_say(const std::string& text) { will_answer({.body = chat_completion(text)}); }
  void will_answer(ChatReply reply);
  std::vector<ChatAsked> asked() const;

 private:
  ChatReply next(const Request& request);
  awaitable<Response> answer(Request request);

  mutable std::mutex mutex_;  // of the two below
  std::deque<ChatReply> replies_;
  std::vector<ChatAsked> asked_;
  Loop loop_{"chat"};
  Router router_;
  BodyBudget budget_{64 << 20};
  std::unique_ptr<HttpServer> server_;
};

}  // namespace waypost::test
