#include <algorithm>
#include <chrono>

#include "store/queue_pauses.h"
#include "store/rates.h"
#include "workflow/trigger_match.h"
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
  work.time_zone = store::time_zone_of(connection, tenant);
  work.runs_in_a_minute = store::recent_runs(connection, tenant, contact, now - minutes(1));
  for (auto& text : store::recent_texts(connection, tenant, contact, now - minutes(5))) {
    ++work.sent_texts[std::move(text)];
  }
}

void read_waiting(sql::Connection& connection, TenantId tenant, ConversationId conversation, Work& work) {
  for (auto& run : store::waiting_runs(connection, tenant, conversation)) {
    auto state = read_state(run.state);
    work.waiting.push_back({.run = std::move(run), .state = std::move(state)});
  }
}

void read_messages(sql::Connection& connection, TenantId tenant, Work& work) {
  const bool asks_for_new =
      std::ranges::any_of(work.published, [](const auto& each) { return asks_for_new_contact(each.trigger); });
  for (auto& waiting : work.triggers) {
    waiting.message = store::find_message(connection, tenant, waiting.trigger.message);
    waiting.is_new_contact = asks_for_new && waiting.message && store::is_first_inbound(connection, *waiting.message);
  }
}

void read_triggers(sql::Connection& connection, TenantId tenant, ConversationId conversation, Work& work) {
  read_waiting(connection, tenant, conversation, work);
  for (auto& trigger : store::pending_triggers(connection, tenant, conversation, kTriggers)) {
    work.triggers.push_back({.trigger = trigger});
  }
  if (work.triggers.empty()) return;
  work.published = store::published_workflows(connection, tenant);
  if (!work.published.empty() || !work.waiting.empty()) read_messages(connection, tenant, work);
}

}  // namespace

Work read_work(sql::Connection& connection, TenantId tenant, ConversationId conversation, Time now) {
  Work work{.conversation = store::find_conversation(connection, tenant, conversation)};
  if (work.conversation && work.conversation->merged_into) return work;
  work.is_paused = work.conversation &&
                   store::is_channel_paused(connection, tenant, work.conversation->channel, store::WorkQueue::Runs);
  work.run = store::next_run(connection, tenant, conversation);
  if (!work.run) read_triggers(connection, tenant, conversation, work);
  const bool needs_contact = work.run || !work.published.empty() || !work.waiting.empty();
  if (work.conversation && needs_contact) read_contact(connection, work, now);
  return work;
}

}  // namespace waypost::workflow
