#include <algorithm>
#include <array>

#include "workflow/node_family.h"
#include "workflow/variables.h"

namespace waypost::workflow {
namespace {

void keep(std::vector<std::string>& unknown, std::vector<std::string> more) {
  for (auto& path : more) {
    if (std::ranges::find(unknown, path) == unknown.end()) unknown.push_back(std::move(path));
  }
}

}  // namespace

std::string_view name_of(FieldOwner owner) {
  switch (owner) {
    case FieldOwner::Contact:
      return "contact";
    case FieldOwner::Conversation:
      return "conversation";
  }
}

std::string_view name_of(NodeKind kind) {
  switch (kind) {
    case NodeKind::Trigger:
      return "trigger";
    case NodeKind::Message:
      return "message";
    case NodeKind::Logic:
      return "logic";
    case NodeKind::State:
      return "state";
    case NodeKind::Ai:
      return "ai";
    case NodeKind::Tool:
      return "tool";
  }
}

std::string Plan::filled(std::string_view text, const Json& scope) {
  auto result = fill(text, scope);
  keep(unknown_variables, std::move(result.unknown));
  return std::move(result.text);
}

Json Plan::filled_value(const Json& json, const Json& scope) {
  auto result = fill_value(json, scope);
  keep(unknown_variables, std::move(result.unknown));
  return std::move(result.value);
}

std::span<const NodeFamily* const> all_families() {
  static const std::array kAll{&inbound_message_trigger(),
                               &keyword_trigger(),
                               &new_contact_trigger(),
                               &api_trigger(),
                               &manual_test_trigger(),
                               &send_message_node(),
                               &send_template_node(),
                               &send_media_node(),
                               &send_interactive_node(),
                               &wait_for_reply_node(),
                               &handoff_node(),
                               &ai_router_node(),
                               &ai_respond_node(),
                               &switch_node(),
                               &rate_limit_node(),
                               &delay_node(),
                               &end_node(),
                               &http_request_node(),
                               &set_field_node(),
                               &emit_event_node()};
  return kAll;
}

const NodeFamily* find_family(std::string_view type) {
  const auto all = all_families();
  const auto found = std::ranges::find(all, type, &NodeFamily::type);
  return found == all.end() ? nullptr : *found;
}

std::vector<std::string> one_output(const Json&) { return {std::string(kOut)}; }
std::vector<std::string> no_output(const Json&) { return {}; }

}  // namespace waypost::workflow
