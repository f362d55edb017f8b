#include "bridge/hub.h"

#include "store/events.h"

namespace waypost::bridge {

std::optional<Hub::Seat> Hub::sit(TenantId tenant) {
  const std::lock_guard hold(lock_);
  auto& watch = watches_[tenant];
  if (watch.seats >= kSeats) return std::nullopt;
  ++watch.seats;
  return Seat(*this, tenant);
}

void Hub::leave(TenantId tenant) {
  const std::lock_guard hold(lock_);
  const auto found = watches_.find(tenant);
  if (found != watches_.end() && --found->second.seats == 0) watches_.erase(found);
}

std::vector<TenantId> Hub::to_ask(Instant now) {
  const std::lock_guard hold(lock_);
  const bool stale = !asked_ || now - *asked_ >= kFresh;
  // Whoever asks may be cut off before it notes the answer: after ten times as long another one asks.
  const bool given_up = asking_ && asked_ && now - *asked_ >= kFresh * 10;
  if (!stale || (asking_ && !given_up)) return {};
  asking_ = true;
  asked_ = now;
  std::vector<TenantId> watched;
  for (const auto& [tenant, watch] : watches_) watched.push_back(tenant);
  return watched;
}

void Hub::note(const Result<Numbers>& newest) {
  const std::lock_guard hold(lock_);
  asking_ = false;
  if (!newest) return;
  for (const auto& [tenant, number] : *newest) {
    const auto found = watches_.find(tenant);
    if (found != watches_.end()) found->second.newest = number;
  }
}

std::int64_t Hub::known(TenantId tenant) {
  const std::lock_guard hold(lock_);
  const auto found = watches_.find(tenant);
  return found == watches_.end() ? 0 : found->second.newest;
}

awaitable<Result<std::int64_t>> Hub::newest(TenantId tenant) {
  auto watched = to_ask(std::chrono::steady_clock::now());
  if (watched.empty()) co_return known(tenant);
  const auto newest = co_await database_.read([watched = std::move(watched)](sql::Connection& connection) {
    return store::newest_events(connection, watched);
  });
  note(newest);
  if (!newest) co_return fail(newest.error());
  co_return known(tenant);
}

}  // namespace waypost::bridge
