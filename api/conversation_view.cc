#include "api/conversation_view.h"

#include "conversation/window.h"
#include "store/channels.h"
#include "store/contacts.h"

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

}  // namespace

Json conversation_view(sql::Connection& connection, const store::Conversation& conversation, const ViewRules& rules) {
  Json json = store::to_json(conversation);
  json["contact"] = short_contact(connection, conversation);
  json["channel"] = short_channel(connection, conversation);
  json["windowOpen"] = is_open(conversation.window_expires_at, rules.now, rules.window_margin);
  return json;
}

}  // namespace waypost::api
