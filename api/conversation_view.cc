#include "api/conversation_view.h"

#include "base/or_null.h"
#include "conversation/window.h"
#include "store/channels.h"
#include "store/contacts.h"
#include "store/free_entry.h"
#include "store/groups.h"

namespace waypost::api {
namespace {

Json short_contact(const store::Contact& contact) {
  const Json whole = store::to_json(contact);
  Json part = Json::object();
  for (const auto key : {"id", "name", "phone", "waId", "tags", "optedOut"}) part[key] = whole.at(key);
  return part;
}

Json group_of(sql::Connection& connection, const store::Contact& contact) {
  if (!contact.group_id) return {};
  const auto group = store::group_of_contact(connection, contact.tenant, contact.id);
  return group ? store::to_json(*group) : Json();
}

Json short_channel(sql::Connection& connection, const store::Conversation& conversation) {
  const auto channel = store::find_channel(connection, conversation.tenant, conversation.channel);
  if (!channel) return {};
  return {{"id", channel->id.text()},
          {"name", channel->name},
          {"type", "whatsapp"},
          {"displayPhoneNumber", channel->display_phone_number}};
}

Json window_json(sql::Connection& connection, const store::Conversation& conversation, const ViewRules& rules) {
  const auto free_entry = store::free_entry_of(connection, conversation);
  return {{"open", is_open(conversation.window_expires_at, rules.now, rules.window_margin)},
          {"opensAt", or_null(conversation.window_opened_at)},
          {"expiresAt", or_null(conversation.window_expires_at)},
          {"freeEntryPoint",
           free_entry ? Json{{"opensAt", iso8601(free_entry->opens_at)}, {"expiresAt", iso8601(free_entry->expires_at)}}
                      : Json()}};
}

}  // namespace

Json conversation_view(sql::Connection& connection, const store::Conversation& conversation, const ViewRules& rules) {
  Json json = store::to_json(conversation);
  const auto contact = store::find_contact(connection, conversation.tenant, conversation.contact);
  json["contact"] = contact ? short_contact(*contact) : Json();
  json["group"] = contact ? group_of(connection, *contact) : Json();
  json["channel"] = short_channel(connection, conversation);
  json["window"] = window_json(connection, conversation, rules);
  json["windowOpen"] = json["window"]["open"];
  return json;
}

}  // namespace waypost::api
