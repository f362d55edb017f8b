#include "daemon/queue_gauges.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "api/queue_view.h"

namespace waypost {
namespace {

using Values = GaugeSeries::Values;
using Names = std::map<TenantId, std::string>;

Labels of_workspace(Labels labels, TenantId id, const Names& names) {
  const auto name = names.find(id);
  labels["workspace"] = name == names.end() ? id.text() : name->second;
  labels["workspace_id"] = id.text();
  return labels;
}

Labels of_others(Labels labels) {
  labels["workspace"] = "other";
  labels["workspace_id"] = "";
  return labels;
}

std::string text_of(store::WorkQueue queue) { return std::string(store::name_of(queue)); }

void add_depth(Values& depth, const QueueFigures& of) {
  const auto at = [&](const char* state) -> double& { return depth[{{"queue", text_of(of.queue)}, {"state", state}}]; };
  at("ready") = static_cast<double>(of.redis->stats.ready);
  at("leased") = static_cast<double>(of.redis->stats.leased);
  at("waiting") = static_cast<double>(of.redis->stats.waiting);
}

struct OwnerValues {
  Values ready{};
  Values leased{};
};

void add_owners(OwnerValues& values, const QueueFigures& of, const Names& names) {
  const auto shown = api::shown_owners(of.redis->owners);
  const Labels queue{{"queue", text_of(of.queue)}};
  for (const auto& owner : shown.top) {
    const auto labels = of_workspace(queue, owner.owner, names);
    values.ready[labels] = owner.ready;
    values.leased[labels] = owner.leased;
  }
  if (shown.others == 0) return;
  values.ready[of_others(queue)] = static_cast<double>(shown.ready);
  values.leased[of_others(queue)] = static_cast<double>(shown.leased);
}

const char* stage_of(store::WorkQueue queue) {
  switch (queue) {
    case store::WorkQueue::Runs:
      return "run";
    case store::WorkQueue::Sends:
      return "send";
    case store::WorkQueue::Media:
      return "media";
  }
  std::unreachable();
}

double age(Time since, Time now) { return std::max(std::chrono::duration<double>(now - since).count(), 0.0); }

void add_oldest(Values& oldest, const QueueFigures& of, const Names& names, Time now) {
  const auto shown = api::shown_oldest(of.sight.oldest);
  const Labels stage{{"stage", stage_of(of.queue)}};
  for (const auto& [tenant, since] : shown.top) oldest[of_workspace(stage, tenant, names)] = age(since, now);
  if (shown.others) oldest[of_others(stage)] = age(*shown.others, now);
}

}  // namespace

void QueueGauges::show(const Figures& figures, Time now) {
  Values depth;
  Values waiting;
  Values buried;
  Values oldest;
  OwnerValues owners;
  for (const auto& of : figures.queues) {
    const auto queue = text_of(of.queue);
    for (const auto& [reason, n] : of.sight.waiting)
      waiting[{{"queue", queue}, {"reason", reason}}] = static_cast<double>(n);
    buried[{{"queue", queue}}] = static_cast<double>(of.sight.buried);
    add_oldest(oldest, of, figures.names, now);
    if (!of.redis) continue;
    add_depth(depth, of);
    add_owners(owners, of, figures.names);
  }
  if (figures.webhooks)
    oldest[{{"stage", "webhook"}, {"workspace", ""}, {"workspace_id", ""}}] = age(*figures.webhooks, now);
  Values letters;
  for (const auto& [reason, n] : figures.letters) letters[{{"reason", reason}}] = static_cast<double>(n);
  letters_.show(letters);
  depth_.show(depth);
  ready_.show(owners.ready);
  leased_.show(owners.leased);
  waiting_.show(waiting);
  buried_.show(buried);
  oldest_.show(oldest);
}

}  // namespace waypost
