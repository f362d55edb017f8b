// NodeFamily: what one type of node is: its configuration's check, its outputs, and a pure plan of what it does. One
// file a family (node_*.cc), one table of all (node_table.cc). Pure; any thread.
//
//   plan(visit) ──▶ effects (rows to write) + the output taken, or what the run waits for there
//
// A node that waits or asks somebody outside is planned twice or more: when the run comes to it, and again with each
// cause that ends its waiting, until it names an output.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "workflow/cause.h"
#include "workflow/effect.h"
#include "workflow/graph.h"
#include "workflow/outside_call.h"

namespace waypost::workflow {

// What a node is planned with.
struct Visit {
  const Json& config;
  const Json& scope;  // the values of variables (scope.h)
  Time now{};
  std::string_view node{};  // its id
  const Cause& cause = kEntered;
  const Json& memo = kNoMemo;  // what the node's last plan kept for this one; an object
  std::int64_t counted = 0;    // of logic.rate_limit: how often it was passed in the window under way
};

// The run stands still at the node, without a worker, until one of these comes.
struct WaitFor {
  bool reply = false;           // the customer's next message
  std::optional<Time> until{};  // nothing: for as long as a run may take
};

struct Plan {
  Json input = Json::object();          // of the step
  Json output = Json::object();         // of the step; what its effects give (message ids) is added at the commit
  std::optional<std::string> handle{};  // nothing, and no wait or call: the path ends here
  std::optional<WaitFor> wait{};
  std::optional<OutsideCall> call{};
  Json memo = Json::object();       // kept while it waits or calls
  std::vector<Effect> effects{};    // written also by a plan that waits or calls
  Json variables = Json::object();  // {"router": {"category": …}}: what later nodes may read, by its root
  Json usage{};                     // {"model", "inputTokens", "outputTokens", "cost"?} of an AI node
  std::vector<std::string> unknown_variables{};
  // The step fails; no effects then. With a handle the run goes on behind it if an edge leaves there, else it fails.
  std::optional<store::Complaint> failure{};

  // Takes the text and keeps the unknown variables.
  std::string filled(std::string_view text, const Json& scope);
  // The same of a text that stands in JSON: one expression alone keeps its value's type; other JSON is taken as it is,
  // its texts within filled too.
  Json filled_value(const Json& json, const Json& scope);
};

enum class NodeKind { Trigger, Message, Logic, State, Ai, Tool };
std::string_view name_of(NodeKind kind);  // "trigger", "message" …

struct NodeFamily {
  std::string_view type{};
  std::string_view label{};  // "Send message"
  std::string_view says{};   // one sentence
  NodeKind kind = NodeKind::Logic;
  bool waits = false;  // a cycle through it is no endless loop
  // JSON Schema (2020-12) of the configuration, with a title and a description for each member.
  Json (*schema)() = nullptr;
  // Complaints about a configuration; paths within it ("conditions.0.label").
  std::vector<FieldError> (*faults)(const Json& config) = nullptr;
  std::vector<std::string> (*handles)(const Json& config) = nullptr;
  Plan (*plan)(const Visit& visit) = nullptr;

  [[nodiscard]] bool is_trigger() const { return kind == NodeKind::Trigger; }
};

// In the order in which people meet them.
std::span<const NodeFamily* const> all_families();
// Nothing: no such type.
const NodeFamily* find_family(std::string_view type);

const NodeFamily& inbound_message_trigger();
const NodeFamily& keyword_trigger();
const NodeFamily& new_contact_trigger();
const NodeFamily& api_trigger();
const NodeFamily& manual_test_trigger();
const NodeFamily& send_message_node();
const NodeFamily& send_template_node();
const NodeFamily& send_media_node();
const NodeFamily& send_interactive_node();
const NodeFamily& wait_for_reply_node();
const NodeFamily& handoff_node();
const NodeFamily& ai_router_node();
const NodeFamily& ai_respond_node();
const NodeFamily& switch_node();
const NodeFamily& rate_limit_node();
const NodeFamily& delay_node();
const NodeFamily& end_node();
const NodeFamily& http_request_node();
const NodeFamily& set_field_node();
const NodeFamily& emit_event_node();

// For `handles`: of a node with one output, and of one with none.
std::vector<std::string> one_output(const Json& config);
std::vector<std::string> no_output(const Json& config);

// The output of a node that asks outside, or of one whose work may fail and whose run shall go on.
inline constexpr std::string_view kFailed = "failed";
// The output of a node whose wait ended by its time.
inline constexpr std::string_view kTimeout = "timeout";
// The output of a node that waited for an answer of some kind and got another.
inline constexpr std::string_view kOther = "other";

}  // namespace waypost::workflow
