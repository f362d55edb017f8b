// Work: what one conversation has for the runner, as one reading of the store shows it, and the decision what to do of
// it next. The decision is pure; reading is lane only.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sql/connection.h"
#include "store/contacts.h"
#include "store/conversations.h"
#include "store/messages.h"
#include "store/runs.h"
#include "store/triggers.h"
#include "store/workflows.h"

namespace waypost::workflow {

struct WaitingTrigger {
  store::Trigger trigger{};
  std::optional<store::Message> message{};
};

struct Work {
  std::optional<store::Conversation> conversation{};
  bool is_paused = false;  // an operator has stopped the channel's runs; nothing else is read
  std::optional<store::Contact> contact{};
  std::optional<store::Run> run{};              // queued or running: goes before any trigger
  std::optional<store::Message> run_message{};  // what triggered it
  std::vector<WaitingTrigger> triggers{};       // by sequence; the first few
  std::vector<store::PublishedWorkflow> published{};
  std::int64_t runs_in_a_minute = 0;
  std::map<std::string, std::int64_t> sent_texts{};
};

// A read unit. Reads no more than the next piece of work needs.
Work read_work(sql::Connection& connection, TenantId tenant, ConversationId conversation, Time now);

// Nothing is due.
struct Idle {};
// The conversation's work goes on at this time.
struct Wait {
  Time until{};
};
// The contact was merged: the work is the survivor's.
struct Moved {
  ConversationId to{};
};
// These triggers, up to this sequence, start no run.
struct Drop {
  std::int64_t last = 0;
};
// This message starts a run of this workflow.
struct Start {
  store::Trigger trigger{};
  store::Message message{};
  store::PublishedWorkflow workflow{};
};
// The run takes its next steps.
struct GoOn {
  store::Run run{};
  std::optional<store::Message> message{};  // nothing: it is gone, and the run cannot go on
};
using NextWork = std::variant<Idle, Wait, Moved, Drop, Start, GoOn>;

// No trigger starts a run while its conversation is in handoff, its contact has opted out, nothing is published, or the
// message is older than `trigger_age`.
NextWork next_work(const Work& work, Time now, milliseconds trigger_age);

}  // namespace waypost::workflow
