#include "api/destination_rows.h"

#include <string>

#include "api/answers.h"
#include "store/channels.h"
#include "store/contacts.h"
#include "store/locks.h"

namespace waypost::api {
namespace {

ContactId contact_of(sql::Connection& connection, TenantId tenant, const Alias& alias, Time now) {
  if (const auto known = store::contact_of_alias(connection, tenant, alias)) return *known;
  store::Contact contact{.tenant = tenant};
  if (alias.kind == AliasKind::Phone) contact.phone = alias.value;
  if (alias.kind != AliasKind::Phone) contact.user_id = alias.value;
  const auto made = store::create_contact(connection, contact, {alias}, now);
  if (!made) store::run_again("a contact was made by another transaction");
  return made->id;
}

}  // namespace

Result<ChannelId> channel_of(sql::Connection& connection, TenantId tenant, const std::optional<ChannelId>& asked) {
  if (asked) {
    if (!store::find_channel(connection, tenant, *asked)) return invalid("channelId", "No such channel");
    return *asked;
  }
  const auto channels = store::list_channels(connection, tenant);
  if (channels.size() == 1) return channels.front().id;
  return invalid("channelId", "Required: the workspace has " + std::to_string(channels.size()) + " numbers");
}

Result<ConversationId> open_conversation_with(sql::Connection& connection, TenantId tenant, const Person& person,
                                              Time now) {
  const auto channel = channel_of(connection, tenant, person.channel);
  if (!channel) return fail(channel.error());
  const auto contact = contact_of(connection, tenant, person.alias, now);
  return store::open_conversation(connection, tenant, contact, *channel, now).id;
}

}  // namespace waypost::api
