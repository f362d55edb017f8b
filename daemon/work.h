// What a node does beside answering: its parts, made at rest. Nothing of it touches the store before App enters it.

#pragma once

#include <memory>

#include "base/clock.h"
#include "config/settings.h"
#include "daemon/health_watch.h"
#include "daemon/housekeeping.h"
#include "daemon/jobs.h"
#include "daemon/node_pulse.h"
#include "daemon/queue_watch.h"
#include "daemon/queues.h"
#include "daemon/window_watch.h"
#include "graph/client.h"
#include "graph/management_client.h"
#include "graph/media_client.h"
#include "graph/upload_client.h"
#include "journal/journal.h"
#include "media/fetcher.h"
#include "media/folder.h"
#include "net/client.h"
#include "outbound/broadcast_runner.h"
#include "outbound/budget_watch.h"
#include "outbound/channel_look.h"
#include "outbound/sender.h"
#include "outbound/template_sync.h"
#include "queue/rate_buckets.h"
#include "queue/sweep.h"
#include "webhook/app_keeper.h"
#include "webhook/applied_everywhere.h"
#include "webhook/applier.h"
#include "workflow/call_places.h"
#include "workflow/outside_world.h"
#include "workflow/runner.h"

namespace waypost {

// In start order. Empty: not among the node's roles.
struct Work {
  std::unique_ptr<NodePulse> pulse;
  std::unique_ptr<Jobs> jobs;
  std::unique_ptr<HttpClient> http;
  std::unique_ptr<GraphClient> graph;
  std::unique_ptr<ManagementClient> management;
  std::unique_ptr<MediaClient> media_client;
  std::unique_ptr<UploadClient> uploads;
  std::unique_ptr<Applier> applier;
  std::unique_ptr<AppliedEverywhere> applied;
  std::unique_ptr<AppKeeper> apps;
  std::unique_ptr<HttpClient> outside_http;  // for the URLs that workspaces write
  std::unique_ptr<workflow::Outside> outside;
  workflow::CallPlaces tests{16, 2};  // of drafts, at a time
  std::unique_ptr<workflow::Runner> runner;
  std::unique_ptr<RateBuckets> buckets;  // the sender's, where other nodes send too
  std::unique_ptr<Sender> sender;
  std::unique_ptr<media::MediaFetcher> fetcher;
  std::unique_ptr<TemplateSync> templates;
  std::unique_ptr<ChannelLooker> looker;
  std::unique_ptr<BroadcastRunner> broadcasts;
  std::unique_ptr<BudgetWatch> budgets;
  std::unique_ptr<WorkerPool> runs;
  std::unique_ptr<WorkerPool> sends;
  std::unique_ptr<WorkerPool> media;
  std::unique_ptr<Sweep> sweep;
  std::unique_ptr<QueueWatch> watch;
  std::unique_ptr<WindowWatch> windows;
  std::unique_ptr<HealthWatch> health;
  std::unique_ptr<Housekeeping> housekeeping;
};

// What they stand on; all of it outlives them.
struct WorkGround {
  const Settings& settings;
  const Clock& clock;
  const Keyring& keyring;
  asio::any_io_executor loop;
  sql::Database& database;
  Journal* journal = nullptr;  // of a node with the webhook's role
  media::MediaFolder* media = nullptr;
  const store::Node& node;
  Queues& queues;
};

std::unique_ptr<Work> make_work(const WorkGround& ground);

}  // namespace waypost
