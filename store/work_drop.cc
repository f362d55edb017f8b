// What an operator gives up of a buried key: the piece of work that stands first.

#include <utility>

#include "store/locks.h"
#include "store/media.h"
#include "store/runs.h"
#include "store/sending.h"
#include "store/triggers.h"
#include "store/work_failures.h"

namespace waypost::store {
namespace {

constexpr const char* kWords = "it failed again and again, and an operator dropped it";

// As the sender takes them (outbound/head.h): a held one whose validity is over goes before the head.
std::optional<Message> first_message(sql::Connection& connection, const WorkKey& key, Time now) {
  auto view =
      read_sends(connection, {.tenant = key.tenant, .conversation = key.conversation, .stream = key.stream}, now);
  if (!view) return std::nullopt;
  return view->lapsed ? std::move(view->lapsed) : std::move(view->head);
}

Dropped drop_send(sql::Connection& connection, const WorkKey& key, Time now) {
  const auto message = first_message(connection, key, now);
  if (!message) return {.key = key, .what = "nothing"};
  const Failure why{.reason = std::string(kDropped), .code = std::nullopt, .words = kWords};
  if (!record_failed(connection, *message, why, now)) run_again("a message was moved by another transaction");
  return {.key = key, .what = "message", .id = message->id.uuid};
}

void fail_run(sql::Connection& connection, Run run, Time now) {
  run.status = "failed";
  run.error = Complaint{.code = std::string(kDropped), .words = kWords};
  run.position.reset();
  run.due_at.reset();
  run.ended_at = now;
  if (!advance_run(connection, run, now)) run_again("a run was moved by another transaction");
  ++run.revision;
  run.updated_at = now;
  close_steps(connection, run, now);
  tell_run(connection, "run.failed", run, now);
}

// As the runner takes them (workflow/work.h): a run under way goes before triggers.
Dropped drop_run(sql::Connection& connection, const WorkKey& key, Time now) {
  if (const auto run = next_run(connection, key.tenant, key.conversation)) {
    fail_run(connection, *run, now);
    return {.key = key, .what = "run", .id = run->id.uuid};
  }
  const auto triggers = pending_triggers(connection, key.tenant, key.conversation, 1);
  if (triggers.empty()) return {.key = key, .what = "nothing"};
  if (!take_trigger(connection, triggers.front())) run_again("a trigger was taken by another transaction");
  return {.key = key, .what = "trigger", .id = triggers.front().message.uuid};
}

Dropped drop_media(sql::Connection& connection, const WorkKey& key, Time now) {
  const auto media = next_media(connection, key.tenant, key.conversation);
  if (!media) return {.key = key, .what = "nothing"};
  if (!lose_media(connection, *media, {.reason = std::string(kDropped), .words = kWords}, now))
    run_again("a file was moved by another transaction");
  return {.key = key, .what = "media", .id = media->id.uuid};
}

Dropped drop(sql::Connection& connection, const WorkKey& key, Time now) {
  switch (key.queue) {
    case WorkQueue::Runs:
      return drop_run(connection, key, now);
    case WorkQueue::Sends:
      return drop_send(connection, key, now);
    case WorkQueue::Media:
      return drop_media(connection, key, now);
  }
  std::unreachable();
}

}  // namespace

// The failures' rows come last (store/locks.h). Of two who drop one key the second one finds it revived.
std::vector<Dropped> drop_first(sql::Connection& connection, const BuriedKeys& of, Time now) {
  std::vector<Dropped> dropped;
  const auto keys = buried_of(connection, of);
  for (const auto& key : keys) dropped.push_back(drop(connection, key, now));
  if (revive(connection, of) != keys) run_again("a buried key was revived by another transaction");
  return dropped;
}

}  // namespace waypost::store
