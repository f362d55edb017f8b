// Broadcasts: one template to many contacts, kind "bulk"; a fallback is one of kind "fallback" with one recipient. Here
// the rows and the changes of their status; whom it goes to: store/broadcast_audience.h, store/broadcast_recipients.h;
// how it goes out: store/broadcast_feed.h. Lane only.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "conversation/broadcast.h"
#include "sql/connection.h"
#include "store/page.h"
#include "store/row_lock.h"

namespace waypost::store {

inline constexpr std::string_view kBulk = "bulk";
inline constexpr std::string_view kBroadcastAuthor = "broadcast";  // of its messages
inline constexpr std::string_view kBroadcastCancelled = "broadcast_cancelled";

struct Broadcast {
  TenantId tenant{};
  BroadcastId id{};
  std::string kind = "fallback";
  std::string name{};
  ChannelId channel{};
  std::string template_name{};
  std::string template_language{};
  Json parameters = Json::array();
  Json audience = Json::object();
  BroadcastStatus status = BroadcastStatus::Completed;
  std::optional<BroadcastStop> stop{};  // paused: why
  std::optional<Time> scheduled_at{};
  std::optional<Time> frozen_at{};
  std::optional<ContactId> frozen_behind{};
  std::optional<Time> prepared_at{};
  std::optional<Time> ended_at{};
  std::optional<UserId> created_by{};
  Time created_at{};
  Time updated_at{};
};
Json to_json(const Broadcast& broadcast);

// Gives it its id and times.
Broadcast create_broadcast(sql::Connection& connection, Broadcast broadcast, Time now);
std::optional<Broadcast> find_broadcast(sql::Connection& connection, TenantId tenant, BroadcastId id,
                                        Lock lock = Lock::None);
// Of one kind, newest first.
std::vector<Broadcast> list_broadcasts(sql::Connection& connection, TenantId tenant, std::string_view kind,
                                       const Page& page);
std::int64_t count_broadcasts(sql::Connection& connection, TenantId tenant, std::string_view kind);
// Everything but its status. The caller holds the row, as for all that follows.
void update_broadcast(sql::Connection& connection, const Broadcast& broadcast, Time now);
// Writes the status with its reason and times, and leaves broadcast.<status>.
void move_broadcast(sql::Connection& connection, Broadcast broadcast, BroadcastStatus to, Time now);
void delete_broadcast_row(sql::Connection& connection, const Broadcast& broadcast);

// Of the whole installation, by id: those that are to be started at `now`, and those under way.
std::vector<Broadcast> active_broadcasts(sql::Connection& connection, Time now, std::int64_t most);

// The contact's row of a broadcast of one; a contact is in a broadcast once.
struct Recipient {
  ContactId contact{};
  MessageId message{};
};
void add_recipient(sql::Connection& connection, const Broadcast& broadcast, const Recipient& recipient, Time now);
std::vector<Recipient> list_recipients(sql::Connection& connection, TenantId tenant, BroadcastId broadcast);

}  // namespace waypost::store
