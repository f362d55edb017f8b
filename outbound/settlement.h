// Settlement: writes what became of one attempt, in one unit of work. Lane only, and may run twice.

#pragma once

#include "outbound/delivery.h"
#include "store/sending.h"

namespace waypost {

struct Settlement {
  store::Message begun{};    // as begin_send committed it, with the trace of the exchange
  store::Channel channel{};  // whose token was used
  DeliveryStep step{MarkAccepted{}};
  std::vector<store::SendFile> files{};  // that it named
  bool to_user_id = false;               // it went to a WhatsApp user id
  store::FallbackRules rules{};
  std::chrono::seconds grace{120};
  Time now{};

  // False: the attempt had been settled otherwise meanwhile, and that stands.
  bool operator()(sql::Connection& connection) const;
};

// For metrics: "accepted", "refused", "unknown", "token", "blocked", "file_lost", "window", "failed".
const char* name_of(const DeliveryStep& step);

}  // namespace waypost
