#include "sandbox/records.h"

#include <algorithm>
#include <charconv>

namespace waypost::sandbox {
namespace {

Json time_or_null(std::optional<Time> at) { return at ? Json(iso8601(*at)) : Json(); }

Json customer_of(const World& world, const std::string& key) {
  const auto& customer = world.customers.at(key);
  return {{"phone", customer.phone}, {"user_id", customer.user_id}, {"profile_name", customer.name}};
}

Json statuses_of(const Outbound& message) {
  Json notes = Json::array();
  for (const auto& note : message.statuses) {
    notes.push_back({{"status", name_of(note.status)}, {"at", iso8601(note.at)}, {"acked", note.acked}});
  }
  return notes;
}

std::string_view state_of(const Outbound& message) {
  if (message.read_at) return "read";
  if (message.delivered_at) return "delivered";
  return message.statuses.empty() ? "accepted" : name_of(message.statuses.back().status);
}

Result<std::size_t> number_in(const RequestHead& head, std::string_view name, std::size_t usual) {
  const auto text = head.query_value(name);
  if (!text) return usual;
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error == std::errc() && end == text->data() + text->size()) return value;
  return fail(ErrorKind::InvalidInput, std::string(name) + " is a whole number");
}

template <class Messages, class Holds>
std::int64_t count(const Messages& messages, Holds holds) {
  return std::ranges::count_if(messages, holds);
}

}  // namespace

Json record_of(const World& world, const Outbound& message) {
  return {{"wamid", message.wamid},
          {"phone_number_id", message.phone_number_id},
          {"customer", customer_of(world, message.customer)},
          {"bubble", message.bubble == 0 ? Json() : Json(message.bubble)},
          {"type", message.type},
          {"text", message.text},
          {"content", message.content},
          {"callback_data", message.callback_data},
          {"reply_to", message.reply_to},
          {"status", state_of(message)},
          {"error_code", message.failure ? Json(message.failure->code) : Json()},
          {"accepted_at", iso8601(message.accepted_at)},
          {"delivered_at", time_or_null(message.delivered_at)},
          {"read_at", time_or_null(message.read_at)},
          {"statuses", statuses_of(message)}};
}

Json record_of(const World& world, const Inbound& message) {
  return {{"wamid", message.wamid},
          {"phone_number_id", message.phone_number_id},
          {"customer", customer_of(world, message.customer)},
          {"type", message.type},
          {"text", message.text},
          {"at", iso8601(message.at)},
          {"acked", message.acked},
          {"acked_at", time_or_null(message.acked_at)},
          {"read_by_business", message.read_by_business},
          {"load", message.load}};
}

Json record_of(const SeenRequest& request) {
  return {{"n", request.number},      {"at", iso8601(request.at)}, {"method", request.method},
          {"target", request.target}, {"body", request.body},      {"status", request.status}};
}

Json stats_of(const World& world, const WebhookCounts& webhooks) {
  const auto failed = count(world.outbound, [](const Outbound& one) { return one.failure.has_value(); });
  const auto acked = count(world.inbound, [](const Inbound& one) { return one.acked; });
  return {{"now", iso8601(world.clock.now())},
          {"requests", world.requests},
          {"customers", world.customers.size()},
          {"inbound", {{"written", world.inbound.size()}, {"acked", acked}}},
          {"outbound", {{"accepted", world.outbound.size()}, {"received", world.bubbles.size()}, {"failed", failed}}},
          {"throttled", {{"numbers", world.throttled.numbers}, {"pairs", world.throttled.pairs}}},
          {"webhooks",
           {{"made", webhooks.made},
            {"attempts", webhooks.attempts},
            {"acked", webhooks.acked},
            {"waiting", webhooks.waiting},
            {"nowhere", webhooks.nowhere},
            {"lastRefusal", webhooks.refusal.empty() ? Json() : Json(webhooks.refusal)}}}};
}

Result<Range> range_of(const RequestHead& head) {
  const auto after = number_in(head, "after", 0);
  if (!after) return fail(after.error());
  const auto limit = number_in(head, "limit", Range{}.limit);
  if (!limit) return fail(limit.error());
  return Range{*after, *limit};
}

}  // namespace waypost::sandbox
