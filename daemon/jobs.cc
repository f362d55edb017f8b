#include "daemon/jobs.h"

namespace waypost {
namespace {

struct JobName {
  Job job;
  const char* name;
};
constexpr std::array kAll = {JobName{.job = Job::Stamping, .name = "stamping"},
                             JobName{.job = Job::Sweep, .name = "sweep"},
                             JobName{.job = Job::Housekeeping, .name = "housekeeping"},
                             JobName{.job = Job::Templates, .name = "templates"},
                             JobName{.job = Job::Health, .name = "health"},
                             JobName{.job = Job::Broadcasts, .name = "broadcasts"}};

bool is_wanted(Job job, sql::Engine engine, const Roles& roles) {
  switch (job) {
    case Job::Stamping:
      return engine == sql::Engine::Postgres;
    case Job::Housekeeping:
      return roles.webhook;
    case Job::Sweep:
    case Job::Templates:
    case Job::Health:
    case Job::Broadcasts:
      return true;
  }
  return true;
}

std::size_t place_of(Job job) { return static_cast<std::size_t>(job); }

}  // namespace

store::LeaseTerms terms_of(Job job, sql::Engine engine) {
  // SQLite's file has one daemon: whoever had a lease before is dead.
  const auto rivals = engine == sql::Engine::Sqlite ? store::Rivals::None : store::Rivals::Possible;
  switch (job) {
    case Job::Stamping:
    case Job::Sweep:
      return {.ttl = milliseconds(3'000), .renew = milliseconds(1'000), .margin = milliseconds(500), .rivals = rivals};
    case Job::Housekeeping:
    case Job::Templates:
    case Job::Health:
    case Job::Broadcasts:
      break;
  }
  return {.ttl = milliseconds(15'000), .renew = milliseconds(5'000), .margin = milliseconds(1'000), .rivals = rivals};
}

Jobs::Jobs(const store::LeaseKeeperParts& parts, const std::string& holder, const Roles& roles) {
  const auto engine = parts.database.engine();
  for (const auto& [job, name] : kAll) {
    if (!is_wanted(job, engine, roles)) continue;
    keepers_.at(place_of(job)) = std::make_unique<store::LeaseKeeper>(
        parts, store::LeaseKeeperSettings{.name = name, .holder = holder, .terms = terms_of(job, engine)});
  }
  if (engine == sql::Engine::Postgres)
    stamper_ = std::make_unique<bridge::Stamper>(parts.loop, parts.database, [this] { return mine(Job::Stamping); });
}

void Jobs::start() {
  for (const auto& keeper : keepers_) {
    if (keeper) keeper->start();
  }
  if (stamper_) stamper_->start();
}

awaitable<void> Jobs::stop() {
  if (stamper_) co_await stamper_->stop();
  for (const auto& keeper : keepers_) {
    if (keeper) co_await keeper->stop();
  }
}

bool Jobs::mine(Job job) const {
  const auto& keeper = keepers_.at(place_of(job));
  return keeper && keeper->held();
}

}  // namespace waypost
