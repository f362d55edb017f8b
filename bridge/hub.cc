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

std::optional<std::int64_t> Hub::known(TenantId tenant, Instant now) {
  const std::lock_guard hold(lock_);
  auto& watch = watches_[tenant];
  const bool stale = !watch.asked || now - *watch.asked >= kFresh;
  // Whoever asks may be cut off before it notes the answer: after ten times as long another one asks.
  const bool given_up = watch.asking && watch.asked && now - *watch.asked >= kFresh * 10;
  if (!stale || (watch.asking && !given_up)) return watch.newest;
  watch.asking = true;
  watch.asked = now;
  return std::nullopt;
}

void Hub::note(TenantId tenant, const Result<std::int64_t>& newest) {
  const std::lock_guard hold(lock_);
  const auto found = watches_.find(tenant);
  if (found == watches_.end()) return;
  found->second.asking = false;
  if (newest) found->second.newest = *newest;
}

awaitable<Result<std::int64_t>> Hub::newest(TenantId tenant) {
  if (const auto number = known(tenant, std::chrono::steady_clock::now())) co_return *number;
  auto newest = co_await database_.read(
      [tenant](sql::Connection& connection) { return store::event_range(connection, tenant).newest; });
  note(tenant, newest);
  co_return newest;
}

}  // namespace waypost::bridge
