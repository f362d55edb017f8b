#include "workflow/work.h"

#include <algorithm>
#include <chrono>
#include <ranges>

#include "store/queue_pauses.h"
#include "workflow/scope.h"
#include "workflow/trigger_match.h"

namespace waypost::workflow {
namespace {

bool is_young(const WaitingTrigger& waiting, Time now, milliseconds age) {
  return std::min(waiting.trigger.created_at, waiting.message->happened_at) + age > now;
}

bool is_automatic(const Work& work) {
  return work.contact && !work.contact->opted_out && work.conversation->status != "handoff";
}

const WaitingRun* run_that_waits_for_reply(const Work& work) {
  for (const auto& waiting : work.waiting | std::views::reverse) {
    if (waiting.state.stop && waiting.state.stop->reply) return &waiting;
  }
  return nullptr;
}

// The one whose time comes first.
const WaitingRun* next_due(const Work& work) {
  const WaitingRun* next = nullptr;
  for (const auto& waiting : work.waiting) {
    if (waiting.run.due_at && (next == nullptr || *waiting.run.due_at < *next->run.due_at)) next = &waiting;
  }
  return next;
}

std::optional<store::PublishedWorkflow> started_by(const Work& work, const WaitingTrigger& waiting) {
  const auto& message = *waiting.message;
  const TriggerFacts facts{.type = message.type,
                           .text = message.text ? std::string_view(*message.text) : std::string_view(),
                           .is_new_contact = waiting.is_new_contact};
  const auto found =
      std::ranges::find_if(work.published, [&](const auto& workflow) { return starts(workflow.trigger, facts); });
  return found == work.published.end() ? std::nullopt : std::optional(*found);
}

// What the message is for; nothing: it starts nothing.
std::optional<NextWork> use_of(const Work& work, const WaitingTrigger& waiting, Time now, milliseconds age) {
  if (!waiting.message || !is_automatic(work)) return std::nullopt;
  if (const auto* run = run_that_waits_for_reply(work)) {
    return Resume{
        .run = run->run, .cause = Reply{.message = message_json(*waiting.message)}, .trigger = waiting.trigger};
  }
  if (!is_young(waiting, now, age)) return std::nullopt;
  auto workflow = started_by(work, waiting);
  if (!workflow) return std::nullopt;
  return Start{.trigger = waiting.trigger, .message = *waiting.message, .workflow = *std::move(workflow)};
}

NextWork at_rest(const Work& work) {
  const auto* due = next_due(work);
  return due ? NextWork(Wait{.until = *due->run.due_at}) : NextWork(Idle{});
}

NextWork next_trigger(const Work& work, Time now, milliseconds age) {
  std::optional<Drop> drop;
  for (const auto& waiting : work.triggers) {
    if (auto use = use_of(work, waiting, now, age)) return drop ? NextWork(*drop) : *std::move(use);
    drop = Drop{.last = waiting.trigger.seq};
  }
  if (drop) return *drop;
  return at_rest(work);
}

NextWork after_time(const Work& work, const WaitingRun& due, Time now) {
  if (work.conversation->status == "handoff") return GiveUp{.run = due.run};
  const auto paused = work.conversation->automation_paused_until;
  if (paused && *paused > now) return Wait{.until = *paused};
  return Resume{.run = due.run, .cause = TimeUp{}};
}

bool came_before(const WaitingRun& due, const std::vector<WaitingTrigger>& triggers) {
  return triggers.empty() || *due.run.due_at <= triggers.front().trigger.created_at;
}

}  // namespace

bool is_a_persons(const Work& work, Time now) {
  const auto& run = work.run;
  if (!run || run->status != "running" || !run->message || run->replay_of || !work.conversation) return false;
  return work.conversation->status == "handoff" || work.conversation->automation_paused_until.value_or(now) > now;
}

NextWork next_work(const Work& work, Time now, milliseconds trigger_age) {
  if (work.conversation && work.conversation->merged_into) return Moved{.to = *work.conversation->merged_into};
  if (work.is_paused) return Wait{.until = now + store::kPausePoll};
  if (is_a_persons(work, now)) return GiveUp{.run = *work.run};
  if (work.run && work.run->due_at.value_or(now) > now) return Wait{.until = *work.run->due_at};
  if (work.run) return GoOn{.run = *work.run};
  if (!work.conversation)
    return work.triggers.empty() ? NextWork(Idle{}) : Drop{.last = work.triggers.back().trigger.seq};
  const auto* due = next_due(work);
  if (due != nullptr && *due->run.due_at <= now && came_before(*due, work.triggers)) return after_time(work, *due, now);
  return next_trigger(work, now, trigger_age);
}

}  // namespace waypost::workflow
