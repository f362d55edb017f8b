#include "store/work_failures.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/text.h"

namespace waypost::store {
namespace {

constexpr std::size_t kWordsKept = 500;
constexpr std::int64_t kMostDoublings = 30;

// What is due of a failed key; the states are those of the partial indexes, word for word. $1: now. Written as a
// difference, so that nobody looks a key up among all that is due.
constexpr std::string_view kSettledSends =
    "SELECT tenant_id, conversation_id, stream FROM work_failure WHERE queue = 'sends' AND NOT EXISTS (SELECT 1 FROM "
    "message WHERE message.tenant_id = work_failure.tenant_id AND message.conversation_id = "
    "work_failure.conversation_id AND message.stream = work_failure.stream AND (message.state = 'queued' OR "
    "message.state = 'sending' OR message.state = 'unknown' OR message.state = 'held') AND message.due_at - $1 <= 0) "
    "LIMIT $2";
constexpr std::string_view kSettledRuns =
    "SELECT tenant_id, conversation_id, stream FROM work_failure WHERE queue = 'runs' AND NOT EXISTS (SELECT 1 FROM "
    "run_trigger WHERE run_trigger.tenant_id = work_failure.tenant_id AND run_trigger.conversation_id = "
    "work_failure.conversation_id) AND NOT EXISTS (SELECT 1 FROM run WHERE run.tenant_id = work_failure.tenant_id AND "
    "run.conversation_id = work_failure.conversation_id AND (run.status = 'queued' OR run.status = 'running' OR "
    "run.status = 'waiting') AND run.due_at - $1 <= 0) LIMIT $2";
constexpr std::string_view kClearSends =
    "DELETE FROM work_failure WHERE tenant_id = $2 AND queue = 'sends' AND conversation_id = $3 AND stream = $4 AND "
    "NOT EXISTS (SELECT 1 FROM message WHERE message.tenant_id = $2 AND message.conversation_id = $3 AND "
    "message.stream = $4 AND (message.state = 'queued' OR message.state = 'sending' OR message.state = 'unknown' OR "
    "message.state = 'held') AND message.due_at - $1 <= 0)";
constexpr std::string_view kClearRuns =
    "DELETE FROM work_failure WHERE tenant_id = $2 AND queue = 'runs' AND conversation_id = $3 AND stream = $4 AND "
    "NOT EXISTS (SELECT 1 FROM run_trigger WHERE run_trigger.tenant_id = $2 AND run_trigger.conversation_id = $3) AND "
    "NOT EXISTS (SELECT 1 FROM run WHERE run.tenant_id = $2 AND run.conversation_id = $3 AND (run.status = 'queued' OR "
    "run.status = 'running' OR run.status = 'waiting') AND run.due_at - $1 <= 0)";

constexpr std::string_view kSettledMedia =
    "SELECT tenant_id, conversation_id, stream FROM work_failure WHERE queue = 'media' AND NOT EXISTS (SELECT 1 FROM "
    "media WHERE media.tenant_id = work_failure.tenant_id AND media.conversation_id = work_failure.conversation_id AND "
    "media.state = 'pending' AND media.due_at - $1 <= 0) LIMIT $2";
constexpr std::string_view kClearMedia =
    "DELETE FROM work_failure WHERE tenant_id = $2 AND queue = 'media' AND conversation_id = $3 AND stream = $4 AND "
    "NOT EXISTS (SELECT 1 FROM media WHERE media.tenant_id = $2 AND media.conversation_id = $3 AND media.state = "
    "'pending' AND media.due_at - $1 <= 0)";

struct Settling {
  std::string_view settled;
  std::string_view clear;
};
constexpr Settling settling_of(WorkQueue queue) {
  switch (queue) {
    case WorkQueue::Runs:
      return {.settled = kSettledRuns, .clear = kClearRuns};
    case WorkQueue::Sends:
      return {.settled = kSettledSends, .clear = kClearSends};
    case WorkQueue::Media:
      return {.settled = kSettledMedia, .clear = kClearMedia};
  }
  std::unreachable();
}

void set_next(sql::Connection& connection, const WorkKey& key, std::optional<Time> next, Time now) {
  const auto buried_at = next ? std::nullopt : std::optional(now);
  connection.run(
      "UPDATE work_failure SET due_at = $5, buried_at = CASE WHEN CAST($6 AS bigint) IS NULL THEN NULL ELSE "
      "COALESCE(buried_at, $6) END WHERE tenant_id = $1 AND queue = $2 AND conversation_id = $3 AND stream = $4",
      {key.tenant, name_of(key.queue), key.conversation, key.stream, next, buried_at});
}

WorkFailure read_failure(const sql::Row& row) {
  return {.key = {.tenant = row.id<TenantId>(0),
                  .queue = work_queue_named(row.text(1)).value_or(WorkQueue::Runs),
                  .conversation = row.id<ConversationId>(2),
                  .stream = row.text(3)},
          .attempts = row.number(4),
          .words = row.text(5),
          .first_at = row.time(6),
          .last_at = row.time(7),
          .due_at = row.maybe_time(8),
          .buried_at = row.maybe_time(9),
          .workspace = row.text(10)};
}

void add_settled(std::vector<WorkKey>& keys, const sql::Rows& rows, WorkQueue queue) {
  for (const auto row : rows) {
    keys.push_back({.tenant = row.id<TenantId>(0),
                    .queue = queue,
                    .conversation = row.id<ConversationId>(1),
                    .stream = row.text(2)});
  }
}

// As BuriedKeys says.
constexpr std::string_view kBuriedKeys =
    " FROM work_failure WHERE tenant_id = $1 AND queue = $2 AND conversation_id = $3 AND buried_at IS NOT NULL AND "
    "(CAST($4 AS text) = '' OR stream = $4)";

// Gives what a statement about kBuriedKeys answers: their streams. Replies first.
std::vector<WorkKey> run_on_buried(sql::Connection& connection, const BuriedKeys& of, const std::string& text) {
  std::vector<WorkKey> keys;
  for (const auto row : connection.run(text, {of.tenant, name_of(of.queue), of.conversation, of.stream.value_or("")})) {
    keys.push_back({.tenant = of.tenant, .queue = of.queue, .conversation = of.conversation, .stream = row.text(0)});
  }
  std::ranges::sort(keys, std::greater(), &WorkKey::stream);
  return keys;
}

}  // namespace

std::optional<Time> next_try(std::int64_t attempts, const FailureRules& rules, Time now) {
  if (attempts >= rules.attempts) return std::nullopt;
  const auto doublings = std::clamp<std::int64_t>(attempts - 1, 0, kMostDoublings);
  return now + std::min(rules.first_pause * (std::int64_t{1} << doublings), rules.longest_pause);
}

std::optional<Time> record_failure(sql::Connection& connection, const FailedTry& failed, const FailureRules& rules,
                                   Time now) {
  const auto& key = failed.key;
  const std::string storable = storable_text(failed.words);
  const auto counted = connection.run(
      "INSERT INTO work_failure (tenant_id, queue, conversation_id, stream, attempts, words, first_at, last_at) VALUES "
      "($1, $2, $3, $4, 1, $5, $6, $6) ON CONFLICT (tenant_id, queue, conversation_id, stream) DO UPDATE SET attempts "
      "= work_failure.attempts + 1, words = excluded.words, last_at = excluded.last_at RETURNING attempts",
      {key.tenant, name_of(key.queue), key.conversation, key.stream, first_characters(storable, kWordsKept), now});
  const auto next = next_try(counted.front().number(0), rules, now);
  set_next(connection, key, next, now);
  return next;
}

void forget_failure(sql::Connection& connection, const WorkKey& key) {
  connection.run(
      "DELETE FROM work_failure WHERE tenant_id = $1 AND queue = $2 AND conversation_id = $3 AND stream = $4",
      {key.tenant, name_of(key.queue), key.conversation, key.stream});
}

Json to_json(const WorkFailure& failure) {
  return {{"queue", name_of(failure.key.queue)},
          {"workspaceId", failure.key.tenant.text()},
          {"workspace", failure.workspace},
          {"conversationId", failure.key.conversation.text()},
          {"stream", failure.key.stream},
          {"attempts", failure.attempts},
          {"words", failure.words},
          {"firstAt", iso8601(failure.first_at)},
          {"lastAt", iso8601(failure.last_at)},
          {"buriedAt", failure.buried_at ? Json(iso8601(*failure.buried_at)) : Json()}};
}

std::vector<WorkFailure> list_buried(sql::Connection& connection, std::optional<WorkQueue> queue, const Page& page) {
  const auto rows = connection.run(
      "SELECT f.tenant_id, f.queue, f.conversation_id, f.stream, f.attempts, f.words, f.first_at, f.last_at, f.due_at, "
      "f.buried_at, COALESCE(tenant.name, '') FROM work_failure AS f LEFT JOIN tenant ON tenant.id = f.tenant_id "
      "WHERE f.buried_at IS NOT NULL AND (CAST($1 AS text) = '' OR f.queue = $1) ORDER BY f.buried_at DESC, "
      "f.tenant_id DESC, f.conversation_id DESC, f.queue, f.stream LIMIT $2 OFFSET $3",
      {queue ? name_of(*queue) : "", page.limit, page.offset});
  std::vector<WorkFailure> failures;
  for (const auto row : rows) failures.push_back(read_failure(row));
  return failures;
}

std::vector<WorkKey> buried_of(sql::Connection& connection, const BuriedKeys& of) {
  static const std::string kText = "SELECT stream" + std::string(kBuriedKeys);
  return run_on_buried(connection, of, kText);
}

std::vector<WorkKey> revive(sql::Connection& connection, const BuriedKeys& of) {
  static const std::string kText = "DELETE" + std::string(kBuriedKeys) + " RETURNING stream";
  return run_on_buried(connection, of, kText);
}

std::vector<WorkKey> settled_failures(sql::Connection& connection, std::size_t most, Time now) {
  std::vector<WorkKey> keys;
  const auto limit = static_cast<std::int64_t>(most);
  for (const auto queue : kWorkQueues)
    add_settled(keys, connection.run(settling_of(queue).settled, {now, limit}), queue);
  return keys;
}

void clear_settled(sql::Connection& connection, const std::vector<WorkKey>& keys, Time now) {
  for (const auto& key : keys) {
    connection.run(settling_of(key.queue).clear, {now, key.tenant, key.conversation, key.stream});
  }
}

}  // namespace waypost::store
