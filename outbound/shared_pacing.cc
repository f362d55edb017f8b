#include "outbound/shared_pacing.h"

#include <cmath>
#include <string>
#include <utility>

#include "base/log.h"
#include "queue/rate_buckets.h"

namespace waypost {
namespace {

// The same small bursts as within a node.
RateBucket bucket(const char* kind, const std::string& of, double per_second) {
  return {.name = std::string(kind) + of,
          .interval = std::chrono::microseconds(std::llround(1e6 / per_second)),
          .burst = std::max(1, static_cast<int>(per_second / 10))};
}

RateBucket of_number(ChannelId number, double per_second) { return bucket("number:", number.text(), per_second); }
// What bulk leaves to replies here is a part of the rate: a bucket in Redis does not know who waits for it.
RateBucket of_bulk(ChannelId number, double per_second) { return bucket("bulk:", number.text(), per_second * 0.95); }

}  // namespace

awaitable<std::optional<milliseconds>> SharedPacing::wait(PaceKey key, double per_second) {
  if (buckets_ == nullptr || !settings_.pacing) co_return std::nullopt;
  std::vector<RateBucket> all{
      of_number(key.number, per_second),
      {.name = "pair:" + key.pair.text(), .interval = settings_.pair_interval, .burst = settings_.pair_burst}};
  if (key.rank == SendRank::Bulk) all.push_back(of_bulk(key.number, per_second));
  const auto wait = co_await buckets_->allow(std::move(all));
  if (wait) co_return *wait;
  log::debug("a send goes by this node's own pace: {}", wait.error().words());
  co_return std::nullopt;
}

awaitable<void> SharedPacing::pause_number(ChannelId number, double per_second, milliseconds pause) {
  if (buckets_ == nullptr || !settings_.pacing) co_return;
  const auto paused = co_await buckets_->pause(of_number(number, per_second), pause);
  if (!paused) log::debug("a number is paused on this node alone: {}", paused.error().words());
}

}  // namespace waypost
