#include "workflow/work.h"

#include <algorithm>
#include <chrono>

#include "store/queue_pauses.h"

namespace waypost::workflow {
namespace {

bool starts_a_run(const WaitingTrigger& waiting, Time now, milliseconds age) {
  if (!waiting.message) return false;
  return std::min(waiting.trigger.created_at, waiting.message->happened_at) + age > now;
}

bool may_start(const Work& work) {
  return work.contact && !work.contact->opted_out && work.conversation->status != "handoff" && !work.published.empty();
}

NextWork next_trigger(const Work& work, Time now, milliseconds age) {
  std::optional<Drop> drop;
  for (const auto& waiting : work.triggers) {
    if (may_start(work) && starts_a_run(waiting, now, age)) {
      if (drop) return *drop;
      return Start{.trigger = waiting.trigger, .message = *waiting.message, .workflow = work.published.front()};
    }
    drop = Drop{.last = waiting.trigger.seq};
  }
  if (drop) return *drop;
  return Idle{};
}

}  // namespace

NextWork next_work(const Work& work, Time now, milliseconds trigger_age) {
  if (work.conversation && work.conversation->merged_into) return Moved{.to = *work.conversation->merged_into};
  if (work.is_paused) return Wait{.until = now + store::kPausePoll};
  if (work.run && work.run->due_at.value_or(now) > now) return Wait{.until = *work.run->due_at};
  if (work.run) return GoOn{.run = *work.run, .message = work.run_message};
  if (!work.conversation)
    return work.triggers.empty() ? NextWork(Idle{}) : Drop{.last = work.triggers.back().trigger.seq};
  return next_trigger(work, now, trigger_age);
}

}  // namespace waypost::workflow
