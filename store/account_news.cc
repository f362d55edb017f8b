#include "store/account_news.h"

#include "conversation/account_news.h"
#include "conversation/address_book.h"
#include "conversation/call_news.h"
#include "conversation/group_news.h"
#include "conversation/handover.h"
#include "conversation/portfolio.h"
#include "store/calls.h"
#include "store/channel_blocks.h"
#include "store/channels.h"
#include "store/contacts.h"
#include "store/elsewhere.h"
#include "store/events.h"
#include "store/groups.h"
#include "store/inbound.h"
#include "store/locks.h"
#include "store/portfolio.h"
#include "store/templates.h"

namespace waypost::store {
namespace {

// Bytes of a value beyond which a channel's standing does not keep it; the event does.
constexpr std::size_t kMostStanding = 16'384;

void tell(sql::Connection& connection, const AccountNews& news, Time now) {
  const auto payload = dump({{"webhook",
                              {{"field", news.field},
                               {"wabaId", news.waba_id},
                               {"phoneNumberId", news.phone_number_id},
                               {"at", iso8601(news.at)},
                               {"value", news.value}}}});
  append_event(connection, news.tenant, {.type = kind_of_news(news.field, news.value).event, .payload = payload}, now);
}

bool concerns(const StandingNews& standing, const Channel& channel) {
  if (standing.phone_number_id) return *standing.phone_number_id == channel.phone_number_id;
  return !standing.display_digits || *standing.display_digits == phone_digits(channel.display_phone_number);
}

// iso8601() is as long for every time Meta can say, so that texts stand in the order of their times.
bool is_later(const Json& standing, const std::string& key, const std::string& at) {
  const Json* last = find_object(standing, key);
  return !last || text_or_empty(*last, "at") <= at;
}

bool takes_standing(Channel& channel, const StandingNews& standing, const AccountNews& news) {
  const std::string key(standing.key);
  const auto at = iso8601(news.at);
  if (!concerns(standing, channel) || !is_later(channel.standing, key, at)) return false;
  channel.standing[key] = {{"at", at}, {"value", news.value}};
  return true;
}

void update_channels(sql::Connection& connection, const AccountNews& news, Time now) {
  const auto standing = standing_news_of(news.field, news.value);
  if (!standing || dump(news.value).size() > kMostStanding) return;
  for (auto& channel : lock_channels_of_waba(connection, news.tenant, news.waba_id)) {
    if (!takes_standing(channel, *standing, news)) continue;
    update_standing(connection, channel, now);
    look_now(connection, channel, now);
  }
}

void update_owner(sql::Connection& connection, const AccountNews& news) {
  const auto owner = news.field == "account_update" ? portfolio_of_news(news.value) : std::nullopt;
  if (owner) note_owner_of_account(connection, {.waba_id = news.waba_id, .portfolio = *owner, .at = news.at});
}

void update_template(sql::Connection& connection, const AccountNews& news, Time now) {
  const auto said = template_news_of(news.field, news.value);
  if (!said) return;
  want_templates_listed(connection, news.tenant, news.waba_id);
  apply_template_news(connection, {.tenant = news.tenant, .waba_id = news.waba_id, .news = *said, .at = news.at}, now);
}

void add(std::vector<ConversationId>& touched, const Recognised& person) {
  touched.insert(touched.end(), person.touched.begin(), person.touched.end());
}

bool takes_wish(Contact& contact, const MarketingWish& wish) {
  if (contact.marketing_said_at && *contact.marketing_said_at > wish.at) return false;
  contact.marketing_said_at = wish.at;
  contact.marketing_stopped = wish.stops;
  return true;
}

// One of somebody we do not know yet is kept, too: with a contact.
void note_wishes(sql::Connection& connection, const AccountNews& news, std::vector<ConversationId>& touched, Time now) {
  for (const auto& wish : marketing_wishes_of(news.field, news.value)) {
    const auto person = recognise(connection, {.sender = wish.person, .message = {.tenant = news.tenant}}, now);
    add(touched, person);
    auto contact = lock_contact(connection, news.tenant, person.contact);
    if (!contact) run_again("a contact was erased by another transaction");
    if (takes_wish(*contact, wish)) update_contact(connection, *contact, now);
  }
}

using Touched = std::vector<ConversationId>;

void add(Touched& touched, const Touched& more) { touched.insert(touched.end(), more.begin(), more.end()); }

Touched update_people(sql::Connection& connection, const AccountNews& news, Time now) {
  Touched touched;
  note_wishes(connection, news, touched, now);
  for (const auto& change : identity_news_of(news.field, news.value)) {
    add(touched,
        recognise(connection, {.sender = change.before, .change = change, .message = {.tenant = news.tenant}}, now));
  }
  if (news.field == "smb_app_state_sync") {
    for (const auto& entry : book_entries_of(news.value))
      add(touched, apply_book_entry(connection, news.tenant, entry, now));
  }
  return touched;
}

// What stands in conversations of the number.
Touched update_conversations(sql::Connection& connection, const AccountNews& news, Time now) {
  Touched touched;
  if (!news.channel) return touched;
  const Channel channel{.tenant = news.tenant, .id = *news.channel};
  if (news.field == "calls") {
    for (const auto& call : call_news_of(news.value)) add(touched, apply_call_news(connection, channel, call, now));
  } else if (news.field == "messaging_handovers") {
    if (const auto handover = handover_of(news.value)) touched = apply_handover(connection, channel, *handover, now);
  } else if (is_of_groups(news.field)) {
    for (const auto& group : group_news_of(news.value)) add(touched, apply_group_news(connection, channel, group, now));
  }
  return touched;
}

}  // namespace

std::vector<ConversationId> apply_account_news(sql::Connection& connection, const AccountNews& news, Time now) {
  tell(connection, news, now);
  update_channels(connection, news, now);
  update_owner(connection, news);
  update_template(connection, news, now);
  auto touched = update_people(connection, news, now);
  add(touched, update_conversations(connection, news, now));
  return touched;
}

}  // namespace waypost::store
