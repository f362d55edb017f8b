#include "daemon/work.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "daemon/fault_keeper.h"
#include "media/file_source.h"
#include "net/address_guard.h"

namespace waypost {
namespace {

// A slow download holds its worker for minutes: more of them are kept for workspaces with few.
constexpr std::size_t kMediaKeptPercent = 25;

WorkerSettings pool_of(std::size_t workers, const Settings& settings) {
  return {.workers = workers,
          .bulk_percent = settings.queue.bulk_percent,
          .kept_percent = settings.queue.kept_percent,
          .owner = {.percent = settings.queue.workspace_percent, .in_flight = settings.queue.workspace_in_flight}};
}

void make_health(const WorkGround& ground, Work& work) {
  work.looker = std::make_unique<ChannelLooker>(ChannelLookParts{.database = &ground.database,
                                                                 .graph = work.management.get(),
                                                                 .clock = &ground.clock,
                                                                 .keyring = &ground.keyring},
                                                ground.settings.health, ground.settings.http.public_url);
  work.health = std::make_unique<HealthWatch>(
      HealthWatchParts{.loop = ground.loop,
                       .database = ground.database,
                       .looker = *work.looker,
                       .clock = ground.clock,
                       .mine = [jobs = work.jobs.get()] { return jobs->mine(Job::Health); }},
      HealthWatchSettings{.every = ground.settings.health.every});
}

// A client of its own: it asks no address that the settings do not allow, and a workspace's slow names hold up no
// other's look-up.
void make_outside(const WorkGround& ground, Work& work) {
  auto guard = AddressGuard::parse(ground.settings.outside.allow);
  WAYPOST_CHECK(guard.has_value());  // config/checks.cc has read it
  work.outside_http = HttpClient::make(
      ground.loop,
      {.ca_file = ground.settings.graph.ca_file,
       .may_connect = [guard = *std::move(guard)](std::string_view host, const asio::ip::address& address) {
         return guard.may_connect(host, address);
       }});
  work.outside = workflow::make_outside({.http = *work.outside_http,
                                         .database = ground.database,
                                         .keyring = ground.keyring,
                                         .rules = ground.settings.outside});
}

void make_media_pool(const WorkGround& ground, Work& work) {
  work.media_client = MediaClient::make(*work.http, ground.settings.graph, ground.settings.media);
  work.fetcher = std::make_unique<media::MediaFetcher>(media::MediaFetcherParts{.database = &ground.database,
                                                                                .client = work.media_client.get(),
                                                                                .folder = ground.media,
                                                                                .clock = &ground.clock,
                                                                                .keyring = &ground.keyring},
                                                       ground.settings.media.types);
  auto pool = pool_of(ground.settings.media.workers, ground.settings);
  pool.kept_percent = std::max(pool.kept_percent, kMediaKeptPercent);
  pool.faults = keep_faults(ground.database, ground.clock, store::WorkQueue::Media, ground.settings.queue.attempts);
  work.media = WorkerPool::make("media", ground.loop, *ground.queues.media, std::move(pool),
                                [fetcher = work.fetcher.get()](ReadyKey key) { return fetcher->handle(key); });
}

void make_pools(const WorkGround& ground, Work& work) {
  if (ground.settings.roles.worker) {
    work.runner = workflow::Runner::make({.loop = ground.loop,
                                          .database = ground.database,
                                          .signals = *ground.queues.signals,
                                          .outside = *work.outside,
                                          .clock = ground.clock},
                                         workflow::runner_settings(ground.settings));
    auto pool = pool_of(ground.settings.runs.workers, ground.settings);
    pool.faults = keep_faults(ground.database, ground.clock, store::WorkQueue::Runs, ground.settings.queue.attempts);
    work.runs = WorkerPool::make("runs", ground.loop, *ground.queues.runs, std::move(pool),
                                 [runner = work.runner.get()](ReadyKey key) { return runner->handle(key); });
    make_media_pool(ground, work);
  }
  if (!ground.settings.roles.sender) return;
  // A node without a journal holds nobody back by one of its own.
  work.applied = std::make_unique<AppliedEverywhere>(ground.database, ground.clock,
                                                     [applier = work.applier.get(), &clock = ground.clock] {
                                                       return applier ? applier->applied_until() : clock.now();
                                                     });
  const bool is_only_node = ground.database.engine() == sql::Engine::Sqlite;
  if (!is_only_node) work.buckets = std::make_unique<RateBuckets>(*ground.queues.link);
  work.sender = std::make_unique<Sender>(
      SenderParts{.database = &ground.database,
                  .graph = work.graph.get(),
                  .signals = ground.queues.signals.get(),
                  .clock = &ground.clock,
                  .keyring = &ground.keyring,
                  .webhooks_applied = [applied = work.applied.get()] { return applied->until(); },
                  .buckets = work.buckets.get(),
                  .uploads = work.uploads.get(),
                  .open_file = [folder = ground.media](Digest hash) { return media::source_of(*folder, hash); },
                  .file_ids_kept = ground.settings.media.upload_ids,
                  .is_only_node = is_only_node},
      ground.settings.sending, ground.settings.graph);
  auto pool = pool_of(ground.settings.sending.workers, ground.settings);
  pool.faults = keep_faults(ground.database, ground.clock, store::WorkQueue::Sends, ground.settings.queue.attempts);
  work.sends = WorkerPool::make("sends", ground.loop, *ground.queues.sends, std::move(pool),
                                [sender = work.sender.get()](ReadyKey key) { return sender->handle(key); });
}

}  // namespace

std::unique_ptr<Work> make_work(const WorkGround& ground) {
  auto work = std::make_unique<Work>();
  work->pulse = std::make_unique<NodePulse>(ground.loop, ground.database, ground.node, ground.clock);
  work->jobs = std::make_unique<Jobs>(
      store::LeaseKeeperParts{.loop = ground.loop, .database = ground.database, .clock = ground.clock},
      store::lease_holder(ground.node), ground.settings.roles);
  work->http = HttpClient::make(ground.loop, {.ca_file = ground.settings.graph.ca_file});
  work->graph = GraphClient::make(*work->http, ground.settings.graph);
  work->management = ManagementClient::make(*work->http, ground.settings.graph);
  work->uploads = UploadClient::make(*work->http, ground.settings.graph, ground.settings.media);
  work->templates = std::make_unique<TemplateSync>(TemplateSyncParts{
      .database = &ground.database, .graph = work->graph.get(), .clock = &ground.clock, .keyring = &ground.keyring});
  if (ground.settings.roles.webhook) {
    work->applier = Applier::make({.journal = *ground.journal,
                                   .database = ground.database,
                                   .signals = *ground.queues.signals,
                                   .clock = ground.clock},
                                  {.note_file = ground.settings.journal.folder + "/applying"});
  }
  make_outside(ground, *work);
  make_pools(ground, *work);
  work->broadcasts = std::make_unique<BroadcastRunner>(
      BroadcastRunnerParts{.loop = ground.loop,
                           .database = ground.database,
                           .signals = *ground.queues.signals,
                           .clock = ground.clock,
                           .mine = [jobs = work->jobs.get()] { return jobs->mine(Job::Broadcasts); }},
      BroadcastRunnerSettings{.rules = {.window_margin = ground.settings.sending.window_margin,
                                        .validity = ground.settings.sending.validity}});
  work->sweep = std::make_unique<Sweep>(ground.loop, *ground.queues.link, ground.queues.all());
  work->watch = std::make_unique<QueueWatch>(QueueWatchParts{
      .loop = ground.loop, .database = ground.database, .clock = ground.clock, .queues = ground.queues.all()});
  work->windows = std::make_unique<WindowWatch>(
      WindowWatchParts{.loop = ground.loop,
                       .database = ground.database,
                       .clock = ground.clock,
                       .mine = [jobs = work->jobs.get()] { return jobs->mine(Job::Sweep); }},
      WindowWatchSettings{.notice = ground.settings.events.window_closing});
  work->budgets = std::make_unique<BudgetWatch>(BudgetWatchParts{
      .loop = ground.loop, .database = ground.database, .clock = ground.clock, .mine = [jobs = work->jobs.get()] {
        return jobs->mine(Job::Broadcasts);
      }});
  make_health(ground, *work);
  return work;
}

}  // namespace waypost
