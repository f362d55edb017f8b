#include "outbound/request.h"

#include "conversation/callback_data.h"

namespace waypost {
namespace {

// A text's row may bring only its plain rendering.
Json part_of(const store::Message& message) {
  const bool is_bare = message.content.is_object() && message.content.empty();
  if (message.type == "text" && is_bare) return {{"body", message.text.value_or("")}};
  return message.content;
}

}  // namespace

Json message_request(const store::Message& message, const store::Contact& contact) {
  Json request{{"messaging_product", "whatsapp"}, {"recipient_type", "individual"}, {"type", message.type}};
  if (contact.group_id) {
    request["recipient_type"] = "group";
    request["to"] = *contact.group_id;
  } else if (contact.phone) {
    request["to"] = "+" + *contact.phone;
  } else {
    request["recipient"] = contact.user_id.value_or("");
  }
  request[message.type] = part_of(message);
  if (message.reply_to) request["context"] = {{"message_id", *message.reply_to}};
  request["biz_opaque_callback_data"] = format_callback_data({.message = message.id, .attempt = message.attempt});
  return request;
}

}  // namespace waypost
