// Broadcasts: one template to many contacts. Here only the records; a fallback is a broadcast of one. Lane only.

#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "sql/connection.h"

namespace waypost::store {

struct Broadcast {
  TenantId tenant{};
  BroadcastId id{};
  std::string kind = "fallback";
  std::string name{};
  ChannelId channel{};
  std::string template_name{};
  std::string template_language{};
  std::string status = "completed";
  Time created_at{};
  Time updated_at{};
};

// Gives it its id and times.
Broadcast create_broadcast(sql::Connection& connection, Broadcast broadcast, Time now);
// The contact's row; a contact is in a broadcast once.
struct Recipient {
  ContactId contact{};
  MessageId message{};
};
void add_recipient(sql::Connection& connection, const Broadcast& broadcast, const Recipient& recipient, Time now);
std::vector<Recipient> list_recipients(sql::Connection& connection, TenantId tenant, BroadcastId broadcast);

}  // namespace waypost::store
