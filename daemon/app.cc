#include "daemon/app.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <thread>
#include <utility>

#include "base/json.h"
#include "base/log.h"
#include "base/thread.h"
#include "daemon/doors.h"
#include "daemon/housekeeping.h"
#include "daemon/node_checks.h"
#include "daemon/queues.h"
#include "daemon/sweep_sources.h"
#include "daemon/work.h"
#include "journal/journal.h"
#include "media/folder.h"
#include "net/spawn.h"
#include "outbound/mark.h"
#include "sql/open.h"
#include "store/import.h"
#include "store/migrate.h"
#include "store/restored_sends.h"
#include "webhook/app_directory.h"

namespace waypost {

// The rooms' parts, grouped by what start() calls them; within a group in start order.
struct App::Stores {
  std::unique_ptr<sql::Database> database;
  std::unique_ptr<media::MediaFolder> media;
  std::unique_ptr<Journal> journal;
  std::unique_ptr<AppDirectory> directory;
  store::Node node;
};

namespace {

constexpr std::chrono::minutes kTemplatesEvery{5};
constexpr std::chrono::hours kTemplatesFresh{24};
constexpr std::chrono::milliseconds kLookForJob{1'000};
constexpr std::chrono::milliseconds kLeaving{2'000};

// What workflows ask outside may end meanwhile; the rest is asked again after the next start.
constexpr std::chrono::milliseconds kCallsEnd{3'000};
constexpr std::chrono::milliseconds kLookForStore{250};

// Blocks until `work` has ended on the loop; false after `limit`.
bool finish_on(Loop& loop, awaitable<void> work, std::chrono::milliseconds limit) {
  auto done = std::make_shared<std::promise<void>>();
  auto ended = done->get_future();
  asio::co_spawn(loop.executor(), std::move(work), [done](std::exception_ptr) { done->set_value(); });
  return ended.wait_for(limit) == std::future_status::ready;
}

awaitable<void> sync_templates_for_ever(TemplateSync& templates, const Jobs& jobs) {
  for (;;) {
    const bool mine = jobs.mine(Job::Templates);
    if (mine) co_await templates.sync_due(kTemplatesFresh);
    co_await sleep_for(mine ? kTemplatesEvery : kLookForJob);
  }
}

std::string words_of(const Roles& roles) {
  std::string words;
  const auto add = [&words](const char* word, bool on) {
    if (on) words += (words.empty() ? "" : " ") + std::string(word);
  };
  add("webhook", roles.webhook);
  add("worker", roles.worker);
  add("sender", roles.sender);
  add("api", roles.api);
  return words;
}

awaitable<void> sync_and_log(TemplateSync& templates, store::Channel channel) {
  const auto synced = co_await templates.sync(channel);
  if (!synced) log::warn("templates of channel {} are not synced yet: {}", channel.id.text(), synced.error().words());
}

awaitable<std::vector<Readiness>> readiness(const RedisLink& link, bool entered) {
  const auto trouble = link.words();
  co_return std::vector<Readiness>{
      {.name = "start", .ready = entered, .words = "waits for the store; webhooks are kept in the journal"},
      {.name = "redis", .ready = trouble.empty(), .vital = false, .words = "runs and sends wait: " + trouble}};
}

}  // namespace

App::App(Settings settings, Keyring keyring, StartKind kind)
    : settings_(std::move(settings)),
      keyring_(std::move(keyring)),
      kind_(kind),
      budget_(settings_.http.body_budget_bytes) {}

Result<std::unique_ptr<App>> App::start(Settings settings, StartKind kind) {
  std::error_code made;
  std::filesystem::create_directories(settings.data_dir, made);
  if (made) return fail(ErrorKind::InvalidInput, settings.data_dir + " cannot be made: " + made.message());
  auto keyring = Keyring::load_or_create(settings.security.key_file);
  if (!keyring) return fail(std::move(keyring.error()).during("reading the key file"));
  std::unique_ptr<App> app(new App(std::move(settings), *std::move(keyring), kind));
  using Step = Result<void> (App::*)();
  for (const Step step : {&App::open_stores, &App::open_journal, &App::name_node, &App::open_queues, &App::make_work,
                          &App::enter_store_or_wait, &App::open_doors}) {
    if (auto held = ((*app).*step)(); !held) return fail(std::move(held.error()));
  }
  app->write_addresses();
  return app;
}

// Whoever calls ends before whoever is called: doors, the applier, the loops' threads, the lanes. Then nothing runs any
// more, and what holds sockets and timers goes before the loops they belong to.
App::~App() {
  doors_.reset();
  entering_ = {};
  if (work_) work_->housekeeping.reset();
  if (work_) work_->apps.reset();
  if (work_ && work_->applier) work_->applier->stop();
  for (const auto& loop : loops_) loop->stop();
  if (stores_) stores_->database.reset();
  work_.reset();
  queues_.reset();
  stores_.reset();
  loops_.clear();
}

Result<void> App::open_stores() {
  stores_ = std::make_unique<Stores>();
  auto database = sql::open(settings_.store.url, {.readers = settings_.store.readers,
                                                  .writers = settings_.store.writers,
                                                  .cache_bytes = settings_.store.cache_bytes});
  if (!database) return fail(std::move(database.error()).during("opening the store"));
  stores_->database = *std::move(database);
  auto folder = media::MediaFolder::open(settings_.media.folder, settings_.node, settings_.media.keep_free_bytes);
  if (!folder) return fail(std::move(folder.error()));
  stores_->media = *std::move(folder);
  return {};
}

Result<void> App::open_journal() {
  if (!settings_.roles.webhook) return {};
  auto journal = Journal::open({.folder = settings_.journal.folder, .retention = settings_.journal.retention}, clock_);
  if (!journal) return fail(std::move(journal.error()).during("opening the journal"));
  stores_->journal = *std::move(journal);
  stores_->directory = std::make_unique<AppDirectory>(keyring_, settings_.journal.folder + "/apps");
  if (auto mirror = stores_->directory->load_mirror(); !mirror)
    log::warn("the mirrored app secrets cannot be read: {}", mirror.error().words());
  return {};
}

// Behind the journal: whoever has its lock knows that a node with this journal is dead, and need not wait.
Result<void> App::name_node() {
  stores_->node = {.name = settings_.node,
                   .incarnation = new_uuid(clock_.now()),
                   .roles = words_of(settings_.roles),
                   .release = WAYPOST_VERSION,
                   .journal = stores_->journal ? std::optional(stores_->journal->id()) : std::nullopt};
  return {};
}

// Before anything can send, and once: what other nodes queue meanwhile is not held.
Result<void> App::look_at_restore() {
  if (looked_at_restore_) return {};
  auto whole = stores_->database->read_and_wait(
      [](sql::Connection& connection) { return store::refuse_half_import(connection); });
  if (!whole) return whole;
  looked_at_restore_ = kind_ == StartKind::Usual;
  if (looked_at_restore_) return {};
  const auto held =
      stores_->database->write_and_wait(0, [](sql::Connection& connection) { return store::hold_sends(connection); });
  if (!held) return fail(Error(held.error()).during("holding what waits to be sent"));
  looked_at_restore_ = true;
  log::warn("{} messages are held after the restore: see waypost sends held", *held);
  return {};
}

Result<void> App::open_queues() {
  for (std::size_t n = 0; n < settings_.http.loops; ++n)
    loops_.push_back(std::make_unique<Loop>("loop-" + std::to_string(n)));
  // With SQLite there is no other node.
  const bool alone = stores_->database->engine() == sql::Engine::Sqlite;
  auto queues = Queues::open(first_loop(), settings_, alone ? "" : stores_->node.incarnation.text());
  if (!queues) return fail(std::move(queues.error()));
  queues_ = *std::move(queues);
  return {};
}

Result<void> App::make_work() {
  work_ = waypost::make_work({.settings = settings_,
                              .clock = clock_,
                              .keyring = keyring_,
                              .loop = first_loop().executor(),
                              .database = *stores_->database,
                              .journal = stores_->journal.get(),
                              .media = stores_->media.get(),
                              .node = stores_->node,
                              .queues = *queues_});
  return {};
}

// A store that is away is waited for: webhooks are acknowledged from the journal meanwhile, the API answers 503.
Result<void> App::enter_store_or_wait() {
  auto entered = enter_store();
  if (entered || entered.error().kind() != ErrorKind::Unavailable) return entered;
  log::error("the store is away; webhooks are kept in the journal until it is back: {}", entered.error().words());
  entering_ = std::jthread([this](const std::stop_token& stop) {
    name_this_thread("store-entry");
    enter_store_when_it_is_back(stop);
  });
  return {};
}

void App::enter_store_when_it_is_back(const std::stop_token& stop) {
  std::string told;
  while (!stop.stop_requested()) {
    std::this_thread::sleep_for(kLookForStore);
    const auto entered = enter_store();
    if (entered) return log::info("the store is there: what waited in the journal is applied");
    const bool away = entered.error().kind() == ErrorKind::Unavailable;
    if (!away && entered.error().words() != told) {
      told = entered.error().words();
      log::error("the store cannot be used; webhooks are kept in the journal: {}", told);
    }
  }
}

// May be called again when it failed. Nobody reads or writes a store that is not this release's.
Result<void> App::enter_store() {
  auto migrated = store::migrate(*stores_->database, stores_->database->engine(), clock_.now());
  if (!migrated) return fail(std::move(migrated.error()).during("migrating the store"));
  if (auto looked = look_at_restore(); !looked) return looked;
  if (auto claimed = claim_node_name(*stores_->database, stores_->node, clock_); !claimed) return claimed;
  if (stores_->directory) load_apps();
  if (work_->applier) {
    if (auto started = work_->applier->start(); !started)
      return fail(std::move(started.error()).during("starting the applier"));
  }
  begin_work();
  entered_ = true;
  return {};
}

void App::load_apps() {
  if (auto loaded = stores_->directory->load(*stores_->database); !loaded)
    log::warn("the webhook apps come from the mirror: {}", loaded.error().words());
  work_->apps = std::make_unique<AppKeeper>(*stores_->directory, *stores_->database);
}

void App::begin_work() {
  work_->pulse->start({.another_died = [sweep = work_->sweep.get()] { sweep->want_everything(); },
                       .keeps_house = [jobs = work_->jobs.get()] { return jobs->mine(Job::Housekeeping); }});
  work_->jobs->start();
  first_loop().post([this] {
    queues_->feed({.runs = work_->runs.get(), .sends = work_->sends.get(), .media = work_->media.get()});
    work_->sweep->start(work_->watch->behind_pauses(sweep_source(*stores_->database, clock_)),
                        {.interval = settings_.queue.sweep,
                         .untouched = settings_.queue.untouched,
                         .mine = [jobs = work_->jobs.get()] { return jobs->mine(Job::Sweep); }});
  });
  work_->watch->start({.mine = [jobs = work_->jobs.get()] { return jobs->mine(Job::Sweep); },
                       .applied_until =
                           [applier = work_->applier.get()] {
                             return applier ? std::optional(applier->applied_until()) : std::nullopt;
                           }});
  work_->windows->start();
  work_->health->start();
  work_->broadcasts->start();
  work_->budgets->start();
  spawn(first_loop().executor(), "template sync", sync_templates_for_ever(*work_->templates, *work_->jobs));
  if (!work_->applier) return;
  work_->housekeeping = std::make_unique<Housekeeping>(
      HousekeepingParts{.database = *stores_->database,
                        .journal = *stores_->journal,
                        .applier = *work_->applier,
                        .clock = clock_,
                        .settings = settings_,
                        .media = *stores_->media,
                        .mine = [jobs = work_->jobs.get()] { return jobs->mine(Job::Housekeeping); }});
}

Result<void> App::open_doors() {
  DoorsParts parts{.settings = &settings_, .budget = &budget_, .api = api_parts()};
  for (const auto& loop : loops_) parts.loops.push_back(loop.get());
  if (settings_.roles.webhook) {
    parts.webhook.emplace(*stores_->journal, *stores_->directory, *work_->applier);
  }
  auto doors = Doors::open(std::move(parts));
  if (!doors) return fail(std::move(doors.error()));
  doors_ = *std::move(doors);
  return {};
}

ApiParts App::api_parts() {
  return {
      .database = stores_->database.get(),
      .clock = &clock_,
      .keyring = &keyring_,
      .settings = &settings_,
      .signals = queues_->signals.get(),
      .applier = work_->applier.get(),
      .journal = stores_->journal.get(),
      .apps = stores_->directory.get(),
      .media = stores_->media.get(),
      .sync_templates =
          [this](store::Channel channel) {
            return asio::co_spawn(first_loop().executor(), work_->templates->sync(std::move(channel)),
                                  asio::use_awaitable);
          },
      .ask_graph =
          [this](GraphCall call) {
            return asio::co_spawn(first_loop().executor(), work_->management->ask(std::move(call)),
                                  asio::use_awaitable);
          },
      .upload_sample =
          [this](GraphAccess app, FileToUpload file) {
            return asio::co_spawn(first_loop().executor(), work_->uploads->handle(std::move(app), std::move(file)),
                                  asio::use_awaitable);
          },
      .look_at_channel =
          [this](store::Channel channel) {
            return asio::co_spawn(first_loop().executor(), work_->looker->look(std::move(channel)),
                                  asio::use_awaitable);
          },
      .node_checks =
          [this] {
            return asio::co_spawn(
                first_loop().executor(),
                look_at_node(*queues_->link, settings_.roles.webhook ? settings_.journal.folder : std::string()),
                asio::use_awaitable);
          },
      .test_draft =
          [this](workflow::DraftTest test) {
            return asio::co_spawn(first_loop().executor(),
                                  workflow::test_draft(*work_->outside, work_->tests, std::move(test)),
                                  asio::use_awaitable);
          },
      .post_mark =
          [this](store::Channel channel, Json mark) {
            return asio::co_spawn(first_loop().executor(),
                                  post_mark(*work_->graph, keyring_, std::move(channel), std::move(mark)),
                                  asio::use_awaitable);
          },
      .channel_created =
          [this](const store::Channel& channel) {
            spawn(first_loop().executor(), "template sync", sync_and_log(*work_->templates, channel));
          },
      .queue_stats =
          [this](QueueName queue) {
            return asio::co_spawn(first_loop().executor(), work_->watch->state(queue), asio::use_awaitable);
          },
      .sync_pauses =
          [this] { return asio::co_spawn(first_loop().executor(), work_->watch->sync_pauses(), asio::use_awaitable); },
      .readiness =
          [this] {
            return asio::co_spawn(first_loop().executor(), readiness(*queues_->link, entered_), asio::use_awaitable);
          },
      .store_entered = [this] { return entered_.load(); }};
}

void App::drain() {
  const auto limit = settings_.http.drain;
  doors_->close_public(limit);
  entering_ = {};
  if (entered_) drain_work(limit);
  doors_->close_others();
  finish_on(first_loop(), queues_->stop_links(), std::chrono::milliseconds(1'000));
  std::error_code ignored;
  std::filesystem::remove(settings_.data_dir + "/addresses.json", ignored);
}

void App::drain_work(std::chrono::milliseconds limit) {
  const bool ended = finish_on(
      first_loop(),
      [](Work& work, Queues& queues) -> awaitable<void> {
        if (work.fetcher) work.fetcher->stop();
        if (work.sender) work.sender->stop();
        co_await work.sweep->stop();
        co_await work.watch->stop();
        co_await work.windows->stop();
        co_await work.broadcasts->stop();
        co_await work.budgets->stop();
        if (work.runs) co_await work.runs->stop();
        if (work.runner) co_await work.runner->stop(kCallsEnd);
        if (work.sends) co_await work.sends->stop();
        if (work.media) co_await work.media->stop();
        co_await queues.stop_signals();
      }(*work_, *queues_),
      limit);
  if (!ended)
    log::warn("some runs, sends or downloads did not end within {} ms; they go on after the next start", limit.count());
  work_->housekeeping.reset();
  if (work_->applier) work_->applier->stop();
  finish_on(
      first_loop(),
      [](Work& work) -> awaitable<void> {
        co_await work.jobs->stop();
        co_await work.pulse->stop();
      }(*work_),
      kLeaving);
}

Result<void> App::reload(const Settings& fresh) {
  if (auto set = start_logging(fresh.log.level, fresh.log.format == LogStyle::Json ? LogFormat::Json : LogFormat::Text);
      !set)
    return set;
  if (stores_->directory) {
    if (auto loaded = stores_->directory->load(*stores_->database); !loaded) return fail(loaded.error());
  }
  return doors_->reload_certificates();
}

bool App::moves(std::chrono::milliseconds limit) {
  const std::size_t lanes = stores_->database->write_lanes();
  auto answers = std::make_shared<std::vector<std::promise<void>>>(loops_.size() + lanes);
  for (std::size_t n = 0; n < loops_.size(); ++n) loops_[n]->post([answers, n] { (*answers)[n].set_value(); });
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    stores_->database->submit_to_write_lane(
        lane,
        {.unit = [](sql::Connection&) { return std::optional<Error>(); },
         .done = [answers, at = loops_.size() + lane](const std::optional<Error>&) { (*answers)[at].set_value(); }});
  }
  const auto end = std::chrono::steady_clock::now() + limit;
  return std::ranges::all_of(*answers, [end](std::promise<void>& answer) {
    return answer.get_future().wait_until(end) == std::future_status::ready;
  });
}

std::string App::url() const { return doors_->url(); }

std::string App::admin_url() const { return doors_->admin_url(); }

// For scripts that start us on free ports: written whole, then moved into place.
void App::write_addresses() const {
  const std::string path = settings_.data_dir + "/addresses.json";
  const Json addresses{
      {"pid", ::getpid()}, {"url", url()}, {"adminUrl", admin_url()}, {"adminSocket", settings_.admin.socket}};
  std::ofstream(path + ".new") << dump(addresses) << "\n";
  std::error_code moved;
  std::filesystem::rename(path + ".new", path, moved);
  if (moved) log::warn("{} cannot be written: {}", path, moved.message());
}

}  // namespace waypost
