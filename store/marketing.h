// Marketing: who stopped it gets no template of that category; Meta would refuse it (131050). What kind a template is,
// is known from its listing and Meta's news. Lane only.

#pragma once

#include "store/channels.h"
#include "store/contacts.h"
#include "store/messages.h"
#include "store/templates.h"

namespace waypost::store {

inline constexpr std::string_view kMarketingStopped = "marketing_stopped";
inline constexpr std::string_view kMarketingStoppedWords =
    "the contact has stopped marketing messages in WhatsApp: send a utility template, or a text within the window";

inline bool is_unwanted(const Contact& contact, const Template& known) {
  return contact.marketing_stopped && known.category == "MARKETING";
}
// False too where the template was never listed: then Meta decides.
bool is_unwanted_marketing(sql::Connection& connection, const Contact& contact, const Channel& channel,
                           const Message& message);

}  // namespace waypost::store
