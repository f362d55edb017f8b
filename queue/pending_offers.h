// PendingOffers: offers that wait for the next flush, each key once, in the order they came. Pure. Loop only.

#pragma once

#include <cstddef>
#include <map>
#include <utility>
#include <vector>

#include "queue/keyed_queue.h"

namespace waypost {

class PendingOffers {
 public:
  // False: too many wait, this one was dropped. An offer of a key that waits already only brings its due time forward.
  bool add(const Offer& offer) {
    const auto [at, fresh] = index_.try_emplace(offer.key, offers_.size());
    if (!fresh) {
      advance(offers_[at->second], offer);
      return true;
    }
    if (offers_.size() >= kMost) {
      index_.erase(at);
      return false;
    }
    offers_.push_back(offer);
    return true;
  }
  bool empty() const { return offers_.empty(); }
  std::vector<Offer> take() {
    index_.clear();
    return std::exchange(offers_, {});
  }

  // What waits at most, about 20 MB; more comes together only while Redis hangs, and the sweep finds what is dropped.
  static constexpr std::size_t kMost = 100'000;

 private:
  static void advance(Offer& waiting, const Offer& offer) {
    if (!offer.due || (waiting.due && *offer.due < *waiting.due)) waiting.due = offer.due;
  }

  std::vector<Offer> offers_;
  std::map<ReadyKey, std::size_t> index_;
};

}  // namespace waypost
