#include "store/broadcasts.h"

#include <utility>

namespace waypost::store {

Broadcast create_broadcast(sql::Connection& connection, Broadcast broadcast, Time now) {
  broadcast.id = BroadcastId::make(now);
  broadcast.created_at = broadcast.updated_at = now;
  connection.run(
      "INSERT INTO broadcast (tenant_id, id, kind, name, channel_id, template_name, template_language, status, "
      "created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
      {broadcast.tenant, broadcast.id, broadcast.kind, broadcast.name, broadcast.channel, broadcast.template_name,
       broadcast.template_language, broadcast.status, now});
  return broadcast;
}

void add_recipient(sql::Connection& connection, const Broadcast& broadcast, const Recipient& recipient, Time now) {
  connection.run(
      "INSERT INTO broadcast_recipient (tenant_id, broadcast_id, contact_id, message_id, created_at) "
      "VALUES ($1, $2, $3, $4, $5)",
      {broadcast.tenant, broadcast.id, recipient.contact, recipient.message, now});
}

std::vector<Recipient> list_recipients(sql::Connection& connection, TenantId tenant, BroadcastId broadcast) {
  std::vector<Recipient> recipients;
  const auto rows = connection.run(
      "SELECT contact_id, message_id FROM broadcast_recipient WHERE tenant_id = $1 AND broadcast_id = $2 "
      "ORDER BY contact_id",
      {tenant, broadcast});
  for (const auto row : rows) {
    recipients.push_back(
        {.contact = row.id<ContactId>(0), .message = row.maybe_id<MessageId>(1).value_or(MessageId{})});
  }
  return recipients;
}

}  // namespace waypost::store
