#include "sql/lane.h"

#include <chrono>
#include <utility>

#include "base/metrics.h"
#include "base/thread.h"

namespace waypost::sql {

Lane::Lane(LaneSettings settings, std::unique_ptr<Session> session, Mailbox& mailbox)
    : settings_(std::move(settings)), session_(std::move(session)), mailbox_(mailbox), thread_([this] { work(); }) {}

Lane::~Lane() { thread_.join(); }

void Lane::work() {
  name_this_thread(settings_.name, settings_.priority);
  const Labels labels{{"lane", settings_.name}};
  auto& units = counter("waypost_lane_units_total", "Units of work answered", labels);
  auto& batches = counter("waypost_lane_batches_total", "Batches run", labels);
  auto& took = latency("waypost_lane_batch_seconds", "From a batch's begin to its answers", labels);
  BatchRunner runner(*session_, settings_.limits);
  while (true) {
    Batch batch = mailbox_.take(settings_.batch_units);
    if (batch.jobs.empty()) return;
    const auto began = std::chrono::steady_clock::now();
    const std::size_t ran = runner.run(batch, [this] { return mailbox_.is_light_waiting(); });
    took.Observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
    units.Increment(static_cast<double>(ran));
    batches.Increment();
    if (ran < batch.jobs.size()) mailbox_.give_back(std::move(batch), ran);
  }
}

}  // namespace waypost::sql
