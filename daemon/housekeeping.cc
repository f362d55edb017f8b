#include "daemon/housekeeping.h"

#include <utility>

#include "base/log.h"
#include "media/retention.h"
#include "store/retention.h"
#include "webhook/retention.h"

namespace waypost {
namespace {

constexpr std::chrono::minutes kFirst{1};
constexpr std::chrono::hours kEvery{1};

}  // namespace

Housekeeping::Housekeeping(HousekeepingParts parts)
    : parts_(std::move(parts)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

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
  if (parts_.mine())
    keep_store();
  else
    keep_journal();
}

void Housekeeping::keep_store() {
  const auto webhooks = drop_outlived({.database = parts_.database, .journal = parts_.journal}, parts_.applier.mark(),
                                      {.journal = parts_.settings.journal.retention}, parts_.clock.now());
  if (!webhooks) log::warn("retention of webhooks stopped early, the next hour goes on: {}", webhooks.error().words());
  const store::KeptFor kept{.events = parts_.settings.events.retention, .runs = parts_.settings.runs.retention};
  const auto rows = store::drop_outlived_rows(parts_.database, kept, parts_.clock.now());
  if (!rows)
    log::warn("retention of events, runs and sessions stopped early, the next hour goes on: {}", rows.error().words());
  const auto media =
      media::drop_outlived_media(parts_.database, parts_.media, parts_.settings.media.retention, parts_.clock.now());
  if (!media) log::warn("retention of media stopped early, the next hour goes on: {}", media.error().words());
}

void Housekeeping::keep_journal() {
  const auto files = parts_.journal.drop_old(parts_.applier.mark());
  if (!files) log::warn("retention of the journal stopped early, the next hour goes on: {}", files.error().words());
}

}  // namespace waypost
