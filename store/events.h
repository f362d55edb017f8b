// The feed: every change leaves an event in the same transaction. Lane only.
//
// Types: message.received, .echoed, .imported, .standby (conversation/message_via.h), message.queued, .accepted, .sent,
// message.delivered, message.read, message.played, message.failed, message.held, message.unknown, message.replaced,
// message.expired; contact.created, contact.updated, contact.merged, contact.opted_out, contact.opted_in,
// contact.deleted; conversation.created, conversation.updated; window.closing;
// media.stored, media.unavailable; run.started, run.completed, run.failed, run.cancelled; workflow.published;
// broadcast.<status>; template.updated; channel.updated; channel.health_changed; and account news, by
// conversation/account_news.h. The payload holds the object as the API shows it under its kind:
// {"message": {...}}.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json.h"
#include "sql/connection.h"

namespace waypost::store {

struct Event {
  std::int64_t number = 0;  // per tenant, from 1; no number ever appears behind one already read
  std::string type{};
  std::optional<ConversationId> conversation{};
  Json payload{};
  Time created_at{};
};

struct NewEvent {
  std::string_view type{};
  std::optional<ConversationId> conversation{};
  std::string_view payload{};  // JSON text
};

// Readers see it when it has its number: at the commit on SQLite, on PostgreSQL when number_events()
// (store/event_numbers.h) has passed. Events of one conversation keep the order in which its row's lock was held.
void append_event(sql::Connection& connection, TenantId tenant, const NewEvent& event, Time now);

// Behind `after`, oldest first.
std::vector<Event> events_after(sql::Connection& connection, TenantId tenant, std::int64_t after, std::size_t most);
// The oldest number kept and the newest given; 0, 0 when there is none.
struct EventRange {
  std::int64_t oldest = 0;
  std::int64_t newest = 0;
};
EventRange event_range(sql::Connection& connection, TenantId tenant);
// The newest number of each; one that has no event is left out.
std::unordered_map<TenantId, std::int64_t> newest_events(sql::Connection& connection,
                                                         const std::vector<TenantId>& tenants);

}  // namespace waypost::store
