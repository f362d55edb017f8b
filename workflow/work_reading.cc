#include <chrono>

#include "store/queue_pauses.h"
#include "workflow/work.h"

namespace waypost::workflow {
namespace {

using std::chrono::minutes;

// Triggers read at a time: more come with the next reading.
constexpr std::size_t kTriggers = 8;
void read_contact(sql::Connection& connection, Work& work, Time now) {
  const auto tenant = work.conversation->tenant;
  const auto contact = work.conversation->contact;
  work.contact = store::find_contact(connection, tenant, contact);
  work.runs_in_a_minute = store::recent_runs(connection, tenant, contact, now - minutes(1));
  for (auto& text : store::recent_texts(connection, tenant, contact, now - minutes(5))) {
    ++work.sent_texts[std::move(text)];
  }
}

void read_triggers(sql::Connection& connection, TenantId tenant, ConversationId conversation, Work& work) {
  for (auto& trigger : store::pending_triggers(connection, tenant, conversation, kTriggers)) {
    work.triggers.push_back({.trigger = trigger});
  }
  if (work.triggers.empty()) return;
  work.published = store::published_workflows(connection, tenant);
  if (work.published.empty()) return;
  for (auto& waiting : work.triggers) {
    waiting.message = store::find_message(connection, tenant, waiting.trigger.message);
  }
}

}  // namespace

Work read_work(sql::Connection& connection, TenantId tenant, ConversationId conversation, Time now) {
  Work work{.conversation = store::find_conversation(connection, tenant, conversation)};
  if (work.conversation && work.conversation->merged_into) return work;
  if (work.conversation &&
      store::is_channel_paused(connection, tenant, work.conversation->channel, store::WorkQueue::Runs)) {
    work.is_paused = true;
    return work;
  }
  work.run = store::next_run(connection, tenant, conversation);
  if (work.run) {
    work.run_message = store::find_message(connection, tenant, work.run->message);
  } else {
    read_triggers(connection, tenant, conversation, work);
  }
  if (work.conversation && (work.run || !work.published.empty())) read_contact(connection, work, now);
  return work;
}

}  // namespace waypost::workflow
