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
#include "workflow/cause.h"
#include "workflow/run_state.h"

namespace waypost::workflow {

struct WaitingTrigger {
  store::Trigger trigger{};
  std::optional<store::Message> message{};
  bool is_new_contact = false;  // it is the contact's first message; known where a published workflow asks
};

// A run that stands still until a reply or a time.
struct WaitingRun {
  store::Run run{};
  RunState state{};
};

struct Work {
  std::optional<store::Conversation> conversation{};
  bool is_paused = false;  // an operator has stopped the channel's runs
  std::optional<store::Contact> contact{};
  std::optional<store::Run> run{};         // queued or running: goes before any trigger
  std::vector<WaitingRun> waiting{};       // oldest first; read where no run is under way
  std::vector<WaitingTrigger> triggers{};  // by sequence; the first few
  std::vector<store::PublishedWorkflow> published{};
  std::int64_t runs_in_a_minute = 0;
  std::map<std::string, std::int64_t> sent_texts{};
  std::string time_zone{};  // the workspace's
};

// A read unit. Reads no more than the next piece of work needs.
Work read_work(sql::Connection& connection, TenantId tenant, ConversationId conversation, Time now);

// A message started the run that is under way, and meanwhile a person took the conversation: it goes on no more. A
// replay does, because a person wants it.
bool is_a_persons(const Work& work, Time now);

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
};
// A run that waited goes on.
struct Resume {
  store::Run run{};
  Cause cause{};                            // Reply or TimeUp
  std::optional<store::Trigger> trigger{};  // of the Reply
};
// A run's time has come, or it is under way, while a person has the conversation: it ends, and says nothing more.
struct GiveUp {
  store::Run run{};
};
using NextWork = std::variant<Idle, Wait, Moved, Drop, Start, GoOn, Resume, GiveUp>;

// A run under way goes first, then what came first: the time of a run that waits, or a message. A message is for the
// run that waits for a reply, of several for the youngest; else it starts the first published workflow whose trigger it
// fits (trigger_match.h). No message starts a run while its conversation is in handoff, its contact has opted out,
// or it is older than `trigger_age`. While an agent has paused automation no wait ends by its time.
NextWork next_work(const Work& work, Time now, milliseconds trigger_age);

}  // namespace waypost::workflow
