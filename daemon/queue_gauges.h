// Queue gauges: the queues in numbers, for /metrics of the node that sweeps. Loop only.
//
//   waypost_queue_depth{queue, state = ready | leased | waiting}            waypost_queue_buried{queue}
//   waypost_queue_owner_ready, …_leased{queue, workspace, workspace_id}     waypost_queue_waiting{queue, reason}
//   waypost_oldest_unprocessed_seconds{stage = run | send | media | webhook, workspace, workspace_id}
//   waypost_dead_letters_waiting{reason}
//
// Of workspaces the first 50 are shown, the rest as workspace "other"; who left is shown no more. Names are no keys, so
// that the id stands beside. A webhook has no workspace yet.

#pragma once

#include <map>
#include <optional>
#include <string>

#include "api/api.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "store/queue_sight.h"

namespace waypost {

// Of one queue.
struct QueueFigures {
  store::WorkQueue queue = store::WorkQueue::Runs;
  std::optional<QueueState> redis{};  // nothing: Redis is away
  store::QueueSight sight{};
};

class QueueGauges {
 public:
  // `names`: of the workspaces. `webhooks`: received before are applied; nothing: this node takes none.
  struct Figures {
    std::vector<QueueFigures> queues{};  // empty: another node shows them
    std::map<TenantId, std::string> names{};
    std::optional<Time> webhooks{};
    std::map<std::string, std::int64_t> letters{};  // dead ones that wait, by reason
  };
  void show(const Figures& figures, Time now);

 private:
  GaugeSeries depth_{"waypost_queue_depth", "Keys of a queue in Redis"};
  GaugeSeries ready_{"waypost_queue_owner_ready", "Keys of a workspace that are ready"};
  GaugeSeries leased_{"waypost_queue_owner_leased", "Keys of a workspace that somebody has in hand"};
  GaugeSeries waiting_{"waypost_queue_waiting",
                       "What waits in the store, by why; each counted to 10,000, later to 1,000"};
  GaugeSeries buried_{"waypost_queue_buried", "Keys that failed too often and wait for an operator"};
  GaugeSeries letters_{"waypost_dead_letters_waiting", "Dead letters that wait, by why; each counted to 10,000"};
  GaugeSeries oldest_{"waypost_oldest_unprocessed_seconds", "For how long the oldest piece of work has been due"};
};

}  // namespace waypost
