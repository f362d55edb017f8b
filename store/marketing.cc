#include "store/marketing.h"

namespace waypost::store {
namespace {

std::optional<MarketingBar> bar_of(const Contact& contact, Time now) {
  if (contact.marketing_stopped) return MarketingBar::Stopped;
  if (contact.embargo_until && *contact.embargo_until > now) return MarketingBar::Embargo;
  return std::nullopt;
}

}  // namespace

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

std::optional<MarketingBar> marketing_bar(const Contact& contact, const Template& known, Time now) {
  return known.category == "MARKETING" ? bar_of(contact, now) : std::nullopt;
}

std::optional<MarketingBar> marketing_bar(sql::Connection& connection, const Contact& contact, const Channel& channel,
                                          const Message& message, Time now) {
  if (message.type != "template" || !bar_of(contact, now)) return std::nullopt;
  const auto name = text_or_empty(message.content, "name");
  const Json* language = find_object(message.content, "language");
  const auto code = language ? text_or_empty(*language, "code") : std::string();
  const auto known =
      find_template(connection, channel.tenant, {.waba_id = channel.waba_id, .name = name, .language = code});
  return known ? marketing_bar(contact, *known, now) : std::nullopt;
}

}  // namespace waypost::store
