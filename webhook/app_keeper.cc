#include "webhook/app_keeper.h"

#include "base/log.h"
#include "base/thread.h"

namespace waypost {

void AppKeeper::run(const std::stop_token& stop) {
  name_this_thread("webhook-apps", Priority::Behind);
  while (true) {
    directory_.wait_until_asked(stop, pauses_);
    if (stop.stop_requested()) return;
    look();
  }
}

void AppKeeper::look() {
  const auto loaded = directory_.load(database_);
  if (!loaded && !failed_) log::warn("the webhook apps cannot be read again: {}", loaded.error().words());
  failed_ = !loaded;
}

}  // namespace waypost
