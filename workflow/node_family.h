// NodeFamily: what one type of node is: its configuration's check, its outputs, and a pure plan of what it does. One
// file a family (node_*.cc), one table of all (node_table.cc). Pure; any thread.
//
//   plan(configuration, scope) ──▶ effects (rows to write) + the output taken + what the step records

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "conversation/window.h"
#include "store/runs.h"
#include "workflow/graph.h"

namespace waypost::workflow {

// A message row, through store::accept_message.
struct SendEffect {
  std::string type{};
  std::optional<std::string> text{};
  Json content = Json::object();  // the part behind its type, as the Graph API takes it
  std::optional<WindowPolicy> policy{};
  bool is_later_part = false;  // of the text that the step's first send begins
};

enum class FieldOwner { Contact, Conversation };
std::string_view name_of(FieldOwner owner);  // "contact", "conversation": also the variables' first segment

struct SetFieldEffect {
  FieldOwner owner = FieldOwner::Contact;
  std::string key{};
  Json value{};  // null takes the field away
};

using Effect = std::variant<SendEffect, SetFieldEffect>;

struct Plan {
  Json input = Json::object();          // of the step
  Json output = Json::object();         // of the step; what its effects give (message ids) is added at the commit
  std::optional<std::string> handle{};  // nothing: the path ends here
  std::vector<Effect> effects{};
  std::vector<std::string> unknown_variables{};
  std::optional<store::Complaint> failure{};  // the step fails, and its run with it; no effects then

  // Takes the text and keeps the unknown variables.
  std::string filled(std::string_view text, const Json& scope);
};

struct NodeFamily {
  std::string_view type{};
  bool is_trigger = false;
  // Complaints about a configuration; paths within it ("conditions.0.label").
  std::vector<FieldError> (*faults)(const Json& config) = nullptr;
  std::vector<std::string> (*handles)(const Json& config) = nullptr;
  Plan (*plan)(const Json& config, const Json& scope) = nullptr;
};

const NodeFamily& inbound_message_trigger();
const NodeFamily& send_message_node();
const NodeFamily& send_template_node();
const NodeFamily& switch_node();
const NodeFamily& set_field_node();
const NodeFamily& end_node();

// Nothing: no such type.
const NodeFamily* find_family(std::string_view type);

// For `handles`: of a node with one output, and of one with none.
std::vector<std::string> one_output(const Json& config);
std::vector<std::string> no_output(const Json& config);

}  // namespace waypost::workflow
