#include "store/lease_watch.h"

namespace waypost::store {

void LeaseWatch::saw(const LeaseRow& lease, Instant now) {
  if (!first_seen_ || lease.version != lease_.version) first_seen_ = now;
  lease_ = lease;
  if (lease_.holder != holder_) lost();
}

bool LeaseWatch::may_take(Instant now) const {
  if (!first_seen_) return false;
  if (lease_.holder.empty() || lease_.holder == holder_ || terms_.rivals == Rivals::None) return true;
  return now - *first_seen_ >= terms_.ttl + terms_.margin;
}

void LeaseWatch::renewed(std::int64_t version, Instant sent_at) {
  lease_ = {.holder = holder_, .version = version};
  first_seen_ = sent_at;
  sent_at_ = sent_at;
}

}  // namespace waypost::store
