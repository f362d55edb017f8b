#include "daemon/housekeeping.h"

#include "base/log.h"
#include "store/retention.h"
#include "webhook/retention.h"

namespace waypost {
namespace {

constexpr std::chrono::minutes kFirst{1};
constexpr std::chrono::hours kEvery{1};

}  // namespace

Housekeeping::Housekeeping(sql::Database& database, Journal& journal, Applier& applier, const Clock& clock,
                           const Settings& settings)
    : database_(database),
      journal_(journal),
      applier_(applier),
      clock_(clock),
      settings_(settings),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void Housekeeping::run(const std::stop_token& stop) {
  std::chrono::seconds pause = kFirst;
  while (true) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, pause, [] { return false; });
    if (stop.stop_requested()) return;
    lock.unlock();
    keep_house();
    pause = kEvery;
  }
}

void Housekeeping::keep_house() {
  const auto webhooks = drop_outlived({.database = database_, .journal = journal_}, applier_.mark(),
                                      {.journal = settings_.journal.retention}, clock_.now());
  if (!webhooks) log::warn("retention of webhooks stopped early, the next hour goes on: {}", webhooks.error().words());
  const auto rows = store::drop_outlived_rows(database_, settings_.events.retention, clock_.now());
  if (!rows)
    log::warn("retention of events and sessions stopped early, the next hour goes on: {}", rows.error().words());
}

}  // namespace waypost
