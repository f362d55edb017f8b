#include "store/window_closing.h"

#include <algorithm>
#include <optional>
#include <string>
#include <variant>

#include "conversation/window_closing.h"
#include "store/events.h"

namespace waypost::store {
namespace {

// A CAS on what was seen: a window that is renewed meanwhile is looked at again.
bool set_next_look(sql::Connection& connection, const ClosingLook& look, std::optional<Time> next) {
  return connection
             .run(
                 "UPDATE conversation SET window_look_at = $5 WHERE tenant_id = $1 AND id = $2 AND window_look_at = $3 "
                 "AND window_expires_at IS NOT DISTINCT FROM $4",
                 {look.tenant, look.conversation, look.look_at, look.expires_at, next})
             .changed() > 0;
}

void tell(sql::Connection& connection, const Conversation& conversation, Time expires_at, Time now) {
  const std::string payload =
      dump({{"conversation", to_json(conversation)},
            {"window",
             {{"opensAt", conversation.window_opened_at ? Json(iso8601(*conversation.window_opened_at)) : Json()},
              {"expiresAt", iso8601(expires_at)}}}});
  append_event(connection, conversation.tenant,
               {.type = "window.closing", .conversation = conversation.id, .payload = payload}, now);
}

bool look_at_one(sql::Connection& connection, const ClosingLook& look, milliseconds notice, Time now) {
  const auto move = judge_closing(look.expires_at, look.conversation, notice, now);
  const auto* again = std::get_if<LookAgain>(&move);
  if (!set_next_look(connection, look, again ? std::optional(again->at) : std::nullopt)) return false;
  const auto* closing = std::get_if<TellClosing>(&move);
  const auto conversation =
      closing ? find_conversation(connection, look.tenant, look.conversation) : std::optional<Conversation>();
  if (!conversation) return false;
  tell(connection, *conversation, closing->expires_at, now);
  return true;
}

}  // namespace

std::vector<ClosingLook> due_closing_looks(sql::Connection& connection, Time now, std::size_t most) {
  std::vector<ClosingLook> looks;
  const auto rows = connection.run(
      "SELECT tenant_id, id, window_look_at, window_expires_at FROM conversation WHERE window_look_at IS NOT NULL AND "
      "window_look_at <= $1 ORDER BY window_look_at LIMIT $2",
      {now, static_cast<std::int64_t>(most)});
  for (const auto row : rows) {
    looks.push_back({.tenant = row.id<TenantId>(0),
                     .conversation = row.id<ConversationId>(1),
                     .look_at = row.time(2),
                     .expires_at = row.maybe_time(3)});
  }
  // As all who lock several (store/locks.h).
  std::ranges::sort(looks, {}, &ClosingLook::conversation);
  return looks;
}

std::size_t look_at_closing(sql::Connection& connection, const std::vector<ClosingLook>& looks, milliseconds notice,
                            Time now) {
  return static_cast<std::size_t>(
      std::ranges::count_if(looks, [&](const auto& look) { return look_at_one(connection, look, notice, now); }));
}

}  // namespace waypost::store
