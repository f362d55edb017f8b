// Feed: a workspace's events in the order of their numbers, resumable from any number still kept. Lane only, but for
// the writers of JSON.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/json.h"
#include "store/events.h"

namespace waypost::bridge {

struct FeedPage {
  std::vector<store::Event> events{};
  std::int64_t next = 0;  // read on behind this
};
// Some numbers behind the reader's are no longer kept.
struct FeedGap {
  std::int64_t oldest = 0;
};
using FeedAnswer = std::variant<FeedPage, FeedGap>;

// Behind `after`; from the oldest that is kept when there is none.
FeedAnswer read_feed(sql::Connection& connection, TenantId tenant, std::optional<std::int64_t> after, std::size_t most);

// {"number", "id": the number as text, "type", "conversationId", "createdAt", "payload"}
Json to_json(const store::Event& event);
// The event as Server-Sent Events carry it: its number as the id, to_json as the data.
std::string server_sent(const store::Event& event);

}  // namespace waypost::bridge
