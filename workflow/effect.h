// Effect: a row that a planned step writes, within the commit of its sprint (effects.h). Pure; any thread.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/json.h"
#include "conversation/window.h"

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

// Of the contact.
struct TagEffect {
  std::string tag{};
  bool add = true;  // else it is taken away
};

// The conversation is a person's from here on.
struct HandoffEffect {
  std::optional<std::string> assign_to{};  // a user's id; nothing: as it is
};

// An event of the workspace's own, for the bridge: "workflow.event".
struct EmitEffect {
  std::string name{};
  Json payload = Json::object();
};

// One more of logic.rate_limit, for the contact or the whole workspace.
struct CountEffect {
  std::string node{};
  bool per_contact = true;
  std::chrono::seconds window{60};
};

using Effect = std::variant<SendEffect, SetFieldEffect, TagEffect, HandoffEffect, EmitEffect, CountEffect>;

}  // namespace waypost::workflow
