#include "store/marketing.h"

namespace waypost::store {

bool is_unwanted_marketing(sql::Connection& connection, const Contact& contact, const Channel& channel,
                           const Message& message) {
  if (!contact.marketing_stopped || message.type != "template") return false;
  const auto name = text_or_empty(message.content, "name");
  const Json* language = find_object(message.content, "language");
  const auto code = language ? text_or_empty(*language, "code") : std::string();
  const auto known =
      find_template(connection, channel.tenant, {.waba_id = channel.waba_id, .name = name, .language = code});
  return known && is_unwanted(contact, *known);
}

}  // namespace waypost::store
