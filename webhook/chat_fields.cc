#include "webhook/chat_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "conversation/contact_book.h"
#include "conversation/message_kind.h"
#include "conversation/meta_time.h"
#include "conversation/opt_out.h"
#include "store/message_json.h"
#include "webhook/slices.h"

namespace waypost {
namespace {

constexpr std::string_view kNotAnObject = "not an object";

// A list of messages, and which side of them the customer is on.
struct ChatList {
  std::string_view field;
  std::string_view list;
  MessageVia via;
  Side side;
};
constexpr std::array<ChatList, 6> kLists{{{"messages", "messages", MessageVia::Own, Side::From},
                                          {"standby", "messages", MessageVia::Standby, Side::From},
                                          {"standby", "message_echoes", MessageVia::Standby, Side::To},
                                          {"smb_message_echoes", "message_echoes", MessageVia::Echo, Side::To},
                                          {"history", "messages", MessageVia::History, Side::From},
                                          {"history", "message_echoes", MessageVia::History, Side::To}}};
constexpr std::array<std::string_view, 2> kWithStatuses{"messages", "standby"};

// One message, and what is known of it by where it stands.
struct Found {
  UpdateOrigin origin{};
  ChatList how{};
  const Json* contacts = nullptr;
  const ContactBook* people = nullptr;  // of the contacts
  const Json* thread = nullptr;
  std::string business_digits{};
};

UpdateOrigin below(const UpdateOrigin& origin, std::string_view list, std::size_t index) {
  UpdateOrigin inner = origin;
  inner.place += fmt::format(".{}[{}]", list, index);
  return inner;
}

UpdateOrigin in_value(const UpdateOrigin& change) {
  UpdateOrigin origin = change;
  origin.place += ".value";
  return origin;
}

std::optional<Time> time_of(const Json& json) { return meta_time(json, "timestamp"); }

std::string id_of(const Json& json) { return text_or_empty(json, "id"); }

const Json* entry_of(const Found& found, const Json& json) {
  return found.people ? found.people->entry_of(customer_of(json, nullptr, found.how.side)) : nullptr;
}

// Why a message cannot be kept; nothing when it can. A wrong payload below its type does not matter: it is kept whole.
std::optional<std::string_view> fault_of_message(const Json& message) {
  if (!message.is_object()) return kNotAnObject;
  if (id_of(message).empty()) return "a message without id";
  if (!time_of(message)) return "a message without a readable timestamp";
  return std::nullopt;
}

std::optional<std::string> reply_target(const Json& message) {
  const Json* context = find_object(message, "context");
  return context ? find_text(*context, "id") : std::nullopt;
}

// An outbound one was written by a person elsewhere, or by another app.
void take_direction(const Found& found, const Json& json, store::Message& message) {
  message.via = found.how.via;
  message.outbound = found.how.side == Side::To;
  if (!message.outbound) return;
  message.author = "app";
  const Json* context = find_object(json, "history_context");
  message.state = state_in_history(context ? text_or_empty(*context, "status") : "SENT");
}

store::Inbound inbound_of(const Found& found, const Json& json, const Json* entry) {
  store::Inbound inbound{
      .phone_number_id = found.origin.phone_number_id,
      .sender = found.thread ? customer_of_thread(*found.thread) : customer_of(json, entry, found.how.side),
      .change = identity_change_of(json),
      .mark = mark_of(json),
      .media = named_media(json),
      .group = text_or_empty(json, "group_id"),
      .message = {.type = kind_of(json),
                  .text = plain_text(json),
                  .wamid = id_of(json),
                  .happened_at = time_of(json).value_or(Time()),  // fault_of_message() asked for it
                  .reply_to = reply_target(json)}};
  const bool may_command = found.how.via == MessageVia::Own && found.how.side == Side::From && inbound.group.empty();
  if (may_command) inbound.spoken = spoken_words(json);
  if (const Json* referral = find_object(json, "referral")) inbound.referral = dump(*referral);
  take_direction(found, json, inbound.message);
  return inbound;
}

void keep(Found found, store::Inbound inbound, Json& json, Payload& payload) {
  const Json* entry = entry_of(found, json);
  parse_answers(json);
  inbound.message.prepared = {.content = dump(json), .own = store::own_text(inbound.message)};
  payload.messages.push_back({.origin = std::move(found.origin),
                              .inbound = std::move(inbound),
                              .contact = entry ? *entry : Json(),
                              .field = std::string(found.how.field),
                              .list = std::string(found.how.list),
                              .thread = found.thread ? *found.thread : Json()});
}

Malformed unreadable(const Found& found, std::string_view words, const Json& json) {
  auto value = value_around(json, {.list = found.how.list,
                                   .contact = entry_of(found, json),
                                   .thread = found.thread,
                                   .business_digits = found.business_digits});
  return malformed(found.origin, words, envelope(found.origin, found.how.field, std::move(value)));
}

void read_message(Found found, Json& json, Payload& payload) {
  if (const auto fault = fault_of_message(json)) {
    payload.malformed.push_back(unreadable(found, *fault, json));
    return;
  }
  auto inbound = inbound_of(found, json, entry_of(found, json));
  if (inbound.sender.is_nobody() && !inbound.change && !(inbound.message.outbound && !inbound.group.empty())) {
    payload.malformed.push_back(unreadable(found, "a message without a sender", json));
    return;
  }
  keep(std::move(found), std::move(inbound), json, payload);
}

std::optional<std::string_view> fault_of_status(const Json& status) {
  if (!status.is_object()) return kNotAnObject;
  if (id_of(status).empty()) return "a status without id";
  if (text_or_empty(status, "status").empty()) return "a status without its word";
  if (!time_of(status)) return "a status without a readable timestamp";
  return std::nullopt;
}

store::Status status_of(Json& json, MetaWord word) {
  const auto ours = find_text(json, "biz_opaque_callback_data");
  store::Status status{.wamid = id_of(json),
                       .word = word,
                       .at = time_of(json).value_or(Time()),  // fault_of_status() asked for it
                       .ours = ours ? parse_callback_data(*ours) : std::nullopt};
  if (word == MetaWord::Failed) status.failure = store::failure_of(json);
  status.content = std::move(json);
  return status;
}

void read_status(const Change& change, UpdateOrigin origin, Json& json, Payload& payload) {
  if (const auto fault = fault_of_status(json)) {
    Json value{{"statuses", Json::array({std::move(json)})}};
    payload.malformed.push_back(malformed(origin, *fault, envelope(origin, change.field, std::move(value))));
    return;
  }
  const auto word = meta_word(text_or_empty(json, "status"));
  if (!word) {
    payload.others.push_back(
        {.origin = std::move(origin), .field = change.field, .value = {{"statuses", Json::array({std::move(json)})}}});
    return;
  }
  payload.statuses.push_back({.origin = std::move(origin), .status = status_of(json, *word)});
}

// Takes the list out of its object. `around`: puts what is no list into the value it came from.
template <class Around>
std::optional<Json> take_list(Json& object, std::string_view key, const Around& around) {
  const auto found = object.find(key);
  if (found == object.end()) return std::nullopt;
  Json list = std::move(*found);
  object.erase(found);
  if (list.is_array()) return list;
  around(std::move(list));
  return std::nullopt;
}

// What is no list is malformed, and leaves the rest alone.
Malformed no_list(const Change& change, std::string_view key, Json value) {
  UpdateOrigin place = in_value(change.origin);
  place.place += fmt::format(".{}", key);
  return malformed(place, "not a list", envelope(change.origin, change.field, std::move(value)));
}

void read_messages(const Found& change, Json& value, Payload& payload) {
  auto list = take_list(value, change.how.list, [&](Json odd) {
    Json kept{{std::string(change.how.list), std::move(odd)}};
    if (change.contacts && !change.contacts->is_null()) kept["contacts"] = *change.contacts;
    UpdateOrigin place = change.origin;
    place.place += fmt::format(".{}", change.how.list);
    payload.malformed.push_back(
        malformed(place, "not a list", envelope(change.origin, change.how.field, std::move(kept))));
  });
  if (!list) return;
  for (std::size_t index = 0; index < list->size(); ++index) {
    Found one = change;
    one.origin = below(change.origin, change.how.list, index);
    read_message(std::move(one), (*list)[index], payload);
  }
}

void read_statuses(const Change& change, Json& value, Payload& payload) {
  const auto origin = in_value(change.origin);
  auto list = take_list(value, "statuses", [&](Json odd) {
    payload.malformed.push_back(no_list(change, "statuses", {{"statuses", std::move(odd)}}));
  });
  if (!list) return;
  for (std::size_t index = 0; index < list->size(); ++index) {
    read_status(change, below(origin, "statuses", index), (*list)[index], payload);
  }
}

// The customer's messages and the business's stand in one list; the latter name whom they were for, or come from the
// number itself.
bool is_from_business(const Json& message, const std::string& business_digits) {
  if (find(message, "to") || find(message, "to_user_id")) return true;
  const auto from = phone_digits(text_or_empty(message, "from"));
  return !from.empty() && from == business_digits;
}

void read_thread(const Found& found, Json& thread, Payload& payload) {
  auto list = take_list(thread, "messages", [&](Json odd) {
    Json kept = thread;
    kept["messages"] = std::move(odd);
    Json value{{"history", Json::array({{{"threads", Json::array({std::move(kept)})}}})}};
    payload.malformed.push_back(malformed(found.origin, "not a list", envelope(found.origin, "history", value)));
  });
  if (!list) return;
  for (std::size_t index = 0; index < list->size(); ++index) {
    Json& message = (*list)[index];
    Found one = found;
    one.origin = below(found.origin, "messages", index);
    one.how.side = is_from_business(message, found.business_digits) ? Side::To : Side::From;
    one.thread = &thread;
    read_message(std::move(one), message, payload);
  }
}

void read_threads(const Found& found, Json& threads, Payload& payload) {
  for (std::size_t index = 0; index < threads.size(); ++index) {
    Json& thread = threads[index];
    Found one = found;
    one.origin = below(found.origin, "threads", index);
    if (thread.is_object()) {
      read_thread(one, thread, payload);
    } else {
      const Json value{{"history", Json::array({{{"threads", Json::array({thread})}}})}};
      payload.malformed.push_back(malformed(one.origin, kNotAnObject, envelope(found.origin, "history", value)));
    }
  }
}

void read_history(const Change& change, Json& value, Payload& payload) {
  const auto found = value.find("history");
  if (found == value.end() || !found->is_array()) return;
  const Json* metadata = find_object(value, "metadata");
  Found chunk{.how = {"history", "history", MessageVia::History, Side::From}};
  if (metadata) chunk.business_digits = phone_digits(text_or_empty(*metadata, "display_phone_number"));
  for (std::size_t index = 0; index < found->size(); ++index) {
    Json& json = (*found)[index];
    if (!json.is_object()) continue;
    chunk.origin = below(in_value(change.origin), "history", index);
    auto threads = take_list(json, "threads", [&](Json odd) {
      Json kept{{"history", Json::array({{{"threads", std::move(odd)}}})}};
      payload.malformed.push_back(no_list(change, fmt::format("history[{}].threads", index), std::move(kept)));
    });
    if (threads) read_threads(chunk, *threads, payload);
  }
}

// A call stands in its conversation from the moment it connects. All that is said of it is news, too.
void read_calls(const Change& change, const Json& value, Payload& payload) {
  const Json* calls = find_array(value, "calls");
  if (!calls) return;
  const ContactBook people(find(value, "contacts"));
  for (std::size_t index = 0; index < calls->size(); ++index) {
    Json call = (*calls)[index];
    if (text_or_empty(call, "event") != "connect" || fault_of_message(call)) continue;
    const auto side = text_or_empty(call, "direction") == "BUSINESS_INITIATED" ? Side::To : Side::From;
    Found found{.origin = below(in_value(change.origin), "calls", index),
                .how = {"calls", "calls", MessageVia::Own, side},
                .contacts = find(value, "contacts"),
                .people = &people};
    auto inbound = inbound_of(found, call, entry_of(found, call));
    inbound.message.type = "call";
    if (!inbound.sender.is_nobody()) keep(std::move(found), std::move(inbound), call, payload);
  }
}

// What is left beside metadata and contacts once the lists are out.
bool has_rest(const Json& value) {
  for (const auto& [key, part] : value.items()) {
    if (key != "metadata" && key != "contacts" && key != "messaging_product") return true;
  }
  return false;
}

}  // namespace

bool brings_messages(std::string_view field) {
  return field == "calls" || std::ranges::find(kLists, field, &ChatList::field) != kLists.end();
}

void read_chat_field(const Change& change, Json& value, Payload& payload) {
  const Json contacts = value.value("contacts", Json());
  const ContactBook people(&contacts);
  const std::size_t keys = value.size();
  for (const auto& how : kLists) {
    if (how.field != change.field) continue;
    read_messages({.origin = in_value(change.origin), .how = how, .contacts = &contacts, .people = &people}, value,
                  payload);
  }
  if (std::ranges::find(kWithStatuses, change.field) != kWithStatuses.end()) read_statuses(change, value, payload);
  if (change.field == "history") read_history(change, value, payload);
  if (change.field == "calls") read_calls(change, value, payload);
  const bool had_lists = value.size() < keys;
  if (had_lists && !has_rest(value)) return;
  payload.others.push_back({.origin = change.origin, .field = change.field, .value = std::move(value)});
}

}  // namespace waypost
