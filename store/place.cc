#include "store/place.h"

#include <algorithm>

#include "base/text.h"
#include "conversation/message_kind.h"
#include "conversation/window.h"
#include "conversation/window_closing.h"

namespace waypost::store {
namespace {

constexpr std::size_t kPreviewCharacters = 200;

// Meta's time only moves the window forwards: a late message never shortens it. {at}, {text}, {opens}, {end},
// {answers} and {now} stand for the message's values, {look} for kFirstLook.
constexpr std::string_view kAssignments =
    "next_seq = next_seq + 1, "
    "last_message_text = CASE WHEN next_seq = 1 OR last_message_at <= {at} THEN {text} ELSE last_message_text END, "
    "last_message_at = CASE WHEN next_seq = 1 OR last_message_at <= {at} THEN {at} ELSE last_message_at END, "
    "last_inbound_at = CASE WHEN {opens} AND (last_inbound_at IS NULL OR last_inbound_at < {at}) THEN {at} "
    "ELSE last_inbound_at END, "
    "window_version = CASE WHEN ({opens} AND (window_expires_at IS NULL OR window_expires_at < {end})) OR "
    "({answers} AND claim_message_id IS NOT NULL) THEN window_version + 1 ELSE window_version END, "
    "window_opened_at = CASE WHEN {opens} AND (window_opened_at IS NULL OR window_expires_at < {at} OR ({at} < "
    "window_opened_at AND window_opened_at <= {end})) THEN {at} ELSE window_opened_at END, "
    "window_look_at = CASE WHEN {opens} AND window_look_at IS NULL AND (window_expires_at IS NULL OR "
    "window_expires_at < {end}) THEN {at} + {look} ELSE window_look_at END, "
    "window_expires_at = CASE WHEN {opens} AND (window_expires_at IS NULL OR window_expires_at < {end}) THEN {end} "
    "ELSE window_expires_at END, "
    "claim_message_id = CASE WHEN {answers} THEN NULL ELSE claim_message_id END, "
    "claimed_at = CASE WHEN {answers} THEN NULL ELSE claimed_at END, updated_at = {now} ";

struct Word {
  std::string_view name;
  std::string_view value;
};

std::string assignments(std::initializer_list<Word> words) {
  std::string text(kAssignments);
  constexpr std::string_view kLook = "{look}";
  text.replace(text.find(kLook), kLook.size(), std::to_string(milliseconds(kFirstLook).count()));
  for (const auto& [name, value] : words) {
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size()))
      text.replace(at, name.size(), value);
  }
  return text;
}

const std::string& take_one() {
  static const std::string kText =
      "UPDATE conversation SET " +
      assignments({{"{at}", "$4"},
                   {"{text}", "$5"},
                   {"{opens}", "$6"},
                   {"{end}", "$7"},
                   {"{answers}", "$8"},
                   {"{now}", "$9"}}) +
      "WHERE tenant_id = $1 AND contact_id = $2 AND channel_id = $3 AND merged_into IS NULL "
      "RETURNING id, next_seq - 1, status, may_hold";
  return kText;
}

const std::string& take_many() {
  static const std::string kText =
      "UPDATE conversation SET " +
      assignments({{"{at}", "asked.at"},
                   {"{text}", "asked.shown"},
                   {"{opens}", "asked.opens"},
                   {"{end}", "asked.ends"},
                   {"{answers}", "asked.answers"},
                   {"{now}", "$9"}}) +
      "FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) WITH ORDINALITY AS "
      "asked(tenant, contact, channel, at, shown, opens, ends, answers, place) "
      "WHERE tenant_id = asked.tenant AND contact_id = asked.contact AND channel_id = asked.channel AND merged_into IS "
      "NULL RETURNING id, next_seq - 1, status, may_hold, asked.place";
  return kText;
}

std::optional<std::string> preview_of(const Message& message) {
  if (!message.text) return std::nullopt;
  return std::string(first_characters(*message.text, kPreviewCharacters));
}

Place read_place(const sql::Row& row) {
  return {.conversation = row.id<ConversationId>(0),
          .seq = row.number(1),
          .status = row.text(2),
          .may_hold = row.boolean(3)};
}

// One column of what is asked for.
template <class Read>
std::vector<sql::Value> column(std::span<const PlaceWanted> wanted, Read read) {
  std::vector<sql::Value> values;
  values.reserve(wanted.size());
  for (const auto& one : wanted) values.emplace_back(read(*one.message));
  return values;
}

}  // namespace

WindowEffect window_effect_of(const Message& message, Time now) {
  const bool opens = opens_window(message.type);
  return {.opens = opens, .answers = opens && now < window_end(message.happened_at)};
}

std::optional<Place> take_place(sql::Connection& connection, const Message& message, Time now) {
  const auto effect = window_effect_of(message, now);
  const auto rows = connection.run(
      take_one(), {message.tenant, message.contact, message.channel, message.happened_at, preview_of(message),
                   effect.opens, window_end(message.happened_at), effect.answers, now});
  if (rows.empty()) return std::nullopt;
  return read_place(rows.front());
}

std::vector<std::optional<Place>> take_places(sql::Connection& connection, std::span<const PlaceWanted> wanted,
                                              Time now) {
  std::vector<std::optional<std::string>> previews;
  std::vector<sql::Value> contacts;
  for (const auto& one : wanted) {
    previews.push_back(preview_of(*one.message));
    contacts.emplace_back(one.contact);
  }
  const std::vector<sql::Value> shown(previews.begin(), previews.end());
  const auto tenants = column(wanted, [](const Message& message) { return message.tenant; });
  const auto channels = column(wanted, [](const Message& message) { return message.channel; });
  const auto times = column(wanted, [](const Message& message) { return message.happened_at; });
  const auto opens = column(wanted, [now](const Message& message) { return window_effect_of(message, now).opens; });
  const auto ends = column(wanted, [](const Message& message) { return window_end(message.happened_at); });
  const auto answers = column(wanted, [now](const Message& message) { return window_effect_of(message, now).answers; });
  using sql::Type;
  const auto array = [](Type of, const std::vector<sql::Value>& items) { return sql::Value::array(of, items); };
  const auto rows =
      connection.run(take_many(), {array(Type::Uuid, tenants), array(Type::Uuid, contacts), array(Type::Uuid, channels),
                                   array(Type::Bigint, times), array(Type::Text, shown), array(Type::Boolean, opens),
                                   array(Type::Bigint, ends), array(Type::Boolean, answers), now});
  std::vector<std::optional<Place>> places(wanted.size());
  for (const auto row : rows) places[static_cast<std::size_t>(row.number(4) - 1)] = read_place(row);
  return places;
}

}  // namespace waypost::store
