#include "store/marketing.h"

namespace waypost::store {

std::string_view name_of(MarketingBar bar) {
  return bar == MarketingBar::Stopped ? kMarketingStopped : kMarketingEmbargo;
}

std::string_view words_of(MarketingBar bar) {
  switch (bar) {
    case MarketingBar::Stopped:
      return "the contact has stopped marketing messages in WhatsApp: send a utility template, or a text within the "
             "window";
    case MarketingBar::Embargo:
      return "Meta has refused a marketing message to the contact within the last 24 hours";
  }
}

std::optional<MarketingBar> marketing_bar(const Contact& contact, Time now) {
  if (contact.marketing_stopped) return MarketingBar::Stopped;
  if (contact.embargo_until && *contact.embargo_until > now) return MarketingBar::Embargo;
  return std::nullopt;
}

bool is_marketing(sql::Connection& connection, const Channel& channel, const Message& message) {
  if (message.type != "template") return false;
  const auto name = text_or_empty(message.content, "name");
  const Json* language = find_object(message.content, "language");
  const auto code = language ? text_or_empty(*language, "code") : std::string();
  const auto known =
      find_template(connection, channel.tenant, {.waba_id = channel.waba_id, .name = name, .language = code});
  return known && is_marketing(*known);
}

}  // namespace waypost::store
