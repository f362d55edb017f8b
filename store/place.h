// Place: what an inbound message gets in its conversation: a sequence number; and what it makes of the service window,
// which moves in the same statement. Lane only.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/messages.h"

namespace waypost::store {

// The conversation as the message found it, with the place it got.
struct Place {
  ConversationId conversation{};
  std::int64_t seq = 0;
  std::string status{};
  bool may_hold = false;
  std::optional<Time> automation_paused_until{};
  bool is_elsewhere = false;  // another app owns the conversation
  std::optional<Time> thread_said_at{};
};

// What the message does to the window: `opens` by its kind, `answers` when that window is still open: then the claim is
// over and held messages may go.
struct WindowEffect {
  bool opens = false;
  bool answers = false;
};
WindowEffect window_effect_of(const Message& message, Time now);

// `message` brings tenant, contact and channel. Nothing when there is no such conversation, or it was merged.
std::optional<Place> take_place(sql::Connection& connection, const Message& message, Time now);

// The customer did something at `at`, Meta's time, that opens the window and is no message. True: it is open now, and
// held messages were released.
struct WindowOpening {
  TenantId tenant{};
  ConversationId conversation{};
  Time at{};
};
bool open_window(sql::Connection& connection, const WindowOpening& opening, Time now);

struct PlaceWanted {
  const Message* message = nullptr;  // brings tenant and channel
  ContactId contact{};
};
// The same for several messages of as many conversations, in one statement. PostgreSQL only.
std::vector<std::optional<Place>> take_places(sql::Connection& connection, std::span<const PlaceWanted> wanted,
                                              Time now);

}  // namespace waypost::store
