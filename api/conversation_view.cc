#include "api/conversation_view.h"

#include "conversation/window.h"
#include "store/channels.h"
#include "store/contacts.h"
#include "store/free_entry.h"

namespace waypost::api {
namespace {

Json short_contact(sql::Connection& connection, const store::Conversation& conversation) {
  const auto contact = store::find_contact(connection, conversation.tenant, conversation.contact);
  if (!contact) return {};
  const Json whole = store::to_json(*contact);
  Json part = Json::object();
  for (const auto key : {"id", "name", "phone", "waId", "tags", "optedOut"}) part[key] = whole.at(key);
  return part;
}

Json short_channel(sql::Connection& connection, const store::Conversation& conversation) {
  const auto channel = store::find_channel(connection, conversation.tenant, conversation.channel);
  if (!channel) return {};
  return {{"id", channel->id.text()},
          {"name", channel->name},
          {"type", "whatsapp"},
          {"displayPhoneNumber", channel->display_phone_number}};
}

Json time_or_null(const std::optional<Time>& at) { return at ? Json(iso8601(*at)) : Json(); }

Json window_json(sql::Connection& connection, const store::Conversation& conversation, const ViewRules& rules) {
  const auto free_entry = store::free_entry_of(connection, conversation);
  return {{"open", is_open(conversation.window_expires_at, rules.now, rules.window_margin)},
          {"opensAt", time_or_null(conversation.window_opened_at)},
          {"expiresAt", time_or_null(conversation.window_expires_at)},
          {"freeEntryPoint",
           free_entry ? Json{{"opensAt", iso8601(free_entry->opens_at)}, {"expiresAt", iso8601(free_entry->expires_at)}}
                      : Json()}};
}

}  // namespace

Json conversation_view(sql::Connection& connection, const store::Conversation& conversation, const ViewRules& rules) {
  Json json = store::to_json(conversation);
  json["contact"] = short_contact(connection, conversation);
  json["channel"] = short_channel(connection, conversation);
  json["window"] = window_json(connection, conversation, rules);
  json["windowOpen"] = json["window"]["open"];
  return json;
}

}  // namespace waypost::api
