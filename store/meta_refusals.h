// What a refusal of Meta's means beyond its message, by the one table of codes (conversation/send_codes.h), whether it
// came as the answer to the send or late, in a failed status. Lane only.
//
//   131049           no marketing to the contact for a day          132001           our list of templates is read soon
//   131050           the contact has stopped marketing              132015, 132016   the template is PAUSED, DISABLED
//   blocks           the channels wait (store/channel_blocks.h)     late throttles   the channels wait a minute
//   190 and the like, late    the channel waits for a token; at once the sender sees to that, who knows which it used
//
// It locks channels or the contact, so it comes before the message's conversation is held. Done twice, it changes
// nothing more.

#pragma once

#include <cstdint>
#include <string>

#include "store/messages.h"

namespace waypost::store {

struct MetaRefusal {
  const Message& message;
  std::int64_t code = 0;
  std::string words{};  // Meta's
  Time at{};            // when Meta said it
  bool is_late = false;
};
void heed_refusal(sql::Connection& connection, const MetaRefusal& refusal, Time now);

// The pair's late throttle (131056): what waits in the conversation goes a little later. The caller holds the
// conversation.
void slow_conversation(sql::Connection& connection, const Message& message, Time now);

// Whether the message's contact has a phone number by now, if need be by an alias: what cannot go to a user id can go
// there.
bool has_phone_by_now(sql::Connection& connection, const Message& message, Time now);

}  // namespace waypost::store
