#include "bridge/feed.h"

#include <algorithm>

namespace waypost::bridge {

FeedAnswer read_feed(sql::Connection& connection, TenantId tenant, std::optional<std::int64_t> after,
                     std::size_t most) {
  const auto range = store::event_range(connection, tenant);
  const auto oldest_readable = std::max<std::int64_t>(range.oldest, 1);
  const auto from = after.value_or(oldest_readable - 1);
  if (from < oldest_readable - 1) return FeedGap{.oldest = range.oldest};
  FeedPage page{.events = {}, .next = from};
  if (from < range.newest) page.events = store::events_after(connection, tenant, from, most);
  if (!page.events.empty()) page.next = page.events.back().number;
  return page;
}

Json to_json(const store::Event& event) {
  return {{"number", event.number},
          {"id", std::to_string(event.number)},
          {"type", event.type},
          {"conversationId", event.conversation ? Json(event.conversation->text()) : Json()},
          {"createdAt", iso8601(event.created_at)},
          {"payload", event.payload}};
}

std::string server_sent(const store::Event& event) {
  return "id: " + std::to_string(event.number) + "\ndata: " + dump(to_json(event)) + "\n\n";
}

}  // namespace waypost::bridge
