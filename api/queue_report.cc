#include "api/queue_report.h"

#include <algorithm>
#include <map>
#include <utility>

#include "api/queue_view.h"
#include "store/queue_pauses.h"
#include "store/queue_sight.h"

namespace waypost::api {
namespace {

using Names = std::map<TenantId, std::string>;

// What is known of one queue; names come last, for all that is shown.
struct Known {
  store::WorkQueue queue = store::WorkQueue::Runs;
  Result<QueueState> redis{};
  ShownOwners owners{};
  store::QueueSight sight{};
  ShownOldest oldest{};
  std::vector<store::QueuePause> pauses{};
};

Json of_workspace(TenantId id, const Names& names) {
  const auto name = names.find(id);
  return {{"workspaceId", id.text()}, {"workspace", name == names.end() ? "" : name->second}};
}

Json redis_json(const Known& known, const Names& names) {
  if (!known.redis) return {};
  const auto& stats = known.redis->stats;
  Json owners = Json::array();
  for (const auto& owner : known.owners.top) {
    Json item = of_workspace(owner.owner, names);
    item["ready"] = owner.ready;
    item["leased"] = owner.leased;
    owners.push_back(std::move(item));
  }
  const auto& rest = known.owners;
  return {{"ready", stats.ready},
          {"leased", stats.leased},
          {"waiting", stats.waiting},
          {"owners", std::move(owners)},
          {"others", {{"owners", rest.others}, {"ready", rest.ready}, {"leased", rest.leased}}}};
}

Json oldest_json(const Known& known, const Names& names, Time now) {
  Json items = Json::array();
  for (const auto& [tenant, since] : known.oldest.top) {
    Json item = of_workspace(tenant, names);
    item["since"] = iso8601(since);
    item["seconds"] = std::max<std::int64_t>((now - since).count() / 1'000, 0);
    items.push_back(std::move(item));
  }
  return items;
}

Json to_json(const Known& known, const Names& names, Time now) {
  Json pauses = Json::array();
  for (const auto& pause : known.pauses) pauses.push_back(store::to_json(pause));
  const auto& others = known.oldest.others;
  return {{"queue", store::name_of(known.queue)},
          {"redis", redis_json(known, names)},
          {"redisError", known.redis ? Json() : Json(known.redis.error().words())},
          {"waiting", known.sight.waiting},
          {"waitingIsAtLeast", known.sight.is_at_least},
          {"buried", known.sight.buried},
          {"paused", std::move(pauses)},
          {"oldest", oldest_json(known, names, now)},
          {"oldestOther", others ? Json(iso8601(*others)) : Json()}};
}

Names names_for(sql::Connection& connection, const std::vector<Known>& all) {
  std::vector<TenantId> ids;
  for (const auto& known : all) {
    for (const auto& owner : known.owners.top) ids.push_back(owner.owner);
    for (const auto& [tenant, since] : known.oldest.top) ids.push_back(tenant);
  }
  return store::names_of_workspaces(connection, ids);
}

Json read_rows(sql::Connection& connection, std::vector<Known> all, Time now) {
  for (auto& known : all) {
    known.sight = store::look_at_queue(connection, known.queue, now);
    known.oldest = shown_oldest(known.sight.oldest);
    known.pauses = store::paused(connection, known.queue);
  }
  const auto names = names_for(connection, all);
  Json queues = Json::array();
  for (const auto& known : all) queues.push_back(to_json(known, names, now));
  return {{"queues", std::move(queues)}};
}

awaitable<Result<QueueState>> ask_redis(Shared& shared, store::WorkQueue queue) {
  if (!shared.parts.queue_stats) co_return fail(ErrorKind::Unavailable, "this node has no queue");
  co_return co_await shared.parts.queue_stats(queue_name(queue));
}

}  // namespace

QueueName queue_name(store::WorkQueue queue) {
  switch (queue) {
    case store::WorkQueue::Runs:
      return QueueName::Runs;
    case store::WorkQueue::Sends:
      return QueueName::Sends;
    case store::WorkQueue::Media:
      return QueueName::Media;
  }
  std::unreachable();
}

awaitable<Result<Json>> queue_report(Shared& shared) {
  std::vector<Known> all;
  for (const auto queue : store::kWorkQueues) {
    Known known{.queue = queue, .redis = co_await ask_redis(shared, queue)};
    if (known.redis) known.owners = shown_owners(known.redis->owners);
    all.push_back(std::move(known));
  }
  co_return co_await shared.database.read([all = std::move(all), now = shared.clock.now()](
                                              sql::Connection& connection) { return read_rows(connection, all, now); });
}

}  // namespace waypost::api
