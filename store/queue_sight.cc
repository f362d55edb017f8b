#include "store/queue_sight.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "store/messages.h"

namespace waypost::store {
namespace {

// The states are those of the partial indexes, word for word, so that they are used. What is held is counted by an
// index of its own; here it is passed over, but not left out: then the limit would not bound the reading.
constexpr std::string_view kSends =
    "SELECT m.tenant_id, CASE WHEN m.state = 'held' THEN 'held' WHEN f.tenant_id IS NOT NULL THEN 'buried' WHEN "
    "m.state "
    "= 'unknown' THEN 'outcome_unknown' WHEN m.state = 'sending' THEN 'sending' WHEN EXISTS (SELECT 1 FROM queue_pause "
    "AS p WHERE p.queue = 'sends' AND p.tenant_id IN ($5, m.tenant_id) AND p.channel_id IN ($5, m.channel_id)) OR "
    "c.state = 'paused' THEN 'paused' WHEN c.state = 'needs_token' THEN 'token' WHEN c.state = 'blocked' THEN "
    "'blocked' WHEN m.failures > 0 THEN 'retry' WHEN "
    "m.due_at > $3 THEN 'later' ELSE 'due' END, count(*), min(m.due_at) FROM (SELECT tenant_id, conversation_id, "
    "channel_id, stream, state, failures, due_at FROM message WHERE (state = 'queued' OR state = 'sending' OR state = "
    "'unknown' OR state = 'held') "
    "AND due_at > $1 AND due_at <= $2 ORDER BY due_at LIMIT $4) AS m "
    "LEFT JOIN channel AS c ON c.tenant_id = m.tenant_id AND c.id = m.channel_id "
    "LEFT JOIN work_failure AS f ON f.tenant_id = m.tenant_id AND f.queue = 'sends' AND f.conversation_id = "
    "m.conversation_id AND f.stream = m.stream AND f.buried_at IS NOT NULL GROUP BY 1, 2";
constexpr std::string_view kHeld =
    "SELECT count(*) FROM (SELECT 1 FROM message WHERE (state = 'queued' OR state = 'sending' OR state = 'unknown' OR "
    "state = 'held') AND state = 'held' ORDER BY tenant_id, conversation_id, seq LIMIT $1) AS counted";
constexpr std::string_view kRestored =
    "SELECT count(*) FROM (SELECT 1 FROM message WHERE (state = 'queued' OR state = 'sending' OR state = 'unknown' OR "
    "state = 'held') AND due_at = "
    "$2 LIMIT $1) AS counted";
constexpr std::string_view kRuns =
    "SELECT r.tenant_id, CASE WHEN f.tenant_id IS NOT NULL THEN 'buried' WHEN EXISTS (SELECT 1 FROM queue_pause AS p "
    "WHERE p.queue = 'runs' AND p.tenant_id IN ($5, r.tenant_id) AND p.channel_id IN ($5, r.channel_id)) THEN 'paused' "
    "WHEN r.due_at > $3 THEN 'later' ELSE 'due' END, count(*), min(r.due_at) FROM (SELECT tenant_id, conversation_id, "
    "channel_id, due_at FROM run WHERE ended_at IS NULL AND due_at > $1 AND due_at <= $2 ORDER BY due_at LIMIT $4) AS "
    "r LEFT JOIN work_failure AS f ON f.tenant_id = r.tenant_id AND f.queue = 'runs' AND f.conversation_id = "
    "r.conversation_id AND f.stream = 'reply' AND f.buried_at IS NOT NULL GROUP BY 1, 2";
constexpr std::string_view kMedia =
    "SELECT m.tenant_id, CASE WHEN f.tenant_id IS NOT NULL THEN 'buried' WHEN EXISTS (SELECT 1 FROM queue_pause AS p "
    "WHERE p.queue = 'media' AND p.tenant_id IN ($5, m.tenant_id) AND p.channel_id = $5) THEN 'paused' "
    "WHEN m.failures > 0 THEN 'retry' WHEN m.due_at > $3 THEN 'later' ELSE 'due' END, count(*), min(m.due_at) FROM "
    "(SELECT tenant_id, conversation_id, failures, due_at FROM media WHERE state = 'pending' AND due_at > $1 AND "
    "due_at <= $2 ORDER BY due_at LIMIT $4) AS m "
    "LEFT JOIN work_failure AS f ON f.tenant_id = m.tenant_id AND f.queue = 'media' AND f.conversation_id = "
    "m.conversation_id AND f.stream = 'reply' AND f.buried_at IS NOT NULL GROUP BY 1, 2";
constexpr std::string_view kTriggers =
    "SELECT t.tenant_id, CASE WHEN f.tenant_id IS NOT NULL THEN 'buried' WHEN EXISTS (SELECT 1 FROM queue_pause AS p "
    "WHERE p.queue = 'runs' AND p.tenant_id IN ($2, t.tenant_id) AND p.channel_id IN ($2, k.channel_id)) THEN 'paused' "
    "ELSE 'due' END, count(*), min(t.created_at) FROM (SELECT tenant_id, conversation_id, created_at FROM run_trigger "
    "ORDER BY tenant_id, conversation_id, seq LIMIT $1) AS t "
    "LEFT JOIN conversation AS k ON k.tenant_id = t.tenant_id AND k.id = t.conversation_id "
    "LEFT JOIN work_failure AS f ON f.tenant_id = t.tenant_id AND f.queue = 'runs' AND f.conversation_id = "
    "t.conversation_id AND f.stream = 'reply' AND f.buried_at IS NOT NULL GROUP BY 1, 2";
constexpr std::string_view kWaitingRuns =
    "SELECT count(*) FROM (SELECT 1 FROM run WHERE status = 'waiting' ORDER BY tenant_id, conversation_id LIMIT $1) AS "
    "counted";
constexpr std::string_view kBuried =
    "SELECT count(*) FROM (SELECT queue FROM work_failure WHERE buried_at IS NOT NULL ORDER BY buried_at, tenant_id, "
    "conversation_id LIMIT $1) AS counted WHERE queue = $2";

// Of a pause without workspace or channel.
constexpr Uuid kAll{};

enum class Age { Counts, IsNone };

bool is_unprocessed(std::string_view reason) { return reason != "held" && reason != "paused" && reason != "buried"; }

void remember_oldest(QueueSight& sight, TenantId tenant, Time due) {
  const auto [at, fresh] = sight.oldest.try_emplace(tenant, due);
  if (!fresh) at->second = std::min(at->second, due);
}

// Rows of (workspace, reason, how many, the first due time), of `most` rows read.
void add(QueueSight& sight, const sql::Rows& rows, Age age, std::int64_t most = kMostCounted) {
  std::int64_t all = 0;
  for (const auto row : rows) {
    const auto& reason = row.text(1);
    all += row.number(2);
    if (reason != "held") sight.waiting[reason] += row.number(2);
    if (age == Age::Counts && is_unprocessed(reason)) remember_oldest(sight, row.id<TenantId>(0), row.time(3));
  }
  if (all >= most) sight.is_at_least = true;
}

void set(QueueSight& sight, const char* reason, const sql::Rows& counted) {
  const auto n = counted.front().number(0);
  sight.waiting[reason] = n;
  if (n >= kMostCounted) sight.is_at_least = true;
}

QueueSight nothing_of(std::initializer_list<const char*> reasons) {
  QueueSight sight;
  for (const auto* reason : reasons) sight.waiting[reason] = 0;
  return sight;
}

QueueSight look_at_sends(sql::Connection& connection, Time now) {
  auto sight = nothing_of({"due", "retry", "sending", "outcome_unknown", "later", "held", "token", "blocked", "paused",
                           "buried", "restored"});
  const Time end = kHeldAfterRestore - milliseconds(1);
  add(sight, connection.run(kSends, {-1, now, now, kMostCounted, kAll}), Age::Counts);
  add(sight, connection.run(kSends, {now, end, now, kMostLater, kAll}), Age::IsNone, kMostLater);
  set(sight, "held", connection.run(kHeld, {kMostCounted}));
  set(sight, "restored", connection.run(kRestored, {kMostCounted, kHeldAfterRestore}));
  return sight;
}

QueueSight look_at_runs(sql::Connection& connection, Time now) {
  auto sight = nothing_of({"due", "later", "waiting", "paused", "buried"});
  add(sight, connection.run(kTriggers, {kMostCounted, kAll}), Age::Counts);
  add(sight, connection.run(kRuns, {-1, now, now, kMostCounted, kAll}), Age::Counts);
  add(sight, connection.run(kRuns, {now, Time::max(), now, kMostLater, kAll}), Age::IsNone, kMostLater);
  set(sight, "waiting", connection.run(kWaitingRuns, {kMostCounted}));
  return sight;
}

QueueSight look_at_media(sql::Connection& connection, Time now) {
  auto sight = nothing_of({"due", "retry", "later", "paused", "buried"});
  add(sight, connection.run(kMedia, {-1, now, now, kMostCounted, kAll}), Age::Counts);
  add(sight, connection.run(kMedia, {now, Time::max(), now, kMostLater, kAll}), Age::IsNone, kMostLater);
  return sight;
}

QueueSight look_at(sql::Connection& connection, WorkQueue queue, Time now) {
  switch (queue) {
    case WorkQueue::Runs:
      return look_at_runs(connection, now);
    case WorkQueue::Sends:
      return look_at_sends(connection, now);
    case WorkQueue::Media:
      return look_at_media(connection, now);
  }
  std::unreachable();
}

}  // namespace

QueueSight look_at_queue(sql::Connection& connection, WorkQueue queue, Time now) {
  auto sight = look_at(connection, queue, now);
  sight.buried = connection.run(kBuried, {kMostCounted, name_of(queue)}).front().number(0);
  return sight;
}

std::map<TenantId, std::string> names_of_workspaces(sql::Connection& connection, const std::vector<TenantId>& ids) {
  std::map<TenantId, std::string> names;
  for (const auto& id : ids) {
    const auto rows = connection.run("SELECT name FROM tenant WHERE id = $1", {id});
    if (!rows.empty()) names[id] = rows.front().text(0);
  }
  return names;
}

}  // namespace waypost::store
