#include "tests/support/chat_server.h"

namespace waypost::test {

Json chat_completion(const std::string& text) {
  return {
      {"id", "chatcmpl-1"},
      {"object", "chat.completion"},
      {"model", "gpt-4.1-nano-2025-04-14"},
      {"choices", {{{"index", 0}, {"finish_reason", "stop"}, {"message", {{"role", "assistant"}, {"content", text}}}}}},
      {"usage", {{"prompt_tokens", 12}, {"completion_tokens", 3}, {"total_tokens", 15}}}};
}

Json chat_error(const std::string& message, const std::string& code) {
  return {{"error", {{"message", message}, {"type", "some_error"}, {"code", code.empty() ? Json() : Json(code)}}}};
}

ChatServer::ChatServer() {
  router_.add({.method = "POST", .pattern = "/v1/chat/completions", .handler = [this](Request request) {
                 return answer(std::move(request));
               }});
  server_ = HttpServer::listen({.address = "127.0.0.1:0"}, router_, budget_, {}, {&loop_}).value();
  server_->start();
}

ChatServer::~ChatServer() { server_->stop(std::chrono::milliseconds(0)); }

void ChatServer::will_answer(ChatReply reply) {
  const std::lock_guard lock(mutex_);
  replies_.push_back(std::move(reply));
}

std::vector<ChatAsked> ChatServer::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

ChatReply ChatServer::next(const Request& request) {
  const std::lock_guard lock(mutex_);
  asked_.push_back({.path = request.path,
                    .authorization = std::string(request.headers.find("Authorization").value_or("")),
                    .body = parse_json(request.body).value_or(Json())});
  if (replies_.empty()) return {.body = chat_completion("Hello.")};
  auto reply = std::move(replies_.front());
  replies_.pop_front();
  return reply;
}

awaitable<Response> ChatServer::answer(Request request) {
  const auto reply = next(request);
  if (reply.delay.count() > 0) co_await sleep_for(reply.delay);
  auto response =
      json_response(reply.status, reply.body.is_string() ? reply.body.get<std::string>() : dump(reply.body));
  for (const auto& [name, value] : reply.headers) response.headers.add(name, value);
  co_return response;
}

}  // namespace waypost::test
