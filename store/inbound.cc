#include "store/inbound.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/check.h"
#include "conversation/message_kind.h"
#include "store/elsewhere.h"
#include "store/free_entry.h"
#include "store/groups.h"
#include "store/held.h"
#include "store/locks.h"
#include "store/media.h"
#include "store/message_json.h"
#include "store/message_marks.h"
#include "store/opt_out.h"
#include "store/place.h"
#include "store/seen.h"
#include "store/statuses.h"
#include "store/triggers.h"

namespace waypost::store {
namespace {

// What was learnt of a message before its turn, of many at once. Nothing: it is asked for when its turn comes.
struct Ahead {
  std::optional<bool> fresh{};
  std::optional<Recognised> person{};
  std::optional<Place> place{};
};

Place place_of(sql::Connection& connection, const Message& message, Time now) {
  if (auto place = take_place(connection, message, now)) return *std::move(place);
  open_conversation(connection, message.tenant, message.contact, message.channel, now);
  auto place = take_place(connection, message, now);
  if (!place) run_again("a conversation was merged or erased by another transaction");
  return *std::move(place);
}

// A closed conversation is open again when the customer writes; one in a person's hands stays there.
void reopen(sql::Connection& connection, const Message& message, Time now) {
  auto conversation = find_conversation(connection, message.tenant, message.conversation);
  WAYPOST_CHECK(conversation.has_value());
  conversation->status = "open";
  update_conversation(connection, *conversation, now);
}

// Somebody else is at it: a person in the Business app, or another app.
bool is_taken_care_of(const Message& message, const Place& place) {
  return (place.automation_paused_until && message.happened_at < *place.automation_paused_until) ||
         (place.is_elsewhere && place.thread_said_at && message.happened_at < *place.thread_said_at);
}

// In a group nobody asked a machine to speak.
bool wants_run(const Message& message, const Place& place, const Recognised& person) {
  if (message.outbound || message.participant || !starts_runs(message.via) || !starts_runs(message.type)) return false;
  return place.status != "handoff" && !person.opted_out && !is_taken_care_of(message, place);
}

SeenKey seen_key_of(const Inbound& inbound) {
  WAYPOST_CHECK(inbound.message.wamid.has_value());
  return {inbound.message.tenant, inbound.phone_number_id, *inbound.message.wamid};
}

// What all messages of a unit share.
struct Unit {
  OptOutBook book{};
  Time now{};
};

// A member more for those that the message's event shows.
void add_own(Message& message, std::string_view name, const Json& value) {
  auto& own = message.prepared.own;
  if (own.empty()) own = own_text(message);
  own += ",\"" + std::string(name) + "\":" + dump(value);
}

struct Step {
  Received received{};
  ContactId contact{};
  bool merged = false;  // people, and with them conversations
};

// An echo of what we sent ourselves. Whoever gives a wamid to a message holds its key.
bool is_ours(sql::Connection& connection, const Message& message) {
  if (!message.outbound) return false;
  lock_status_key(connection, message.channel, *message.wamid);
  return message_of_wamid(connection, message.tenant, message.channel, *message.wamid).has_value();
}

// Of a group's message nobody need be named.
Recognised person_of(sql::Connection& connection, const Inbound& inbound, Ahead& ahead, Time now) {
  if (ahead.person) return *std::move(ahead.person);
  if (inbound.sender.is_nobody() && !inbound.change) return {};
  return recognise(connection, inbound, now);
}

// The conversation is the group's, and who wrote takes part in it.
void stand_in_group(sql::Connection& connection, const Inbound& inbound, Message& message, Time now) {
  const bool is_named = !inbound.sender.is_nobody() && !message.outbound;
  const ContactId sender = message.contact;
  message.contact = group_contact(connection, {.tenant = message.tenant, .id = message.channel}, inbound.group, now);
  if (!is_named) return;
  message.participant = note_presence(
      connection, {.tenant = message.tenant, .group_id = inbound.group, .contact = sender, .at = message.happened_at});
}

// The ad that brought the customer last, by Meta's time.
void keep_referral(sql::Connection& connection, const Message& message, const std::string& referral) {
  connection.run(
      "UPDATE conversation SET referral = $3, referral_at = $4 WHERE tenant_id = $1 AND id = $2 AND (referral_at IS "
      "NULL OR referral_at <= $4)",
      {message.tenant, message.conversation, sql::JsonText{referral}, message.happened_at});
}

// What the message says of others: of another message, of the ad, of who owns the conversation; and an outbound one
// that statuses came for before it.
void note_besides(sql::Connection& connection, const Inbound& inbound, const Message& message, const Place& place,
                  Time now) {
  if (inbound.mark) note_mark(connection, message, *inbound.mark);
  if (!inbound.referral.empty()) keep_referral(connection, message, inbound.referral);
  if (!inbound.referral.empty() && message.via == MessageVia::Own) note_referral(connection, message);
  note_owner(connection, message, place, now);
  if (message.via == MessageVia::Echo) pause_automation(connection, message, now);
  if (message.outbound) settle_parked(connection, message, now);
}

// By channel before people (store/locks.h).
void note_app(sql::Connection& connection, const Message& echo, Time now) {
  const auto channel = find_channel(connection, echo.tenant, echo.channel);
  if (channel) note_app_in_use(connection, *channel, echo.happened_at, now);
}

// By contact before conversation (store/locks.h).
std::optional<HeardWord> hear(sql::Connection& connection, const Inbound& inbound, Message& message, Unit& unit) {
  const auto word = unit.book.word_in(connection, inbound);
  if (!word) return std::nullopt;
  auto heard = hear_word(connection, message, *word);
  heard.spoken = *inbound.spoken;
  message.contact = heard.contact.id;
  return heard;
}

bool heed(sql::Connection& connection, const Message& message, const HeardWord& heard, Unit& unit) {
  const auto& rules = unit.book.rules_of(connection, message.tenant);
  return heed_word(connection, message, heard, {.rules = rules, .now = unit.now});
}

void note_file(sql::Connection& connection, const Inbound& inbound, Message& message, Received& received, Time now) {
  if (!inbound.media) return;
  const auto media = note_media(connection, message, *inbound.media, now);
  if (media.state == MediaState::Pending) received.media.push_back(message.conversation);
  add_own(message, "media", to_json(media));
}

// It was applied before; but the history brings some messages first without their files.
Step receive_again(sql::Connection& connection, const Inbound& inbound, Time now) {
  if (inbound.message.via != MessageVia::History) return {};
  auto filled = fill_placeholder(connection, inbound, now);
  if (!filled) return {};
  Step step{.contact = filled->contact};
  note_file(connection, inbound, *filled, step.received, now);
  tell_arrival(connection, *filled, now);
  return step;
}

Step receive_one(sql::Connection& connection, const Inbound& inbound, Ahead ahead, Unit& unit) {
  const Time now = unit.now;
  Message message = inbound.message;
  if (!(ahead.fresh ? *ahead.fresh : first_seen(connection, seen_key_of(inbound), now)))
    return receive_again(connection, inbound, now);
  if (is_ours(connection, message)) return {};
  if (message.via == MessageVia::Echo) note_app(connection, message, now);
  auto person = person_of(connection, inbound, ahead, now);
  message.contact = person.contact;
  if (!inbound.group.empty()) stand_in_group(connection, inbound, message, now);
  const auto heard = hear(connection, inbound, message, unit);
  const auto place = ahead.place ? *std::move(ahead.place) : place_of(connection, message, now);
  const auto effect = window_effect_of(message, now);
  message.id = MessageId::make(now);
  message.conversation = place.conversation;
  message.seq = place.seq;
  message.created_at = message.updated_at = now;
  insert_message(connection, message);
  if (effect.opens && message.via == MessageVia::Own && place.status == "closed") reopen(connection, message, now);
  Received received{.fresh = true, .runs = person.touched, .sends = person.touched, .media = person.touched};
  note_file(connection, inbound, message, received, now);
  const bool is_command = heard && heard->is_command();
  if (!is_command && inbound.starts_runs && wants_run(message, place, person)) {
    insert_trigger(connection, {.tenant = message.tenant,
                                .conversation = message.conversation,
                                .seq = message.seq,
                                .message = message.id,
                                .created_at = now});
    received.runs.push_back(message.conversation);
  }
  if (effect.answers && place.may_hold && release_held(connection, message.tenant, message.conversation, now))
    received.sends.push_back(message.conversation);
  tell_arrival(connection, message, now);
  note_besides(connection, inbound, message, place, now);
  if (heard && heed(connection, message, *heard, unit)) received.sends.push_back(message.conversation);
  return {
      .received = std::move(received), .contact = heard ? message.contact : person.contact, .merged = person.merged};
}

// What this message has changed is looked up anew when the next one's turn comes.
void forget_changed(std::span<Ahead> ahead, const Step& step) {
  for (auto& later : ahead) {
    if (step.merged || (later.person && later.person->contact == step.contact)) later.person.reset();
  }
}

// Whoever says a stop or start word is changed by it, and is looked up when the word's turn comes.
std::vector<Ahead> look_ahead(sql::Connection& connection, std::span<const Inbound* const> inbounds, Unit& unit) {
  std::vector<SeenKey> keys;
  for (const auto* inbound : inbounds) keys.push_back(seen_key_of(*inbound));
  const auto fresh = first_seen(connection, keys, unit.now);
  auto people = recognise_known(connection, inbounds);
  std::vector<Ahead> all(inbounds.size());
  for (std::size_t at = 0; at < all.size(); ++at) {
    all[at].fresh = fresh[at];
    if (!unit.book.word_in(connection, *inbounds[at])) all[at].person = std::move(people[at]);
  }
  return all;
}

// How many of these change nothing but their own conversation: nobody is made, completed or merged among them.
std::size_t length_of_run(std::span<const Ahead> ahead) {
  const auto changes = [](const Ahead& one) { return *one.fresh && !one.person; };
  return static_cast<std::size_t>(std::ranges::find_if(ahead, changes) - ahead.begin());
}

// The places of a run: of each conversation its first message's, in one statement. The next one's is behind it, and is
// taken when its turn comes.
void take_places_ahead(sql::Connection& connection, std::span<const Inbound* const> inbounds, std::span<Ahead> ahead,
                       Time now) {
  std::vector<std::size_t> whose;
  std::set<std::tuple<TenantId, ContactId, ChannelId>> conversations;
  for (std::size_t at = 0; at < inbounds.size(); ++at) {
    const Message& message = inbounds[at]->message;
    if (!*ahead[at].fresh || !inbounds[at]->group.empty() || message.outbound) continue;
    const ContactId contact = ahead[at].person->contact;
    if (!conversations.emplace(message.tenant, contact, message.channel).second) continue;
    whose.push_back(at);
  }
  if (whose.size() < 2) return;
  // By contact: two nodes that hold some of the same conversations then rarely wait for each other in a circle.
  std::ranges::sort(whose, {}, [&](std::size_t at) { return ahead[at].person->contact; });
  std::vector<PlaceWanted> wanted;
  for (const auto at : whose)
    wanted.push_back({.message = &inbounds[at]->message, .contact = ahead[at].person->contact});
  auto places = take_places(connection, wanted, now);
  for (std::size_t at = 0; at < whose.size(); ++at) ahead[whose[at]].place = std::move(places[at]);
}

}  // namespace

Received receive_message(sql::Connection& connection, const Inbound& inbound, Time now) {
  Unit unit{.now = now};
  return receive_one(connection, inbound, {}, unit).received;
}

std::vector<Received> receive_messages(sql::Connection& connection, std::span<const Inbound* const> inbounds,
                                       Time now) {
  const bool at_once = connection.engine() == sql::Engine::Postgres && inbounds.size() > 1;
  Unit unit{.now = now};
  std::vector<Ahead> ahead = at_once ? look_ahead(connection, inbounds, unit) : std::vector<Ahead>(inbounds.size());
  std::vector<Received> received;
  received.reserve(inbounds.size());
  std::size_t run_ends = 0;
  for (std::size_t at = 0; at < inbounds.size(); ++at) {
    if (at_once && at >= run_ends) {
      const auto rest = std::span(ahead).subspan(at);
      const auto run = length_of_run(rest);
      take_places_ahead(connection, inbounds.subspan(at, run), rest.first(run), now);
      run_ends = at + std::max<std::size_t>(run, 1);
    }
    const bool was_known = ahead[at].person.has_value();
    auto step = receive_one(connection, *inbounds[at], std::move(ahead[at]), unit);
    if (!was_known) forget_changed(std::span(ahead).subspan(at + 1), step);
    received.push_back(std::move(step.received));
  }
  return received;
}

}  // namespace waypost::store
