#include "workflow/chat_request.h"

#include <algorithm>
#include <iterator>

namespace waypost::workflow {
namespace {

// Whether it stands behind the last that the assistant said.
bool is_said(const std::vector<ChatLine>& history, const ChatLine& line) {
  const auto newest = std::find_if(history.rbegin(), history.rend(),
                                   [&](const ChatLine& said) { return said == line || said.first != line.first; });
  return newest != history.rend() && *newest == line;
}

Json messages_of(const ChatCall& call, std::vector<ChatLine> lines) {
  auto more = call.more.begin();
  if (more != call.more.end() && is_said(lines, *more)) ++more;
  lines.insert(lines.end(), more, call.more.end());
  if (!call.system.empty()) lines.insert(lines.begin(), {"system", call.system});
  Json messages = Json::array();
  for (const auto& [role, text] : lines) messages.push_back({{"role", role}, {"content", text}});
  return messages;
}

// `strict`: the answer keeps to the schema, which then must say "additionalProperties": false and require all it names.
Json format_of(const Json& schema) {
  return {{"type", "json_schema"},
          {"json_schema", {{"name", schema.at("name")}, {"strict", true}, {"schema", schema.at("schema")}}}};
}

}  // namespace

Json chat_request(const ChatCall& call, std::vector<ChatLine> history, const ChatServer& server) {
  Json body{{"model", call.model.empty() ? server.model : call.model},
            {"messages", messages_of(call, std::move(history))}};
  if (call.temperature) body["temperature"] = *call.temperature;
  if (call.max_tokens) body[server.is_openai ? "max_completion_tokens" : "max_tokens"] = *call.max_tokens;
  if (call.schema.is_object()) body["response_format"] = format_of(call.schema);
  return body;
}

}  // namespace waypost::workflow
